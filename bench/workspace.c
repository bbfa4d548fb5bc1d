// SPDX-License-Identifier: MIT
/*
 * What families work with: sequences, a region of the target's lines, two lines
 * in this CPU's L1, and what must be known of the target before a row is planned.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "family.h"

#define SEQUENCE_BYTES (256u * 1024)
#define VISITED_BYTES  (2u * 1024 * 1024) /* by loops of stores: one huge page, no TLB misses */
#define L1_LINES_BYTES 8192u /* one page for hot, one for side; no false sharing with anything */

/*
 * An odd number of lines near the golden section of the region: consecutive
 * lines lie in other pages, so that no prefetcher follows, and each line is
 * visited once before any is visited twice.
 */
static uint64_t choose_stride(size_t lines, size_t line_bytes)
{
	return ((uint64_t)((double)lines * 0.6180339887) | 1) * line_bytes;
}

static int make_l1_lines(struct fp_batch *batch)
{
	void *lines;

	if (posix_memalign(&lines, L1_LINES_BYTES, L1_LINES_BYTES))
		return -ENOMEM;
	memset(lines, 0, L1_LINES_BYTES);
	batch->hot = lines;
	batch->side = (char *)lines + L1_LINES_BYTES / 2;
	memcpy(batch->hot, &batch->hot, sizeof(batch->hot));
	return 0;
}

/* Touched by the pinned thread: on its NUMA node. */
static int make_source(struct fp_bench *bench, size_t bytes)
{
	void *source;

	if (posix_memalign(&source, 4096, bytes))
		return -ENOMEM;
	for (size_t i = 0; i < bytes; i++)
		((unsigned char *)source)[i] = (unsigned char)(i * 7 + (i >> 8));
	bench->source = source;
	return 0;
}

/* The evicting loop is the same for every row. */
static int lay_eviction(struct fp_sequence *sequence)
{
	struct fp_laying l = fp_lay_begin(sequence);

	fp_lay_part(&l, FP_PART_next_line, 1);
	fp_lay_part(&l, FP_PART_flush_line, 1);
	return fp_lay_end(&l, &fp_native.parts[FP_PART_drain]);
}

int fp_bench_open(struct fp_bench *bench, const struct fp_mapping *mapping, bool emulated)
{
	size_t line = fp_arch_line_bytes(), visited;
	int err;

	memset(bench, 0, sizeof(*bench));
	bench->memory = mapping->requested;
	bench->emulated = emulated;
	bench->line_bytes = line;
	bench->region_bytes = mapping->bytes;
	visited = mapping->bytes < VISITED_BYTES ? mapping->bytes : VISITED_BYTES;
	bench->region_lines = visited / line;
	bench->batch.base = mapping->address;
	bench->batch.mask = visited - line;
	bench->batch.stride = choose_stride(bench->region_lines, line);
	bench->batch.value = 1;
	fp_counters_open(&bench->counters);
	err = fp_meter_new(&bench->meter);
	if (!err)
		err = make_l1_lines(&bench->batch);
	if (!err)
		err = make_source(bench, mapping->bytes);
	if (!err)
		err = fp_sequence_new(&bench->measured, SEQUENCE_BYTES);
	if (!err)
		err = fp_sequence_new(&bench->base, SEQUENCE_BYTES);
	if (!err)
		err = fp_sequence_new(&bench->prepare, SEQUENCE_BYTES);
	if (!err)
		err = lay_eviction(bench->prepare);
	if (err)
		fp_bench_close(bench);
	return err;
}

void fp_bench_close(struct fp_bench *bench)
{
	fp_sequence_free(bench->measured);
	fp_sequence_free(bench->base);
	fp_sequence_free(bench->prepare);
	fp_meter_free(bench->meter);
	fp_counters_close(&bench->counters);
	free(bench->batch.hot);
	free((void *)bench->source);
	memset(bench, 0, sizeof(*bench));
}

struct fp_bench *fp_bench_find(struct fp_bench *benches, size_t n, enum fp_memory memory)
{
	for (size_t i = 0; i < n; i++)
		if (benches[i].memory == memory)
			return &benches[i];
	return NULL;
}

#define PROFILE_LOOPS 20u
#define PROFILE_TRIES 9u
#define MOST_OUTSTANDING 512u

