// SPDX-License-Identifier: MIT
/*
 * Copies from RAM to a device's memory; fencepost_copy.h says what is promised.
 *
 * Every store is in assembler: a compiler may merge, split, repeat and reorder
 * its own.  A move is one load and one store of the same width.  The widths of a
 * copy ascend until the destination is aligned and descend at its end, so that
 * each store is aligned to its width.
 */
#include "fencepost_copy.h"

#ifdef __KERNEL__
#undef FENCEPOST_COPY_KERNEL
#define FENCEPOST_COPY_KERNEL
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define LINE ((size_t)FENCEPOST_LINE)

/* What is left of a copy. */
struct rest {
	char *to;
	const char *from;
	size_t bytes;
};
#define REST(TO, FROM, BYTES) { (char *)(TO), (const char *)(FROM), (BYTES) }

typedef void move_function(char *to, const char *from);

INLINE void advance(struct rest *rest, size_t width, move_function *move)
{
	move(rest->to, rest->from);
	rest->to += width;
	rest->from += width;
}

/* From here on, every width is a power of two. */
INLINE void repeat(struct rest *rest, size_t width, move_function *move)
{
	const char *end = rest->from + (rest->bytes & ~(width - 1));

	while (rest->from != end)
		advance(rest, width, move);
	rest->bytes &= width - 1;
}

/* The destination is aligned to width, and to twice the width if bytes are left for that. */
INLINE void head(struct rest *rest, size_t width, move_function *move)
{
	if (((uintptr_t)rest->to & width) && rest->bytes >= width) {
		advance(rest, width, move);
		rest->bytes -= width;
	}
}

/* Less than twice the width is left, or the bits above it have been dealt with. */
INLINE void tail(struct rest *rest, size_t width, move_function *move)
{
	if (rest->bytes & width)
		advance(rest, width, move);
}

INLINE bool is_aligned(const char *to, size_t width)
{
	return !((uintptr_t)to & (width - 1));
}

/*
 * What an architecture adds: move1 to move8, whose stores go to the device;
 * line_write, the store of a whole line in one; and probe.
 */
enum {
	PROBED = 1,
	HAS_LINE_WRITE = 2, /* MOVDIR64B, ST64B */
	HAS_AVX = 4,
	HAS_AVX512 = 8, /* F, BW and VL */
};
static unsigned probe(void);

#if defined(__x86_64__)

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

#elif defined(__aarch64__)

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

#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)

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

#else
#error "fencepost_copy.c knows x86-64, arm64 and little-endian ppc64"
#endif

/* 0 until probed; every thread that probes finds the same. */
static unsigned features;

void fencepost_copy_init(void)
{
	if (!__atomic_load_n(&features, __ATOMIC_RELAXED))
		__atomic_store_n(&features, PROBED | probe(), __ATOMIC_RELAXED);
}

INLINE unsigned cpu_features(void)
{
	unsigned has = __atomic_load_n(&features, __ATOMIC_RELAXED);

	if (LIKELY(has))
		return has;
	fencepost_copy_init();
	return __atomic_load_n(&features, __ATOMIC_RELAXED);
}

/*
 * A way copies exactly the bytes of rest.  Ways are alike but for the moves of
 * more than 8 bytes, each of which also serves for the steps to an aligned line.
 */
typedef void copy_function(char *to, const char *from, size_t bytes);

INLINE void head_to_8(struct rest *rest)
{
	head(rest, 1, move1);
	head(rest, 2, move2);
	head(rest, 4, move4);
}

INLINE void tail_from_4(struct rest *rest)
{
	tail(rest, 4, move4);
	tail(rest, 2, move2);
	tail(rest, 1, move1);
}

INLINE void copy_words(struct rest *rest, move_function *line)
{
	if (!is_aligned(rest->to, 8))
		head_to_8(rest);
	while (rest->bytes >= 8 && !is_aligned(rest->to, LINE)) {
		advance(rest, 8, move8);
		rest->bytes -= 8;
	}
	repeat(rest, LINE, line);
	repeat(rest, 8, move8);
	tail_from_4(rest);
}

static void words(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	copy_words(&rest, line_words);
}

static void line_writes(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	copy_words(&rest, line_write);
}

/* Volatile, lest the compiler clears the line with vectors. */
union line {
	volatile uint64_t words[LINE / 8];
	char bytes[LINE];
} __attribute__((aligned(64)));

typedef uint64_t any64 __attribute__((may_alias, aligned(1)));

INLINE void ram8(char *to, const char *from)
{
	*(volatile any64 *)to = *(const any64 *)from;
}

INLINE void ram1(char *to, const char *from)
{
	*(volatile char *)to = *from;
}

