/* SPDX-License-Identifier: MIT */
/*
 * runner.h - runs a plan's rows in blocks, through Google Benchmark.
 *
 * Each row is measured in several blocks, and the blocks of all rows are
 * interleaved: every round runs each row once, in an order drawn from the seed.
 * What disturbs the machine for a while then disturbs a little of many rows and
 * not all of one.
 */
#ifndef FENCEPOST_RUNNER_H
#define FENCEPOST_RUNNER_H

#include <stdint.h>

#include "families/family.h"

struct fp_runner {
	struct fp_plan *plan;
	struct fp_bench *benches; /* one a mapping, by the rows' numbers */
	size_t n_benches;
	uint64_t seed;
	unsigned rounds;
	unsigned limit_s; /* for one block; a row that takes longer hangs */
	bool progress;	  /* on stderr */
};

/*
 * Runs the rows.  Each then has its samples, or a status and a reason;
 * *json is Google Benchmark's JSON text of the first round, to be freed: one run
 * a row, in the order in which they ran.  0 or -errno.
 */
int fp_runner_run(struct fp_runner *runner, char **json);

#endif
