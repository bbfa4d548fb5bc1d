// SPDX-License-Identifier: MIT
#include "measure/workbench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCE_BYTES (256u * 1024)
#define VISITED_BYTES  (2u * 1024 * 1024) /* by loops of stores: one huge page, no TLB misses */
#define PAGE_BYTES     4096u
#define LINE_PAGES     (2u + FP_LOCATIONS) /* hot, side, and one for each location */
#define LOG_VALUES     (64u * 1024)
#define APART	       256u /* bytes: lines of two locations do not share what is fetched at once */

/*
 * An odd number of lines near the golden section of the region: consecutive
 * lines lie in other pages, so that no prefetcher follows, and each line is
 * visited once before any is visited twice.
 */
static uint64_t choose_stride(size_t lines, size_t line_bytes)
{
	return ((uint64_t)((double)lines * 0.6180339887) | 1) * line_bytes;
}

/* A page for each: no false sharing with anything.  hot holds its own address. */
static int make_lines(struct fp_workbench *bench)
{
	struct fp_batch *batch = &bench->batch;
	void *lines;

	if (posix_memalign(&lines, 2 * PAGE_BYTES, LINE_PAGES * PAGE_BYTES))
		return -ENOMEM;
	memset(lines, 0, LINE_PAGES * PAGE_BYTES);
	bench->lines = lines;
	batch->hot = bench->lines;
	batch->side = bench->lines + PAGE_BYTES;
	memcpy(batch->hot, &batch->hot, sizeof(batch->hot));
	return 0;
}

/* Both in RAM, touched by the pinned thread: on its NUMA node. */
static int make_ram(struct fp_ram *ram)
{
	void *source, *sink;

	if (posix_memalign(&source, PAGE_BYTES, FP_LARGEST_COPY))
		return -ENOMEM;
	for (size_t i = 0; i < FP_LARGEST_COPY; i++)
		((unsigned char *)source)[i] = (unsigned char)(i * 7 + (i >> 8));
	ram->source = source;
	if (posix_memalign(&sink, PAGE_BYTES, FP_LARGEST_COPY))
		return -ENOMEM;
	memset(sink, 0, FP_LARGEST_COPY);
	ram->sink = sink;
	return 0;
}

/* The evicting loop is the same for every row; an architecture may have none. */
static int lay_eviction(struct fp_workbench *bench)
{
	struct fp_program p = { .drains = true };
	int err;

	fp_add_part(&p, FP_PART_next_line, 1);
	fp_add_part(&p, FP_PART_flush_line, 1);
	err = fp_program_lay(&p, bench->prepare, &bench->ram);
	fp_program_free(&p);
	return err == -ENOTSUP ? 0 : err;
}

int fp_workbench_open(struct fp_workbench *bench, bool emulated)
{
	int err;

	memset(bench, 0, sizeof(*bench));
	bench->emulated = emulated;
	bench->line_bytes = fp_arch_line_bytes();
	bench->batch.value = 1;
	fp_counters_open(&bench->counters);
	err = fp_meter_new(&bench->meter);
	if (!err)
		err = make_lines(bench);
	if (!err)
		err = make_ram(&bench->ram);
	if (!err)
		err = fp_sequence_new(&bench->measured, SEQUENCE_BYTES);
	if (!err)
		err = fp_sequence_new(&bench->base, SEQUENCE_BYTES);
	if (!err)
		err = fp_sequence_new(&bench->prepare, SEQUENCE_BYTES);
	if (!err)
		err = lay_eviction(bench);
	if (err)
		fp_workbench_close(bench);
	return err;
}

