// SPDX-License-Identifier: MIT
/* A program's steps are what is laid: repeats, locations, calls, logs. */
#include <errno.h>
#include <stdlib.h>

#include "measure/workbench.h"
#include "tap.h"

#define REGION (64u * 1024)

static struct fp_workbench bench;
static struct fp_mapping mapping, other;
static size_t store;

static int lay(struct fp_program *p)
{
	int err = fp_program_lay(p, bench.measured, &bench.ram);

	fp_program_free(p);
	return err;
}

/* One run of what was laid. */
static struct fp_batch run(uint64_t loops)
{
	struct fp_batch batch = bench.batch;

	batch.loops = loops;
	fp_sequence_run(bench.measured, &batch);
	return batch;
}

static size_t body_bytes(void)
{
	size_t bytes;

	fp_sequence_body(bench.measured, &bytes);
	return bytes;
}

static void test_repeats(void)
{
	struct fp_program p = { 0 };
	size_t nop = fp_native.parts[FP_PART_nop].bytes, step = fp_native.parts[FP_PART_step].bytes;

	fp_repeat(&p, 3);
	fp_add_part(&p, FP_PART_nop, 2);
	fp_repeat(&p, 4);
	fp_add_part(&p, FP_PART_step, 1);
	fp_end(&p);
	fp_end(&p);
	tap_is_int(lay(&p), 0, "repeats nest");
	tap_is_int((long long)body_bytes(), (long long)(6 * nop + 12 * step),
		   "and are laid unrolled");
	fp_repeat(&p, 0);
	fp_add_part(&p, FP_PART_nop, 1);
	fp_end(&p);
	tap_is_int(lay(&p), 0, "what is repeated no time");
	tap_is_int((long long)body_bytes(), 0, "is not there");
	fp_repeat(&p, 2);
	tap_is_int(lay(&p), -EINVAL, "a repeat without an end is refused");
	fp_end(&p);
	tap_is_int(lay(&p), -EINVAL, "so is an end without a repeat");
}

static void test_sizes(void)
{
	struct fp_program p = { 0 };

	fp_add_part(&p, FP_PART_nop, 1u << 20);
	tap_is_int(lay(&p), -ENOSPC, "a program that does not fit is refused");
	fp_add_part(&p, FP_PART_nop, 1);
	tap_is_int(lay(&p), 0, "and the next one is laid");
}

static uint64_t value_at(const void *address)
{
	uint64_t value;

	memcpy(&value, address, sizeof(value));
	return value;
}

/* Payload in one mapping, doorbell in another, flag and reply in RAM of the workbench. */
static void test_locations(void)
{
	const struct fp_mapping *at[FP_LOCATIONS] = { &mapping, [FP_AT_DOORBELL] = &other };
	struct fp_program p = { 0 };

	fp_workbench_set_out(&bench, at);
	fp_add_access_at(&p, store, FP_AT_DOORBELL);
	fp_add_part(&p, FP_PART_value_up, 1);
	fp_add_access_at(&p, store, FP_AT_FLAG);
	fp_add_part(&p, FP_PART_value_up, 1);
	fp_add_access_at(&p, store, FP_AT_REPLY);
	fp_add_part(&p, FP_PART_value_up, 1);
	fp_add_access(&p, store);
	tap_is_int(lay(&p), 0, "a program of four locations is laid");
	memset(mapping.address, 0, REGION);
	memset(other.address, 0, REGION);
	run(1);
	tap_is_int((long long)value_at(other.address), 1, "the doorbell is rung in its mapping");
	tap_is_int((long long)value_at(bench.batch.at[1]), 2, "the flag is stored to");
	tap_is_int((long long)value_at(bench.batch.at[2]), 3, "and the reply");
	tap_is_int((long long)value_at(mapping.address), 4, "line points to the payload again");
	fp_workbench_set_out(&bench, at);
	tap_is_int((long long)value_at(bench.batch.at[1]), 0,
		   "RAM of the workbench is cleared for each row");
	fp_add_access_at(&p, store, FP_AT_LOG);
	tap_is_int(lay(&p), -EINVAL, "line can't point to the log");
}

