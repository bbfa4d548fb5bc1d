// SPDX-License-Identifier: MIT
/*
 * Executor kernel: what the kernel's own accessors cost where drivers call them, by
 * FENCEPOST_RUN of <linux/fencepost.h>, with interrupts off around each sample.
 *
 * A program is timed less the same loop with nothing in it; its barrier and its lock
 * are in the figure.  How long a sample may take is the kernel's to say: loops are
 * added until a sample is long enough to be timed well, or refused.
 */
#include <errno.h>
#include <linux/fencepost.h>
#include <math.h>

#include "execute/executor.h"
#include "machine/clock.h"

#define SAMPLE_NS  20000.0 /* aimed at; the kernel refuses above 100 us */
#define MOST_LOOPS 65536u
#define SAMPLES	   8u	   /* of measured and base in turn */

/* The row of the program's first step of that kind; none if there is no such step. */
static unsigned row_of(const struct fp_program *p, enum fp_step_kind kind, unsigned none)
{
	const struct fp_step *step = fp_program_find(p, kind);

	return step ? step->row : none;
}

/* Accesses that lie apart, each on whole lines of its own; nothing takes a line, too. */
static void place(struct fencepost_run *run, const struct fp_program *p,
		  const struct fp_workbench *bench)
{
	size_t line = bench->line_bytes, end = run->offset + (run->bytes ? run->bytes : 1);
	size_t most, places;

	run->stride = (end + line - 1) / line * line;
	most = bench->region_bytes / run->stride;
	places = p->walk.lines * line / run->stride;
	places = places > most ? most : places;
	run->places = places ? (uint32_t)places : 1;
}

static struct fencepost_run measured_of(const struct fp_program *p,
					const struct fp_workbench *bench)
{
	const struct fp_step *call = fp_program_find(p, FP_STEP_CALL);
	struct fencepost_run run = {
		.offset = call->offset,
		.bytes = (uint32_t)call->bytes,
		.access = call->row,
		.barrier = row_of(p, FP_STEP_BARRIER, FENCEPOST_NO_BARRIER),
		.section = row_of(p, FP_STEP_LOCK, FENCEPOST_NO_SECTION),
		.data = (uintptr_t)(call->reads ? bench->ram.sink : bench->ram.source),
	};

	place(&run, p, bench);
	return run;
}

/* The same loop with nothing in it. */
static struct fencepost_run base_of(const struct fencepost_run *measured)
{
	struct fencepost_run run = *measured;

	run.bytes = 0;
	run.access = FENCEPOST_NOTHING;
	run.barrier = FENCEPOST_NO_BARRIER;
	run.section = FENCEPOST_NO_SECTION;
	run.data = 0;
	return run;
}

static int take(const struct fp_workbench *bench, struct fencepost_run run, uint32_t loops,
		unsigned samples, uint64_t *times)
{
	run.loops = loops;
	run.samples = samples;
	run.times = (uintptr_t)times;
	return bench->payload->kernel->run(bench->payload, &run);
}

static double least(const uint64_t *times, unsigned n)
{
	double ns = INFINITY;

	for (unsigned i = 0; i < n; i++)
		ns = fmin(ns, (double)times[i]);
	return ns;
}

/* The first that is refused for being too long is one too many. */
static int choose_loops(const struct fp_workbench *bench, const struct fencepost_run *run,
			uint32_t *loops)
{
	uint64_t times[2];
	int err = take(bench, *run, 1, 2, times);

	*loops = 1;
	while (!err && !bench->emulated && least(times, 2) < SAMPLE_NS && *loops < MOST_LOOPS) {
		err = take(bench, *run, *loops * 2, 2, times);
		if (!err)
			*loops *= 2;
		else if (err == -E2BIG)
			return 0;
	}
	return err;
}

static int take_pairs(const struct fp_workbench *bench, const struct fencepost_run *measured,
		      uint32_t loops, unsigned n, struct fp_samples *samples)
{
	const struct fencepost_run base = base_of(measured);
	uint64_t with[SAMPLES], without[SAMPLES];
	int err = take(bench, *measured, loops, n, with);

	if (!err)
		err = take(bench, base, loops, n, without);
	for (unsigned i = 0; !err && i < n; i++)
		err = fp_samples_add(samples, (double)with[i] / loops, (double)without[i] / loops);
	return err;
}

/* What can't be known before it is asked for. */
static int note_lack(struct fp_outcome *outcome, int err)
{
	if (err == -E2BIG)
		outcome->lacks = "one of it may take longer than the 100 us for which the "
				 "kernel holds interrupts off";
	else if (err == -EOPNOTSUPP)
		outcome->lacks = "this kernel, CPU or memory type does not have it";
	else
		return err;
	return 0;
}

static int take_block(const struct fp_workbench *bench, const struct fencepost_run *measured,
		      double budget_ns, struct fp_samples *samples)
{
	uint64_t end = fp_clock_now() + (uint64_t)budget_ns;
	unsigned taken = 0, n = bench->min_samples < SAMPLES ? bench->min_samples : SAMPLES;
	uint32_t loops;
	int err = choose_loops(bench, measured, &loops);

	while (!err && (taken < bench->min_samples || fp_clock_now() < end)) {
		err = take_pairs(bench, measured, loops, n, samples);
		/* The kernel times again what it let through, on a machine that may be busier. */
		if (err == -E2BIG && loops > 1) {
			loops /= 2;
			err = 0;
			continue;
		}
		taken += n;
	}
	return err;
}

static int run(const struct fp_work *work, struct fp_workbench *bench, double budget_ns,
	       struct fp_outcome *outcome)
{
	const struct fencepost_run measured = measured_of(&work->programs[0], bench);
	int err = take_block(bench, &measured, budget_ns, &outcome->samples);

	/* Nobody counts events in the kernel. */
	fp_counters_none(outcome->counts);
	outcome->samples.blocks++;
	return err ? note_lack(outcome, err) : 0;
}

static int prepare(const struct fp_work *work, struct fp_workbench *bench)
{
	if (!fp_program_find(&work->programs[0], FP_STEP_CALL))
		return -EINVAL;
	return bench->payload->kernel ? work->programs[0].err : -ENODEV;
}

static int show(const struct fp_work *work, struct fp_workbench *bench, const char *note, FILE *to)
{
	(void)work;
	(void)bench;
	fprintf(to, "# the kernel runs it: its code is the kernel's own%s\n", note);
	return 0;
}

const struct fp_executor fp_kernel_executor = {
	.name = "kernel",
	.processes = 1,
	.prepare = prepare,
	.run = run,
	.show = show,
};