/* stores missing stores, then the next load and a slow chain of links; least ns of a loop. */
static double missing_stores_ns(struct fp_bench *bench, unsigned stores, bool drain, unsigned links)
{
	struct fp_laying l = fp_lay_begin(bench->measured);
	struct fp_loop loop = { bench->measured, bench->batch, 1 };
	struct fp_loop evict = { bench->prepare, bench->batch, stores };
	struct fp_timed timed = { fp_run_loop, &loop };
	struct fp_measurement m = { .prepare = { fp_run_loop, &evict } };

	fp_lay_part(&l, FP_PART_tie, 1);
	for (unsigned i = 0; i < stores; i++) {
		fp_lay_part(&l, FP_PART_next_line, 1);
		fp_lay_part(&l, FP_PART_store_line, 1);
	}
	if (drain)
		fp_lay_part(&l, FP_PART_drain, 1);
	fp_lay_part(&l, FP_PART_load_next, 1);
	fp_lay_part(&l, FP_PART_cross_chain, links);
	if (fp_lay_end(&l, NULL))
		return NAN;
	return fp_meter_least(bench->meter, &m, &timed, PROFILE_LOOPS, PROFILE_TRIES) /
	       PROFILE_LOOPS;
}

/*
 * The next load does not wait for missing stores until there are more of them
 * than the CPU can hold; then it waits for the first of them, which takes about
 * as long as draining one.  The slow chain gives the stores of one loop the time
 * to drain before the next loop's come.
 */
int fp_profile_measure(struct fp_bench *bench, struct fp_profile *profile)
{
	const unsigned links = 1500;
	double one, threshold;
	unsigned fits = 1, stalls = MOST_OUTSTANDING;

	memset(profile, 0, sizeof(*profile));
	if (bench->emulated)
		return 0;
	one = missing_stores_ns(bench, 1, false, links);
	threshold = one + (missing_stores_ns(bench, 1, true, links) - one) / 2;
	if (!(threshold > one) || !(missing_stores_ns(bench, stalls, false, links) > threshold))
		return 0;
	while (stalls - fits > 1 + fits / 16) {
		unsigned middle = (fits + stalls) / 2;

		if (missing_stores_ns(bench, middle, false, links) > threshold)
			stalls = middle;
		else
			fits = middle;
	}
	profile->outstanding = fits;
	return 0;
}

#define CACHED_CYCLES 30.0 /* an L1 or L2 hit; uncached accesses take hundreds */

/* Least ns of one link of 64 fragments on the mapping's first line. */
static double repeated_ns(struct fp_bench *bench, enum fp_part part, void *line)
{
	struct fp_laying l = fp_lay_begin(bench->measured);
	struct fp_loop loop = { bench->measured, bench->batch, 1 };
	struct fp_timed timed = { fp_run_loop, &loop };
	struct fp_measurement m = { .operations = 1 };

	loop.batch.hot = loop.batch.side = line;
	fp_lay_part(&l, part, 64);
	if (fp_lay_end(&l, NULL))
		return NAN;
	return fp_meter_least(bench->meter, &m, &timed, 16, 9) / (16 * 64);
}

int fp_bench_verify(struct fp_bench *bench, struct fp_mapping *mapping)
{
	double ghz = fp_meter_cycles_per_ns(bench->meter), load, store, limit;
	void *line = mapping->address;

	if (bench->emulated) {
		snprintf(mapping->effective, sizeof(mapping->effective), "unknown: emulated");
		return 0;
	}
	memcpy(line, &line, sizeof(line));
	load = repeated_ns(bench, FP_PART_load_next, line);
	store = repeated_ns(bench, FP_PART_store_next, line);
	/* Without a known frequency 3 GHz serves: the limit has room for a factor. */
	limit = CACHED_CYCLES / (ghz > 0 ? ghz : 3);
	snprintf(mapping->effective, sizeof(mapping->effective), "%s",
		 load <= limit && store <= limit ? fp_arch_memory_name(FP_WB) : "not write-back");
	snprintf(mapping->verified_by, sizeof(mapping->verified_by),
		 "measured: dependent load %.2f ns, repeated store %.2f ns", load, store);
	return load <= limit && store <= limit ? 0 : -ENXIO;
}
