/* SPDX-License-Identifier: MIT */
/*
 * loop.h - a loop of fragments as the sequencer lays it, without the sequencer,
 * and the memory that it works on.
 */
#ifndef FENCEPOST_TEST_LOOP_H
#define FENCEPOST_TEST_LOOP_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "arch.h"

#define LOOP_BYTES   ((size_t)64 * 1024)
#define REGION_LINES 64u
#define REGION_BYTES (REGION_LINES * 128)
#define LOOPS	     40u
#define FILL	     0x5a
#define VALUE	     UINT64_C(0x1122334455667788)

struct loop {
	unsigned char *code; /* mapped by the first loop_begin, and kept */
	size_t used, head;
	int err;	     /* the first error */
};

/* Memory of one run; every place that is not to change is known beforehand. */
static _Alignas(REGION_BYTES) unsigned char region[REGION_BYTES];
static _Alignas(256) uint64_t hot_line[32], side_line[32], flag_line[32], other_lines[2][32];
static uint64_t logged[LOOPS + 1];

static void loop_lay(struct loop *l, const struct fp_fragment *f)
{
	if (!l->err && f->bytes > LOOP_BYTES - l->used)
		l->err = -ENOSPC;
	if (l->err)
		return;
	memcpy(l->code + l->used, f->code, f->bytes);
	l->used += f->bytes;
}

static void loop_part(struct loop *l, enum fp_part part)
{
	loop_lay(l, &fp_native.parts[part]);
}

/* Several; FP_PARTS ends them. */
static inline void loop_parts(struct loop *l, const enum fp_part *parts)
{
	for (; *parts != FP_PARTS; parts++)
		loop_part(l, *parts);
}
#define PARTS(...) ((const enum fp_part[]){ __VA_ARGS__, FP_PARTS })

static int loop_protect(struct loop *l, int protection)
{
	return mprotect(l->code, LOOP_BYTES, protection) ? -errno : 0;
}

/* What is laid from here on lies before the loop's head, until loop_head. */
static void loop_begin(struct loop *l)
{
	l->err = 0;
	if (!l->code)
		l->code = mmap(NULL, LOOP_BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (l->code == MAP_FAILED)
		l->err = -errno;
	else
		l->err = loop_protect(l, PROT_READ | PROT_WRITE);
	l->used = 0;
	loop_part(l, FP_PART_entry);
}

static void loop_head(struct loop *l)
{
	l->head = l->used;
}

static void loop_call(struct loop *l, enum fp_part part, const struct fp_call *call)
{
	size_t at = l->used;

	loop_part(l, part);
	if (!l->err)
		l->err = fp_arch_set_call(l->code + at, l->used - at, call);
}

/* What is laid from here on lies behind the loop. */
static void loop_close(struct loop *l)
{
	loop_part(l, FP_PART_loop_end);
	if (!l->err)
		l->err = fp_arch_close_loop(l->code, l->used, l->head);
}

/* Ends the code and runs it. */
static int loop_run(struct loop *l, struct fp_batch *batch)
{
	void (*run)(struct fp_batch *);

	loop_part(l, FP_PART_leave);
	if (!l->err)
		l->err = loop_protect(l, PROT_READ | PROT_EXEC);
	if (l->err)
		return l->err;
	__builtin___clear_cache((char *)l->code, (char *)l->code + l->used);
	memcpy(&run, &l->code, sizeof(run));
	run(batch);
	return 0;
}

/* LOOPS lines out of REGION_LINES, each once; the offset wraps. */
static struct fp_batch loop_batch(void)
{
	size_t line = fp_arch_line_bytes();

	memset(region, FILL, sizeof(region));
	memset(side_line, 0, sizeof(side_line));
	memset(logged, FILL, sizeof(logged));
	memset(flag_line, 0xff, sizeof(flag_line));
	hot_line[0] = (uint64_t)(uintptr_t)hot_line;
	return (struct fp_batch){ .base = region, .stride = 5 * line,
				  .mask = REGION_LINES * line - line, .hot = hot_line,
				  .side = side_line, .loops = LOOPS, .value = VALUE,
				  .at = { other_lines[0], flag_line, other_lines[1] },
				  .log = logged };
}

static uint64_t word_at(size_t offset)
{
	uint64_t word;

	memcpy(&word, region + offset, sizeof(word));
	return word;
}

static bool is_filled(uint64_t word)
{
	return word == UINT64_C(0x0101010101010101) * FILL;
}

#endif
