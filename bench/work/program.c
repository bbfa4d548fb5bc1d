// SPDX-License-Identifier: MIT
#include "work/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void fp_add(struct fp_program *p, const struct fp_step *step)
{
	if (!p->err && p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 8;
		struct fp_step *steps = realloc(p->steps, room * sizeof(*steps));

		if (!steps)
			p->err = -ENOMEM;
		else
			p->steps = steps;
		p->room = steps ? room : p->room;
	}
	if (!p->err)
		p->steps[p->n++] = *step;
}

void fp_add_part(struct fp_program *p, enum fp_part part, unsigned times)
{
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_PART, .row = part, .times = times });
}

void fp_add_part_at(struct fp_program *p, enum fp_part part, enum fp_location at)
{
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_PART, .row = part, .at = at, .times = 1 });
}

void fp_add_barrier(struct fp_program *p, size_t barrier)
{
	fp_add(p,
	       &(struct fp_step){ .kind = FP_STEP_BARRIER, .row = (unsigned)barrier, .times = 1 });
}

void fp_add_access(struct fp_program *p, size_t access)
{
	fp_add_access_at(p, access, FP_AT_PAYLOAD);
}

void fp_add_access_at(struct fp_program *p, size_t access, enum fp_location at)
{
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_ACCESS, .row = (unsigned)access, .at = at,
				     .times = 1 });
}

void fp_repeat(struct fp_program *p, unsigned times)
{
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_REPEAT, .times = times });
}

void fp_end(struct fp_program *p)
{
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_END, .times = 1 });
}

void fp_program_free(struct fp_program *p)
{
	free(p->steps);
	*p = (struct fp_program){ 0 };
}

const struct fp_step *fp_program_find(const struct fp_program *p, enum fp_step_kind kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == kind)
			return &p->steps[i];
	return NULL;
}

size_t fp_find_barrier(const char *id)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	size_t i = 0;

	while (i < t->n_barriers && strcmp(t->barriers[i].id, id))
		i++;
	return i;
}

size_t fp_find_access(const char *id)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	size_t i = 0;

	while (i < t->n_accesses && strcmp(t->accesses[i].id, id))
		i++;
	return i;
}

size_t fp_flush_barrier(void)
{
	return fp_find_barrier(fp_arch_tables[fp_native.id].flush);
}

/* ---- laying ---- */

struct laying {
	struct fp_sequence *sequence;
	const struct fp_program *program;
	const struct fp_ram *ram;
	enum fp_location line; /* where line points to */
};

static void nothing(void *to, const void *from, size_t bytes)
{
	(void)to;
	(void)from;
	(void)bytes;
}

/* Parts that store to, load from or move on from where line points to. */
static bool part_uses_line(enum fp_part part)
{
	switch (part) {
	case FP_PART_step:
	case FP_PART_line_up:
	case FP_PART_line_down:
	case FP_PART_line_tie:
	case FP_PART_line_tie_result:
	case FP_PART_store_line:
	case FP_PART_flush_line:
	case FP_PART_await:
		return true;
	default:
		return false;
	}
}

static bool uses_line(const struct fp_step *step)
{
	switch (step->kind) {
	case FP_STEP_ACCESS:
	case FP_STEP_CALL:
		return true;
	case FP_STEP_BARRIER:
		return fp_arch_tables[fp_native.id].barriers[step->row].kind == FP_LINE_FLUSH;
	case FP_STEP_PART:
		return part_uses_line((enum fp_part)step->row);
	default:
		return false;
	}
}

static int lay_part(struct laying *l, enum fp_part part, size_t times)
{
	if (!fp_native.parts[part].bytes)
		return -ENOTSUP;
	if (part == FP_PART_next_line || part == FP_PART_rewind)
		l->line = FP_AT_PAYLOAD;
	return fp_sequence_lay_part(l->sequence, part, times);
}

