// SPDX-License-Identifier: MIT
/*
 * What the kernel's own accessors cost where drivers call them: FENCEPOST_RUN of
 * <linux/fencepost.h>, with interrupts off around each sample.
 *
 * A row is timed less the same loop with nothing in it; its barrier and its lock
 * are in the figure.  How long a sample may take is the kernel's to say: loops
 * are added until a sample is long enough to be timed well, or refused.
 */
#include "families/kernel.h"

#include <errno.h>
#include <linux/fencepost.h>
#include <math.h>
#include <string.h>

#include "machine/clock.h"

#define SAMPLE_NS    20000.0 /* aimed at; the kernel refuses above 100 us */
#define MOST_LOOPS   65536u
#define SAMPLES	     8u	     /* of measured and base in turn */
#define MANY_LINES   64u     /* that single accesses go through */
#define LOCKED_BYTES 64u     /* of the copy that is put inside each lock */

enum kind { NOTHING, TO, FROM, SET, STORE, LOAD };

static const struct accessor {
	enum fencepost_access access;
	const char *id;
	enum kind kind;
	unsigned unit;	    /* bytes: of a single access its width, of a copy what it takes multiples of */
	const char *stores; /* NULL: none */
	bool common;	    /* among the few that --quick times */
} accessors[] = {
	{ FENCEPOST_NOTHING, "kernel_nothing", NOTHING, 0, NULL, false },
	{ FENCEPOST_MEMCPY_TOIO, "kernel_memcpy_toio", TO, 1, "plain", true },
	{ FENCEPOST_MEMCPY_FROMIO, "kernel_memcpy_fromio", FROM, 1, NULL, true },
	{ FENCEPOST_MEMSET_IO, "kernel_memset_io", SET, 1, "plain", false },
	{ FENCEPOST_IOWRITE32_COPY, "kernel_iowrite32_copy", TO, 4, "plain", false },
	{ FENCEPOST_IOWRITE64_COPY, "kernel_iowrite64_copy", TO, 8, "plain", true },
	{ FENCEPOST_IOSUBMIT_CMDS512, "kernel_iosubmit_cmds512", TO, 64, "direct", false },
	{ FENCEPOST_MEMCPY, "kernel_memcpy", TO, 1, "plain", false },
	{ FENCEPOST_WRITEL, "kernel_writel", STORE, 4, "plain", true },
	{ FENCEPOST_WRITEQ, "kernel_writeq", STORE, 8, "plain", false },
	{ FENCEPOST_WRITEL_RELAXED, "kernel_writel_relaxed", STORE, 4, "plain", false },
	{ FENCEPOST_WRITEQ_RELAXED, "kernel_writeq_relaxed", STORE, 8, "plain", false },
	{ FENCEPOST_RAW_WRITEL, "kernel_raw_writel", STORE, 4, "plain", false },
	{ FENCEPOST_RAW_WRITEQ, "kernel_raw_writeq", STORE, 8, "plain", false },
	{ FENCEPOST_READL, "kernel_readl", LOAD, 4, NULL, true },
	{ FENCEPOST_READQ, "kernel_readq", LOAD, 8, NULL, false },
	{ FENCEPOST_READL_RELAXED, "kernel_readl_relaxed", LOAD, 4, NULL, false },
	{ FENCEPOST_READQ_RELAXED, "kernel_readq_relaxed", LOAD, 8, NULL, false },
	{ FENCEPOST_RAW_READL, "kernel_raw_readl", LOAD, 4, NULL, false },
	{ FENCEPOST_RAW_READQ, "kernel_raw_readq", LOAD, 8, NULL, false },
};
#define N_ACCESSORS (sizeof(accessors) / sizeof(accessors[0]))

static const char *const barriers[FENCEPOST_BARRIERS] = {
	[FENCEPOST_NO_BARRIER] = "none",
	[FENCEPOST_WMB] = "kernel_wmb",
	[FENCEPOST_DMA_WMB] = "kernel_dma_wmb",
	[FENCEPOST_MB] = "kernel_mb",
	[FENCEPOST_IO_STOP_WC] = "kernel_io_stop_wc",
};

