// SPDX-License-Identifier: MIT
/*
 * Family copy: every way to copy to a device, by size and place, alone and with
 * the barrier that drivers put behind it.
 *
 * The copies are functions, called in turn on destinations that lie apart: on
 * one line stores coalesce, or wait for each other.  What calling costs is taken
 * off as the same loop around a function that does nothing.  A row with a
 * barrier is the time of copy and barrier together, so that its difference to
 * the row without one is the barrier's share.
 */
#include <errno.h>

#include "base/words.h"
#include "families/kernel.h"

#define MANY_LINES 256u

extern const struct fp_family fp_family_copy;

/* A shape of the copies: what is crossed with every kernel. */
struct shape {
	unsigned bytes, lines, offset, every;
	enum fp_scope scope; /* the least that has it */
	bool versus;	     /* among those that our copy is held against others at */
};

static const struct shape shapes[] = {
	{ 1, MANY_LINES, 0, 0, FP_FULL, false },
	{ 3, MANY_LINES, 1, 0, FP_FULL, false },
	{ 8, MANY_LINES, 0, 0, FP_DEFAULT, true },
	{ 16, MANY_LINES, 0, 0, FP_FULL, true },
	{ 32, MANY_LINES, 0, 0, FP_FULL, true },
	{ 60, MANY_LINES, 0, 0, FP_DEFAULT, true },
	{ 64, MANY_LINES, 0, 0, FP_QUICK, true },
	{ 64, 1, 0, 0, FP_DEFAULT, false },
	{ 64, 2, 0, 0, FP_FULL, false },
	{ 64, MANY_LINES, 4, 0, FP_FULL, false },
	{ 100, MANY_LINES, 3, 0, FP_FULL, false },
	{ 128, MANY_LINES, 0, 0, FP_FULL, true },
	{ 256, MANY_LINES, 0, 0, FP_QUICK, true },
	{ 1024, MANY_LINES, 0, 0, FP_DEFAULT, true },
	{ 1024, MANY_LINES, 0, 1, FP_FULL, false },
	{ 1024, MANY_LINES, 0, 4, FP_FULL, false },
	{ 4096, MANY_LINES, 0, 0, FP_QUICK, true },
	{ 4096, MANY_LINES, 0, 16, FP_FULL, false },
	{ 65536, 65536 / 16, 0, 0, FP_QUICK, true },
	{ 1048576, 65536, 0, 0, FP_FULL, true },
};

#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static bool is_planned(const struct shape *shape, const struct fp_copy *copy, enum fp_scope scope)
{
	if (scope == FP_VERSUS)
		return shape->versus && copy->direction == FP_COPY_TO;
	if (scope == FP_QUICK && !copy->common)
		return false;
	return shape->scope <= scope;
}

/* A small mapping has fewer lines to go through; the row's name says how many. */
static unsigned lines_of(const struct shape *shape, const struct fp_profile *profile)
{
	size_t lines = profile->region_bytes / fp_arch_line_bytes();

	return lines && lines < shape->lines ? (unsigned)lines : shape->lines;
}

/* One row's copy: the index of the own architecture's, its shape, its barrier. */
struct duty {
	const struct fp_profile *profile;
	size_t copy, barrier;
	const struct shape *shape;
	bool reads;
};

static size_t power_of_two(size_t least)
{
	size_t n = 1;

	while (n < least)
		n *= 2;
	return n;
}

/* Destinations on whole lines of their own, with the row's offset in them. */
static size_t stride_of(const struct shape *shape)
{
	size_t end = shape->offset + shape->bytes;

	return power_of_two(end > fp_arch_line_bytes() ? end : fp_arch_line_bytes());
}

/* As many as the lines have room for, and the mapping; a power of two. */
static struct fp_walk walk_of(const struct duty *d)
{
	struct fp_walk walk = { .has_stride = true, .stride = stride_of(d->shape) };
	size_t most = (size_t)d->shape->lines * fp_arch_line_bytes();

	if (d->profile->region_bytes && most > d->profile->region_bytes)
		most = d->profile->region_bytes;
	walk.span = walk.stride;
	while (2 * walk.span <= most)
		walk.span *= 2;
	return walk;
}

static void add_call(struct fp_program *p, const struct duty *d, size_t done, size_t bytes)
{
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_CALL, .row = (unsigned)d->copy, .times = 1,
				     .bytes = bytes, .offset = d->shape->offset + done,
				     .skip = done, .reads = d->reads });
	if (d->barrier)
		fp_add_barrier(p, d->barrier);
}

/* The next destination; then the copy, in chunks with the barrier behind each. */
static void add_copy(struct fp_program *p, const struct duty *d)
{
	size_t bytes = d->shape->bytes, chunk = d->shape->every * fp_arch_line_bytes();

	p->walk = walk_of(d);
	if (!chunk)
		chunk = bytes;
	fp_add_part(p, FP_PART_next_line, 1);
	for (size_t done = 0; done < bytes; done += chunk)
		add_call(p, d, done, bytes - done < chunk ? bytes - done : chunk);
}

