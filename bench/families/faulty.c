// SPDX-License-Identifier: MIT
/*
 * Family faulty: rows that die, for tests of how the program takes it.  Only in
 * the program fencepost-faulty, which is built by "make check".
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "plan/family.h"

extern const struct fp_family fp_family_faulty;

static const char *const deaths[] = { "sigill", "sigbus", "sigsegv", "hang", "well" };

/* Which of them, is the program's only step. */
static int prepare(const struct fp_work *work, struct fp_workbench *bench)
{
	const char *how = work->programs[0].steps[0].slot;

	if (!strcmp(how, "sigill"))
		raise(SIGILL);
	if (!strcmp(how, "sigbus"))
		raise(SIGBUS);
	if (!strcmp(how, "sigsegv"))
		raise(SIGSEGV);
	while (!strcmp(how, "hang"))
		;
	return fp_sequence_executor.prepare(work, bench);
}

static int run(const struct fp_work *work, struct fp_workbench *bench, double budget_ns,
	       struct fp_outcome *outcome)
{
	return fp_sequence_executor.run(work, bench, budget_ns, outcome);
}

static int show(const struct fp_work *work, struct fp_workbench *bench, const char *note, FILE *to)
{
	return fp_sequence_executor.show(work, bench, note, to);
}

static const struct fp_executor executor = {
	.name = "faulty", .processes = 1, .prepare = prepare, .run = run, .show = show
};

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	(void)profile;
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		struct fp_row *row = fp_plan_add(plan_, &(struct fp_row){
			.family = &fp_family_faulty, .kernel = deaths[i], .barrier = "none",
			.at[FP_AT_PAYLOAD] = { memory, -1 }, .work = { .executor = &executor } });

		if (!row)
			return -ENOMEM;
		fp_add(fp_work_add(&row->work),
		       &(struct fp_step){ .kind = FP_STEP_PART, .row = FP_PART_nop, .times = 1,
					  .slot = deaths[i] });
	}
	return 0;
}

const struct fp_family fp_family_faulty = {
	.name = "faulty",
	.summary = "rows that die, for tests",
	.plan = plan,
};
