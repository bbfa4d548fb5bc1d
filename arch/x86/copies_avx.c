// SPDX-License-Identifier: MIT
/*
 * Copies in 32-byte registers, 16-byte ones at the ends.  The compiler sees
 * those registers in the moves and puts VZEROUPPER behind the last of them.
 */
#include <immintrin.h>

FOR("avx") MOVE(avx_move16, __m128i, "x", "vmovdqu %2,%1", "vmovdqu %1,%0")
FOR("avx") MOVE(avx_move32, __m256i, "x", "vmovdqu %2,%1", "vmovdqu %1,%0")
FOR("avx") MOVE(avx_stream16, __m128i, "x", "vmovdqu %2,%1", "vmovntdq %1,%0")
FOR("avx") MOVE(avx_stream32, __m256i, "x", "vmovdqu %2,%1", "vmovntdq %1,%0")

FOR("avx") void fp_copy_avx(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	repeat(&rest, 32, avx_move32);
	finish(&rest, 16, avx_move16);
	plain_tail(&rest);
}

FOR("avx") void fp_copy_avx_nt(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	if (misaligned(&rest, 32)) {
		stream_head(&rest);
		align_up(&rest, 16, avx_stream16);
	}
	repeat(&rest, 32, avx_stream32);
	finish(&rest, 16, avx_stream16);
	stream_tail(&rest);
}
