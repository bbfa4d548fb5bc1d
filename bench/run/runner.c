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

/* One row's block in one round: what a Google Benchmark callback is given. */
struct turn {
	struct fp_runner *runner;
	struct fp_row *row;
	size_t number, of;
	uint64_t started; /* of the first turn, for the time left */
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
	double passed = (double)(now - turn->started) / 1e9;

	if (!turn->runner->progress || now - *shown < 100000000u)
		return;
	*shown = now;
	fprintf(stderr, "\r\033[K[%zu/%zu] %.60s, %.0f s left", turn->number, turn->of,
		turn->row->name,
		passed / (double)turn->number * (double)(turn->of - turn->number));
	fflush(stderr);
}

static int run_block(void *argument)
{
	struct turn *turn = argument;
	struct fp_runner *runner = turn->runner;
	double share = turn->row->family->share > 0 ? turn->row->family->share : 1;

	return fp_row_run(turn->row, runner->bench, runner->mappings,
			  share * runner->bench->budget_ns);
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

static void measure(struct turn *turn)
{
	struct fp_row *row = turn->row;
	size_t first = row->outcome.samples.n;
	int err;

	if (!skip_without_needs(turn->runner->plan, row)) {
		err = fp_guard(run_block, turn, turn->runner->limit_s, row->reason,
			       sizeof(row->reason));
		if (!err)
			row->blocks++;
		else
			fail(row, err);
	}
	record(turn->runner, row, first);
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
	uint64_t state = runner->seed, now = fp_clock_now();

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
		turns[i].started = now;
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
		 disturbed ? "every batch was interrupted by another program" : "interrupted");
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
	for (unsigned round = 0; !err && round < runner->rounds; round++)
		err = run_turns(turns + round * n, n, run_turn, NULL);
	if (runner->progress)
		fputs("\r\033[K", stderr);
	settle_all(runner);
	free(turns);
	return err;
}
