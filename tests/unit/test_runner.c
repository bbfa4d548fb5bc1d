// SPDX-License-Identifier: MIT
/* What a run does that has to wait for its CPU, or is moved to another one. */
#include <sched.h>
#include <stdlib.h>

#include "run/runner.h"
#include "stopped.h"
#include "tap.h"

#define ROWS	 3u
#define ROUNDS	 4u
#define WAIT_MS	 1200 /* of which a second counts */
#define ALLOWED	 6u   /* blocks of that: the least that a run may wait is 5 s */

/* ---- rows that wait, or that are moved ---- */

static struct fp_machine machine;
static int here = -1, elsewhere = -1;
static unsigned blocks, cut_short, warned;
static void (*happens)(struct fp_outcome *outcome);

static int prepare(const struct fp_work *work, struct fp_workbench *bench)
{
	(void)work;
	(void)bench;
	return 0;
}

static int run(const struct fp_work *work, struct fp_workbench *bench, double budget_ns,
	       struct fp_outcome *outcome)
{
	(void)work;
	(void)bench;
	blocks++;
	cut_short += budget_ns <= 0;
	outcome->samples.blocks++;
	happens(outcome);
	return 0;
}

static void keep(struct fp_outcome *outcome)
{
	fp_samples_add(&outcome->samples, 1, 0);
}

static void wait_and_keep(struct fp_outcome *outcome)
{
	nap_ms(WAIT_MS);
	keep(outcome);
}

static void lose(struct fp_outcome *outcome)
{
	outcome->samples.dropped++;
}

static void be_moved(struct fp_outcome *outcome)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(elsewhere, &set);
	sched_setaffinity(0, sizeof(set), &set);
	keep(outcome);
}

/* A CPU that nobody has. */
static void lose_cpu(struct fp_outcome *outcome)
{
	hwloc_bitmap_only(machine.cpuset, CPU_SETSIZE - 1);
	keep(outcome);
}

static const struct fp_executor executor = { .name = "test", .prepare = prepare, .run = run };
static const struct fp_family family = { .name = "family", .summary = "of this test" };
static const struct fp_family *const families[] = { &family, NULL };

static struct fp_plan make(void)
{
	static const char *const names[ROWS] = { "one", "two", "three" };
	struct fp_plan plan = { 0 };

	for (unsigned i = 0; i < ROWS; i++)
		fp_plan_add(&plan, &(struct fp_row){ .family = &family, .kernel = names[i],
						     .barrier = "none",
						     .at[FP_AT_PAYLOAD] = { FP_WB, 0 },
						     .work = { .executor = &executor } });
	return plan;
}

static struct fp_workbench bench;
static struct fp_mapping mapping;

static struct fp_runner run_plan(struct fp_plan *plan, void (*what)(struct fp_outcome *))
{
	struct fp_runner runner = { .plan = plan, .families = families, .bench = &bench,
				    .mappings = &mapping, .machine = &machine, .seed = 1,
				    .rounds = ROUNDS, .limit_s = 10 };

	happens = what;
	blocks = cut_short = 0;
	warned = machine.n_warnings;
	tap_ok(!fp_runner_run(&runner), "a plan runs");
	return runner;
}

static const char *warning(void)
{
	return machine.n_warnings > warned ? machine.warnings[machine.n_warnings - 1] : "";
}

static void test_nothing(void)
{
	struct fp_plan plan = make();
	struct fp_runner runner = run_plan(&plan, keep);

	tap_ok(blocks == ROWS * ROUNDS && !runner.moved && !runner.unpinned,
	       "a run that nothing happens to has all of its blocks");
	tap_is_int(runner.patience.left_out, 0, "none is left out");
	fp_plan_free(&plan);
}

static void test_waiting(void)
{
	struct fp_plan plan = make();
	struct fp_runner runner = run_plan(&plan, wait_and_keep);

	tap_is_int(blocks, ALLOWED, "a run that waits for its CPU ends before its blocks");
	tap_is_int(runner.patience.left_out, ROWS * ROUNDS - ALLOWED,
		   "and counts what it left out");
	tap_ok(cut_short >= 3 && cut_short < ALLOWED, "before that blocks are cut short: %u",
	       cut_short);
	tap_is_int((long long)fp_plan_count(&plan, FP_RAN), ROWS, "each row has run");
	tap_ok(strstr(warning(), "of 12 blocks 4 were cut short and 6 left out"), "it says so: %s",
	       warning());
	fp_plan_free(&plan);
}

