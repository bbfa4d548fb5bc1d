// SPDX-License-Identifier: MIT
/*
 * Every row leaves the registers of arch.h's table as they were, and so does a
 * call of a function that leaves none that it may change.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/guard.h"
#include "clobber.h"
#include "loop.h"
#include "tap.h"

static struct loop loop;
static const struct fp_arch_tables *tables;

/*
 * Makes every register seen but count, which the log's length shows, and side,
 * which show_end shows.  Comes behind what may have spoiled them.
 *
 *   hot           the next load faults at any other address
 *   line, value   the first store
 *   batch         has the address of a flag that holds all ones
 *   one           what value grows by
 *   base, offset  the second store's place
 *   zero          is added to that: result is all ones
 *   stride, mask  the next line's place
 *   log           the record
 */
static void show(void)
{
	loop_parts(&loop, PARTS(FP_PART_store_line, FP_PART_load_next, FP_PART_chain,
				FP_PART_cross_chain, FP_PART_load_next, FP_PART_at_flag,
				FP_PART_await, FP_PART_value_up, FP_PART_rewind,
				FP_PART_line_tie_result, FP_PART_line_up, FP_PART_store_line,
				FP_PART_record));
}

static void show_begin(void)
{
	loop_begin(&loop);
	loop_part(&loop, FP_PART_log_begin);
	loop_head(&loop);
	loop_part(&loop, FP_PART_next_line);
}

/* stop is set, so that await ends at once with what the flag holds. */
static int show_end(struct fp_batch *batch)
{
	show();
	loop_close(&loop);
	loop_part(&loop, FP_PART_store_next);
	loop_part(&loop, FP_PART_log_end);
	batch->stop = 1;
	return loop_run(&loop, batch);
}

/* The two stores of loop n; a value that may have changed is only not to be what was there. */
static bool is_line_shown(const struct fp_batch *batch, uint64_t n, bool keeps_value)
{
	size_t offset = (n + 1) * batch->stride & batch->mask;
	uint64_t first = word_at(offset), second = word_at(offset + 8);

	if (!keeps_value)
		return !is_filled(first) && second == first + 1;
	return first == VALUE + n && second == VALUE + n + 1;
}

/* NULL, or which register was spoiled. */
static const char *spoiled_register(const struct fp_batch *batch, bool keeps_value)
{
	if (batch->log != logged + LOOPS)
		return "count or log";
	if (batch->offset != (LOOPS * batch->stride & batch->mask))
		return "offset, stride or mask";
	for (uint64_t n = 0; n < LOOPS; n++) {
		if (!is_line_shown(batch, n, keeps_value))
			return "line, value, base, zero or one";
		if (~logged[n])
			return "batch or result";
	}
	if (hot_line[0] != (uint64_t)(uintptr_t)hot_line)
		return "hot";
	if (keeps_value ? side_line[0] != VALUE + LOOPS : !side_line[0])
		return "side";
	return NULL;
}

struct trial {
	const struct fp_fragment *first, *second; /* of the row */
	bool keeps_value;
};

static int run_trial(void *argument)
{
	const struct trial *t = argument;
	struct fp_batch batch = loop_batch();
	const char *spoiled;
	int err;

	show_begin();
	loop_lay(&loop, t->first);
	if (t->second)
		loop_lay(&loop, t->second);
	err = show_end(&batch);
	spoiled = err ? NULL : spoiled_register(&batch, t->keeps_value);
	if (spoiled)
		printf("# spoiled: %s\n", spoiled);
	return spoiled ? -EILSEQ : err;
}

static void test_row(const char *kind, const char *id, const char *feature, struct trial t)
{
	const char *lacks = fp_arch_lacks(feature);
	char reason[128] = "";
	int err;

	if (lacks) {
		printf("# not run: %s %s: %s\n", kind, id, lacks);
		return;
	}
	err = fp_guard(run_trial, &t, 10, reason, sizeof(reason));
	tap_ok(!err, "%s %s runs and keeps the registers %s", kind, id, reason);
}

