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

#include "base/words.h"
#include "plan/family.h"

#define SLOTS	   64u
#define WAIT_LINKS 200u /* of the slow chain: some 150 ns */
#define MOST_LINES 32u

extern const struct fp_family fp_family_combine;

/* What all rows of one kind of store have in common. */
struct common {
	struct fp_plan *plan;
	const struct fp_profile *profile;
	enum fp_memory memory;
	size_t store;	/* row of the own architecture */
	unsigned width; /* bytes of such a store */
	unsigned line;	/* bytes of a line */
};

static void add_store(struct fp_program *p, const struct common *c, enum fp_part move)
{
	fp_add_access(p, c->store);
	fp_add_part(p, move, c->width / 8);
}

static void add_stores(struct fp_program *p, const struct common *c, unsigned bytes,
		       enum fp_part move)
{
	fp_repeat(p, bytes / c->width);
	add_store(p, c, move);
	fp_end(p);
}

/* With a program for as many times as fit, lines of the region each time. */
static struct fp_row *add(const struct common *c, size_t barrier, unsigned lines)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	unsigned times = SLOTS / lines / 4 + 1;
	size_t region = c->profile->region_lines;
	struct fp_row *row = fp_plan_add(c->plan, &(struct fp_row){
		.family = &fp_family_combine, .kernel = t->accesses[c->store].id,
		.barrier = t->barriers[barrier].id, .at[FP_AT_PAYLOAD] = { c->memory, -1 },
		.work = { .executor = &fp_sequence_executor } });
	struct fp_program *p;

	if (!row)
		return NULL;
	/* The lines are gone through upwards: they must not end beyond the mapping. */
	if (region && times * lines > region)
		times = lines > region ? 1 : (unsigned)region / lines;
	p = fp_work_add(&row->work);
	p->operations = times * lines;
	p->walk.lines = times * lines;
	p->drains = true;
	fp_repeat(p, times);
	fp_set_text(&row->fields, "stores", fp_flavours[t->accesses[c->store].flavour]);
	return row;
}

/* The loop is whole, and the row's name. */
static int finish(struct fp_row *row, const struct common *c, size_t barrier, unsigned lines)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];

	fp_end(&row->work.programs[0]);
	/* They step on from any line of the half that is visited. */
	fp_row_room(row, c->profile, 2 * lines * fp_arch_line_bytes());
	fp_row_unsupported(row, fp_arch_lacks(t->accesses[c->store].feature));
	fp_row_unsupported(row, fp_arch_lacks(t->barriers[barrier].feature));
	return fp_work_error(&row->work);
}

/* All first words, then all second words, ...; then on to the next group of lines. */
static int add_interleaved(const struct common *c, unsigned lines)
{
	struct fp_row *row = add(c, 0, lines);
	struct fp_program *p;

	if (!row)
		return -ENOMEM;
	p = &row->work.programs[0];
	/* The words have moved the offset on by one line of the group. */
	p->walk.has_stride = true;
	p->walk.stride = (lines - 1) * c->line;
	fp_repeat(p, c->line / c->width);
	fp_add_part(p, FP_PART_rewind, 1);
	fp_repeat(p, lines);
	fp_add_access(p, c->store);
	fp_add_part(p, FP_PART_step, 1);
	fp_end(p);
	fp_add_part(p, FP_PART_offset_up, c->width / 8);
	fp_end(p);
	fp_add_part(p, FP_PART_next_line, 1);
	fp_row_axis(row, "lines", lines);
	return finish(row, c, 0, lines);
}

static int add_filled(const struct common *c, unsigned bytes, bool up)
{
	size_t flush = fp_flush_barrier();
	struct fp_row *row = add(c, flush, 1);
	struct fp_program *p;

	if (!row)
		return -ENOMEM;
	p = &row->work.programs[0];
	fp_add_part(p, FP_PART_next_line, 1);
	if (!up && bytes > c->width)
		fp_add_part(p, FP_PART_line_up, (bytes - c->width) / 8);
	add_stores(p, c, bytes, up ? FP_PART_line_up : FP_PART_line_down);
	fp_add_barrier(p, flush);
	fp_row_axis(row, "bytes", bytes);
	fp_row_axis_text(row, "order", up ? "up" : "down");
	fp_set_number(&row->fields, "bytes", bytes);
	return finish(row, c, flush, 0);
}

