// SPDX-License-Identifier: MIT
/*
 * What the sequencer lays is what the rows say, as the disassembler sees it,
 * and its loop does what it is to do.
 */
#include <errno.h>
#include <stdint.h>

#include "disassembly.h"
#include "tap.h"
#include "work/sequencer.h"

#define TIMES  3u
#define LINES  64u
#define REGION (LINES * 128)

static const struct fp_arch_tables *tables;
static _Alignas(REGION) unsigned char region[REGION];
static _Alignas(256) uint64_t hot[32], side[32];

static bool is_laid(struct fp_sequence *s, const struct fp_fragment *fragment, const char *text)
{
	const void *body;
	size_t bytes;

	if (fp_sequence_begin(s) || fp_sequence_lay(s, fragment, TIMES) || fp_sequence_end(s, NULL))
		return false;
	body = fp_sequence_body(s, &bytes);
	return bytes == TIMES * fragment->bytes &&
	       (!*text || is_disassembled(body, bytes, text, TIMES));
}

static void test_disassembly(struct fp_sequence *s)
{
	for (size_t i = 0; i < tables->n_barriers; i++)
		tap_ok(is_laid(s, &fp_native.barriers[i], tables->barriers[i].text),
		       "barrier %s is laid as its text says", tables->barriers[i].id);
	for (size_t i = 0; i < tables->n_accesses; i++)
		tap_ok(is_laid(s, &fp_native.accesses[i], tables->accesses[i].text),
		       "access %s is laid as its text says", tables->accesses[i].id);
	for (size_t i = 0; i < tables->n_locks; i++)
		tap_ok(is_laid(s, &fp_native.locks[i], tables->locks[i].text) &&
		       is_laid(s, &fp_native.unlocks[i], tables->locks[i].unlock_text),
		       "lock %s is laid as its text says", tables->locks[i].id);
}

static void reset(struct fp_batch *batch)
{
	size_t line = fp_arch_line_bytes();

	memset(region, 0, sizeof(region));
	memset(side, 0, sizeof(side));
	hot[0] = (uint64_t)(uintptr_t)hot;
	*batch = (struct fp_batch){ .base = region, .stride = 5 * line,
				    .mask = LINES * line - line, .hot = hot, .side = side,
				    .loops = 10, .value = 0x1122334455667788 };
}

/* 10 loops of 4 lines: each of 40 lines is stored once, the offset has moved by 40 strides. */
static void test_lines(struct fp_sequence *s)
{
	static const enum fp_part others[] = { FP_PART_store_next, FP_PART_tie, FP_PART_load_next,
					       FP_PART_chain, FP_PART_cross_chain };
	size_t line = fp_arch_line_bytes(), stored = 0;
	struct fp_batch batch;
	int err = fp_sequence_begin(s);

	for (int i = 0; i < 4; i++) {
		err |= fp_sequence_lay_part(s, FP_PART_next_line, 1);
		err |= fp_sequence_lay_part(s, FP_PART_store_line, 1);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		err |= fp_sequence_lay_part(s, others[i], 3);
	err |= fp_sequence_end(s, &fp_native.parts[FP_PART_drain]);
	if (!tap_ok(!err, "a loop of parts is laid"))
		return;
	reset(&batch);
	fp_sequence_run(s, &batch);
	for (size_t i = 0; i < LINES; i++)
		stored += *(uint64_t *)(void *)(region + i * line) == batch.value;
	tap_is_int((long long)stored, 40, "each line is visited once before any is twice");
	tap_is_int((long long)batch.offset, (long long)(40 * batch.stride & batch.mask),
		   "the offset comes back advanced by every store");
	tap_ok(side[0] == batch.value, "the next store went to the side line");
	tap_ok(hot[0] == (uint64_t)(uintptr_t)hot, "the hot line still holds its address");
}

static size_t last_written(struct fp_sequence *s)
{
	struct fp_batch batch;
	size_t last = 0;

	reset(&batch);
	/* What is stored may be anything but this. */
	memset(region, 0x5a, sizeof(region));
	memset(side, 0x77, sizeof(side));
	batch.loops = 1;
	fp_sequence_run(s, &batch);
	for (size_t i = 0; i < sizeof(region); i++)
		if (region[i] != 0x5a)
			last = i + 1;
	return last;
}

/* A store row writes exactly its width, at the line's start. */
static void test_widths(struct fp_sequence *s)
{
	for (size_t i = 0; i < tables->n_accesses; i++) {
		const struct fp_access *a = &tables->accesses[i];

		if (a->kind != FP_STORE || a->flavour == FP_EXCLUSIVE || fp_arch_lacks(a->feature))
			continue;
		if (tap_ok(!fp_sequence_begin(s) &&
			   !fp_sequence_lay(s, &fp_native.accesses[i], 1) &&
			   !fp_sequence_end(s, &fp_native.parts[FP_PART_drain]), "%s is laid",
			   a->id))
			tap_is_int((long long)last_written(s), a->width, "%s writes %u bytes",
				   a->id, a->width);
	}
}

static void test_limits(struct fp_sequence *s)
{
	tap_ok(!fp_sequence_begin(s), "a sequence begins");
	tap_is_int(fp_sequence_lay_part(s, FP_PART_nop, 1 << 20), -ENOSPC,
		   "a full buffer is an error");
	tap_ok(!fp_sequence_begin(s) && !fp_sequence_lay_part(s, FP_PART_nop, 1) &&
	       !fp_sequence_end(s, NULL), "and can be used again");
}

int main(void)
{
	struct fp_sequence *s = NULL;

	tables = &fp_arch_tables[fp_native.id];
	if (!tap_ok(!fp_sequence_new(&s, 64 * 1024), "a buffer is made"))
		return tap_done();
	test_disassembly(s);
	test_lines(s);
	test_widths(s);
	test_limits(s);
	fp_sequence_free(s);
	return tap_done();
}