void fp_workbench_close(struct fp_workbench *bench)
{
	if (!bench->line_bytes)
		return;
	fp_sequence_free(bench->measured);
	fp_sequence_free(bench->base);
	fp_sequence_free(bench->prepare);
	for (unsigned i = 0; i < FP_WORKBENCH_THREADS; i++)
		free(bench->logs[i].values);
	for (unsigned i = 2; i < FP_WORKBENCH_THREADS; i++)
		fp_sequence_free(bench->more[i - 2]);
	fp_meter_free(bench->meter);
	fp_counters_close(&bench->counters);
	free(bench->lines);
	free((void *)(uintptr_t)bench->ram.source);
	free(bench->ram.sink);
	memset(bench, 0, sizeof(*bench));
}

int fp_workbench_log(struct fp_workbench *bench, unsigned thread,
		     const struct fp_sequence *sequence, uint64_t *max_loops)
{
	size_t records = fp_sequence_records(sequence);
	struct fp_log *log = &bench->logs[thread];

	if (!records)
		return 0;
	if (!log->values)
		log->values = calloc(LOG_VALUES, sizeof(*log->values));
	if (!log->values)
		return -ENOMEM;
	if (!*max_loops || *max_loops > LOG_VALUES / records)
		*max_loops = LOG_VALUES / records;
	return 0;
}

struct fp_sequence *fp_workbench_sequence(struct fp_workbench *bench, unsigned thread)
{
	struct fp_sequence **more = &bench->more[thread < 2 ? 0 : thread - 2];

	if (thread < 2)
		return thread ? bench->base : bench->measured;
	if (!*more)
		fp_sequence_new(more, SEQUENCE_BYTES);
	return *more;
}

size_t fp_visited_lines(size_t mapped_bytes)
{
	size_t bytes = mapped_bytes > VISITED_BYTES ? VISITED_BYTES : mapped_bytes / 2;

	return bytes / fp_arch_line_bytes();
}

/* Lines of its own RAM, of the payload's last ones, or the first of another mapping. */
static void *address_of(const struct fp_workbench *bench, const struct fp_mapping *mapping,
			enum fp_location location)
{
	if (!mapping)
		return bench->lines + (2 + location) * PAGE_BYTES;
	if (mapping == bench->payload)
		return (char *)mapping->address + mapping->bytes - location * APART;
	return (char *)mapping->address + (location - 1) * APART;
}

static void set_out_payload(struct fp_workbench *bench, const struct fp_mapping *payload)
{
	bench->payload = payload;
	bench->region_bytes = payload->bytes;
	bench->region_lines = fp_visited_lines(payload->bytes);
	bench->batch.base = payload->address;
	bench->batch.offset = 0;
	bench->batch.mask = (bench->region_lines - 1) * bench->line_bytes;
	bench->batch.stride = choose_stride(bench->region_lines, bench->line_bytes);
}

void fp_workbench_set_out(struct fp_workbench *bench,
			  const struct fp_mapping *const at[FP_LOCATIONS])
{
	struct fp_batch *batch = &bench->batch;

	set_out_payload(bench, at[FP_AT_PAYLOAD]);
	batch->at[0] = address_of(bench, at[FP_AT_DOORBELL], FP_AT_DOORBELL);
	batch->at[1] = address_of(bench, at[FP_AT_FLAG], FP_AT_FLAG);
	batch->at[2] = address_of(bench, at[FP_AT_REPLY], FP_AT_REPLY);
	batch->side = at[FP_AT_LOCK] ? address_of(bench, at[FP_AT_LOCK], FP_AT_LOCK)
				     : bench->lines + PAGE_BYTES;
	/*
	 * The row before may have left a lock's word taken, or a flag set.  The first lines are
	 * cleared, not the pages: before each block that would empty the L1 cache.
	 */
	for (size_t page = 1; page < LINE_PAGES; page++)
		memset(bench->lines + page * PAGE_BYTES, 0, APART);
}

void fp_workbench_set_out_payload(struct fp_workbench *bench, const struct fp_mapping *payload)
{
	fp_workbench_set_out(bench, (const struct fp_mapping *const[FP_LOCATIONS]){ payload });
}
