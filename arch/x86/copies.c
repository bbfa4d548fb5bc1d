// SPDX-License-Identifier: MIT
/*
 * Copies of x86-64, as copies.def lists them.  Here are those that use general
 * registers and nothing beyond the baseline; each other ISA level has a file.
 */
#include <cpuid.h>
#include <string.h>

#include "arch.h"
#include "copies.h"

#define COPY(ID, FUNCTION, ...) fp_copy_function fp_copy_##FUNCTION;
#include "copies.def"
#undef COPY

/* Intel SDM vol. 2A, CPUID: what the kernel and the libraries choose by. */
static bool has_erms, has_movdir64b;

__attribute__((constructor)) static void probe(void)
{
	unsigned eax, ebx, ecx, edx;

	if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
		return;
	has_erms = ebx >> 9 & 1;
	has_movdir64b = ecx >> 28 & 1;
}

void fp_copy_bytes(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	repeat(&rest, 1, move1);
}

/* Bytes up to the first aligned word, words, bytes: lib/iomem_copy.c of Linux does so. */
INLINE void copy_words(struct rest *rest, size_t width, move_function *move)
{
	while (rest->bytes && misaligned(rest, width))
		step(rest, 1, move1);
	repeat(rest, width, move);
	repeat(rest, 1, move1);
}

void fp_copy_words4(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	copy_words(&rest, 4, move4);
}

void fp_copy_words8(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	copy_words(&rest, 8, move8);
}

/* The ABI promises a clear direction flag: string instructions go upwards. */
#define MOVS_IF(NAME, INSTRUCTION, WIDTH) \
	INLINE void NAME(struct rest *rest, bool wanted) \
	{ \
		if (!wanted || rest->bytes < (WIDTH)) \
			return; \
		rest->bytes -= (WIDTH); \
		__asm__ volatile(INSTRUCTION : "+D"(rest->to), "+S"(rest->from) : : "memory"); \
	}
MOVS_IF(movs1_if, "movsb", 1)
MOVS_IF(movs2_if, "movsw", 2)

#define REP_MOVS(NAME, INSTRUCTION, WIDTH) \
	INLINE void NAME(struct rest *rest) \
	{ \
		size_t count = rest->bytes / (WIDTH); \
\
		rest->bytes %= (WIDTH); \
		__asm__ volatile("rep " INSTRUCTION \
				 : "+D"(rest->to), "+S"(rest->from), "+c"(count) : : "memory"); \
	}
REP_MOVS(rep_movs1, "movsb", 1)
REP_MOVS(rep_movs4, "movsl", 4)
REP_MOVS(rep_movs8, "movsq", 8)

void fp_copy_rep_movsb(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	rep_movs1(&rest);
}

void fp_copy_rep_movsl(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	rep_movs4(&rest);
	rep_movs1(&rest);
}

void fp_copy_rep_movsq(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	rep_movs8(&rest);
	rep_movs1(&rest);
}

/* The kernel patches the choice into its code at boot; here it is a branch. */
void fp_copy_kernel_memcpy(void *to, const void *from, size_t bytes)
{
	if (has_erms)
		fp_copy_rep_movsb(to, from, bytes);
	else
		fp_copy_rep_movsq(to, from, bytes);
}

INLINE void movs_words(struct rest *rest)
{
	rep_movs4(rest);
	movs2_if(rest, rest->bytes & 2);
	movs1_if(rest, rest->bytes & 1);
}

void fp_copy_memcpy_toio(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	movs1_if(&rest, (uintptr_t)rest.to & 1);
	movs2_if(&rest, (uintptr_t)rest.to & 2);
	movs_words(&rest);
}

/* Here the source is the device, and it is the source that is aligned. */
void fp_copy_memcpy_fromio(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	movs1_if(&rest, (uintptr_t)rest.from & 1);
	movs2_if(&rest, (uintptr_t)rest.from & 2);
	movs_words(&rest);
}

void fp_copy_memset_io(void *to, const void *from, size_t bytes)
{
	uint64_t value = *(const unsigned char *)from * 0x0101010101010101u;
	size_t words = has_erms ? 0 : bytes / 8;

	bytes -= words * 8;
	if (words)
		__asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(value) : "memory");
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
}

void fp_copy_iowrite32_copy(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	rep_movs4(&rest);
}

void fp_copy_iowrite64_copy(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	repeat(&rest, 8, move8);
}

void fp_copy_movnti4(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	align_up(&rest, 1, move1);
	align_up(&rest, 2, move2);
	repeat(&rest, 4, stream4);
	finish(&rest, 2, move2);
	finish(&rest, 1, move1);
}

void fp_copy_movnti8(void *to, const void *from, size_t bytes)
{
	struct rest rest = { to, from, bytes };

	align_up(&rest, 1, move1);
	align_up(&rest, 2, move2);
	align_up(&rest, 4, stream4);
	repeat(&rest, 8, stream8);
	finish(&rest, 4, stream4);
	finish(&rest, 2, move2);
	finish(&rest, 1, move1);
}

void fp_copy_glibc_memcpy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}

#include "copies_sse2.c"
#include "copies_avx.c"
#include "copies_avx512.c"
#include "copies_direct.c"
