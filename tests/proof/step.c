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
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch.h"
#include "proof.h"
#include "tap.h"
#include "trial.h"

#define MAX_ROWS 256

static const struct fp_arch_tables *own;
static struct trial *trials; /* in memory that all processes share */

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

static int set_up(void)
{
	own = &fp_arch_tables[fp_native.id];
	if (own->n_copies + PROOF_N_MUTANTS > MAX_ROWS)
		return -EINVAL;
	trials = trial_map(MAX_ROWS * sizeof(*trials), MAP_SHARED);
	return trials ? trial_set_up() : -errno;
}

/*
 * The processes: as many at a time as there are CPUs
 */

static void start_trial(struct trial *t)
{
	pid_t process = fork();

	if (process == 0)
		trial_run(t);
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
		trial_blame(t, PROOF_ENDLESS, "did not end");
	else
		trial_blame(t, PROOF_DIED, "died of SIG%s", sigabbrev_np(WTERMSIG(status)));
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
