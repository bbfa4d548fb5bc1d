// SPDX-License-Identifier: MIT
/*
 * Copies by direct stores.  They use general registers, so that the assembler
 * has to know the instructions and the compiler has not.
 */
MOVE(direct4, uint32_t, "r", "movl %2,%1", "movdiri %1,%0")
MOVE(direct8, uint64_t, "r", "movq %2,%1", "movdiri %1,%0")

INLINE void direct64(char *to, const char *from)
{
	__asm__ volatile("movdir64b %1,%2"
			 : "=m"(*(char (*)[64])to)
			 : "m"(*(const char (*)[64])from), "r"(to));
}

void fp_copy_movdiri(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	align_up(&rest, 1, move1);
	align_up(&rest, 2, move2);
	align_up(&rest, 4, direct4);
	repeat(&rest, 8, direct8);
	finish(&rest, 4, direct4);
	finish(&rest, 2, move2);
	finish(&rest, 1, move1);
}

/*
 * The ends by MOVNTI and not by MOVDIRI: stores to one line then share a
 * write-combining buffer, and MOVDIRI leaves with 8 bytes at a time.
 */
void fp_copy_movdir64b(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	if (misaligned(&rest, 64)) {
		stream_head(&rest);
		while (rest.bytes >= 8 && misaligned(&rest, 64))
			step(&rest, 8, stream8);
	}
	repeat(&rest, 64, direct64);
	repeat(&rest, 8, stream8);
	stream_tail(&rest);
}

void fp_copy_iosubmit_cmds512(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	repeat(&rest, 64, direct64);
}

/* Steps of 64 bytes where the CPU has MOVDIR64B, of 32 where it has not. */
FOR("avx") void fp_copy_ladder(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	plain_head(&rest);
	align_up(&rest, 16, avx_stream16);
	align_up(&rest, 32, avx_stream32);
	if (has_movdir64b)
		repeat(&rest, 64, direct64);
	repeat(&rest, 32, avx_stream32);
	finish(&rest, 16, avx_stream16);
	plain_tail(&rest);
}
