// SPDX-License-Identifier: MIT
#include "run/runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/guard.h"
#include "base/message.h"
#include "gbench/gbench.h"
#include "machine/clock.h"

#define MUCH_WAITING 0.5  /* of the run */
#define MUCH_DROPPED 0.1 /* of the batches */

/* One row's block in one round: what a Google Benchmark callback is given. */
struct turn {
	struct fp_runner *runner;
	struct fp_row *row;
	size_t number, of;
};

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void shuffle(struct turn *turns, size_t n, uint64_t *state)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = next_random(state) % i;
		struct turn swap = turns[i - 1];

		turns[i - 1] = turns[j];
		turns[j] = swap;
	}
}

static void show_progress(const struct turn *turn, uint64_t *shown)
{
	uint64_t now = fp_clock_now();

	if (!turn->runner->progress || now - *shown < 100000000u)
		return;
	*shown = now;
	fprintf(stderr, "\r\033[K[%zu/%zu] %.60s, %.0f s left", turn->number, turn->of,
		turn->row->name,
		fp_patience_left(&turn->runner->patience, turn->number, turn->of,
				 turn->runner->plan->n));
	fflush(stderr);
}

static double budget_of(const struct fp_runner *runner, const struct fp_row *row)
{
	double share = row->family->share > 0 ? row->family->share : 1;

	return share * runner->bench->budget_ns;
}

static int run_block(void *argument)
{
	struct turn *turn = argument;
	struct fp_runner *runner = turn->runner;
	double budget_ns = budget_of(runner, turn->row);

	if (!fp_patience_begin(&runner->patience, budget_ns / 1e9))
		budget_ns = 0;
	return fp_row_run(turn->row, runner->bench, runner->mappings, budget_ns);
}

static void fail(struct fp_row *row, int err)
{
	row->status = FP_FAILED;
	if (!row->reason[0])
		snprintf(row->reason, sizeof(row->reason), "%s",
			 *row->outcome.why ? row->outcome.why : strerror(-err));
}

/* Without what it needs a row's figures would mean nothing. */
static bool skip_without_needs(const struct fp_plan *plan, struct fp_row *row)
{
	if (!fp_plan_misses(plan, row, row->reason, sizeof(row->reason)))
		return false;
	row->status = FP_SKIPPED;
	return true;
}

void fp_runner_no_journal(int err)
{
	fp_error("warning: the journal of this run can't be written (%s): what it measures is "
		 "written at its end, and lost if it is killed", strerror(-err));
}

static void record(const struct fp_runner *runner, const struct fp_row *row, size_t first)
{
	size_t number = (size_t)(row - runner->plan->rows);
	int err = 0;

	if (!runner->journal)
		return;
	if (row->status == FP_RAN)
		err = fp_journal_block(runner->journal, number, row, first,
				       row->core_bound && !runner->bench->emulated);
	else
		err = fp_journal_status(runner->journal, number, row);
	if (err)
		fp_runner_no_journal(err);
}

/* What is known before anything runs. */
static void record_unsupported(const struct fp_runner *runner)
{
	const struct fp_plan *plan = runner->plan;

	for (size_t i = 0; i < plan->n; i++)
		if (plan->rows[i].status != FP_RAN)
			record(runner, &plan->rows[i], 0);
}

/* A block that can't be had costs a row that has samples nothing else. */
static bool leave_out(struct fp_row *row, unsigned *count, const char *reason)
{
	++*count;
	if (!row->outcome.samples.n) {
		row->status = FP_FAILED;
		snprintf(row->reason, sizeof(row->reason), "%s", reason);
	}
	return true;
}

static bool is_out_of_time(struct fp_runner *runner, struct fp_row *row)
{
	struct fp_patience *p = &runner->patience;

	if (!fp_patience_is_over(p) && !(fp_patience_is_late(p) && row->outcome.samples.n))
		return false;
	return leave_out(row, &p->left_out, "no time was left for it: other programs had the CPU");
}

static bool is_off_its_cpu(struct fp_runner *runner, struct fp_row *row)
{
	int pinned = runner->machine ? fp_pin_again(runner->machine) : 0;
	char reason[96];

	if (pinned >= 0) {
		runner->moved += (unsigned)pinned;
		return false;
	}
	snprintf(reason, sizeof(reason), "CPU %u can't be used any more (%s)",
		 runner->machine->pinned, strerror(-pinned));
	return leave_out(row, &runner->unpinned, reason);
}

