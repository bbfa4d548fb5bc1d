// SPDX-License-Identifier: MIT
/* Batches, samples and statistics, on functions whose time is known. */
#include <errno.h>

#include "machine/clock.h"
#include "measure/meter.h"
#include "measure/statistics.h"
#include "tap.h"

static uint64_t prepared, measured, based, most;

static void count_prepare(void *context, uint64_t loops)
{
	(void)context;
	prepared++;
	most = loops > most ? loops : most;
}

/* One loop is about a microsecond of waiting. */
static void wait_us(uint64_t us)
{
	uint64_t end = fp_clock_now() + us * 1000;

	while (fp_clock_now() < end)
		;
}

static void run_measured(void *context, uint64_t loops)
{
	(void)context;
	measured++;
	wait_us(2 * loops);
}

static void run_base(void *context, uint64_t loops)
{
	(void)context;
	based++;
	wait_us(loops);
}

static void test_block(struct fp_meter *meter)
{
	struct fp_measurement m = { .prepare = { count_prepare, NULL },
				    .measured = { run_measured, NULL },
				    .base = { run_base, NULL },
				    .operations = 1, .max_loops = 8 };
	struct fp_samples samples = { 0 };
	struct fp_statistics s;
	uint64_t begun = fp_clock_now();

	tap_is_int(fp_meter_block(meter, &m, 0, 50, &samples), 0, "a block is measured");
	/* Nobody waits for a machine that stands still. */
	tap_ok(samples.n + samples.dropped == 50 || fp_clock_now() - begun > 500000000,
	       "with as many samples as asked for");
	tap_is_int((long long)prepared, (long long)(measured + based),
		   "each batch is prepared, the base's, too");
	/* Fewer where one loop was held up when it was tried. */
	tap_ok(most >= 1 && most <= 8, "a batch keeps to the limit of its loops: %llu",
	       (unsigned long long)most);
	tap_is_int(fp_statistics(&samples, &s), 0, "the samples have statistics");
	/* Waits are never short: 2 us less 1 us, to the resolution of the clock. */
	tap_ok(s.ns.min > 500 && s.ns.p50 >= 500, "the base's time is taken off (%.0f ns)",
	       s.ns.min);
	fp_samples_free(&samples);
}

static void test_overhead(struct fp_meter *meter)
{
	tap_ok(fp_meter_cycles_per_ns(meter) >= 0, "core cycles a ns: %.3f (0: not known)",
	       fp_meter_cycles_per_ns(meter));
}

static void set_frequency(struct fp_sample *all, int from, int to, double cycles_per_ns)
{
	for (int i = from; i < to; i++)
		all[i].cycles_per_ns = cycles_per_ns;
}

static void test_statistics(void)
{
	struct fp_sample all[101];
	struct fp_samples samples = { .all = all, .n = 101 };
	struct fp_statistics s;

	for (int i = 0; i <= 100; i++) {
		all[i] = (struct fp_sample){
			.measured = 200 + (i * 37) % 101, /* 200 to 300, in no order */
			.base = 100 + (i * 53) % 101,	  /* 100 to 200 */
			.cycles_per_ns = 2,
		};
	}
	tap_is_int(fp_statistics(&samples, &s), 0, "statistics of 101 samples");
	tap_ok(s.ns.min == 100, "min is the least less the base's least: %g", s.ns.min);
	tap_ok(s.ns.p50 == 100, "p50 is the median less the base's median: %g", s.ns.p50);
	tap_ok(s.ns.p99 == 149, "p99 is the 99th percentile less the base's median: %g", s.ns.p99);
	tap_ok(s.has_cycles && s.cycles.min == 200, "cycles by each block's frequency: %g",
	       s.cycles.min);
	for (int i = 0; i <= 100; i++)
		all[i].cycles_per_ns = all[i].measured >= 290 ? 10 : 1;
	fp_statistics(&samples, &s);
	tap_ok(s.cycles.p99 > 2300, "each sample by its own block's frequency: %g", s.cycles.p99);
	set_frequency(all, 0, 50, 0);
	fp_statistics(&samples, &s);
	tap_ok(s.has_cycles && s.ns.p50 == 100, "blocks without a frequency still count for ns");
	set_frequency(all, 0, 101, 0);
	fp_statistics(&samples, &s);
	tap_ok(!s.has_cycles, "without any frequency there are no cycles");
	samples.n = 0;
	tap_is_int(fp_statistics(&samples, &s), -ENODATA, "no samples are an error");
	samples.n = 1;
	tap_ok(!fp_statistics(&samples, &s) && s.ns.min == s.ns.p99, "one sample is enough");
}

/* Blocks whose least measured are 10, 12 and 30, whose least base are 1, 2 and 3. */
static void test_blocks(void)
{
	struct fp_sample all[] = {
		{ 50, 1, 0, 0 }, { 10, 9, 0, 0 },
		{ 12, 2, 0, 2 }, { 90, 8, 0, 2 }, /* block 1 has lost all of its samples */
		{ 30, 3, 0, 3 },
	};
	struct fp_samples samples = { .all = all, .n = 5, .blocks = 4 };
	struct fp_statistics s;

	fp_statistics(&samples, &s);
	tap_ok(s.ns.min == 9 && s.ns_block_min == 10, "the blocks' minima are 9, 10 and 27: %g",
	       s.ns_block_min);
	samples.n = 4;
	fp_statistics(&samples, &s);
	tap_ok(s.ns_block_min == 9.5, "of two blocks it is the middle: %g", s.ns_block_min);
}

static void test_block_numbers(struct fp_meter *meter)
{
	struct fp_measurement m = { .measured = { run_measured, NULL }, .operations = 1,
				    .max_loops = 2 };
	struct fp_samples samples = { 0 };
	unsigned seen = 0;

	for (int i = 0; i < 3; i++)
		fp_meter_block(meter, &m, 0, 20, &samples);
	for (size_t i = 0; i < samples.n; i++)
		if (!i || samples.all[i].block != samples.all[i - 1].block)
			seen += samples.all[i].block == seen;
	tap_ok(samples.blocks == 3 && seen == 3, "each block's samples have its number");
	fp_samples_free(&samples);
}

static void take_long(void *context, uint64_t loops)
{
	uint64_t end = fp_clock_now() + loops * 100000000u;

	(void)context;
	while (fp_clock_now() < end)
		;
}

static void test_long(struct fp_meter *meter)
{
	struct fp_measurement m = { .measured = { take_long, NULL }, .operations = 1,
				    .max_loops = 1 };
	struct fp_samples samples = { 0 };
	size_t taken;

	fp_meter_block(meter, &m, 0, 50, &samples);
	taken = samples.n + samples.dropped;
	tap_ok(taken >= 2 && taken < 50, "of what takes long fewer samples are enough: %zu of 50",
	       taken);
	fp_samples_free(&samples);
}

int main(void)
{
	struct fp_meter *meter;

	test_statistics();
	test_blocks();
	if (tap_ok(!fp_meter_new(&meter), "a meter is made")) {
		test_overhead(meter);
		test_block(meter);
		test_block_numbers(meter);
		test_long(meter);
		fp_meter_free(meter);
	}
	return tap_done();
}
