// SPDX-License-Identifier: MIT
#include "measure/meter.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "machine/clock.h"
#include "measure/gap.h"

#define CHAIN_LINKS   64u      /* in one loop */
#define CHAIN_LOOPS   200u     /* 12,800 links: 3 to 6 us */
#define CHAIN_TRIES   5u
#define CROSS_CHECK   0.01
#define STEADY	      0.005
#define CHAIN_BYTES   4096u
#define LATE_NS	      500000000u
#define HOPELESS      4u       /* times that: no sample without a gap is to be had */
#define PATIENCE      20u      /* times the least number of samples, until one has no gap */
#define LOOP_TRIES    3u       /* until one has no gap */

struct chain {
	struct fp_sequence *sequence;
	double latency; /* core cycles a link */
};

struct fp_meter {
	double ns_per_tick, overhead_ns;
	int cpu;
	struct chain chains[2];
	uint64_t hot[8]; /* the chains' registers want an address; nothing is stored */
};

void fp_run_loop(void *context, uint64_t loops)
{
	const struct fp_loop *loop = context;
	struct fp_batch batch = loop->batch;

	batch.loops = loops * loop->times;
	fp_sequence_run(loop->sequence, &batch);
}

void fp_samples_free(struct fp_samples *s)
{
	free(s->all);
	*s = (struct fp_samples){ 0 };
}

int fp_samples_add(struct fp_samples *s, double measured, double base)
{
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 256;
		struct fp_sample *all = realloc(s->all, room * sizeof(*all));

		if (!all)
			return -ENOMEM;
		s->all = all;
		s->room = room;
	}
	s->all[s->n++] = (struct fp_sample){ measured, base, 0, s->blocks };
	return 0;
}

double fp_meter_time(const struct fp_meter *meter, const struct fp_timed *timed, uint64_t loops)
{
	uint64_t before, after;

	before = fp_arch_clock();
	timed->run(timed->context, loops);
	after = fp_arch_clock();
	return (double)(after - before) * meter->ns_per_tick - meter->overhead_ns;
}

double fp_meter_least(const struct fp_meter *meter, const struct fp_measurement *m,
		      const struct fp_timed *timed, uint64_t loops, unsigned n)
{
	double least = INFINITY;

	while (n--) {
		if (m->prepare.run)
			m->prepare.run(m->prepare.context, loops);
		least = fmin(least, fp_meter_time(meter, timed, loops));
	}
	return least;
}

static double chain_ns(struct fp_meter *meter, const struct fp_sequence *sequence, uint64_t loops)
{
	struct fp_loop loop = {
		.sequence = sequence,
		.batch = { .base = meter->hot, .hot = meter->hot, .side = meter->hot },
		.times = 1,
	};
	struct fp_timed timed = { fp_run_loop, &loop };
	struct fp_measurement none = { 0 };

	return fp_meter_least(meter, &none, &timed, loops, CHAIN_TRIES);
}

double fp_meter_cycles_per_ns(struct fp_meter *meter)
{
	double per_ns[2];

	for (int i = 0; i < 2; i++) {
		const struct chain *c = &meter->chains[i];
		/* The slower chain needs fewer links for the same accuracy. */
		uint64_t loops = c->latency > 1 ? CHAIN_LOOPS / 2 : CHAIN_LOOPS;
		double links = (double)(loops * CHAIN_LINKS);

		if (c->latency <= 0)
			return 0;
		per_ns[i] = links * c->latency / chain_ns(meter, c->sequence, loops);
	}
	return fabs(per_ns[0] - per_ns[1]) <= CROSS_CHECK * per_ns[0] ? per_ns[0] : 0;
}

static int lay_chain(struct chain *chain, const struct fp_chain *from)
{
	int err = fp_sequence_new(&chain->sequence, CHAIN_BYTES);

	chain->latency = from->latency;
	if (!err)
		err = fp_sequence_begin(chain->sequence);
	if (!err)
		err = fp_sequence_lay_part(chain->sequence, from->part, CHAIN_LINKS);
	if (!err)
		err = fp_sequence_end(chain->sequence, NULL);
	return err;
}

/* What an empty sequence of one loop takes, clock included. */
static int measure_overhead(struct fp_meter *meter)
{
	struct fp_sequence *empty;
	int err = fp_sequence_new(&empty, CHAIN_BYTES);

	if (!err)
		err = fp_sequence_begin(empty);
	if (!err)
		err = fp_sequence_end(empty, NULL);
	if (!err) {
		double least = INFINITY;

		for (int i = 0; i < 200; i++)
			least = fmin(least, chain_ns(meter, empty, 1));
		meter->overhead_ns = least;
	}
	fp_sequence_free(empty);
	return err;
}

