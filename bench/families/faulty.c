// SPDX-License-Identifier: MIT
/*
 * Family faulty: rows that die, for tests of how the program takes it.  Only in
 * the program fencepost-faulty, which is built by "make check".
 */
#include <signal.h>
#include <string.h>

#include "families/family.h"

static const char *const deaths[] = { "sigill", "sigbus", "sigsegv", "hang", "well" };

static void die(const char *how)
{
	if (!strcmp(how, "sigill"))
		raise(SIGILL);
	if (!strcmp(how, "sigbus"))
		raise(SIGBUS);
	if (!strcmp(how, "sigsegv"))
		raise(SIGSEGV);
	while (!strcmp(how, "hang"))
		;
}

static int lay(const struct fp_row *row, struct fp_bench *bench, struct fp_layout *layout)
{
	struct fp_laying l = fp_lay_begin(bench->measured);

	die(row->kernel);
	layout->operations = 1;
	fp_lay_part(&l, FP_PART_nop, 1);
	return fp_lay_end(&l, NULL);
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	struct fp_row row = { .family = &fp_family_faulty, .barrier = "none", .memory = memory };

	(void)profile;
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		row.kernel = deaths[i];
		if (!fp_plan_add(plan_, &row))
			return -1;
	}
	return 0;
}

const struct fp_family fp_family_faulty = {
	.name = "faulty",
	.summary = "rows that die, for tests",
	.plan = plan,
	.lay = lay,
};