enum between { NOTHING, STORE, TIME, BARRIER };

static void add_between(struct fp_program *p, enum between between, size_t barrier)
{
	switch (between) {
	case NOTHING:
		break;
	case BARRIER:
		fp_add_barrier(p, barrier);
		break;
	case STORE:
		fp_add_part(p, FP_PART_store_next, 1);
		break;
	case TIME:
		/* The next line's address waits for the chain, so that time passes here. */
		fp_add_part(p, FP_PART_cross_chain, WAIT_LINKS);
		fp_add_part(p, FP_PART_line_tie, 1);
		break;
	}
}

static int add_split(const struct common *c, enum between between, size_t barrier)
{
	static const char *const names[] = {
		[NOTHING] = "nothing", [BARRIER] = "barrier", [STORE] = "store", [TIME] = "time" };
	struct fp_row *row = add(c, barrier, 1);
	struct fp_program *p;

	if (!row)
		return -ENOMEM;
	p = &row->work.programs[0];
	fp_add_part(p, FP_PART_next_line, 1);
	add_stores(p, c, c->line / 2, FP_PART_line_up);
	add_between(p, between, barrier);
	add_stores(p, c, c->line / 2, FP_PART_line_up);
	fp_row_axis_text(row, "between", names[between]);
	return finish(row, c, barrier, 0);
}

static int add_repeated(const struct common *c)
{
	struct fp_row *row = add(c, 0, 1);
	struct fp_program *p;

	if (!row)
		return -ENOMEM;
	p = &row->work.programs[0];
	p->walk.lines = 0;
	fp_add_part(p, FP_PART_rewind, 1);
	add_stores(p, c, c->line, FP_PART_line_up);
	fp_row_axis_text(row, "repeat", "line");
	return finish(row, c, 0, 0);
}

static int add_all_filled(const struct common *c)
{
	int err = 0;

	for (unsigned bytes = c->width; !err && bytes <= c->line; bytes += c->width) {
		err = add_filled(c, bytes, true);
		if (!err)
			err = add_filled(c, bytes, false);
	}
	return err;
}

static int add_all_split(const struct common *c)
{
	int err = 0;

	for (enum between what = NOTHING; !err && what < BARRIER; what++)
		err = add_split(c, what, 0);
	for (size_t i = 1; !err && i < fp_arch_tables[fp_native.id].n_barriers; i++)
		err = add_split(c, BARRIER, i);
	return err;
}

static int add_all(const struct common *c)
{
	int err = 0;

	for (unsigned lines = 1; !err && lines <= MOST_LINES; lines++)
		err = add_interleaved(c, lines);
	if (!err)
		err = add_all_filled(c);
	if (!err)
		err = add_all_split(c);
	return err ? err : add_repeated(c);
}

/* On RAM only a non-temporal store takes the buffers; on WC memory every one does. */
static bool combines(const struct fp_access *a, bool is_ram)
{
	if (a->kind != FP_STORE || a->width < 8 || a->width > 16)
		return false;
	return a->flavour == (is_ram ? FP_NONTEMPORAL : FP_PLAIN);
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	struct common c = { .plan = plan_, .profile = profile, .memory = memory,
			    .line = (unsigned)fp_arch_line_bytes() };
	int err = 0;

	if (plan_->scope == FP_QUICK)
		return 0;
	for (c.store = 0; !err && c.store < t->n_accesses; c.store++) {
		c.width = t->accesses[c.store].width;
		if (combines(&t->accesses[c.store], profile->is_ram))
			err = add_all(&c);
	}
	return err;
}

const struct fp_family fp_family_combine = {
	.name = "combine",
	.summary = "how stores are collected into lines: buffers, partial lines, what drains them",
	.share = 1.0 / 3, /* a line that went out in parts costs many times one that did not */
	.plan = plan,
};
