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

#include "families/family.h"

#define SEQUENCE_BYTES (256u * 1024)
#define VISITED_BYTES  (2u * 1024 * 1024) /* by loops of stores: one huge page, no TLB misses */
#define SOURCE_BYTES   (1u * 1024 * 1024) /* the largest copy */
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

/* Both in RAM, touched by the pinned thread: on its NUMA node. */
static int make_source(struct fp_bench *bench)
{
	size_t bytes = bench->region_bytes < SOURCE_BYTES ? bench->region_bytes : SOURCE_BYTES;
	void *source, *sink;

	if (posix_memalign(&source, 4096, bytes))
		return -ENOMEM;
	for (size_t i = 0; i < bytes; i++)
		((unsigned char *)source)[i] = (unsigned char)(i * 7 + (i >> 8));
	bench->source = source;
	if (posix_memalign(&sink, 4096, bytes))
		return -ENOMEM;
	memset(sink, 0, bytes);
	bench->sink = sink;
	return 0;
}

/*
 * What loops of single lines go through, a power of two: half of a mapping that
 * is small, since a loop may step on from the line that it is at.
 */
static size_t visited_bytes(size_t mapped)
{
	return mapped > VISITED_BYTES ? VISITED_BYTES : mapped / 2;
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
	bench->mapping = mapping;
	bench->memory = mapping->requested;
	bench->emulated = emulated;
	bench->line_bytes = line;
	bench->region_bytes = mapping->bytes;
	visited = visited_bytes(mapping->bytes);
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
		err = make_source(bench);
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
	free(bench->sink);
	memset(bench, 0, sizeof(*bench));
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

#define REPEATS 64

/* Least ns of one of them, laid so often in a loop. */
static double repeated_ns(struct fp_bench *bench, const struct fp_fragment *fragment, void *line)
{
	struct fp_laying l = fp_lay_begin(bench->measured);
	struct fp_loop loop = { bench->measured, bench->batch, 1 };
	struct fp_timed timed = { fp_run_loop, &loop };
	struct fp_measurement m = { .operations = 1 };

	loop.batch.base = loop.batch.hot = loop.batch.side = line;
	fp_lay_part(&l, FP_PART_rewind, 1);
	fp_lay(&l, fragment, REPEATS);
	if (fp_lay_end(&l, NULL))
		return NAN;
	return fp_meter_least(bench->meter, &m, &timed, 16, 9) / (16 * REPEATS);
}

/*
 * RAM gives back what was stored in it, so that its loads can depend on each
 * other; a device need not, and there each load waits by itself.
 */
static double load_ns(struct fp_bench *bench, void *line)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	size_t i = 0;

	if (bench->memory == FP_WB) {
		memcpy(line, &line, sizeof(line));
		return repeated_ns(bench, &fp_native.parts[FP_PART_load_next], line);
	}
	while (i + 1 < t->n_accesses && strcmp(t->accesses[i].id, "load4"))
		i++;
	return repeated_ns(bench, &fp_native.accesses[i], line);
}

/* Behind what the page tables say, where they say something. */
static void note_measured(struct fp_mapping *m, bool cached, double load, double store)
{
	const char *what = m->requested == FP_WB ? "dependent load" : "load";
	size_t used = strlen(m->verified_by);

	if (cached)
		snprintf(m->effective, sizeof(m->effective), "%s", fp_arch_memory_name(FP_WB));
	else if (!*m->effective)
		snprintf(m->effective, sizeof(m->effective), "not write-back");
	snprintf(m->verified_by + used, sizeof(m->verified_by) - used,
		 "%smeasured: %s %.2f ns, repeated store %.2f ns", used ? "; " : "", what, load,
		 store);
}

int fp_bench_verify(struct fp_bench *bench, struct fp_mapping *mapping)
{
	double ghz = fp_meter_cycles_per_ns(bench->meter), load, store, limit;
	void *line = mapping->address;
	bool cached;

	if (bench->emulated) {
		if (!*mapping->effective)
			snprintf(mapping->effective, sizeof(mapping->effective), "unknown: emulated");
		return 0;
	}
	load = load_ns(bench, line);
	store = repeated_ns(bench, &fp_native.parts[FP_PART_store_next], line);
	/* Without a known frequency 3 GHz serves: the limit has room for a factor. */
	limit = CACHED_CYCLES / (ghz > 0 ? ghz : 3);
	cached = load <= limit && store <= limit;
	note_measured(mapping, cached, load, store);
	return cached == (mapping->requested == FP_WB) ? 0 : -ENXIO;
}
