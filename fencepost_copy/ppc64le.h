/* SPDX-License-Identifier: MIT */
/* ppc64le.h - ppc64le: stores of general registers. */

#define WANTS_FLAG FENCEPOST_LINE_WRITES

/*
 * std, not vectors: a device sees two writes of 8 bytes for stxvd2x, in an order
 * that is not defined (Power ISA 3.1 Book II 1.4, Single-Copy Atomicity).
 */
#define MOVE(NAME, TYPE, LOAD, STORE)                                             \
	INLINE void NAME(char *to, const char *from)                              \
	{                                                                         \
		TYPE value;                                                       \
										  \
		__asm__ volatile(LOAD " %0,0(%2)\n\t" STORE " %0,0(%1)"           \
				 : "=&r"(value) : "b"(to), "b"(from) : "memory"); \
	}
MOVE(move1, uint8_t, "lbz", "stb")
MOVE(move2, uint16_t, "lhz", "sth")
MOVE(move4, uint32_t, "lwz", "stw")
MOVE(move8, uint64_t, "ld", "std")

/* All loads come first, so that the stores to a line are back to back. */
INLINE void line_words(char *to, const char *from)
{
	__asm__ volatile("ld 5,0(%1)\n\tld 6,8(%1)\n\tld 7,16(%1)\n\tld 8,24(%1)\n\t"
			 "ld 9,32(%1)\n\tld 10,40(%1)\n\tld 11,48(%1)\n\tld 12,56(%1)\n\t"
			 "std 5,0(%0)\n\tstd 6,8(%0)\n\tstd 7,16(%0)\n\tstd 8,24(%0)\n\t"
			 "std 9,32(%0)\n\tstd 10,40(%0)\n\tstd 11,48(%0)\n\tstd 12,56(%0)"
			 : : "b"(to), "b"(from)
			 : "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "memory");
}

/* There is none; HAS_LINE_WRITE is never set. */
INLINE void line_write(char *to, const char *from)
{
	line_words(to, from);
}

static unsigned probe(void)
{
	return 0;
}