static void test_rows(void)
{
	for (size_t i = 0; i < tables->n_barriers; i++)
		test_row("barrier", tables->barriers[i].id, tables->barriers[i].feature,
			 (struct trial){ &fp_native.barriers[i], NULL, true });
	for (size_t i = 0; i < tables->n_accesses; i++)
		test_row("access", tables->accesses[i].id, tables->accesses[i].feature,
			 (struct trial){ &fp_native.accesses[i], NULL, true });
	for (size_t i = 0; i < tables->n_locks; i++)
		test_row("lock", tables->locks[i].id, tables->locks[i].feature,
			 (struct trial){ &fp_native.locks[i], &fp_native.unlocks[i], false });
}

static unsigned calls, misaligned;

/* As hard on its caller as the calling convention lets it be. */
static void clobbering(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
	calls++;
	misaligned += (uintptr_t)__builtin_frame_address(0) % 16 != 0;
	clobber_registers();
}

static void test_call(enum fp_part part, const char *name)
{
	struct fp_batch batch = loop_batch();
	uint64_t from = 0x0123456789abcdef, to = 0;
	bool reads = part == FP_PART_call_from;
	unsigned copied = 0;
	const struct fp_call call = { clobbering, 24, reads ? &to : &from, 8 };

	calls = misaligned = 0;
	show_begin();
	loop_call(&loop, part, &call);
	tap_is_int(show_end(&batch), 0, "%s runs", name);
	tap_is_str(spoiled_register(&batch, true), NULL, "and keeps the registers");
	tap_is_int(calls, LOOPS, "each loop calls once");
	tap_is_int(misaligned, 0, "with a stack that is aligned to 16 bytes");
	for (uint64_t n = 1; n <= LOOPS; n++)
		copied += word_at((n * batch.stride & batch.mask) + 24) == from;
	tap_is_int(copied, reads ? 0 : LOOPS,
		   "to a place counted from line, if it is the one that is written");
	tap_ok(!reads || to == UINT64_C(0x0101010101010101) * FILL, "or from there");
}

static void nothing(void *to, const void *from, size_t bytes)
{
	(void)to;
	(void)from;
	(void)bytes;
	clobber_registers();
}

/* How many whole words of value a row stores in its LOOPS lines; behind a call, if asked. */
static unsigned count_values(const struct fp_fragment *row, bool behind_call)
{
	static const struct fp_call call = { nothing, 0, NULL, 0 };
	struct fp_batch batch = loop_batch();
	unsigned count = 0;

	loop_begin(&loop);
	loop_head(&loop);
	loop_part(&loop, FP_PART_next_line);
	if (behind_call)
		loop_call(&loop, FP_PART_call, &call);
	loop_lay(&loop, row);
	loop_close(&loop);
	loop_part(&loop, FP_PART_drain);
	if (loop_run(&loop, &batch))
		return 0;
	for (size_t at = 0; at < sizeof(region); at += 8)
		count += word_at(at) == VALUE;
	return count;
}

/* Stores wider than a register have copies of value, which are no row of the table. */
static void test_wide_values(void)
{
	for (size_t i = 0; i < tables->n_accesses; i++) {
		const struct fp_access *a = &tables->accesses[i];

		if (a->kind != FP_STORE || a->width < 8 || fp_arch_lacks(a->feature))
			continue;
		tap_is_int(count_values(&fp_native.accesses[i], true),
			   count_values(&fp_native.accesses[i], false),
			   "%s stores the same values after a call", a->id);
	}
}

static void test_call_limits(void)
{
	struct fp_call call = { nothing, INT32_MAX, NULL, UINT32_MAX };
	unsigned char code[256];
	size_t bytes = fp_native.parts[FP_PART_call].bytes;

	if (!tap_ok(bytes <= sizeof(code), "a call is short"))
		return;
	memcpy(code, fp_native.parts[FP_PART_call].code, bytes);
	tap_is_int(fp_arch_set_call(code, bytes, &call), 0, "a call of 4 GiB, 2 GiB away, is set");
	tap_is_int(fp_arch_set_call(code, 4, &call), -ERANGE, "code that is no call is refused");
	call.displacement = UINT64_C(1) << 31;
	tap_is_int(fp_arch_set_call(code, bytes, &call), -ERANGE, "and what lies farther away");
}

int main(void)
{
	tables = &fp_arch_tables[fp_native.id];
	test_rows();
	test_call(FP_PART_call, "a call");
	test_call(FP_PART_call_from, "a call that reads");
	test_wide_values();
	test_call_limits();
	return tap_done();
}
