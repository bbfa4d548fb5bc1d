// SPDX-License-Identifier: MIT
/* Copies in 16-byte registers.  SSE2 is in every x86-64 CPU. */
#include <emmintrin.h>

MOVE(sse_move16, __m128i, "x", "movdqu %2,%1", "movdqu %1,%0")
MOVE(sse_stream16, __m128i, "x", "movdqu %2,%1", "movntdq %1,%0")

void fp_copy_sse2(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	repeat(&rest, 16, sse_move16);
	plain_tail(&rest);
}

void fp_copy_sse2_nt(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	if (misaligned(&rest, 16))
		stream_head(&rest);
	repeat(&rest, 16, sse_stream16);
	stream_tail(&rest);
}
