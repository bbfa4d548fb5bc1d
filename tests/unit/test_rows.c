// SPDX-License-Identifier: MIT
/* Rows as data: axes, fields, locations; what rows need of each other; who judges. */
#include <errno.h>
#include <stdlib.h>

#include "plan/family.h"
#include "run/runner.h"
#include "tap.h"

#define REGION (64u * 1024)

static unsigned runs, order[64];
static struct fp_plan *judged;

/* ---- a family and an executor that do nothing but say so ---- */

static int prepare(const struct fp_work *work, struct fp_workbench *bench)
{
	(void)work;
	(void)bench;
	return 0;
}

/* The program's only step has the row's number, and whether it fails. */
static int run(const struct fp_work *work, struct fp_workbench *bench, double budget_ns,
	       struct fp_outcome *outcome)
{
	const struct fp_step *step = &work->programs[0].steps[0];

	(void)bench;
	(void)budget_ns;
	order[runs++ % 64] = step->row;
	outcome->samples.blocks++;
	if (step->times > 1) {
		snprintf(outcome->why, sizeof(outcome->why), "it was to fail");
		return -EIO;
	}
	return fp_samples_add(&outcome->samples, 1, 0);
}

static const struct fp_executor executor = {
	.name = "nothing", .processes = 3, .prepare = prepare, .run = run };

static void judge(struct fp_plan *plan)
{
	judged = plan;
	for (size_t i = 0; i < plan->n; i++)
		fp_set_text(&plan->rows[i].fields, "verdict", "seen");
}

static int plan_none(struct fp_plan *plan, enum fp_memory memory, const struct fp_profile *profile)
{
	(void)plan;
	(void)memory;
	(void)profile;
	return 0;
}

static const struct fp_family family = {
	.name = "family", .summary = "of this test", .plan = plan_none, .judge = judge };
static const struct fp_family *const families[] = { &family, NULL };

static struct fp_row *add(struct fp_plan *plan, const char *kernel, unsigned number, bool fails)
{
	struct fp_row *row = fp_plan_add(plan, &(struct fp_row){
		.family = &family, .kernel = kernel, .barrier = "none",
		.at[FP_AT_PAYLOAD] = { FP_WC, 0 }, .work = { .executor = &executor } });

	fp_add(fp_work_add(&row->work), &(struct fp_step){ .row = number, .times = fails ? 2 : 1 });
	return row;
}

/* ---- what a row says of itself ---- */

static void test_axes(void)
{
	struct fp_plan plan = { .scope = FP_FULL };
	struct fp_row *row = add(&plan, "kernel", 0, false);
	char number[24], longest[300] = "";
	long long used;

	fp_row_axis(row, "bytes", 64);
	fp_row_axis_text(row, "next", "load");
	fp_row_locate(row, FP_AT_DOORBELL, FP_UC);
	fp_row_locate(row, FP_AT_FLAG, FP_WC);
	tap_is_str(row->name, "family/kernel/none/wc/bytes:64/next:load/doorbell:uc",
		   "the name has the axes in order, and locations of other types");
	tap_is_int(row->axes.n, 3, "they are in the row, too");
	used = (long long)strlen(row->name);
	memset(longest, 'x', sizeof(longest) - 1);
	fp_row_axis_text(row, "target", longest);
	tap_is_int((long long)strlen(row->name) - used, 8 + 299, "however long one is");
	tap_is_str(fp_value_text(fp_value_find(&row->axes, "bytes"), number, sizeof(number)), "64",
		   "an axis can be read back");
	tap_ok(!fp_value_find(&row->axes, "flag"), "a location of the payload's type is no axis");
	fp_set_number(&row->fields, "seen", 3);
	fp_set_number(&row->fields, "seen", 4);
	tap_ok(row->fields.n == 1 && row->fields.all[0].number == 4,
	       "a field is set once, and anew");
	fp_plan_free(&plan);
}

static void test_processes(void)
{
	struct fp_plan plan = { .scope = FP_FULL };
	struct fp_row *row;

	tap_is_int(fp_plan_processes(&plan), 1, "a plan without rows wants one process");
	row = add(&plan, "kernel", 0, false);
	tap_is_int(fp_plan_processes(&plan), 3, "a row wants what its executor wants");
	fp_row_unsupported(row, "it can't");
	tap_is_int(fp_plan_processes(&plan), 1, "what can't run wants none");
	fp_plan_free(&plan);
}

/* ---- needs ---- */

