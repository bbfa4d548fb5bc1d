// SPDX-License-Identifier: MIT
/* Copies in 64-byte registers, 32- and 16-byte ones at the ends. */
#include <immintrin.h>

FOR("avx512f") MOVE(avx512_move64, __m512i, "v", "vmovdqu64 %2,%1", "vmovdqu64 %1,%0")
FOR("avx512f") MOVE(avx512_stream64, __m512i, "v", "vmovdqu64 %2,%1", "vmovntdq %1,%0")

FOR("avx512f") void fp_copy_avx512(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	repeat(&rest, 64, avx512_move64);
	finish(&rest, 32, avx_move32);
	finish(&rest, 16, avx_move16);
	plain_tail(&rest);
}

FOR("avx512f") void fp_copy_avx512_nt(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	if (misaligned(&rest, 64)) {
		stream_head(&rest);
		align_up(&rest, 16, avx_stream16);
		align_up(&rest, 32, avx_stream32);
	}
	repeat(&rest, 64, avx512_stream64);
	finish(&rest, 32, avx_stream32);
	finish(&rest, 16, avx_stream16);
	stream_tail(&rest);
}
