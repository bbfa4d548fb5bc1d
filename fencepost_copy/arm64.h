/* SPDX-License-Identifier: MIT */
/* arm64.h - arm64: stores of general registers, ST64B, and whether the CPU has that. */

#define WANTS_FLAG FENCEPOST_LINE_WRITES

/*
 * Single STR, not STP and not vectors: on Device memory the order of a pair's
 * two accesses, and of a vector's pieces, is not defined (Arm ARM DDI 0487 G.b
 * B2.7.2, Multi-register loads and stores that access Device memory), and a
 * hypervisor that emulates the device gets no syndrome for them (D13.2, ESR_EL2,
 * ISS encoding for an exception from a Data Abort: ISV).
 */
#define MOVE(NAME, TYPE, LOAD, STORE)                                             \
	INLINE void NAME(char *to, const char *from)                              \
	{                                                                         \
		TYPE value;                                                       \
										  \
		__asm__ volatile(LOAD "\n\t" STORE                                \
				 : "=Q"(*(char (*)[sizeof(TYPE)])to), "=&r"(value) \
				 : "Q"(*(const char (*)[sizeof(TYPE)])from));     \
	}
MOVE(move1, uint8_t, "ldrb %w1,%2", "strb %w1,%0")
MOVE(move2, uint16_t, "ldrh %w1,%2", "strh %w1,%0")
MOVE(move4, uint32_t, "ldr %w1,%2", "str %w1,%0")
MOVE(move8, uint64_t, "ldr %x1,%2", "str %x1,%0")

#define LOAD_LINE                            \
	"ldp x4,x5,[%[from]]\n\t"            \
	"ldp x6,x7,[%[from],#16]\n\t"        \
	"ldp x8,x9,[%[from],#32]\n\t"        \
	"ldp x10,x11,[%[from],#48]\n\t"
#define LINE_MOVE(NAME, STORES)                                                    \
	INLINE void NAME(char *to, const char *from)                               \
	{                                                                          \
		__asm__ volatile(LOAD_LINE STORES                                  \
				 : : [to] "r"(to), [from] "r"(from)                \
				 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", \
				   "x12", "memory");                               \
	}
/* All loads come first: a gather buffer sees the stores of a line back to back. */
LINE_MOVE(line_words,
	  "str x4,[%[to]]\n\t"
	  "str x5,[%[to],#8]\n\t"
	  "str x6,[%[to],#16]\n\t"
	  "str x7,[%[to],#24]\n\t"
	  "str x8,[%[to],#32]\n\t"
	  "str x9,[%[to],#40]\n\t"
	  "str x10,[%[to],#48]\n\t"
	  "str x11,[%[to],#56]")
/* ST64B x4,[x12], as a number: not every assembler knows FEAT_LS64. */
LINE_MOVE(line_write,
	  "mov x12,%[to]\n\t"
	  ".inst 0xf83f9184")

#ifdef __KERNEL__
/* Arm ARM DDI 0487 G.b D13.2, ID_AA64ISAR1_EL1: LS64, bits 63:60. */
static unsigned probe(void)
{
	uint64_t isar1;

	__asm__("mrs %0,ID_AA64ISAR1_EL1" : "=r"(isar1));
	return isar1 >> 60 ? HAS_LINE_WRITE : 0;
}
#else
#include <sys/auxv.h>

/*
 * Linux 7.0 arch/arm64/include/uapi/asm/hwcap.h: HWCAP3_LS64.  Older kernels do
 * not let user programs use it, whatever the CPU has.
 */
static unsigned probe(void)
{
	const unsigned long at_hwcap3 = 29, hwcap3_ls64 = 1ul << 3;

	return getauxval(at_hwcap3) & hwcap3_ls64 ? HAS_LINE_WRITE : 0;
}
#endif