int fp_meter_new(struct fp_meter **out)
{
	struct fp_meter *meter = calloc(1, sizeof(*meter));
	struct fp_chain chains[2];
	int err;

	*out = NULL;
	if (!meter)
		return -ENOMEM;
	fp_gap_prepare();
	meter->cpu = FP_ANY_CPU;
	meter->ns_per_tick = fp_clock_ns_per_tick();
	fp_arch_chains(chains);
	err = lay_chain(&meter->chains[0], &chains[0]);
	if (!err)
		err = lay_chain(&meter->chains[1], &chains[1]);
	if (!err)
		err = measure_overhead(meter);
	if (err) {
		fp_meter_free(meter);
		return err;
	}
	*out = meter;
	return 0;
}

void fp_meter_free(struct fp_meter *meter)
{
	if (!meter)
		return;
	fp_sequence_free(meter->chains[0].sequence);
	fp_sequence_free(meter->chains[1].sequence);
	free(meter);
}

void fp_meter_stay_on(struct fp_meter *meter, int cpu)
{
	meter->cpu = cpu;
}

/* A time with a gap in it would make batches too short. */
static double time_loops(const struct fp_meter *meter, const struct fp_measurement *m,
			 const struct fp_timed *timed, uint64_t loops)
{
	double least = INFINITY;

	for (unsigned tries = 0; tries < LOOP_TRIES; tries++) {
		struct fp_moment from = fp_moment_now(), to;

		least = fmin(least, fp_meter_least(meter, m, timed, loops, 2));
		to = fp_moment_now();
		if (!fp_gap_between(&from, &to, FP_ANY_CPU))
			break;
	}
	return least;
}

/* Loops for a batch of about FP_BATCH_NS; the slower of the two decides. */
static uint64_t choose_loops(struct fp_meter *meter, const struct fp_measurement *m)
{
	uint64_t limit = m->max_loops ? m->max_loops : UINT64_MAX / 2, loops = 1;

	while (limit > 1) {
		double ns = time_loops(meter, m, &m->measured, loops);

		if (m->base.run)
			ns = fmax(ns, time_loops(meter, m, &m->base, loops));
		if (ns >= FP_BATCH_NS / 2 || loops >= limit)
			return loops;
		if (ns > FP_BATCH_NS / 64)
			loops = (uint64_t)((double)loops * FP_BATCH_NS / ns);
		else
			loops *= 16;
		if (loops > limit)
			loops = limit;
	}
	return limit;
}

static double one_time(struct fp_meter *meter, const struct fp_measurement *m,
		       const struct fp_timed *timed, uint64_t loops)
{
	if (!timed->run)
		return 0;
	if (m->prepare.run)
		m->prepare.run(m->prepare.context, loops);
	return fp_meter_time(meter, timed, loops) / ((double)loops * m->operations);
}

/* A block during which the frequency changed has no cycles. */
static void set_frequency(struct fp_samples *samples, size_t first, double before, double after)
{
	bool steady = before > 0 && fabs(after - before) <= STEADY * before;

	for (size_t i = first; i < samples->n; i++)
		samples->all[i].cycles_per_ns = steady ? (before + after) / 2 : 0;
}

/*
 * Until the block's time is over and there are samples enough, one of them without
 * a gap.  Late, two are enough: of what takes long by itself, a large copy to a device
 * byte by byte, or of a program that others keep from running.
 */
static bool goes_on(size_t taken, size_t kept, unsigned min_samples, uint64_t late_ns)
{
	unsigned enough = late_ns > LATE_NS && min_samples > 2 ? 2 : min_samples;

	if (taken < enough)
		return true;
	return !kept && taken < PATIENCE * enough && late_ns < HOPELESS * LATE_NS;
}

static int take(struct fp_meter *meter, const struct fp_measurement *m, double budget_ns,
		unsigned min_samples, struct fp_samples *samples)
{
	uint64_t loops = choose_loops(meter, m), end = fp_clock_now() + (uint64_t)budget_ns;
	size_t taken = 0, first = samples->n;
	struct fp_moment from = fp_moment_now(), to;
	int err = 0;

	while (!err && (from.wall_ns < end || goes_on(taken, samples->n - first, min_samples,
						      from.wall_ns - end))) {
		double base = one_time(meter, m, &m->base, loops);
		double measured = one_time(meter, m, &m->measured, loops);

		taken++;
		to = fp_moment_now();
		if (m->keep_all || !fp_gap_between(&from, &to, meter->cpu))
			err = fp_samples_add(samples, measured, base);
		else
			samples->dropped++;
		from = to;
	}
	return err;
}

int fp_meter_block(struct fp_meter *meter, const struct fp_measurement *m, double budget_ns,
		   unsigned min_samples, struct fp_samples *samples)
{
	double cycles_per_ns = fp_meter_cycles_per_ns(meter);
	size_t first = samples->n;
	int err = take(meter, m, budget_ns, min_samples, samples);

	set_frequency(samples, first, cycles_per_ns, fp_meter_cycles_per_ns(meter));
	samples->blocks++;
	return err;
}
