/* SPDX-License-Identifier: MIT */
/* x86.h - x86-64: streaming stores of general registers, MOVDIR64B, and what the CPU has. */

#define WANTS_FLAG 0u /* MOVDIR64B writes to any memory */

/* Intel SDM vol. 2B (December 2023), MOVNTI: of 4 and 8 bytes; none is narrower. */
#define MOVE(NAME, TYPE, LOAD, STORE)                                             \
	INLINE void NAME(char *to, const char *from)                              \
	{                                                                         \
		TYPE value;                                                       \
										  \
		__asm__ volatile(LOAD "\n\t" STORE                                \
				 : "=m"(*(char (*)[sizeof(TYPE)])to), "=&r"(value) \
				 : "m"(*(const char (*)[sizeof(TYPE)])from));     \
	}
MOVE(move1, uint8_t, "movzbl %2,%k1", "movb %1,%0")
MOVE(move2, uint16_t, "movzwl %2,%k1", "movw %1,%0")
MOVE(move4, uint32_t, "movl %2,%1", "movntil %1,%0")
MOVE(move8, uint64_t, "movq %2,%1", "movntiq %1,%0")

/* Intel SDM vol. 2B, MOVDIR64B: reads 64 bytes and writes them in one. */
INLINE void line_write(char *to, const char *from)
{
	__asm__ volatile("movdir64b %1,%2"
			 : "=m"(*(char (*)[LINE])to)
			 : "m"(*(const char (*)[LINE])from), "r"(to));
}

/* The same eight moves as a loop would make, without its branches. */
INLINE void line_words(char *to, const char *from)
{
	unsigned i;

	for (i = 0; i < LINE; i += 8)
		move8(to + i, from + i);
}

INLINE void cpuid(unsigned leaf, unsigned out[4])
{
	__asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
			 : "0"(leaf), "2"(0));
}

enum {
	HAS_AVX = 4,
	HAS_AVX512 = 8, /* F, BW and VL */
};

#ifdef FENCEPOST_COPY_KERNEL
INLINE unsigned probe_vectors(unsigned ebx7)
{
	(void)ebx7;
	return 0;
}
#else
#define AVX_STATE    0x06u /* XCR0: XMM, YMM */
#define AVX512_STATE 0xe6u /* and opmask, ZMM */
#define AVX512_BITS  (1u << 16 | 1u << 30 | 1u << 31)

/*
 * The CPU has it and the OS saves its registers: Intel SDM vol. 1 (December 2023),
 * Detection of Intel AVX Instructions, Detection of 512-bit Instruction Groups of
 * the Intel AVX-512 Family.
 */
INLINE unsigned probe_vectors(unsigned ebx7)
{
	unsigned leaf[4], state, high, has = 0;

	cpuid(1, leaf);
	if (!(leaf[2] >> 27 & 1))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
	if ((leaf[2] >> 28 & 1) && (state & AVX_STATE) == AVX_STATE)
		has |= HAS_AVX;
	if ((ebx7 & AVX512_BITS) == AVX512_BITS && (state & AVX512_STATE) == AVX512_STATE)
		has |= HAS_AVX512;
	return has;
}
#endif

static unsigned probe(void)
{
	unsigned leaf[4];

	cpuid(0, leaf);
	if (leaf[0] < 7)
		return probe_vectors(0);
	cpuid(7, leaf);
	return (leaf[2] >> 28 & 1 ? HAS_LINE_WRITE : 0) | probe_vectors(leaf[1]);
}
