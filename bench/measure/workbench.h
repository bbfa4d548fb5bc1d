/* SPDX-License-Identifier: MIT */
/*
 * workbench.h - what programs are laid and timed with: one a run, on which a
 * row's locations are set out before it.
 */
#ifndef FENCEPOST_MEASURE_WORKBENCH_H
#define FENCEPOST_MEASURE_WORKBENCH_H

#include "measure/counters.h"
#include "measure/meter.h"
#include "targets/target.h"
#include "work/program.h"

#define FP_WORKBENCH_THREADS 4u

/* What a thread's program has recorded in its last batch; of executor sequence n is not known. */
struct fp_log {
	uint64_t *values;
	size_t n;
};

struct fp_workbench {
	struct fp_meter *meter;
	struct fp_sequence *measured, *base, *prepare;
	struct fp_sequence *more[FP_WORKBENCH_THREADS - 2]; /* of the third thread and so on */
	struct fp_log logs[FP_WORKBENCH_THREADS];
	struct fp_counters counters;
	struct fp_ram ram;	  /* of copies: each FP_LARGEST_COPY bytes */
	char *lines;		  /* pages of RAM: hot, side, and a page for each location */
	size_t line_bytes;
	bool emulated;
	double budget_ns;	  /* of one block */
	unsigned min_samples;	  /* in one block */
	unsigned cpus[FP_WORKBENCH_THREADS], n_cpus; /* to be used; the first is the pinned one */

	/* Set out by fp_workbench_set_out, for the row at hand. */
	const struct fp_mapping *payload;
	struct fp_batch batch;	  /* of all locations, with hot and side lines in RAM */
	size_t region_lines;	  /* of the payload, that loops of single lines go through */
	size_t region_bytes;	  /* of the payload; copies use all of it */
};

#define FP_LARGEST_COPY (1u * 1024 * 1024)

/* -ENOMEM; -EACCES or -EPERM where the system refuses executable memory. */
int fp_workbench_open(struct fp_workbench *bench, bool emulated);
void fp_workbench_close(struct fp_workbench *bench);

/*
 * at: a mapping for each location, NULL for RAM of the workbench's own.  The payload
 * has one; where another location is in the payload's mapping it gets a line near
 * the end of it, which copies of the whole mapping reach, and else one near the
 * begin of its own.
 */
void fp_workbench_set_out(struct fp_workbench *bench,
			  const struct fp_mapping *const at[FP_LOCATIONS]);

/* With the payload alone. */
void fp_workbench_set_out_payload(struct fp_workbench *bench, const struct fp_mapping *payload);

/*
 * Makes room for what a thread's sequence records, and lowers *max_loops (0: no
 * limit) to what there is room for.  Nothing where it records nothing.
 */
int fp_workbench_log(struct fp_workbench *bench, unsigned thread,
		     const struct fp_sequence *sequence, uint64_t *max_loops);

/* The sequence of a thread: measured, base, or a further one.  NULL: out of memory. */
struct fp_sequence *fp_workbench_sequence(struct fp_workbench *bench, unsigned thread);

/*
 * Lines that loops of single lines go through in a mapping of that many bytes, a
 * power of two: half of one that is small, since a loop may step on from the line
 * that it is at.
 */
size_t fp_visited_lines(size_t mapped_bytes);

#endif