static void measure(struct turn *turn)
{
	struct fp_runner *runner = turn->runner;
	struct fp_row *row = turn->row;
	size_t first = row->outcome.samples.n;
	int err;

	if (!skip_without_needs(runner->plan, row) && !is_out_of_time(runner, row) &&
	    !is_off_its_cpu(runner, row)) {
		err = fp_guard(run_block, turn, runner->limit_s, row->reason, sizeof(row->reason));
		fp_patience_end(&runner->patience);
		if (!err)
			row->blocks++;
		else
			fail(row, err);
	}
	record(runner, row, first);
}

static int run_turn(struct gbench_state *state, void *user)
{
	static uint64_t shown;
	struct turn *turn = user;
	struct fp_row *row = turn->row;

	show_progress(turn, &shown);
	if (fp_interrupted) {
		turn->runner->interrupted = true;
		return gbench_skip(state, "interrupted");
	}
	while (gbench_next(state)) {
		if (row->status == FP_RAN)
			measure(turn);
		if (row->status == FP_UNSUPPORTED || row->status == FP_SKIPPED)
			return gbench_skip(state, row->reason);
		if (row->status == FP_FAILED)
			return gbench_fail(state, row->reason);
		/* The samples have the times. */
		gbench_set_seconds(state, 0);
	}
	return 0;
}

/* What Google Benchmark says of a row that it knows nothing of but the name. */
static int name_row(struct gbench_state *state, void *user)
{
	const struct turn *turn = user;

	while (gbench_next(state))
		gbench_set_seconds(state, 0);
	return turn->row->label ? gbench_set_label(state, turn->row->label) : 0;
}

struct ordering {
	const struct fp_plan *plan;
	struct fp_row **rows; /* in their new order */
	bool *done;	      /* by the plan's order */
	size_t n;
};

static void put(struct ordering *o, struct fp_row *row)
{
	size_t i = (size_t)(row - o->plan->rows);

	if (o->done[i])
		return;
	o->done[i] = true;
	for (unsigned n = 0; n < FP_ROW_NEEDS && row->needs[n]; n++) {
		struct fp_row *needed = fp_plan_find_id(o->plan, row->needs[n]);

		if (needed)
			put(o, needed);
	}
	o->rows[o->n++] = row;
}

/* In the order that was drawn, but for rows that others need: those come first. */
static int put_needed_first(const struct fp_plan *plan, struct turn *turns)
{
	struct ordering o = { plan, calloc(plan->n + 1, sizeof(*o.rows)),
			      calloc(plan->n + 1, sizeof(*o.done)), 0 };
	int err = o.rows && o.done ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < plan->n; i++)
		put(&o, turns[i].row);
	for (size_t i = 0; !err && i < plan->n; i++)
		turns[i].row = o.rows[i];
	free(o.rows);
	free(o.done);
	return err;
}

size_t fp_runner_turns(const struct fp_runner *runner)
{
	return runner->plan->n * runner->rounds;
}

static struct turn *make_turns(struct fp_runner *runner)
{
	size_t n = runner->plan->n, all = fp_runner_turns(runner);
	struct turn *turns = calloc(all ? all : 1, sizeof(*turns));
	uint64_t state = runner->seed;

	for (unsigned round = 0; turns && round < runner->rounds; round++) {
		for (size_t i = 0; i < n; i++)
			turns[round * n + i].row = &runner->plan->rows[i];
		shuffle(turns + round * n, n, &state);
		if (put_needed_first(runner->plan, turns + round * n)) {
			free(turns);
			return NULL;
		}
	}
	for (size_t i = 0; turns && i < all; i++) {
		turns[i].runner = runner;
		turns[i].number = i + 1;
		turns[i].of = all;
	}
	return turns;
}

typedef int turn_function(struct gbench_state *state, void *user);

static int add_turns(struct turn *turns, size_t n, turn_function *function)
{
	for (size_t i = 0; i < n; i++) {
		struct gbench_benchmark *b = gbench_add(turns[i].row->name, function, &turns[i]);
		int err = b ? gbench_set_clock(b, GBENCH_MANUAL_TIME) : -errno;

		if (!err)
			err = gbench_set_iterations(b, 1);
		if (err)
			return err;
	}
	return 0;
}

