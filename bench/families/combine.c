// SPDX-License-Identifier: MIT
/*
 * Family combine: how the CPU collects stores to write-combining memory, or
 * non-temporal stores to RAM, into lines.
 *
 *   lines:N        N lines filled word by word in turn: cheap until N exceeds the
 *                  buffers, then each word goes out as a partial line
 *   bytes:N        a line filled to N bytes, ascending or descending, and pushed
 *                  out by a barrier: a partial line costs more than a whole one
 *   repeat:line    the same line filled over and over
 *   between:...    a line filled half, something, then the other half: what drains
 *                  the buffer sends the line out in two parts
 */
#include <errno.h>
#include <string.h>

#include "families/family.h"

#define SLOTS	  64u
#define WAIT_LINKS 200u /* of the slow chain: some 150 ns */

enum what { INTERLEAVED, FILLED_UP, FILLED_DOWN, REPEATED, SPLIT };
enum between { NOTHING, BARRIER, STORE, TIME };

static const struct fp_access *store_of(const struct fp_row *row)
{
	return &fp_arch_tables[fp_native.id].accesses[row->kernel_index];
}

static void lay_store(struct fp_laying *l, const struct fp_row *row, enum fp_part move)
{
	fp_lay(l, &fp_native.accesses[row->kernel_index], 1);
	fp_lay_part(l, move, store_of(row)->width / 8);
}

static void lay_stores(struct fp_laying *l, const struct fp_row *row, unsigned bytes)
{
	for (unsigned done = 0; done < bytes; done += store_of(row)->width)
		lay_store(l, row, FP_PART_line_up);
}

/* All first words, then all second words, ...; then on to the next group of lines. */
static void lay_interleaved(struct fp_laying *l, const struct fp_row *row, size_t line_bytes)
{
	unsigned width = store_of(row)->width;

	for (size_t done = 0; done < line_bytes; done += width) {
		fp_lay_part(l, FP_PART_rewind, 1);
		for (unsigned line = 0; line < row->lines; line++) {
			fp_lay(l, &fp_native.accesses[row->kernel_index], 1);
			fp_lay_part(l, FP_PART_step, 1);
		}
		fp_lay_part(l, FP_PART_offset_up, width / 8);
	}
	fp_lay_part(l, FP_PART_next_line, 1);
}

static void lay_filled(struct fp_laying *l, const struct fp_row *row)
{
	unsigned width = store_of(row)->width;

	fp_lay_part(l, FP_PART_next_line, 1);
	if (row->what == FILLED_UP) {
		lay_stores(l, row, row->bytes);
	} else {
		fp_lay_part(l, FP_PART_line_up, (row->bytes - width) / 8);
		for (unsigned done = 0; done < row->bytes; done += width)
			lay_store(l, row, FP_PART_line_down);
	}
	fp_lay(l, &fp_native.barriers[row->barrier_index], 1);
}

static void lay_between(struct fp_laying *l, const struct fp_row *row)
{
	if (row->between == BARRIER)
		fp_lay(l, &fp_native.barriers[row->barrier_index], 1);
	if (row->between == STORE)
		fp_lay_part(l, FP_PART_store_next, 1);
	if (row->between == TIME) {
		/* The next line's address waits for the chain, so that time passes here. */
		fp_lay_part(l, FP_PART_cross_chain, WAIT_LINKS);
		fp_lay_part(l, FP_PART_line_tie, 1);
	}
}

static void lay_split(struct fp_laying *l, const struct fp_row *row, size_t line_bytes)
{
	fp_lay_part(l, FP_PART_next_line, 1);
	lay_stores(l, row, (unsigned)line_bytes / 2);
	lay_between(l, row);
	lay_stores(l, row, (unsigned)line_bytes / 2);
}

static void lay_one(struct fp_laying *l, const struct fp_row *row, size_t line_bytes)
{
	switch ((enum what)row->what) {
	case INTERLEAVED:
		lay_interleaved(l, row, line_bytes);
		break;
	case FILLED_UP:
	case FILLED_DOWN:
		lay_filled(l, row);
		break;
	case REPEATED:
		fp_lay_part(l, FP_PART_rewind, 1);
		lay_stores(l, row, (unsigned)line_bytes);
		break;
	case SPLIT:
		lay_split(l, row, line_bytes);
		break;
	}
}