/* In RAM, from start on: the bytes, then zeros to the end of the line. */
static void fill_line(union line *line, size_t start, const char *from, size_t bytes)
{
	struct rest rest = REST(line->bytes + start, from, bytes);
	unsigned i;

	for (i = 0; i < LINE / 8; i++)
		line->words[i] = 0;
	repeat(&rest, 8, ram8);
	repeat(&rest, 1, ram1);
}

/* The bytes end in the line in which they begin; all after them in it are zeros. */
static void pad_line(char *to, const char *from, size_t bytes, copy_function *copy)
{
	size_t start = (uintptr_t)to & (LINE - 1);
	union line line;

	fill_line(&line, start, from, bytes);
	copy(to, line.bytes + start, LINE - start);
}

static void pad(char *to, const char *from, size_t bytes, copy_function *copy)
{
	size_t partial = (uintptr_t)(to + bytes) & (LINE - 1);
	size_t whole = bytes > partial ? bytes - partial : 0;

	if (whole)
		copy(to, from, whole);
	if (bytes && partial)
		pad_line(to + whole, from + whole, bytes - whole, copy);
}

#if defined(__x86_64__)
#define WANTS_FLAG 0u /* MOVDIR64B writes to any memory */
#else
#define WANTS_FLAG FENCEPOST_LINE_WRITES
#endif

static copy_function *kernel_way(unsigned flags)
{
	bool wanted = (flags & FENCEPOST_LINE_WRITES) || !WANTS_FLAG;

	return wanted && (cpu_features() & HAS_LINE_WRITE) ? line_writes : words;
}

void fencepost_copy_toio_kernel(volatile void *to, const void *from, size_t bytes,
				unsigned flags)
{
	copy_function *copy = kernel_way(flags);

	if (flags & FENCEPOST_PAD_LINE)
		pad((char *)to, from, bytes, copy);
	else
		copy((char *)to, from, bytes);
}

#if defined(__x86_64__) && !defined(FENCEPOST_COPY_KERNEL)

/*
 * Ways with vectors.  The compiler need not know of AVX: the instructions are
 * in assembler, and what it does not use it can't be told to spare.  For that,
 * none of this may be inlined into code that is compiled for more.
 */
#ifdef __AVX512F__
#define CLOBBERS_HIGH : "xmm16"
#define CLOBBERS_MASK : "xmm16", "k1"
#else
#define CLOBBERS_HIGH
#define CLOBBERS_MASK
#endif

/* Intel SDM vol. 2B, MOVNTDQ. */
#define VECTOR_MOVE(NAME, WIDTH, LOAD, STORE, ...)                                \
	INLINE void NAME(char *to, const char *from)                              \
	{                                                                         \
		__asm__ volatile(LOAD "\n\t" STORE                                \
				 : "=m"(*(char (*)[WIDTH])to)                     \
				 : "m"(*(const char (*)[WIDTH])from) __VA_ARGS__); \
	}
VECTOR_MOVE(sse16, 16, "movdqu %1,%%xmm0", "movntdq %%xmm0,%0", : "xmm0")
VECTOR_MOVE(avx16, 16, "vmovdqu %1,%%xmm0", "vmovntdq %%xmm0,%0", : "xmm0")
VECTOR_MOVE(avx32, 32, "vmovdqu %1,%%ymm0", "vmovntdq %%ymm0,%0", : "xmm0")
/* Registers from 16 on leave nothing behind that would slow SSE down: no VZEROUPPER. */
VECTOR_MOVE(avx512_16, 16, "vmovdqu64 %1,%%xmm16", "vmovntdq %%xmm16,%0", CLOBBERS_HIGH)
VECTOR_MOVE(avx512_32, 32, "vmovdqu64 %1,%%ymm16", "vmovntdq %%ymm16,%0", CLOBBERS_HIGH)
VECTOR_MOVE(avx512_64, 64, "vmovdqu64 %1,%%zmm16", "vmovntdq %%zmm16,%0", CLOBBERS_HIGH)

INLINE void head_to_16(struct rest *rest)
{
	head_to_8(rest);
	head(rest, 8, move8);
}

/* The most common small sizes are multiples of 8 bytes: they leave early. */
INLINE void tail_from_8(struct rest *rest)
{
	tail(rest, 8, move8);
	if (rest->bytes & 7)
		tail_from_4(rest);
}

NOINLINE static void sse2(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	if (!is_aligned(rest.to, 16))
		head_to_16(&rest);
	repeat(&rest, 16, sse16);
	tail_from_8(&rest);
}

/* As sse2, but for whole lines. */
NOINLINE static void direct(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	if (!is_aligned(rest.to, LINE)) {
		head_to_16(&rest);
		while (rest.bytes >= 16 && !is_aligned(rest.to, LINE)) {
			advance(&rest, 16, sse16);
			rest.bytes -= 16;
		}
	}
	repeat(&rest, LINE, line_write);
	repeat(&rest, 16, sse16);
	tail_from_8(&rest);
}

