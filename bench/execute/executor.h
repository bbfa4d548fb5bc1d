/* SPDX-License-Identifier: MIT */
/*
 * executor.h - ways to run a row's work: one a file.
 *
 * The core prepares, runs and shows; it knows no executor's inside, and an
 * executor knows no rows, no families and no targets.
 */
#ifndef FENCEPOST_EXECUTE_EXECUTOR_H
#define FENCEPOST_EXECUTE_EXECUTOR_H

#include <stdio.h>

#include "measure/workbench.h"

#define FP_PROGRAMS FP_WORKBENCH_THREADS /* a thread has one, or a base */

struct fp_executor;

/* An executor and its programs; what each of them is the executor says. */
struct fp_work {
	const struct fp_executor *executor;
	struct fp_program programs[FP_PROGRAMS];
	unsigned n;
};

/* What came of all blocks of one work. */
struct fp_outcome {
	struct fp_samples samples;
	double counts[FP_COUNTERS]; /* events an operation; NAN: not to be had */
	const char *lacks;	    /* why it can't be run here, as it turned out; NULL */
	char why[160];		    /* what went wrong, behind an error; "": the error says it */
};

struct fp_executor {
	const char *name;
	unsigned processes; /* that it wants a row to be run in: what differs between processes
			     * is not seen by one */
	/* Lays the programs on a workbench that is set out for them.  0 or -errno. */
	int (*prepare)(const struct fp_work *work, struct fp_workbench *bench);
	/* One block of that, of budget_ns.  0 or -errno. */
	int (*run)(const struct fp_work *work, struct fp_workbench *bench, double budget_ns,
		   struct fp_outcome *outcome);
	/*
	 * What prepare has laid, in words and as machine code; note goes behind the
	 * first line.  0 or -errno.
	 */
	int (*show)(const struct fp_work *work, struct fp_workbench *bench, const char *note,
		    FILE *to);
};

/*
 * programs[0] in a loop on the pinned CPU, less programs[1] where there is one: the
 * same without what is asked for.
 */
extern const struct fp_executor fp_sequence_executor;

/*
 * programs[0] by the kernel, through the payload's mapping: FP_STEP_LOCK, FP_STEP_CALL
 * and FP_STEP_BARRIER, whose rows are those of <linux/fencepost.h>; walk.lines are
 * the lines that it goes through.  Less the same loop with nothing in it.
 */
extern const struct fp_executor fp_kernel_executor;

/*
 * A program on each of as many CPUs as there are programs, started together, with the
 * same locations.  In each of them value goes on, batch after batch, by one a loop;
 * what they have recorded of the last batch is in the workbench's logs.  The time is
 * that of the first one's loops.  -ENODEV with fewer CPUs.
 */
extern const struct fp_executor fp_threads_executor;

/* The program at the end of work, to be filled in. */
struct fp_program *fp_work_add(struct fp_work *work);

/* The first error of its programs. */
int fp_work_error(const struct fp_work *work);
void fp_work_free(struct fp_work *work);

#endif
