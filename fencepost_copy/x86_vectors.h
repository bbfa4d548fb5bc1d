/* SPDX-License-Identifier: MIT */
/* x86_vectors.h - x86-64 outside of kernels: the widest streaming stores that the CPU has. */

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
		avx512((char *)to, (const char *)from, bytes);
	else
		toio((char *)to, (const char *)from, bytes, flags);
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
