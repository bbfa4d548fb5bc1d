/* SPDX-License-Identifier: MIT */
/*
 * meter.h - times batches and knows the core's frequency.
 *
 * A batch is many operations between two reads of the clock, at most 100 us
 * long: in a longer one a scheduler's slice looks like a slow barrier.
 */
#ifndef FENCEPOST_METER_H
#define FENCEPOST_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "work/sequencer.h"

#define FP_BATCH_NS 40000.0 /* aimed at; never above 100 us */

/* Something that runs a number of loops: a sequence, or a function. */
struct fp_timed {
	void (*run)(void *context, uint64_t loops); /* NULL: nothing to do */
	void *context;
};

/*
 * A sequence with the batch that it works on.  fp_run_loop runs it times * loops
 * times over; every run starts at the batch's own offset, so that the lines
 * which a preparing loop has evicted are those that the timed loop then finds.
 */
struct fp_loop {
	const struct fp_sequence *sequence;
	struct fp_batch batch;
	uint64_t times;
};
void fp_run_loop(void *loop, uint64_t loops);

struct fp_measurement {
	struct fp_timed prepare;  /* before each batch, untimed */
	struct fp_timed measured;
	struct fp_timed base;	  /* the same without what is asked for; its time is taken off */
	double operations;	  /* in one loop */
	uint64_t max_loops;	  /* 0: no limit but the batch's length */
	bool keep_all;		  /* also what a gap has hit: where times say nothing */
};

struct fp_sample {
	double measured, base;	/* ns an operation */
	double cycles_per_ns;	/* 0 if its block had no valid calibration */
	unsigned block;		/* that it was taken in, from 0 */
};

/* Samples of one row over all of its blocks, block after block. */
struct fp_samples {
	struct fp_sample *all;
	size_t n, room;
	size_t dropped;	 /* batches with a gap, or on another CPU */
	unsigned blocks; /* so far, those without a sample among them */
};
void fp_samples_free(struct fp_samples *samples);

/* Appends a pair to the block that is being taken, without a frequency.  -ENOMEM. */
int fp_samples_add(struct fp_samples *samples, double measured, double base);

struct fp_meter;

/* Calibrates the clock and lays the chains. -ENOMEM, -EACCES as fp_sequence_new. */
int fp_meter_new(struct fp_meter **meter);
void fp_meter_free(struct fp_meter *meter);

/* Samples count on that CPU alone; FP_ANY_CPU, as from the beginning: on any. */
void fp_meter_stay_on(struct fp_meter *meter, int cpu);

/*
 * Core cycles a nanosecond, now: a dependent chain of known latency.  0 where
 * the latency is not known for this CPU, or where the cross-check by a second
 * chain disagrees by more than 1 %.
 */
double fp_meter_cycles_per_ns(struct fp_meter *meter);

/* Time of one batch in ns, less the fixed cost. */
double fp_meter_time(const struct fp_meter *meter, const struct fp_timed *timed, uint64_t loops);

/* The least of n such times, prepare before each. */
double fp_meter_least(const struct fp_meter *meter, const struct fp_measurement *m,
		      const struct fp_timed *timed, uint64_t loops, unsigned n);

/*
 * One block: calibrates, then takes samples of measured and base in turn for
 * budget_ns (at least min_samples, and more while all had a gap; but two if they
 * take half a second longer, and for no more than two), and appends those
 * without a gap.  -ENOMEM.
 */
int fp_meter_block(struct fp_meter *meter, const struct fp_measurement *m, double budget_ns,
		   unsigned min_samples, struct fp_samples *samples);

#endif
