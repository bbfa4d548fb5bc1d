/* SPDX-License-Identifier: MIT */
/*
 * runner.h - runs a plan's rows in blocks, through Google Benchmark.
 *
 * Each row is measured in several blocks, and the blocks of all rows are
 * interleaved: every round runs each row once, in an order drawn from the seed.
 * What disturbs the machine for a while then disturbs a little of many rows and
 * not all of one.  A row comes behind those that it needs, and does not run where
 * one of them did not.  When all have run, their families judge.
 *
 * Who changes the CPU that we are pinned to is noticed between two blocks; who keeps
 * us from running costs blocks, not hours.
 */
#ifndef FENCEPOST_RUNNER_H
#define FENCEPOST_RUNNER_H

#include <stdint.h>

#include "machine/machine.h"
#include "plan/family.h"
#include "run/journal.h"
#include "run/patience.h"

struct fp_runner {
	struct fp_plan *plan;
	const struct fp_family *const *families; /* whose rows they are; NULL at the end */
	struct fp_workbench *bench;
	const struct fp_mapping *mappings; /* by the rows' numbers */
	struct fp_machine *machine; /* that is pinned, and warned of; NULL: neither */
	uint64_t seed;
	unsigned rounds;
	unsigned limit_s; /* for one block; a row that takes longer hangs */
	bool progress;	  /* on stderr */
	struct fp_journal *journal; /* gets each block; NULL: none */

	/* What came of it, but for the rows. */
	bool interrupted;  /* there were turns left */
	struct fp_patience patience;
	size_t blocks;	   /* that were to be run */
	unsigned moved;	   /* blocks before which it had to be pinned again */
	unsigned unpinned; /* left out, because it could not be */
};

/* Says that there is none, and what that means; the run goes on. */
void fp_runner_no_journal(int err);

/* Blocks of all rows. */
size_t fp_runner_turns(const struct fp_runner *runner);

/*
 * *json is what Google Benchmark writes of a run of the plan's rows, to be freed: its
 * context, and an entry a row, without times.  0 or -errno.
 */
int fp_runner_name(const struct fp_plan *plan, char **json);

/* Runs the rows.  Each then has its samples, or a status and a reason.  0 or -errno. */
int fp_runner_run(struct fp_runner *runner);

#endif