/* The lock's line and the log have registers of their own: line never points there. */
static int select_location(struct laying *l, enum fp_location at)
{
	static const enum fp_part selects[FP_LOCATIONS] = {
		[FP_AT_PAYLOAD] = FP_PART_rewind,
		[FP_AT_DOORBELL] = FP_PART_at_doorbell,
		[FP_AT_FLAG] = FP_PART_at_flag,
		[FP_AT_REPLY] = FP_PART_at_reply,
	};
	int err;

	if (l->line == at)
		return 0;
	if (at != FP_AT_PAYLOAD && !selects[at])
		return -EINVAL;
	err = lay_part(l, selects[at], 1);
	l->line = at;
	return err;
}

static int lay_call(struct laying *l, const struct fp_step *step)
{
	bool is_nothing = step->row == FP_CALL_NOTHING;
	struct fp_call call = {
		.function = is_nothing ? nothing : fp_native.copies[step->row],
		.displacement = step->offset,
		.bytes = step->bytes,
	};

	call.fixed = (step->reads ? l->ram->sink : (unsigned char *)(uintptr_t)l->ram->source) +
		     step->skip;
	return fp_sequence_lay_call(l->sequence, &call, step->reads);
}

static int lay_once(struct laying *l, const struct fp_step *step)
{
	switch (step->kind) {
	case FP_STEP_PART:
		return lay_part(l, (enum fp_part)step->row, 1);
	case FP_STEP_BARRIER:
		return fp_sequence_lay(l->sequence, &fp_native.barriers[step->row], 1);
	case FP_STEP_ACCESS:
		return fp_sequence_lay(l->sequence, &fp_native.accesses[step->row], 1);
	case FP_STEP_LOCK:
		return fp_sequence_lay(l->sequence, &fp_native.locks[step->row], 1);
	case FP_STEP_UNLOCK:
		return fp_sequence_lay(l->sequence, &fp_native.unlocks[step->row], 1);
	case FP_STEP_CALL:
		return lay_call(l, step);
	case FP_STEP_REPEAT:
	case FP_STEP_END:
		break;
	}
	return -EINVAL;
}

static int lay_step(struct laying *l, const struct fp_step *step)
{
	int err = uses_line(step) ? select_location(l, step->at) : 0;

	for (unsigned i = 0; !err && i < step->times; i++)
		err = lay_once(l, step);
	return err;
}

/* Past the end that belongs to the repeat at i; 0 if there is none. */
static size_t end_of(const struct fp_program *p, size_t i)
{
	size_t depth = 0;

	for (; i < p->n; i++) {
		depth += p->steps[i].kind == FP_STEP_REPEAT;
		if (p->steps[i].kind == FP_STEP_END && --depth == 0)
			return i + 1;
	}
	return 0;
}

static int lay_range(struct laying *l, size_t from, size_t to)
{
	int err = 0;

	for (size_t i = from; !err && i < to; i++) {
		const struct fp_step *step = &l->program->steps[i];
		size_t end;

		if (step->kind != FP_STEP_REPEAT) {
			err = lay_step(l, step);
			continue;
		}
		end = end_of(l->program, i);
		if (!end)
			return -EINVAL;
		for (unsigned n = 0; !err && n < step->times; n++)
			err = lay_range(l, i + 1, end - 1);
		i = end - 1;
	}
	return err;
}

static bool records(const struct fp_program *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == FP_STEP_PART && p->steps[i].row == FP_PART_record)
			return true;
	return false;
}

int fp_program_lay(const struct fp_program *p, struct fp_sequence *sequence,
		   const struct fp_ram *ram)
{
	struct laying l = { sequence, p, ram, FP_AT_PAYLOAD };
	int err = p->err ? p->err : fp_sequence_begin(sequence);

	if (!err && records(p))
		err = fp_sequence_record(sequence);
	if (!err)
		err = lay_range(&l, 0, p->n);
	/* The next loop finds line where the first one found it. */
	if (!err)
		err = select_location(&l, FP_AT_PAYLOAD);
	if (!err)
		err = fp_sequence_end(sequence, p->drains ? &fp_native.parts[FP_PART_drain] : NULL);
	return err;
}
