// SPDX-License-Identifier: MIT
/*
 * Rows of the kernel's own accessors, which the module runs where drivers call them:
 * see execute/kernel.c.
 */
#include "families/kernel.h"

#include <errno.h>
#include <linux/fencepost.h>

#define MANY_LINES   64u /* that single accesses go through */
#define LOCKED_BYTES 64u /* of the copy that is put inside each lock */

enum kind { NOTHING, TO, FROM, SET, STORE, LOAD };

static const struct accessor {
	enum fencepost_access access;
	const char *id;
	enum kind kind;
	unsigned unit;	    /* bytes: of an access its width; a copy takes multiples of it */
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

/* One row, while it is planned. */
struct duty {
	const struct fp_profile *profile;
	const struct fp_family *family;
	enum fp_memory memory;
	const struct accessor *accessor;
	enum fencepost_barrier barrier;
	enum fencepost_section section;
	const struct fp_kernel_shape *shape; /* NULL: a single access */
};

static const char *lacks(const struct duty *d)
{
	const struct fp_kernel *kernel = d->profile->kernel;

	if (!(kernel->accesses >> d->accessor->access & 1))
		return "this kernel or CPU does not have this accessor";
	if (!(kernel->barriers >> d->barrier & 1))
		return "this kernel does not have this barrier";
	if (!(kernel->sections >> d->section & 1))
		return "the module has no such lock";
	return NULL;
}

static void add_step(struct fp_program *p, enum fp_step_kind kind, unsigned row)
{
	fp_add(p, &(struct fp_step){ .kind = kind, .row = row, .times = 1 });
}

/* In the order in which the kernel does it. */
static int make(struct fp_row *row, const struct duty *d, const struct fp_kernel_shape *shape)
{
	struct fp_program *p = fp_work_add(&row->work);
	enum kind kind = d->accessor->kind;

	row->work.executor = &fp_kernel_executor;
	p->walk.lines = shape->lines;
	if (d->section)
		add_step(p, FP_STEP_LOCK, d->section);
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_CALL, .row = d->accessor->access, .times = 1,
				     .bytes = shape->bytes, .offset = shape->offset,
				     .reads = kind == FROM || kind == LOAD });
	if (d->barrier)
		add_step(p, FP_STEP_BARRIER, d->barrier);
	if (d->section)
		add_step(p, FP_STEP_UNLOCK, d->section);
	return fp_work_error(&row->work);
}

static void check(struct fp_row *row, const struct duty *d, const struct fp_kernel_shape *shape)
{
	unsigned unit = d->accessor->unit;

	fp_row_unsupported(row, lacks(d));
	fp_row_room(row, d->profile, shape->offset + shape->bytes);
	if (unit && shape->bytes % unit)
		fp_row_unsupported(row, "this copy takes only multiples of its unit");
	if (unit && shape->offset % unit)
		fp_row_unsupported(row, "this copy needs an aligned destination");
}

static int add(struct fp_plan *plan, const struct duty *d)
{
	const struct fp_kernel_shape single = { d->accessor->unit, MANY_LINES, 0 };
	const struct fp_kernel_shape *shape = d->shape ? d->shape : &single;
	struct fp_row *row = fp_plan_add(plan, &(struct fp_row){
		.family = d->family, .kernel = d->accessor->id, .barrier = barriers[d->barrier],
		.at[FP_AT_PAYLOAD] = { d->memory, -1 } });

	if (!row)
		return -ENOMEM;
	if (d->shape)
		fp_copy_axes(row, shape->bytes, shape->lines, shape->offset);
	else if (shape->bytes)
		fp_copy_fields(row, shape->bytes, shape->lines, shape->offset);
	if (d->section)
		fp_row_axis_text(row, "lock", locks[d->section]);
	if (d->accessor->stores)
		fp_set_text(&row->fields, "stores", d->accessor->stores);
	check(row, d, shape);
	return make(row, d, shape);
}

static int add_locked(struct fp_plan *plan, struct duty d)
{
	int err = 0;

	for (d.section = FENCEPOST_RAW_SPIN_LOCK; !err && d.section < FENCEPOST_SECTIONS;
	     d.section++)
		err = add(plan, &d);
	return err;
}

static bool is_copy(const struct accessor *a)
{
	return a->kind == TO || a->kind == FROM || a->kind == SET;
}

/* Alone, and with the barrier that drivers put behind it. */
static int add_copy(struct fp_plan *plan, struct duty d)
{
	bool is_locked = d.accessor->access == FENCEPOST_MEMCPY_TOIO && plan->scope != FP_QUICK &&
			 (plan->scope == FP_FULL || d.shape->bytes == LOCKED_BYTES);
	int err = add(plan, &d);

	if (!err && is_locked)
		err = add_locked(plan, d);
	d.barrier = FENCEPOST_WMB;
	return err ? err : add(plan, &d);
}

int fp_kernel_plan_copies(struct fp_plan *plan, const struct fp_family *family,
			  enum fp_memory memory, const struct fp_kernel_shape *shape,
			  const struct fp_profile *profile)
{
	struct duty d = { .profile = profile, .family = family, .memory = memory, .shape = shape };
	int err = 0;

	/* What nobody has proven to be safe for a device is not ranked. */
	if (!profile->kernel || plan->scope == FP_VERSUS)
		return 0;
	for (size_t i = 0; !err && i < N_ACCESSORS; i++) {
		d.accessor = &accessors[i];
		if (is_copy(d.accessor) && (plan->scope != FP_QUICK || d.accessor->common))
			err = add_copy(plan, d);
	}
	return err;
}

/* Each barrier behind it, and it inside each lock. */
static int add_surrounded(struct fp_plan *plan, struct duty d)
{
	int err = 0;

	for (d.barrier = FENCEPOST_WMB; !err && d.barrier < FENCEPOST_BARRIERS; d.barrier++) {
		err = add(plan, &d);
		if (!err && plan->scope == FP_FULL)
			err = add_locked(plan, d);
	}
	d.barrier = FENCEPOST_NO_BARRIER;
	return err ? err : add_locked(plan, d);
}

static int add_access(struct fp_plan *plan, const struct duty *d)
{
	bool is_surrounded = d->accessor->kind == NOTHING ||
			     d->accessor->access == FENCEPOST_WRITEL;
	int err = 0;

	if (d->accessor->kind != NOTHING)
		err = add(plan, d);
	if (!err && is_surrounded && plan->scope != FP_QUICK)
		err = add_surrounded(plan, *d);
	return err;
}

/* Of nothing and writel all that may stand around them; the others alone. */
int fp_kernel_plan_accesses(struct fp_plan *plan, const struct fp_family *family,
			    enum fp_memory memory, const struct fp_profile *profile)
{
	struct duty d = { .profile = profile, .family = family, .memory = memory };
	int err = 0;

	for (size_t i = 0; !err && profile->kernel && i < N_ACCESSORS; i++) {
		d.accessor = &accessors[i];
		if (!is_copy(d.accessor) && (plan->scope != FP_QUICK || d.accessor->common))
			err = add_access(plan, &d);
	}
	return err;
}
