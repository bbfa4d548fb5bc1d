// SPDX-License-Identifier: MIT
/* One copy, stepped through all cases in a process of its own; see step.c. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "one_store.h"
#include "trial.h"

#define MARGIN	    64 /* bytes watched on either side of the destination */
#define FROM	    16 /* source offsets are below it */
#define BYTES	    4160 /* the largest size */
#define WATCHED	    (MARGIN + 64 + BYTES + MARGIN)
#define PATIENCE_US 500000 /* of CPU time, for one case */

static unsigned char source[MARGIN + FROM + BYTES + MARGIN] __attribute__((aligned(64)));

/* Three pages that loads and stores fault on; the second begins with the destination. */
static unsigned char *pages;
static size_t page;

/* What would be written where, were the copy to go on; and what lies there before a store. */
static uint64_t expected[WATCHED / 8], laid[WATCHED / 8];

/* The one whose copy runs in this process. */
static struct trial *current;

/* The source, at any distance from its start that a copy may stray to. */
static unsigned char pattern(long at)
{
	return (unsigned char)((at + MARGIN) * 7 % 251 + 1);
}

bool trial_blame(struct trial *t, enum proof_fault fault, const char *fmt, ...)
{
	va_list args;
	int n;

	n = snprintf(t->why, sizeof(t->why), "%zu bytes at offset %zu, store %u: ", t->bytes,
		     t->offset, t->store);
	va_start(args, fmt);
	vsnprintf(t->why + n, sizeof(t->why) - (size_t)n, fmt, args);
	va_end(args);
	t->fault = fault;
	return false;
}

static unsigned char *watched(void)
{
	return pages + page;
}

static void allow(int access)
{
	if (mprotect(pages, 3 * page, access))
		abort();
}

/* Where byte 0 of the destination is among those that are watched. */
static long start_of(const struct trial *t)
{
	return MARGIN + (long)t->offset;
}

static void expect(const struct trial *t)
{
	unsigned char *byte = (unsigned char *)expected;

	for (long i = 0; i < WATCHED; i++)
		byte[i] = pattern((long)t->from + (t->set ? 0 : i - start_of(t)));
}

/* Never what is expected, and for 255 stores never the same. */
static void lay(const struct trial *t)
{
	uint64_t differs = (1 + t->store % 255) * UINT64_C(0x0101010101010101);

	for (size_t i = 0; i < WATCHED / 8; i++)
		laid[i] = expected[i] ^ differs;
	memcpy(watched(), laid, WATCHED);
}

static bool is_unwritten(long at)
{
	return watched()[at] == ((unsigned char *)laid)[at];
}

/* The first and last byte that the store wrote, relative to the destination. */
static bool find_written(const struct trial *t, long *first, long *last)
{
	long i = 0;

	if (!memcmp(watched(), laid, WATCHED))
		return false;
	while (is_unwritten(i))
		i++;
	*first = i - start_of(t);
	for (i = WATCHED - 1; is_unwritten(i); i--)
		;
	*last = i - start_of(t);
	return true;
}

static bool is_wrong(const struct trial *t, long i)
{
	return watched()[start_of(t) + i] != ((unsigned char *)expected)[start_of(t) + i];
}

/* Is what one instruction has written, bytes first to last, what had to come? */
static bool judge_store(struct trial *t, long first, long last)
{
	if (first < 0 || last >= (long)t->bytes)
		return trial_blame(t, PROOF_OUTSIDE, "wrote bytes %ld to %ld: outside", first,
				   last);
	for (long i = first; i <= last; i++) {
		if (is_unwritten(start_of(t) + i))
			return trial_blame(t, PROOF_GAP, "wrote bytes %ld to %ld without byte %ld",
				     first, last, i);
		if (is_wrong(t, i))
			return trial_blame(t, PROOF_WRONG, "wrote byte %ld with a wrong value", i);
	}
	if (first != t->next)
		return trial_blame(t, first < t->next ? PROOF_AGAIN : PROOF_ORDER,
			     "wrote bytes %ld to %ld, %s", first, last,
			     first < t->next ? "of which some had been written" :
					       "before those in front of them");
	t->next = last + 1;
	t->store++;
	t->stores++;
	if (t->widest < last + 1 - first)
		t->widest = last + 1 - first;
	return true;
}

