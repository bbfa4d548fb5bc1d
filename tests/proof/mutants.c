// SPDX-License-Identifier: MIT
/* Copies that are wrong on purpose, for the stepping proof to find; see proof.h. */
#include "proof.h"

static volatile char *volatile nowhere;
static volatile bool stay = true;

static void copy_bytes(volatile char *to, const char *from, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = from[i];
}

static void mutant_right(void *to, const void *from, size_t bytes)
{
	copy_bytes(to, from, bytes);
}

static void mutant_twice(void *to, const void *from, size_t bytes)
{
	volatile char *end = (char *)to + bytes;

	copy_bytes(to, from, bytes);
	end[-1] = ((const char *)from)[bytes - 1];
}

static void mutant_overlap(void *to, const void *from, size_t bytes)
{
	typedef uint64_t word __attribute__((aligned(1), may_alias));
	size_t at = 0;

	for (; at + 8 <= bytes; at += 8)
		*(volatile word *)((char *)to + at) = *(const word *)((const char *)from + at);
	if (at && at < bytes)
		*(volatile word *)((char *)to + bytes - 8) =
			*(const word *)((const char *)from + bytes - 8);
	else
		copy_bytes((char *)to + at, (const char *)from + at, bytes - at);
}

static void mutant_descending(void *to, const void *from, size_t bytes)
{
	volatile char *p = to;

	while (bytes--)
		p[bytes] = ((const char *)from)[bytes];
}

static void mutant_late(void *to, const void *from, size_t bytes)
{
	if (bytes > 300)
		mutant_descending(to, from, bytes);
	else
		copy_bytes(to, from, bytes);
}

static void mutant_beyond(void *to, const void *from, size_t bytes)
{
	copy_bytes(to, from, bytes + 1);
}

static void mutant_before(void *to, const void *from, size_t bytes)
{
	copy_bytes((char *)to - 1, (const char *)from - 1, bytes + 1);
}

static void mutant_rewrite(void *to, const void *from, size_t bytes)
{
	volatile char *end = (char *)to + bytes;

	copy_bytes(to, from, bytes);
	*end = *end;
}

static void mutant_reads(void *to, const void *from, size_t bytes)
{
	copy_bytes(to, from, bytes);
	(void)*(volatile char *)to;
}

static void mutant_afar(void *to, const void *from, size_t bytes)
{
	copy_bytes(to, from, bytes);
	((volatile char *)to)[bytes + 1024] = 0;
}

static void mutant_wrong(void *to, const void *from, size_t bytes)
{
	volatile char *middle = (char *)to + bytes / 2;

	copy_bytes(to, from, bytes / 2);
	*middle = (char)(((const char *)from)[bytes / 2] ^ 0xff);
	copy_bytes(middle + 1, (const char *)from + bytes / 2 + 1, bytes - bytes / 2 - 1);
}

static void mutant_missing(void *to, const void *from, size_t bytes)
{
	copy_bytes(to, from, bytes - 1);
}

static void mutant_dies(void *to, const void *from, size_t bytes)
{
	copy_bytes(to, from, bytes / 2);
	*nowhere = 0;
}

static void mutant_endless(void *to, const void *from, size_t bytes)
{
	copy_bytes(to, from, bytes / 2);
	while (stay)
		;
}

const struct proof_mutant proof_mutants[] = {
#define MUTANT(NAME, FAULT, DOES) { mutant_##NAME, FAULT, DOES },
	PROOF_MUTANTS(MUTANT)
#undef MUTANT
};
