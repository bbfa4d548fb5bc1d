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
#include <string.h>

#include "families/kernel.h"

#define MANY_LINES 256u

static void copy_nothing(void *to, const void *from, size_t bytes)
{
	(void)to;
	(void)from;
	(void)bytes;
}

/* Two functions are made of it: the places that lie apart are in one of the two. */
static inline __attribute__((always_inline)) void run(const struct fp_copying *c, uint64_t loops,
						      bool reads)
{
	fp_copy_function *copy = c->copy;
	void (*barrier)(void) = c->barrier;
	uint64_t offset = 0;

	while (loops--) {
		unsigned char *to = c->to + (reads ? 0 : offset);
		const unsigned char *from = c->from + (reads ? offset : 0);

		for (size_t done = 0; done < c->bytes; done += c->chunk) {
			size_t left = c->bytes - done;

			copy(to + done, from + done, left < c->chunk ? left : c->chunk);
			if (barrier)
				barrier();
		}
		offset += c->stride;
		offset = offset < c->end ? offset : 0;
	}
}

void fp_run_copies(void *context, uint64_t loops)
{
	run(context, loops, false);
}

void fp_run_reads(void *context, uint64_t loops)
{
	run(context, loops, true);
}

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* Destinations on whole lines of their own, with the row's offset in them. */
static size_t stride_of(const struct fp_row *row, size_t line)
{
	return round_up(row->offset + row->bytes, line);
}

/* -EFBIG if the mapping has no room for one. */
static int place(const struct fp_row *row, struct fp_bench *bench, struct fp_copying *c)
{
	size_t line = bench->line_bytes, region = bench->region_bytes, many;

	c->stride = stride_of(row, line);
	if (c->stride > region)
		return -EFBIG;
	many = (size_t)row->lines * line / c->stride;
	c->end = (many ? many : 1) * c->stride;
	if (c->end > region)
		c->end = region / c->stride * c->stride;
	c->to = (unsigned char *)bench->batch.base + row->offset;
	c->from = bench->source;
	c->bytes = row->bytes;
	c->chunk = row->every ? row->every * line : row->bytes;
	return 0;
}

/* From a device, not to it: RAM is read where it is in the cache. */
static bool is_read(const struct fp_row *row)
{
	return row->memory != FP_WB && fp_arch_tables[fp_native.id].copies[row->kernel_index].direction ==
					       FP_COPY_FROM;
}

static int lay(const struct fp_row *row, struct fp_bench *bench, struct fp_layout *layout)
{
	const struct fp_barrier *barrier =
		&fp_arch_tables[fp_native.id].barriers[row->barrier_index];
	struct fp_copying *c = &bench->copying;
	int err = place(row, bench, c);

	if (err)
		return err;
	layout->reads = is_read(row);
	if (layout->reads) {
		c->from = c->to;
		c->to = bench->sink;
	}
	c->copy = fp_native.copies[row->kernel_index];
	c->barrier = NULL;
	if (row->barrier_index) {
		if (barrier->kind != FP_FENCE)
			return -EINVAL;
		err = fp_sequence_function(bench->measured,
					   &fp_native.barriers[row->barrier_index], &c->barrier);
	}
	bench->no_copying = *c;
	bench->no_copying.copy = copy_nothing;
	bench->no_copying.barrier = NULL;
	layout->operations = 1;
	layout->copies = true;
	layout->has_base = true;
	return err;
}

static int add(struct fp_plan *plan, const struct fp_row *common, const struct fp_copy *copy,
	       const struct fp_profile *profile)
{
	struct fp_row *row = fp_plan_add(plan, common);

	if (!row)
		return -ENOMEM;
	fp_row_axis(row, "bytes", row->bytes);
	fp_row_axis(row, "lines", row->lines);
	fp_row_axis(row, "offset", row->offset);
	if (row->every)
		fp_row_axis(row, "every", row->every);
	fp_row_needs(row, profile, stride_of(row, fp_arch_line_bytes()));
	fp_row_unsupported(row, fp_arch_lacks(copy->feature));
	if (row->bytes % copy->unit)
		fp_row_unsupported(row, "this copy takes only multiples of its unit");
	if (row->offset % copy->align)
		fp_row_unsupported(row, "this copy needs an aligned destination");
	if (row->stores && copy->whole && row->bytes % copy->whole)
		row->stores = "plain";
	if (copy->memory && !(copy->memory & row->memory))
		fp_row_unsupported(row, "this copy is not allowed on this memory type");
	return 0;
}

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

static int add_shape(struct fp_plan *plan, struct fp_row *row, const struct fp_copy *copy,
		     const struct shape *shape, const struct fp_profile *profile)
{
	size_t flush = fp_flush_barrier();
	int err;

	row->bytes = shape->bytes;
	row->lines = lines_of(shape, profile);
	row->offset = shape->offset;
	row->every = shape->every;
	row->barrier_index = flush;
	row->barrier = fp_arch_flush;
	err = add(plan, row, copy, profile);
	/* A barrier every few lines has its own row without one: every 0. */
	if (err || shape->every)
		return err;
	row->barrier_index = 0;
	row->barrier = "none";
	return add(plan, row, copy, profile);
}

/* The kernel's own, at each shape that takes one call. */
static int plan_kernel(struct fp_plan *plan_, struct fp_row row, const struct fp_profile *profile)
{
	int err = 0;

	for (size_t s = 0; !err && s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		if (shapes[s].every || shapes[s].scope > plan_->scope)
			continue;
		row.bytes = shapes[s].bytes;
		row.lines = lines_of(&shapes[s], profile);
		row.offset = shapes[s].offset;
		err = fp_kernel_plan_copies(plan_, &row, profile);
	}
	return err;
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	static const char *const stores[] = { "plain", "nontemporal", "direct", "plain" };
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	struct fp_row row = { .family = &fp_family_copy, .memory = memory };
	int err = 0;

	for (size_t i = 0; i < t->n_copies; i++) {
		const struct fp_copy *copy = &t->copies[i];

		row.kernel = copy->id;
		row.kernel_index = i;
		row.stores = copy->direction == FP_COPY_FROM ? NULL : stores[copy->stores];
		row.copy = copy;
		for (size_t s = 0; !err && s < sizeof(shapes) / sizeof(shapes[0]); s++)
			if (is_planned(&shapes[s], copy, plan_->scope))
				err = add_shape(plan_, &row, copy, &shapes[s], profile);
	}
	row = (struct fp_row){ .family = &fp_family_copy, .memory = memory };
	return err ? err : plan_kernel(plan_, row, profile);
}

const struct fp_family fp_family_copy = {
	.name = "copy",
	.summary = "every way to copy to a device, by size and place, with and without a barrier",
	.plan = plan,
	.lay = lay,
};