/* user needs control, control needs selftest. */
static struct fp_plan make(bool selftest_fails)
{
	struct fp_plan plan = { .scope = FP_FULL };
	unsigned control, selftest;

	add(&plan, "user", 3, false);
	control = add(&plan, "control", 2, false)->id;
	selftest = add(&plan, "selftest", 1, selftest_fails)->id;
	add(&plan, "other", 4, false);
	fp_row_need(fp_plan_find(&plan, "family/user/none/wc"), control);
	fp_row_need(fp_plan_find(&plan, "family/control/none/wc"), selftest);
	return plan;
}

static void test_filter(void)
{
	struct fp_plan plan = make(false);
	char why[64];

	tap_is_int(fp_plan_filter(&plan, "/user/", "/selftest/", why, sizeof(why)), 0, "a filter");
	tap_ok(plan.n == 3 && fp_plan_find(&plan, "family/control/none/wc") &&
		       fp_plan_find(&plan, "family/selftest/none/wc"),
	       "keeps what is needed, and what that needs, whatever is excluded");
	fp_plan_free(&plan);
	plan = make(false);
	fp_plan_filter(&plan, "/control/", NULL, why, sizeof(why));
	tap_is_int((long long)plan.n, 2, "and not who needs it");
	fp_plan_free(&plan);
}

static void test_unsupported(void)
{
	struct fp_plan plan = make(false);
	const struct fp_row *user;

	fp_row_unsupported(fp_plan_find(&plan, "family/selftest/none/wc"), "this CPU lacks it");
	fp_plan_settle_needs(&plan);
	user = fp_plan_find(&plan, "family/user/none/wc");
	tap_ok(user->status == FP_UNSUPPORTED &&
	       strstr(user->reason, "it needs family/control/none/wc"),
	       "what needs something unsupported is so itself: %s", user->reason);
	tap_ok(fp_plan_find(&plan, "family/other/none/wc")->status == FP_RAN, "nothing else is");
	fp_plan_free(&plan);
}

static struct fp_workbench bench;
static struct fp_mapping mapping;

static void run_plan(struct fp_plan *plan, uint64_t seed, unsigned rounds)
{
	struct fp_runner runner = { .plan = plan, .families = families, .bench = &bench,
				    .mappings = &mapping, .seed = seed, .rounds = rounds,
				    .limit_s = 10 };

	runs = 0;
	judged = NULL;
	tap_ok(!fp_runner_run(&runner), "the plan runs in the order of seed %llu",
	       (unsigned long long)seed);
}

static unsigned place_of(unsigned number)
{
	unsigned i = 0;

	while (i < 4 && order[i] != number)
		i++;
	return i;
}

static void test_order(void)
{
	unsigned in_order = 0, least = 4, most = 0;

	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct fp_plan plan = make(false);

		run_plan(&plan, seed, 1);
		in_order += place_of(1) < place_of(2) && place_of(2) < place_of(3);
		least = place_of(4) < least ? place_of(4) : least;
		most = place_of(4) > most ? place_of(4) : most;
		tap_ok(judged == &plan && fp_value_find(&plan.rows[0].fields, "verdict"),
		       "the family has judged the rows");
		fp_plan_free(&plan);
	}
	tap_is_int(in_order, 8, "in every order what is needed comes first");
	tap_ok(least < most, "all else is shuffled");
}

static void test_failure(void)
{
	struct fp_plan plan = make(true);
	const struct fp_row *user, *selftest;

	run_plan(&plan, 1, 2);
	selftest = fp_plan_find(&plan, "family/selftest/none/wc");
	user = fp_plan_find(&plan, "family/user/none/wc");
	tap_ok(selftest->status == FP_FAILED && !strcmp(selftest->reason, "it was to fail"),
	       "a row fails with the executor's own word: %s", selftest->reason);
	tap_ok(user->status == FP_SKIPPED && strstr(user->reason, "it needs"),
	       "who needs it is skipped: %s", user->reason);
	tap_is_int(fp_plan_find(&plan, "family/other/none/wc")->outcome.samples.n, 2,
		   "the others have run");
	fp_plan_free(&plan);
}

int main(void)
{
	mapping = (struct fp_mapping){ .address = aligned_alloc(REGION, REGION), .bytes = REGION,
				       .requested = FP_WC };
	test_axes();
	test_processes();
	test_filter();
	test_unsupported();
	if (!tap_ok(!fp_workbench_open(&bench, true), "a workbench opens"))
		return tap_done();
	test_order();
	test_failure();
	fp_workbench_close(&bench);
	free(mapping.address);
	return tap_done();
}