static int lay(const struct fp_row *row, struct fp_bench *bench, struct fp_layout *layout)
{
	struct fp_laying l;
	unsigned lines = row->what == INTERLEAVED ? row->lines : 1, times = SLOTS / lines / 4 + 1;

	/* The lines are gone through upwards: they must not end beyond the mapping. */
	if (lines > bench->region_lines)
		return -EFBIG;
	if (times * lines > bench->region_lines)
		times = (unsigned)bench->region_lines / lines;
	l = fp_lay_begin(bench->measured);

	for (unsigned i = 0; i < times; i++)
		lay_one(&l, row, bench->line_bytes);
	layout->operations = times * lines;
	layout->lines = row->what == REPEATED ? 0 : times * lines;
	if (row->what == INTERLEAVED) {
		/* The words have moved the offset on by one line of the group. */
		layout->has_stride = true;
		layout->stride = (lines - 1) * bench->line_bytes;
	}
	return fp_lay_end(&l, &fp_native.parts[FP_PART_drain]);
}

static int add(struct fp_plan *plan, const struct fp_row *common, const struct fp_profile *profile,
	       const char *key, unsigned value, const char *text)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	struct fp_row *row = fp_plan_add(plan, common);

	if (!row)
		return -ENOMEM;
	if (text)
		fp_row_axis_text(row, key, text);
	else
		fp_row_axis(row, key, value);
	if (row->what == FILLED_UP || row->what == FILLED_DOWN)
		fp_row_axis_text(row, "order", row->what == FILLED_UP ? "up" : "down");
	/* They step on from any line of the half that is visited. */
	fp_row_needs(row, profile, 2 * row->lines * fp_arch_line_bytes());
	fp_row_unsupported(row, fp_arch_lacks(t->accesses[row->kernel_index].feature));
	fp_row_unsupported(row, fp_arch_lacks(t->barriers[row->barrier_index].feature));
	return 0;
}

static int add_interleaved(struct fp_plan *plan, struct fp_row row, const struct fp_profile *profile)
{
	int err = 0;

	row.what = INTERLEAVED;
	for (unsigned lines = 1; !err && lines <= 32; lines++) {
		row.lines = lines;
		err = add(plan, &row, profile, "lines", lines, NULL);
	}
	return err;
}

static int add_filled(struct fp_plan *plan, struct fp_row row, const struct fp_profile *profile,
		      unsigned width, unsigned line)
{
	int err = 0;

	row.barrier_index = fp_flush_barrier();
	row.barrier = fp_arch_flush;
	for (unsigned bytes = width; !err && bytes <= line; bytes += width) {
		row.bytes = bytes;
		row.what = FILLED_UP;
		err = add(plan, &row, profile, "bytes", bytes, NULL);
		row.what = FILLED_DOWN;
		if (!err)
			err = add(plan, &row, profile, "bytes", bytes, NULL);
	}
	return err;
}

static int add_split(struct fp_plan *plan, struct fp_row row, const struct fp_profile *profile)
{
	static const char *const names[] = { "nothing", "barrier", "store", "time" };
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	int err = 0;

	row.what = SPLIT;
	for (row.between = NOTHING; !err && row.between <= TIME; row.between++)
		if (row.between != BARRIER)
			err = add(plan, &row, profile, "between", 0, names[row.between]);
	row.between = BARRIER;
	for (size_t i = 1; !err && i < t->n_barriers; i++) {
		row.barrier_index = i;
		row.barrier = t->barriers[i].id;
		err = add(plan, &row, profile, "between", 0, names[BARRIER]);
	}
	return err;
}

/* On RAM only a non-temporal store takes the buffers; on WC memory every one does. */
static bool combines(const struct fp_access *a, enum fp_memory memory)
{
	if (a->kind != FP_STORE || a->width < 8 || a->width > 16)
		return false;
	return memory == FP_WB ? a->flavour == FP_NONTEMPORAL : a->flavour == FP_PLAIN;
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	unsigned line = (unsigned)fp_arch_line_bytes();
	int err = 0;

	if (plan_->scope == FP_QUICK)
		return 0;
	for (size_t i = 0; !err && i < t->n_accesses; i++) {
		struct fp_row row = { .family = &fp_family_combine, .barrier = "none",
				      .kernel = t->accesses[i].id, .kernel_index = i,
				      .memory = memory,
				      .stores = memory == FP_WB ? "nontemporal" : "plain" };

		if (!combines(&t->accesses[i], memory))
			continue;
		err = add_interleaved(plan_, row, profile);
		if (!err)
			err = add_filled(plan_, row, profile, t->accesses[i].width, line);
		if (!err)
			err = add_split(plan_, row, profile);
		row.what = REPEATED;
		if (!err)
			err = add(plan_, &row, profile, "repeat", 0, "line");
	}
	return err;
}

const struct fp_family fp_family_combine = {
	.name = "combine",
	.summary = "how stores are collected into lines: buffers, partial lines, what drains them",
	.share = 1.0 / 3, /* a line that went out in parts costs many times one that did not */
	.plan = plan,
	.lay = lay,
};
