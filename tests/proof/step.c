// SPDX-License-Identifier: MIT
/*
 * step - does each copy write each byte once, in ascending order, and none
 * outside?
 *
 * The destination is in pages that can't be touched: each instruction that does
 * so faults.  That one then runs alone, with the pages open, and is caught again
 * right behind (one_store.h).  Before it, bytes that the copy would not write lie
 * over destination and margins, other ones each time; the bytes that differ
 * afterwards are those that the instruction wrote: also a byte written a second
 * time.  What one instruction writes counts as one store, ascending in itself.
 * Loads fault, too: a copy that reads its destination is not safe.
 *
 * A row that claims device_safe has to be so in every case; one that does not,
 * has to fail in at least one: the column is true in both directions.  Excepted
 * are rows with stores wider than a general register, which may claim less:
 * the order inside of one is not promised everywhere.
 *
 * Each row runs in a process of its own, which ends with the first case that
 * fails.  The signals that are handled come from the copy's own instructions,
 * so that their handlers may do whatever the program may.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch.h"
#include "one_store.h"
#include "proof.h"
#include "tap.h"

#define MARGIN	    64 /* bytes watched on either side of the destination */
#define FROM	    16 /* source offsets are below it */
#define BYTES	    256
#define WATCHED	    (MARGIN + 64 + BYTES + MARGIN)
#define PATIENCE_US 500000 /* of CPU time, for one case */
#define MAX_ROWS    256

/* One row, or mutant, on its way through the cases. In memory that all processes share. */
struct trial {
	fp_copy_function *copy;
	unsigned unit, align;
	bool wanted, set;
	pid_t process;
	/* the case */
	size_t offset; /* of the destination, from a line; below 64 */
	size_t from;   /* offset of the source, from a line */
	size_t bytes;
	long next; /* byte that is to be written next */
	long touched; /* where the last fault was, from the destination */
	unsigned store;
	enum proof_fault fault;
	char why[192];
	/* all cases */
	unsigned long cases, stores;
	long widest; /* bytes written by one instruction */
	bool ended;
	int err;
};

static const struct fp_arch_tables *own;
static struct trial *trials;

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

/*
 * One case
 */

static __attribute__((format(printf, 3, 4))) bool blame(struct trial *t, enum proof_fault fault,
							 const char *fmt, ...)
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
		return blame(t, PROOF_OUTSIDE, "wrote bytes %ld to %ld: outside", first, last);
	for (long i = first; i <= last; i++) {
		if (is_unwritten(start_of(t) + i))
			return blame(t, PROOF_GAP, "wrote bytes %ld to %ld without byte %ld",
				     first, last, i);
		if (is_wrong(t, i))
			return blame(t, PROOF_WRONG, "wrote byte %ld with a wrong value", i);
	}
	if (first != t->next)
		return blame(t, first < t->next ? PROOF_AGAIN : PROOF_ORDER,
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
		return blame(t, PROOF_OUTSIDE, "went to byte %ld: outside", t->touched);
	return blame(t, PROOF_READ, "read byte %ld", t->touched);
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
		blame(t, PROOF_MISSING, "ended before byte %ld was written", t->next);
}

/*
 * All cases of a row
 */

static void try_size(struct trial *t, size_t bytes)
{
	static const unsigned char offsets[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 63 };

	for (size_t i = 0; i < sizeof(offsets) && !t->fault; i++) {
		if (offsets[i] % t->align || bytes % t->unit)
			continue;
		t->bytes = bytes;
		t->offset = offsets[i];
		/* Aligned to each other, as copies like it, or any other way. */
		t->from = (offsets[i] + (bytes % 4 ? 0 : bytes / 4 * 5)) % FROM;
		try_case(t);
	}
}

/* Ends with the first case that fails. */
static void try_all(struct trial *t)
{
	for (size_t bytes = 1; bytes <= 80 && !t->fault; bytes++)
		try_size(t, bytes);
	if (!t->fault)
		try_size(t, 128);
	if (!t->fault)
		try_size(t, BYTES);
}

/*
 * What one instruction writes has no order that could be seen here.  A row of
 * wide stores may rightly claim less than what was seen.
 */
static void report_unclaimed(const struct fp_copy *copy, const struct trial *t)
{
	if (t->widest > (long)sizeof(uint64_t))
		tap_ok(true, "%s does not claim to be device-safe, for its stores of %ld bytes: "
		       "%lu cases", copy->id, t->widest, t->cases);
	else
		tap_ok(false, "%s does not claim to be device-safe, and was in %lu cases",
		       copy->id, t->cases);
}

static void report(const struct fp_copy *copy, const struct trial *t)
{
	if (!t->ended || t->err)
		tap_ok(false, "%s could not be stepped: %s", copy->id, strerror(-t->err));
	else if (t->fault)
		tap_ok(!copy->device_safe && t->fault <= PROOF_GAP, "%s %s: %s", copy->id,
		       copy->device_safe ? "claims to be device-safe" : "is not device-safe",
		       t->why);
	else if (!t->cases)
		tap_ok(false, "%s has no case that fits its unit and alignment", copy->id);
	else if (!copy->device_safe)
		report_unclaimed(copy, t);
	else
		tap_ok(true, "%s writes each byte once, ascending: %lu cases, %lu stores", copy->id,
		       t->cases, t->stores);
}