/* A location in the payload's own mapping has a line that loops of single lines don't reach. */
static void test_same_mapping(void)
{
	const struct fp_mapping *at[FP_LOCATIONS] = { &mapping, [FP_AT_FLAG] = &mapping,
						      [FP_AT_REPLY] = &mapping };
	const struct fp_mapping *elsewhere[FP_LOCATIONS] = { &mapping, &other, &other, &other,
							     &other };
	char *flag, *reply, *visited = (char *)mapping.address;

	fp_workbench_set_out(&bench, at);
	flag = bench.batch.at[1];
	reply = bench.batch.at[2];
	visited += bench.region_lines * bench.line_bytes;
	tap_ok(flag >= visited && reply >= visited && flag + 8 <= visited + REGION,
	       "two locations in the payload's mapping lie behind what is visited");
	tap_ok(labs(flag - reply) >= (long)bench.line_bytes, "and in two lines");
	fp_workbench_set_out(&bench, elsewhere);
	tap_ok(bench.batch.at[0] == other.address && bench.batch.at[1] != bench.batch.at[0] &&
		       bench.batch.at[2] != bench.batch.at[1] &&
		       bench.batch.side != bench.batch.at[2],
	       "so do those that share another mapping");
}

/* The payload is walked on from one loop to the next, whatever lies between. */
static void test_return_to_payload(void)
{
	struct fp_program p = { 0 };
	size_t stored = 0;

	fp_workbench_set_out_payload(&bench, &mapping);
	fp_add_part(&p, FP_PART_next_line, 1);
	fp_add_access(&p, store);
	fp_add_access_at(&p, store, FP_AT_FLAG);
	tap_is_int(lay(&p), 0, "a loop that ends elsewhere is laid");
	memset(mapping.address, 0, REGION);
	run(16);
	for (size_t i = 0; i < REGION; i += bench.line_bytes)
		stored += value_at((char *)mapping.address + i) != 0;
	tap_is_int((long long)stored, 16, "16 loops have stored to 16 lines");
}

static void test_calls(void)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	struct fp_step call = { .kind = FP_STEP_CALL, .times = 1, .bytes = 24, .offset = 8,
				.skip = 16 };
	struct fp_program p = { 0 };
	char *to = mapping.address;

	while (call.row < t->n_copies && strcmp(t->copies[call.row].id, "fencepost_copy_toio"))
		call.row++;
	fp_workbench_set_out_payload(&bench, &mapping);
	memset(to, 0, REGION);
	fp_add(&p, &call);
	call.reads = true;
	call.offset = 0;
	call.bytes = 8;
	fp_add(&p, &call);
	call.row = FP_CALL_NOTHING;
	fp_add(&p, &call);
	tap_is_int(lay(&p), 0, "calls are laid");
	run(1);
	tap_ok(value_at(to) == 0 && !memcmp(to + 8, bench.ram.source + 16, 24) &&
	       value_at(to + 32) == 0,
	       "a call copies its bytes to its offset, from its own part of the source");
	tap_ok(!memcmp(bench.ram.sink + 16, to, 8), "another one reads into the sink");
}

static void test_log(void)
{
	struct fp_program p = { 0 };
	struct fp_batch batch;
	uint64_t most = 0, right = 0;

	fp_workbench_set_out_payload(&bench, &mapping);
	fp_add_part(&p, FP_PART_value_up, 1);
	fp_add_access(&p, store);
	fp_add_access(&p, fp_find_access("load8"));
	fp_add_part(&p, FP_PART_record, 1);
	tap_is_int(lay(&p), 0, "a program that records is laid");
	tap_is_int((long long)fp_sequence_records(bench.measured), 1, "it records once a loop");
	tap_ok(!fp_workbench_log(&bench, 0, bench.measured, &most) && most, "a log is made");
	bench.batch.log = bench.logs[0].values;
	batch = run(100);
	for (uint64_t i = 0; i < 100; i++)
		right += bench.logs[0].values[i] == i + 2;
	tap_is_int((long long)right, 100, "it holds what was loaded, loop by loop");
	tap_is_int((long long)(batch.log - bench.logs[0].values), 100, "and how far it got");
}

int main(void)
{
	store = fp_find_access("store8");
	mapping = (struct fp_mapping){ .address = aligned_alloc(REGION, REGION), .bytes = REGION,
				       .requested = FP_WB, .is_ram = true };
	other = mapping;
	other.address = aligned_alloc(REGION, REGION);
	if (!tap_ok(!fp_workbench_open(&bench, true), "a workbench opens"))
		return tap_done();
	fp_workbench_set_out_payload(&bench, &mapping);
	test_repeats();
	test_sizes();
	test_locations();
	test_same_mapping();
	test_return_to_payload();
	test_calls();
	test_log();
	fp_workbench_close(&bench);
	free(mapping.address);
	free(other.address);
	return tap_done();
}
