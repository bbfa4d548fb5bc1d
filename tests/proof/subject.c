// SPDX-License-Identifier: MIT
/* The program whose copies the stepping proof steps through; see proof.h. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch.h"
#include "proof.h"

static volatile struct proof_case now = { .magic = PROOF_MAGIC };
static unsigned char source[PROOF_MARGIN + PROOF_FROM + PROOF_BYTES + PROOF_MARGIN]
	__attribute__((aligned(64)));

static volatile char *volatile nowhere;

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

static fp_copy_function *const mutants[] = {
#define MUTANT(NAME, ...) mutant_##NAME,
	PROOF_MUTANTS(MUTANT)
#undef MUTANT
};

static void say_hello(const struct fp_arch_tables *own)
{
	printf("%p\n", (void *)&now);
	for (size_t i = 0; i < own->n_copies; i++) {
		const char *lacks = fp_arch_lacks(own->copies[i].feature);

		printf("%p %s\n", (void *)fp_native.copies[i], lacks ? lacks : "");
	}
	fflush(stdout);
}

static pid_t process;
static long thread;

static void stop(void)
{
	syscall(SYS_tgkill, process, thread, PROOF_READY);
}

/* The second stop stands right before the copy: few instructions are stepped that are not its. */
static void copy_once(const struct fp_arch_tables *own)
{
	fp_copy_function *copy;
	unsigned char *to, *from;
	size_t bytes;

	stop();
	copy = now.row < own->n_copies ? fp_native.copies[now.row] :
					 mutants[now.row - own->n_copies];
	to = (unsigned char *)now.area + PROOF_MARGIN + now.offset;
	from = source + PROOF_MARGIN + now.from;
	bytes = now.bytes;
	stop();
	copy(to, from, bytes);
	now.done = 1;
}

int main(void)
{
	const struct fp_arch_tables *own = &fp_arch_tables[fp_native.id];

	for (size_t i = 0; i < sizeof(source); i++)
		source[i] = proof_pattern((long)i - PROOF_MARGIN);
	process = getpid();
	thread = syscall(SYS_gettid);
	say_hello(own);
	for (;;)
		copy_once(own);
}