/* What changed nothing was a load, or went to where nobody watches. */
static bool judge(struct trial *t)
{
	long first, last;

	if (find_written(t, &first, &last))
		return judge_store(t, first, last);
	if (t->touched < -MARGIN || t->touched >= (long)t->bytes + MARGIN)
		return trial_blame(t, PROOF_OUTSIDE, "went to byte %ld: outside", t->touched);
	return trial_blame(t, PROOF_READ, "read byte %ld", t->touched);
}

static _Noreturn void end_trial(struct trial *t)
{
	t->ended = true;
	_exit(0);
}

/* As if nobody handled it: whoever waits for this process learns of it. */
static void die_of(int signal)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };

	sigaction(signal, &by_default, NULL);
	raise(signal);
}

static void on_store(int signal, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr - (uintptr_t)pages;

	if (at >= 3 * page) {
		die_of(signal);
		return;
	}
	current->touched = (long)(at - page) - start_of(current);
	allow(PROT_READ | PROT_WRITE);
	one_store_run(context);
}

static void on_stored(int signal, siginfo_t *info, void *context)
{
	(void)info;
	if (!one_store_ran(context)) {
		die_of(signal);
		return;
	}
	if (!judge(current))
		end_trial(current);
	lay(current);
	allow(PROT_NONE);
}

static void limit_time(long us)
{
	struct itimerval limit = { .it_value.tv_usec = us };

	setitimer(ITIMER_VIRTUAL, &limit, NULL);
}

static void try_case(struct trial *t)
{
	t->next = t->store = 0;
	t->cases++;
	expect(t);
	allow(PROT_READ | PROT_WRITE);
	lay(t);
	allow(PROT_NONE);
	limit_time(PATIENCE_US);
	t->copy(watched() + start_of(t), source + MARGIN + t->from, t->bytes);
	limit_time(0);
	if (t->next != (long)t->bytes)
		trial_blame(t, PROOF_MISSING, "ended before byte %ld was written", t->next);
}

static void try_size(struct trial *t, size_t bytes)
{
	static const unsigned char offsets[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 63 };
	size_t n = bytes > 256 ? 2 : sizeof(offsets);

	for (size_t i = 0; i < n && !t->fault; i++) {
		if (offsets[i] % t->align || bytes % t->unit)
			continue;
		t->bytes = bytes;
		t->offset = offsets[i];
		/* Aligned to each other, as copies like it, or any other way. */
		t->from = (offsets[i] + (bytes % 4 ? 0 : bytes / 4 * 5)) % FROM;
		try_case(t);
	}
}

/* Ends with the first case that fails.  Some copies do otherwise from a size on. */
static void try_all(struct trial *t)
{
	static const size_t large[] = { 128, 256, 320, 1088, BYTES };

	for (size_t bytes = 1; bytes <= 80 && !t->fault; bytes++)
		try_size(t, bytes);
	for (size_t i = 0; i < sizeof(large) / sizeof(*large) && !t->fault; i++)
		try_size(t, large[i]);
}

/*
 * Setting up
 */

void *trial_map(size_t bytes, int sharing)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int handle(int number, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	return sigaction(number, &action, NULL) ? -errno : 0;
}

/* The copies' own stack stays theirs. */
static int handle_stores(void)
{
	stack_t stack = { .ss_size = 256 * 1024 };
	int err;

	stack.ss_sp = trial_map(stack.ss_size, MAP_PRIVATE);
	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		return -errno;
	err = one_store_init();
	if (!err)
		err = handle(SIGSEGV, on_store);
	return err ? err : handle(ONE_STORE_RAN, on_stored);
}

int trial_set_up(void)
{
	for (size_t i = 0; i < sizeof(source); i++)
		source[i] = pattern((long)i - MARGIN);
	page = (size_t)sysconf(_SC_PAGESIZE);
	return handle_stores();
}

_Noreturn void trial_run(struct trial *t)
{
	const struct rlimit none = { 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	current = t;
	/* It is shared with nobody: the access to such memory is changed in half the time. */
	pages = trial_map(3 * page, MAP_SHARED);
	if (pages)
		try_all(t);
	else
		t->err = -errno;
	end_trial(t);
}