NOINLINE static void avx(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	if (!is_aligned(rest.to, 32)) {
		head_to_16(&rest);
		head(&rest, 16, avx16);
	}
	repeat(&rest, 32, avx32);
	tail(&rest, 16, avx16);
	tail_from_8(&rest);
	__asm__ volatile("vzeroupper" : : : "xmm0");
}

/* A doorbell or a descriptor's word is over after a few instructions, lines or not. */
INLINE void copy_avx512(struct rest *rest)
{
	if (rest->bytes < 16) {
		tail_from_8(rest);
		return;
	}
	repeat(rest, LINE, avx512_64);
	tail(rest, 32, avx512_32);
	tail(rest, 16, avx512_16);
	if (rest->bytes & 15)
		tail_from_8(rest);
}

NOINLINE static void avx512_unaligned(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	head_to_16(&rest);
	head(&rest, 16, avx512_16);
	head(&rest, 32, avx512_32);
	copy_avx512(&rest);
}

INLINE void avx512(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	if (LIKELY(is_aligned(to, LINE)))
		copy_avx512(&rest);
	else
		avx512_unaligned(to, from, bytes);
}

NOINLINE static void avx512_way(char *to, const char *from, size_t bytes)
{
	avx512(to, from, bytes);
}

/*
 * Masked-off bytes of a load are zeros and can't fault (Intel SDM vol. 2A, Exception
 * Classifications of EVEX-Encoded Instructions: E4, fault suppression), so that a
 * source may end where a page ends.
 */
INLINE void avx512_padded(char *to, const char *from, size_t bytes)
{
	uint64_t mask = ((uint64_t)1 << bytes) - 1;

	__asm__ volatile("kmovq %2,%%k1\n\t"
			 "vmovdqu8 %1,%%zmm16%{%%k1%}%{z%}\n\t"
			 "vmovntdq %%zmm16,%0"
			 : "=m"(*(char (*)[LINE])to)
			 : "m"(*(const char (*)[LINE])from), "r"(mask) CLOBBERS_MASK);
}

NOINLINE static void avx512_pad(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	if (!is_aligned(to, LINE)) {
		pad(to, from, bytes, avx512_way);
		return;
	}
	repeat(&rest, LINE, avx512_64);
	if (rest.bytes)
		avx512_padded(rest.to, rest.from, rest.bytes);
}

/*
 * Several stores that fill a line are faster than MOVDIR64B on the CPUs that
 * have both, and share a write-combining buffer with their neighbours; MOVDIR64B
 * is for who asks for it, and for CPUs whose vectors do not fill a line.
 */
static copy_function *way(unsigned has, unsigned flags)
{
	if ((has & HAS_LINE_WRITE) && (flags & FENCEPOST_LINE_WRITES))
		return direct;
	if (has & HAS_AVX512)
		return avx512_way;
	if (has & HAS_LINE_WRITE)
		return direct;
	return has & HAS_AVX ? avx : sse2;
}

/* The first copy, other CPUs, and flags. */
NOINLINE static void toio(char *to, const char *from, size_t bytes, unsigned flags)
{
	copy_function *copy = way(cpu_features(), flags);

	if (!(flags & FENCEPOST_PAD_LINE))
		copy(to, from, bytes);
	else if (copy == avx512_way)
		avx512_pad(to, from, bytes);
	else
		pad(to, from, bytes, copy);
}

NOINLINE void fencepost_copy_toio(volatile void *to, const void *from, size_t bytes, unsigned flags)
{
	unsigned has = __atomic_load_n(&features, __ATOMIC_RELAXED);

	if (LIKELY((has & HAS_AVX512) && !flags))
		avx512((char *)to, from, bytes);
	else
		toio((char *)to, from, bytes, flags);
}

const char *fencepost_copy_way(void)
{
	copy_function *copy = way(cpu_features(), 0);

	if (copy == avx512_way)
		return "streaming stores of 64 bytes (AVX-512)";
	if (copy == direct)
		return "direct stores of 64 bytes (MOVDIR64B)";
	if (copy == avx)
		return "streaming stores of 32 bytes (AVX)";
	return "streaming stores of 16 bytes (SSE2)";
}

#else

void fencepost_copy_toio(volatile void *to, const void *from, size_t bytes, unsigned flags)
{
	fencepost_copy_toio_kernel(to, from, bytes, flags);
}

const char *fencepost_copy_way(void)
{
	return kernel_way(0) == words ? "stores of 8 bytes, eight a line"
				      : "single stores of 64 bytes";
}

#endif
