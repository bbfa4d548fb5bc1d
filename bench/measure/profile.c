// SPDX-License-Identifier: MIT
/* What must be known of the CPU before a row is planned. */
#include "measure/profile.h"

#include <math.h>

#define PROFILE_LOOPS 20u
#define PROFILE_TRIES 9u
#define MOST_OUTSTANDING 512u

/* stores missing stores, then the next load and a slow chain of links; least ns of a loop. */
static double missing_stores_ns(struct fp_workbench *bench, unsigned stores, bool drain,
				unsigned links)
{
	struct fp_program p = { 0 };
	struct fp_loop loop = { bench->measured, bench->batch, 1 };
	struct fp_loop evict = { bench->prepare, bench->batch, stores };
	struct fp_timed timed = { fp_run_loop, &loop };
	struct fp_measurement m = { .prepare = { fp_run_loop, &evict } };
	int err;

	fp_add_part(&p, FP_PART_tie, 1);
	fp_repeat(&p, stores);
	fp_add_part(&p, FP_PART_next_line, 1);
	fp_add_part(&p, FP_PART_store_line, 1);
	fp_end(&p);
	if (drain)
		fp_add_part(&p, FP_PART_drain, 1);
	fp_add_part(&p, FP_PART_load_next, 1);
	fp_add_part(&p, FP_PART_cross_chain, links);
	err = fp_program_lay(&p, bench->measured, &bench->ram);
	fp_program_free(&p);
	if (err)
		return NAN;
	return fp_meter_least(bench->meter, &m, &timed, PROFILE_LOOPS, PROFILE_TRIES) /
	       PROFILE_LOOPS;
}

/*
 * The next load does not wait for missing stores until there are more of them
 * than the CPU can hold; then it waits for the first of them, which takes about
 * as long as draining one.  The slow chain gives the stores of one loop the time
 * to drain before the next loop's come.
 */
unsigned fp_profile_outstanding(struct fp_workbench *bench)
{
	const unsigned links = 1500;
	double one, threshold;
	unsigned fits = 1, stalls = MOST_OUTSTANDING;

	if (bench->emulated || !fp_native.parts[FP_PART_flush_line].bytes)
		return 0;
	one = missing_stores_ns(bench, 1, false, links);
	threshold = one + (missing_stores_ns(bench, 1, true, links) - one) / 2;
	if (!(threshold > one) || !(missing_stores_ns(bench, stalls, false, links) > threshold))
		return 0;
	while (stalls - fits > 1 + fits / 16) {
		unsigned middle = (fits + stalls) / 2;

		if (missing_stores_ns(bench, middle, false, links) > threshold)
			stalls = middle;
		else
			fits = middle;
	}
	return fits;
}