static int make(struct fp_row *row, const struct duty *d)
{
	struct duty base = *d;

	row->work.executor = &fp_sequence_executor;
	add_copy(fp_work_add(&row->work), d);
	base.copy = FP_CALL_NOTHING;
	base.barrier = 0;
	add_copy(fp_work_add(&row->work), &base);
	return fp_work_error(&row->work);
}

static void check(struct fp_row *row, const struct fp_copy *copy, const struct duty *d)
{
	fp_row_room(row, d->profile, stride_of(d->shape));
	fp_row_unsupported(row, fp_arch_lacks(copy->feature));
	if (d->shape->bytes % copy->unit)
		fp_row_unsupported(row, "this copy takes only multiples of its unit");
	if (d->shape->offset % copy->align)
		fp_row_unsupported(row, "this copy needs an aligned destination");
	if (copy->memory && !(copy->memory & fp_row_memory(row)))
		fp_row_unsupported(row, "this copy is not allowed on this memory type");
}

/* What a copy of ends that are no whole unit stores there are plain stores. */
static void note_stores(struct fp_row *row, const struct fp_copy *copy, const struct shape *shape)
{
	bool partial = copy->whole && shape->bytes % copy->whole;

	if (copy->direction == FP_COPY_FROM)
		return;
	fp_set_text(&row->fields, "stores", fp_flavours[partial ? FP_PLAIN : copy->stores]);
	fp_set_truth(&row->fields, "device_safe", copy->device_safe);
}

void fp_copy_fields(struct fp_row *row, unsigned bytes, unsigned lines, unsigned offset)
{
	fp_set_number(&row->fields, "bytes", bytes);
	fp_set_number(&row->fields, "lines", lines);
	fp_set_number(&row->fields, "offset", offset);
}

void fp_copy_axes(struct fp_row *row, unsigned bytes, unsigned lines, unsigned offset)
{
	fp_row_axis(row, "bytes", bytes);
	fp_row_axis(row, "lines", lines);
	fp_row_axis(row, "offset", offset);
	fp_copy_fields(row, bytes, lines, offset);
}

static int add(struct fp_plan *plan, enum fp_memory memory, const struct duty *d)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	const struct fp_copy *copy = &t->copies[d->copy];
	struct fp_row *row = fp_plan_add(plan, &(struct fp_row){
		.family = &fp_family_copy, .kernel = copy->id,
		.barrier = t->barriers[d->barrier].id, .at[FP_AT_PAYLOAD] = { memory, -1 } });

	if (!row)
		return -ENOMEM;
	fp_copy_axes(row, d->shape->bytes, d->shape->lines, d->shape->offset);
	if (d->shape->every)
		fp_row_axis(row, "every", d->shape->every);
	note_stores(row, copy, d->shape);
	check(row, copy, d);
	return make(row, d);
}

/* With the barrier and alone; one every few lines has its row without one: every 0. */
static int add_shape(struct fp_plan *plan, enum fp_memory memory, struct duty d)
{
	struct shape shape = *d.shape;
	int err;

	shape.lines = lines_of(d.shape, d.profile);
	d.shape = &shape;
	d.barrier = fp_flush_barrier();
	err = add(plan, memory, &d);
	d.barrier = 0;
	return err || shape.every ? err : add(plan, memory, &d);
}

static int add_shapes(struct fp_plan *plan, enum fp_memory memory, const struct fp_profile *profile,
		      size_t copy)
{
	const struct fp_copy *of = &fp_arch_tables[fp_native.id].copies[copy];
	struct duty d = {
		.profile = profile,
		.copy = copy,
		/* From a device, not to it: RAM is read where it is in the cache. */
		.reads = of->direction == FP_COPY_FROM && !profile->is_ram,
	};
	int err = 0;

	for (size_t i = 0; !err && i < N_SHAPES; i++) {
		d.shape = &shapes[i];
		if (is_planned(d.shape, of, plan->scope))
			err = add_shape(plan, memory, d);
	}
	return err;
}

/* The kernel's own, at each shape that takes one call. */
static int add_kernels(struct fp_plan *plan, enum fp_memory memory,
		       const struct fp_profile *profile)
{
	int err = 0;

	for (size_t i = 0; !err && i < N_SHAPES; i++) {
		struct fp_kernel_shape shape = { shapes[i].bytes, lines_of(&shapes[i], profile),
						 shapes[i].offset };

		if (!shapes[i].every && shapes[i].scope <= plan->scope)
			err = fp_kernel_plan_copies(plan, &fp_family_copy, memory, &shape, profile);
	}
	return err;
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	int err = 0;

	for (size_t i = 0; !err && i < fp_arch_tables[fp_native.id].n_copies; i++)
		err = add_shapes(plan_, memory, profile, i);
	return err ? err : add_kernels(plan_, memory, profile);
}

static int set_versus(void *scope, const char *text)
{
	(void)text;
	*(enum fp_scope *)scope = FP_VERSUS;
	return 0;
}

static const struct fp_option options[] = {
	{ .name = "versus", .help = "fencepost_copy_toio() beside every other copy",
	  .set = set_versus },
	{ .name = NULL },
};

const struct fp_family fp_family_copy = {
	.name = "copy",
	.summary = "every way to copy to a device, by size and place, with and without a barrier",
	.options = options,
	.plan = plan,
};
