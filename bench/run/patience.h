/* SPDX-License-Identifier: MIT */
/*
 * patience.h - how long a run waits for its CPU.
 *
 * A program of low priority on a busy machine has its CPU for a hundredth of the time.
 * What it has taken then is as good as ever, but the run would take a hundred times as
 * long.  So it may wait for some times what it was meant to take.  Where it waits more
 * than that its blocks are cut short; when all of that is used up rows that have samples
 * get no further block, and much later those without get none either.
 */
#ifndef FENCEPOST_PATIENCE_H
#define FENCEPOST_PATIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fp_patience {
	double allowed_s; /* to wait, in the whole run */
	double due_s;	  /* of that, for the blocks so far */
	uint64_t started, block_wall, block_cpu; /* ns */
	double waited_s; /* so far; of a block no more than a second, since to be stopped is */
	double stood_s;	 /* not to wait: what is above that */
	unsigned cut_short, left_out; /* blocks */
};

/* meant_s: what all blocks take with a CPU of their own; 0: who knows. */
void fp_patience_start(struct fp_patience *patience, double meant_s);

/* Around a block, which is meant to take that long.  False: it is to be cut short. */
bool fp_patience_begin(struct fp_patience *patience, double meant_s);
void fp_patience_end(struct fp_patience *patience);

/* Rows with samples get no further block. */
bool fp_patience_is_late(const struct fp_patience *patience);

/* Nor do those without. */
bool fp_patience_is_over(const struct fp_patience *patience);

/* Of the whole run, so far: from 0 to 1. */
double fp_patience_share(const struct fp_patience *patience);

/* Seconds to go: number of all blocks are over, round of which are a round. */
double fp_patience_left(const struct fp_patience *patience, size_t number, size_t all,
			size_t round);

#endif
