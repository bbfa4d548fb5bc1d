// SPDX-License-Identifier: MIT
/*
 * The sequencer's pieces: each is laid as its text says, and does what arch.h
 * says of it.
 */
#include <pthread.h>
#include <unistd.h>

#include "disassembly.h"
#include "loop.h"
#include "tap.h"

/* Longer than any wait here by far, and it ends one that nothing else ends. */
#define LIMIT_S 60

static struct loop loop;

static const char *const texts[FP_PARTS] = {
#define PART(ID, TEXT) [FP_PART_##ID] = TEXT,
#include <parts.def>
#undef PART
};

/* An architecture whose caches no program can flush lacks that part, and no other. */
static void test_texts(void)
{
	for (int i = 0; i < FP_PARTS; i++) {
		const struct fp_fragment *part = &fp_native.parts[i];

		if (i == FP_PART_flush_line && !texts[i]) {
			tap_ok(!part->code && !part->bytes, "there is no flush_line");
			continue;
		}
		if (!tap_ok(texts[i] && part->bytes, "part %d is there", i))
			continue;
		tap_ok(is_disassembled(part->code, part->bytes, texts[i], 1),
		       "it is laid as its text says: %.40s", texts[i]);
	}
}

static int run(struct fp_batch *batch, const enum fp_part *parts)
{
	loop_begin(&loop);
	loop_part(&loop, FP_PART_log_begin);
	loop_head(&loop);
	loop_parts(&loop, parts);
	loop_close(&loop);
	loop_part(&loop, FP_PART_log_end);
	return loop_run(&loop, batch);
}

static void test_locations(void)
{
	struct fp_batch batch = loop_batch();

	memset(other_lines, 0, sizeof(other_lines));
	memset(flag_line, 0, sizeof(flag_line));
	batch.loops = 1;
	tap_is_int(run(&batch, PARTS(FP_PART_at_doorbell, FP_PART_store_line, FP_PART_value_up,
				     FP_PART_at_flag, FP_PART_store_line, FP_PART_value_up,
				     FP_PART_at_reply, FP_PART_store_line, FP_PART_value_up,
				     FP_PART_rewind, FP_PART_store_line)),
		   0, "a store at each location");
	tap_ok(other_lines[0][0] == VALUE, "the doorbell's is at the doorbell");
	tap_ok(flag_line[0] == VALUE + 1, "the flag's at the flag");
	tap_ok(other_lines[1][0] == VALUE + 2, "the reply's at the reply");
	tap_ok(word_at(0) == VALUE + 3, "the payload's at the payload");
}

/* What await loads is recorded: a flag that grows by 1 in each loop. */
static void test_log(void)
{
	struct fp_batch batch = loop_batch();
	unsigned right = 0;

	tap_is_int(run(&batch, PARTS(FP_PART_at_flag, FP_PART_store_line, FP_PART_await,
				     FP_PART_record, FP_PART_value_up)), 0, "a loop that records");
	for (unsigned i = 0; i < LOOPS; i++)
		right += logged[i] == VALUE + i;
	tap_is_int(right, LOOPS, "what was loaded stands in the log, in that order");
	tap_ok(batch.log == logged + LOOPS, "the log's next place comes back");
	tap_ok(is_filled(logged[LOOPS]), "and nothing is written there");
	tap_ok(batch.value == VALUE, "the batch's value stays");
}

static void test_released(void)
{
	struct fp_batch batch = loop_batch();

	batch.loops = 1;
	batch.stop = 1;
	tap_is_int(run(&batch, PARTS(FP_PART_at_flag, FP_PART_await, FP_PART_record)), 0,
		   "stop ends a wait");
	tap_ok(!~logged[0], "with what was loaded last");
}

struct waiting {
	struct fp_batch batch;
	int err;
};

static void *wait_in_thread(void *argument)
{
	struct waiting *w = argument;

	w->err = run(&w->batch, PARTS(FP_PART_at_flag, FP_PART_await, FP_PART_record));
	return NULL;
}

/* Starts a wait for flag == VALUE; changes *word while it lasts. */
static uint64_t release(struct waiting *w, uint64_t *word, uint64_t value)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_in_thread, w))
		return 0;
	usleep(20000);
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
	return w->err ? 0 : logged[0];
}

static void test_threads(void)
{
	struct waiting w = { loop_batch(), 0 };

	w.batch.loops = 1;
	tap_ok(release(&w, flag_line, VALUE) == VALUE, "another thread's store ends a wait");
	w.batch = loop_batch();
	w.batch.loops = 1;
	flag_line[0] = 7;
	tap_ok(release(&w, &w.batch.stop, 1) == 7, "and so does its stop");
}

/* The tie leaves line where it is, whatever result holds: all ones here. */
static void test_tie(void)
{
	struct fp_batch batch = loop_batch();

	batch.loops = 1;
	batch.stop = 1;
	tap_is_int(run(&batch, PARTS(FP_PART_at_flag, FP_PART_await, FP_PART_at_doorbell,
				     FP_PART_line_tie_result, FP_PART_store_line)), 0,
		   "a store whose address waits for what was loaded");
	tap_ok(other_lines[0][0] == VALUE, "goes where line is");
}

static unsigned char fixed[512];

static void copy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}

/* Two calls a loop: there and back, beside each other. */
static void test_calls(void)
{
	struct fp_batch batch = loop_batch();
	size_t line = fp_arch_line_bytes();
	const struct fp_call there = { copy, 0, fixed, 16 }, back = { copy, 8, fixed + 256, 16 };
	unsigned copied = 0;

	batch.loops = REGION_LINES;
	for (size_t i = 0; i < sizeof(fixed); i++)
		fixed[i] = (unsigned char)i;
	loop_begin(&loop);
	loop_head(&loop);
	loop_part(&loop, FP_PART_next_line);
	loop_call(&loop, FP_PART_call, &there);
	loop_call(&loop, FP_PART_call_from, &back);
	loop_close(&loop);
	tap_is_int(loop_run(&loop, &batch), 0, "a loop of two calls");
	for (size_t i = 0; i < REGION_LINES; i++)
		copied += !memcmp(region + i * line, fixed, 16) && region[i * line + 16] == FILL;
	tap_is_int(copied, REGION_LINES, "each line is copied to, and not beyond");
	tap_ok(!memcmp(fixed + 256, fixed + 8, 8) && fixed[256 + 8] == FILL &&
	       fixed[256 + 16] == 16, "and read from, at its displacement");
	tap_ok(batch.offset == 0, "the offset comes round");
}

int main(void)
{
	alarm(LIMIT_S);
	test_texts();
	test_locations();
	test_log();
	test_released();
	test_threads();
	test_tie();
	test_calls();
	return tap_done();
}
