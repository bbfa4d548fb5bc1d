/* SPDX-License-Identifier: MIT */
/*
 * moved_store.h - lets the instruction that faulted run, alone, where a program
 * can't ask the CPU to stop after one: a copy of it runs elsewhere, with an
 * illegal instruction behind.  Stores are the same everywhere: none that a copy
 * makes is relative to its own address.  An exclusive one fails for ever there,
 * and is found as a copy that does not end.
 *
 * The functions are those of x86/one_store.h.  The architecture's one_store.h
 * says what PROGRAM_COUNTER() and no_instruction are, and how long the
 * instruction at an address is: instruction_bytes().
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define ONE_STORE_RAN SIGILL
#define MOVED_STORES  4096

/*
 * A copied instruction stays: what runs again costs no change of code.  None
 * crosses a multiple of 64 bytes, which those with a prefix of the Power ISA may
 * not.
 */
struct moved_store {
	unsigned char code[16];
	uint64_t from;
} __attribute__((aligned(32)));
static struct moved_store *moved_stores;

static inline int one_store_init(void)
{
	moved_stores = mmap(NULL, MOVED_STORES * sizeof(*moved_stores),
			    PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return moved_stores == MAP_FAILED ? -errno : 0;
}

static inline void move_store(struct moved_store *s, uint64_t from)
{
	const void *code = (const void *)(uintptr_t)from;
	size_t bytes = instruction_bytes(code);

	s->from = from;
	memcpy(s->code, code, bytes);
	memcpy(s->code + bytes, &no_instruction, sizeof(no_instruction));
	__builtin___clear_cache((char *)s->code, (char *)s->code + sizeof(s->code));
}

static inline void one_store_run(ucontext_t *c)
{
	uint64_t from = PROGRAM_COUNTER(c);
	struct moved_store *s = &moved_stores[from % MOVED_STORES];

	if (s->from != from)
		move_store(s, from);
	PROGRAM_COUNTER(c) = (uintptr_t)s->code;
}

static inline bool one_store_ran(ucontext_t *c)
{
	uint64_t at = PROGRAM_COUNTER(c) - (uintptr_t)moved_stores;
	const struct moved_store *s = &moved_stores[at / sizeof(*s) % MOVED_STORES];

	if (at >= MOVED_STORES * sizeof(*s))
		return false;
	PROGRAM_COUNTER(c) = s->from + at % sizeof(*s);
	return true;
}