static const char *const locks[FENCEPOST_SECTIONS] = {
	[FENCEPOST_RAW_SPIN_LOCK] = "raw_spin",
	[FENCEPOST_MUTEX] = "mutex",
	[FENCEPOST_RWLOCK] = "rwlock",
};

/* ---- running one ---- */

static enum kind kind_of(const struct fp_row *row)
{
	return accessors[row->kernel_index].kind;
}

static struct fencepost_run measured_of(const struct fp_row *row, const struct fp_bench *bench)
{
	bool reads = kind_of(row) == FROM || kind_of(row) == LOAD;
	/* Nothing takes a line, too. */
	size_t line = bench->line_bytes, end = row->offset + (row->bytes ? row->bytes : 1);
	size_t stride = (end + line - 1) / line * line, most = bench->region_bytes / stride;
	size_t places = row->lines * line / stride;
	struct fencepost_run run = {
		.offset = row->offset,
		.stride = stride,
		.bytes = row->bytes,
		.access = accessors[row->kernel_index].access,
		.barrier = (uint32_t)row->barrier_index,
		.section = row->section,
		.data = (uintptr_t)(reads ? bench->sink : bench->source),
	};

	places = places > most ? most : places;
	run.places = places ? (uint32_t)places : 1;
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

static int take(const struct fp_bench *bench, struct fencepost_run run, uint32_t loops,
		unsigned samples, uint64_t *times)
{
	run.loops = loops;
	run.samples = samples;
	run.times = (uintptr_t)times;
	return bench->mapping->kernel->run(bench->mapping, &run);
}

static double least(const uint64_t *times, unsigned n)
{
	double ns = INFINITY;

	for (unsigned i = 0; i < n; i++)
		ns = fmin(ns, (double)times[i]);
	return ns;
}

/* The first that is refused for being too long is one too many. */
static int choose_loops(const struct fp_bench *bench, const struct fencepost_run *run, uint32_t *loops)
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

static int take_pairs(const struct fp_bench *bench, const struct fencepost_run *measured,
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
static int settle(struct fp_row *row, int err)
{
	if (err == -E2BIG)
		fp_row_unsupported(row, "one of it may take longer than the 100 us for which the "
					"kernel holds interrupts off");
	else if (err == -EOPNOTSUPP)
		fp_row_unsupported(row, "this kernel, CPU or memory type does not have it");
	else
		return err;
	return 0;
}

static int run(struct fp_row *row, struct fp_bench *bench)
{
	const struct fencepost_run measured = measured_of(row, bench);
	uint64_t end = fp_clock_now() + (uint64_t)bench->budget_ns;
	unsigned taken = 0, n = bench->min_samples < SAMPLES ? bench->min_samples : SAMPLES;
	uint32_t loops;
	int err = choose_loops(bench, &measured, &loops);

	/* Nobody counts events in the kernel. */
	for (size_t i = 0; i < FP_COUNTERS; i++)
		row->counts[i] = NAN;
	while (!err && (taken < bench->min_samples || fp_clock_now() < end)) {
		err = take_pairs(bench, &measured, loops, n, &row->samples);
		/* The kernel times again what it has let through, on a machine that may be busier now. */
		if (err == -E2BIG && loops > 1) {
			loops /= 2;
			err = 0;
			continue;
		}
		taken += n;
	}
	row->samples.blocks++;
	return err ? settle(row, err) : 0;
}

/* ---- planning ---- */

static const char *lacks(const struct fp_row *row, const struct fp_kernel *kernel)
{
	if (!(kernel->accesses >> accessors[row->kernel_index].access & 1))
		return "this kernel or CPU does not have this accessor";
	if (!(kernel->barriers >> row->barrier_index & 1))
		return "this kernel does not have this barrier";
	if (!(kernel->sections >> row->section & 1))
		return "the module has no such lock";
	return NULL;
}

static struct fp_row make(const struct fp_row *like, size_t accessor, enum fencepost_barrier barrier)
{
	struct fp_row row = *like;

	row.kernel = accessors[accessor].id;
	row.kernel_index = accessor;
	row.barrier = barriers[barrier];
	row.barrier_index = barrier;
	row.stores = accessors[accessor].stores;
	row.run = run;
	return row;
}

static int add(struct fp_plan *plan, const struct fp_row *like, bool shape,
	       const struct fp_profile *profile)
{
	struct fp_row *row = fp_plan_add(plan, like);
	unsigned unit = accessors[like->kernel_index].unit;

	if (!row)
		return -ENOMEM;
	if (shape) {
		fp_row_axis(row, "bytes", row->bytes);
		fp_row_axis(row, "lines", row->lines);
		fp_row_axis(row, "offset", row->offset);
	}
	if (row->section)
		fp_row_axis_text(row, "lock", locks[row->section]);
	fp_row_unsupported(row, lacks(row, profile->kernel));
	fp_row_needs(row, profile, row->offset + row->bytes);
	if (unit && row->bytes % unit)
		fp_row_unsupported(row, "this copy takes only multiples of its unit");
	if (unit && row->offset % unit)
		fp_row_unsupported(row, "this copy needs an aligned destination");
	return 0;
}

static int add_locked(struct fp_plan *plan, struct fp_row row, bool shape,
		      const struct fp_profile *profile)
{
	int err = 0;

	for (row.section = FENCEPOST_RAW_SPIN_LOCK; !err && row.section < FENCEPOST_SECTIONS;
	     row.section++)
		err = add(plan, &row, shape, profile);
	return err;
}

static bool is_copy(const struct accessor *a)
{
	return a->kind == TO || a->kind == FROM || a->kind == SET;
}

/* Alone, and with the barrier that drivers put behind it. */
static int add_copy(struct fp_plan *plan, const struct fp_row *like, size_t accessor,
		    const struct fp_profile *profile)
{
	struct fp_row row = make(like, accessor, FENCEPOST_NO_BARRIER);
	int err = add(plan, &row, true, profile);

	if (!err && plan->scope != FP_QUICK &&
	    accessors[accessor].access == FENCEPOST_MEMCPY_TOIO &&
	    (plan->scope == FP_FULL || row.bytes == LOCKED_BYTES))
		err = add_locked(plan, row, true, profile);
	row = make(like, accessor, FENCEPOST_WMB);
	return err ? err : add(plan, &row, true, profile);
}

int fp_kernel_plan_copies(struct fp_plan *plan, const struct fp_row *like,
			  const struct fp_profile *profile)
{
	int err = 0;

	/* What nobody has proven to be safe for a device is not ranked. */
	if (!profile->kernel || plan->scope == FP_VERSUS)
		return 0;
	for (size_t i = 0; !err && i < N_ACCESSORS; i++)
		if (is_copy(&accessors[i]) && (plan->scope != FP_QUICK || accessors[i].common))
			err = add_copy(plan, like, i, profile);
	return err;
}

/* Each barrier behind it, and it inside each lock. */
static int add_surrounded(struct fp_plan *plan, const struct fp_row *like, size_t accessor,
			  const struct fp_profile *profile)
{
	struct fp_row row;
	int err = 0;

	for (unsigned b = FENCEPOST_WMB; !err && b < FENCEPOST_BARRIERS; b++) {
		row = make(like, accessor, b);
		err = add(plan, &row, false, profile);
		if (!err && plan->scope == FP_FULL)
			err = add_locked(plan, row, false, profile);
	}
	row = make(like, accessor, FENCEPOST_NO_BARRIER);
	return err ? err : add_locked(plan, row, false, profile);
}

/* Of nothing and writel all that may stand around them; the others alone. */
int fp_kernel_plan_accesses(struct fp_plan *plan, const struct fp_row *from,
			    const struct fp_profile *profile)
{
	struct fp_row like = *from, row;
	int err = 0;

	if (!profile->kernel)
		return 0;
	like.lines = MANY_LINES;
	for (size_t i = 0; !err && i < N_ACCESSORS; i++) {
		const struct accessor *a = &accessors[i];

		if (is_copy(a) || (plan->scope == FP_QUICK && !a->common))
			continue;
		like.bytes = a->unit;
		row = make(&like, i, FENCEPOST_NO_BARRIER);
		if (a->kind != NOTHING)
			err = add(plan, &row, false, profile);
		if (!err && plan->scope != FP_QUICK &&
		    (a->kind == NOTHING || a->access == FENCEPOST_WRITEL))
			err = add_surrounded(plan, &like, i, profile);
	}
	return err;
}