static void test_no_samples(void)
{
	struct fp_plan plan = make();
	struct fp_runner runner = run_plan(&plan, lose);

	tap_is_int((long long)fp_plan_count(&plan, FP_FAILED), ROWS,
		   "rows without a sample that counts fail");
	tap_ok(strstr(plan.rows[0].reason, "interrupted"), "with the reason: %s",
	       plan.rows[0].reason);
	tap_ok(strstr(warning(), "12 of 12 batches"), "how many were dropped is said: %s",
	       warning());
	tap_is_int(runner.patience.left_out, 0, "no block was left out");
	fp_plan_free(&plan);
}

static void test_moved(void)
{
	struct fp_plan plan = make();
	struct fp_runner runner = run_plan(&plan, be_moved);

	tap_is_int(runner.moved, ROWS * ROUNDS, "who is moved is pinned again, each time");
	tap_is_int(sched_getcpu(), here, "also at the end");
	fp_plan_free(&plan);
}

static void test_moved_warning(void)
{
	struct fp_plan plan = make();

	run_plan(&plan, be_moved);
	tap_ok(strstr(machine.warnings[warned], "which CPUs it may use, 12 times"),
	       "it says so: %s", machine.warnings[warned]);
	fp_plan_free(&plan);
}

static void test_lost_cpu(void)
{
	struct fp_plan plan = make();
	struct fp_runner runner = run_plan(&plan, lose_cpu);

	tap_ok(blocks == 1 && runner.unpinned == ROWS * ROUNDS - 1 - (ROWS - 1) * (ROUNDS - 1),
	       "without its CPU no further block is run: %u, %u left out", blocks, runner.unpinned);
	tap_is_int((long long)fp_plan_count(&plan, FP_RAN), 1, "who has samples has run");
	tap_is_int((long long)fp_plan_count(&plan, FP_FAILED), ROWS - 1, "the others fail");
	for (unsigned i = 0; i < ROWS; i++)
		if (plan.rows[i].status == FP_FAILED)
			tap_ok(strstr(plan.rows[i].reason, "can't be used any more"),
			       "with the reason: %s", plan.rows[i].reason);
	tap_ok(strstr(machine.warnings[warned], "offline"), "it says so: %s",
	       machine.warnings[warned]);
	fp_plan_free(&plan);
}

/* ---- what patience says ---- */

static void test_patience(void)
{
	struct fp_patience p;

	fp_patience_start(&p, 10);
	tap_ok(!fp_patience_is_late(&p) && !fp_patience_is_over(&p), "a run begins in time");
	p.waited_s = 51;
	tap_ok(fp_patience_is_late(&p) && !fp_patience_is_over(&p),
	       "it is late when it has waited five times what it was meant to take");
	p.waited_s = 201;
	tap_ok(fp_patience_is_over(&p), "and over when four times that");
	p.started -= 100000000000;
	p.waited_s = 50;
	tap_ok(fp_patience_left(&p, 10, 100, 20) < 110,
	       "of 100 s for a tenth it then has those of the first round: %.0f",
	       fp_patience_left(&p, 10, 100, 20));
	p.waited_s = 0;
	tap_ok(fp_patience_left(&p, 10, 100, 20) > 890, "unless it has not waited: %.0f",
	       fp_patience_left(&p, 10, 100, 20));
	fp_patience_start(&p, 0);
	p.waited_s = 1e6;
	tap_ok(!fp_patience_is_late(&p), "where nobody knows what it takes it has time");
}

static void find_cpus(void)
{
	cpu_set_t allowed;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (int i = 0; i < CPU_SETSIZE && elsewhere < 0; i++)
		if (CPU_ISSET(i, &allowed))
			*(here < 0 ? &here : &elsewhere) = i;
}

int main(void)
{
	find_cpus();
	test_patience();
	if (!tap_ok(!fp_workbench_open(&bench, true), "a workbench opens") ||
	    !tap_ok(!fp_machine_open(&machine, here, "hardware"), "a machine is read"))
		return tap_done();
	/* Of an emulated one nothing is said of time. */
	machine.emulated = false;
	bench.budget_ns = 1e6;
	test_nothing();
	test_waiting();
	test_no_samples();
	if (elsewhere < 0) {
		tap_skip("this process has one CPU");
	} else {
		test_moved();
		test_moved_warning();
	}
	test_lost_cpu();
	fp_workbench_close(&bench);
	fp_machine_close(&machine);
	return tap_done();
}