/* Without a sample: none before the interrupt, or none that nobody disturbed. */
static void settle(const struct fp_plan *plan, struct fp_row *row)
{
	bool disturbed;

	if (row->status != FP_RAN || skip_without_needs(plan, row) || row->outcome.samples.n)
		return;
	disturbed = row->blocks && !fp_interrupted;
	row->status = disturbed ? FP_FAILED : FP_SKIPPED;
	snprintf(row->reason, sizeof(row->reason), "%s",
		 disturbed ? "in every batch it was interrupted, or was on another CPU"
			   : "interrupted");
}

static void settle_all(const struct fp_runner *runner)
{
	for (size_t i = 0; i < runner->plan->n; i++)
		settle(runner->plan, &runner->plan->rows[i]);
	for (size_t i = 0; runner->families[i]; i++)
		if (runner->families[i]->judge)
			runner->families[i]->judge(runner->plan);
}

static int run_turns(struct turn *turns, size_t n, turn_function *function, char **json)
{
	struct gbench_options options = { .short_names = true,
					  .format = json ? GBENCH_JSON : GBENCH_NO_OUTPUT };
	struct gbench_result result = { 0 };
	int err = add_turns(turns, n, function);

	if (!err)
		err = gbench_run(&options, &result);
	gbench_clear();
	if (json)
		*json = result.output;
	return err;
}

int fp_runner_name(const struct fp_plan *plan, char **json)
{
	struct turn *turns = calloc(plan->n + 1, sizeof(*turns));
	int err = turns ? 0 : -ENOMEM;

	*json = NULL;
	for (size_t i = 0; turns && i < plan->n; i++)
		turns[i].row = &plan->rows[i];
	if (!err)
		err = run_turns(turns, plan->n, name_row, json);
	free(turns);
	return err;
}

/* What all blocks take that are to be run. */
static void start_patience(struct fp_runner *runner)
{
	double ns = 0;

	runner->blocks = 0;
	for (size_t i = 0; i < runner->plan->n; i++) {
		if (runner->plan->rows[i].status != FP_RAN)
			continue;
		ns += budget_of(runner, &runner->plan->rows[i]) * runner->rounds;
		runner->blocks += runner->rounds;
	}
	fp_patience_start(&runner->patience, ns / 1e9);
}

static void warn_of_gaps(const struct fp_runner *runner)
{
	const struct fp_patience *p = &runner->patience;
	size_t kept = 0, dropped = 0;

	for (size_t i = 0; i < runner->plan->n; i++) {
		kept += runner->plan->rows[i].outcome.samples.n;
		dropped += runner->plan->rows[i].outcome.samples.dropped;
	}
	if (runner->machine->emulated)
		return;
	if (!p->cut_short && !p->left_out && fp_patience_share(p) < MUCH_WAITING &&
	    (double)dropped < MUCH_DROPPED * (double)(kept + dropped))
		return;
	fp_machine_warn(runner->machine,
			"for %.0f %% of the run it did not have its CPU: %zu of %zu batches were "
			"interrupted and dropped; of %zu blocks %u were cut short and %u left out "
			"(stop other programs, or give this one a higher priority)",
			100 * fp_patience_share(p), dropped, kept + dropped, runner->blocks,
			p->cut_short, p->left_out);
}

static void warn_of_cpu(struct fp_runner *runner)
{
	const struct fp_machine *m = runner->machine;

	if (!fp_interrupted && fp_pin_again(m) > 0)
		runner->moved++;
	if (runner->moved)
		fp_machine_warn(runner->machine,
				"something else changed which CPUs it may use, %u times: what was "
				"not measured on CPU %u is dropped, and it was pinned again",
				runner->moved, m->pinned);
	if (runner->unpinned)
		fp_machine_warn(runner->machine,
				"CPU %u can't be used any more: it is offline, or taken from this "
				"program; %u blocks were left out", m->pinned, runner->unpinned);
}

/*
 * Google Benchmark takes a second to get several thousand runs ready, so it is
 * given one round at a time.
 */
int fp_runner_run(struct fp_runner *runner)
{
	struct turn *turns = make_turns(runner);
	size_t n = runner->plan->n;
	int err = turns ? 0 : -ENOMEM;

	record_unsupported(runner);
	runner->moved = runner->unpinned = 0;
	start_patience(runner);
	for (unsigned round = 0; !err && round < runner->rounds; round++)
		err = run_turns(turns + round * n, n, run_turn, NULL);
	if (runner->progress)
		fputs("\r\033[K", stderr);
	settle_all(runner);
	if (runner->machine) {
		warn_of_cpu(runner);
		warn_of_gaps(runner);
	}
	free(turns);
	return err;
}