/* Rows may share a function: the first of them is stepped for all. */
static size_t find_first(size_t row)
{
	const struct fp_copy *copies = own->copies, *c = &copies[row];

	for (size_t i = 0; i < row; i++)
		if (fp_native.copies[i] == fp_native.copies[row] && copies[i].unit == c->unit &&
		    copies[i].align == c->align && copies[i].direction == c->direction)
			return i;
	return row;
}

static const char *lacks(size_t row)
{
	return fp_arch_lacks(own->copies[row].feature);
}

static bool is_steppable(size_t row)
{
	return !lacks(row) && own->copies[row].direction != FP_COPY_FROM;
}

static void test_row(size_t row)
{
	const struct fp_copy *copy = &own->copies[row];

	if (lacks(row))
		printf("# not stepped: %s: %s\n", copy->id, lacks(row));
	if (is_steppable(row))
		report(copy, &trials[find_first(row)]);
}

static void test_mutant(size_t i)
{
	const struct proof_mutant *m = &proof_mutants[i];
	const struct trial *t = &trials[own->n_copies + i];

	tap_ok(t->ended && !t->err && t->fault == m->fault, "a copy that %s is %s%s%s", m->does,
	       m->fault ? "caught" : "found right", *t->why ? ": " : "",
	       t->err ? strerror(-t->err) : t->why);
}

static bool is_id(const struct fp_copy *copy, const char *id)
{
	return !strcmp(copy->id, id);
}

/* The yardstick is a copy that is known to be unsafe: it has to be among those stepped. */
static void test_yardstick(void)
{
	bool found = false;

	for (size_t i = 0; i < own->n_copies; i++)
		found |= is_id(&own->copies[i], "glibc_memcpy") && !lacks(i);
	tap_ok(found, "glibc_memcpy is among them");
}

/*
 * Setting up
 */

static void plan(void)
{
	for (size_t i = 0; i < own->n_copies + PROOF_N_MUTANTS; i++) {
		bool row = i < own->n_copies;
		const struct fp_copy *copy = &own->copies[row ? i : 0];
		struct trial *t = &trials[i];

		t->copy = row ? fp_native.copies[i] : proof_mutants[i - own->n_copies].copy;
		t->wanted = !row || (is_steppable(i) && find_first(i) == i);
		t->unit = row ? copy->unit : 1;
		t->align = row ? copy->align : 1;
		t->set = row && copy->direction == FP_COPY_SET;
	}
}

static void *map(size_t bytes, int sharing)
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

	stack.ss_sp = map(stack.ss_size, MAP_PRIVATE);
	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		return -errno;
	err = one_store_init();
	if (!err)
		err = handle(SIGSEGV, on_store);
	return err ? err : handle(ONE_STORE_RAN, on_stored);
}

static int set_up(void)
{
	own = &fp_arch_tables[fp_native.id];
	if (own->n_copies + PROOF_N_MUTANTS > MAX_ROWS)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(source); i++)
		source[i] = pattern((long)i - MARGIN);
	page = (size_t)sysconf(_SC_PAGESIZE);
	trials = map(MAX_ROWS * sizeof(*trials), MAP_SHARED);
	return trials ? handle_stores() : -errno;
}

/*
 * The processes: as many at a time as there are CPUs
 */

static _Noreturn void work(struct trial *t)
{
	const struct rlimit none = { 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	current = t;
	/* It is shared with nobody: the access to such memory is changed in half the time. */
	pages = map(3 * page, MAP_SHARED);
	if (pages)
		try_all(t);
	else
		t->err = -errno;
	end_trial(t);
}

static void start_trial(struct trial *t)
{
	pid_t process = fork();

	if (process == 0)
		work(t);
	t->process = process;
	if (process < 0)
		t->err = -errno;
}

static struct trial *find_trial(pid_t process)
{
	for (size_t i = 0; i < MAX_ROWS; i++)
		if (trials[i].process == process)
			return &trials[i];
	return NULL;
}

/* A copy that dies can't say so itself. */
static bool await_trial(void)
{
	struct trial *t;
	int status;
	pid_t process = wait(&status);

	if (process < 0)
		return false;
	t = find_trial(process);
	if (!t || !WIFSIGNALED(status))
		return true;
	t->ended = true;
	if (WTERMSIG(status) == SIGVTALRM)
		blame(t, PROOF_ENDLESS, "did not end");
	else
		blame(t, PROOF_DIED, "died of SIG%s", sigabbrev_np(WTERMSIG(status)));
	return true;
}

static void run_trials(void)
{
	cpu_set_t allowed;
	int idle;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	idle = CPU_COUNT(&allowed);
	for (size_t i = 0; i < own->n_copies + PROOF_N_MUTANTS; i++) {
		if (!trials[i].wanted)
			continue;
		if (idle-- <= 0 && await_trial())
			idle++;
		start_trial(&trials[i]);
	}
	while (await_trial())
		;
}

int main(void)
{
	int err;

#ifdef __SANITIZE_ADDRESS__
	tap_skip("a sanitizer handles the signals that stores are caught by");
	return tap_done();
#endif
	err = set_up();
	if (err) {
		tap_ok(false, "stores can be caught: %s", strerror(-err));
		return tap_done();
	}
	plan();
	run_trials();
	for (size_t i = 0; i < PROOF_N_MUTANTS; i++)
		test_mutant(i);
	for (size_t i = 0; i < own->n_copies; i++)
		test_row(i);
	test_yardstick();
	return tap_done();
}
