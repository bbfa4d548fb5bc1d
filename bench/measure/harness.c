// SPDX-License-Identifier: MIT
#include "measure/harness.h"

#include <string.h>

#define NOPS  64u
#define LOOPS 1000u /* N: 64,000 nops, about 2 to 5 us */
#define TRIES 25u

static void find_published(struct fp_harness *harness)
{
	for (const struct fp_published *p = fp_arch_published(); p->row; p++)
		if (!strcmp(p->row, "nop")) {
			harness->known_cycles = p->cycles;
			harness->source = p->source;
		}
}

int fp_harness_measure(struct fp_workbench *bench, struct fp_harness *harness)
{
	struct fp_program nops = { .operations = NOPS };
	struct fp_loop loop = { bench->measured, bench->batch, 1 };
	struct fp_timed timed = { fp_run_loop, &loop };
	struct fp_measurement none = { .operations = NOPS };
	double once, twice, ghz;
	int err;

	memset(harness, 0, sizeof(*harness));
	fp_add_part(&nops, FP_PART_nop, NOPS);
	err = fp_program_lay(&nops, bench->measured, &bench->ram);
	fp_program_free(&nops);
	if (err || bench->emulated)
		return err;
	ghz = fp_meter_cycles_per_ns(bench->meter);
	once = fp_meter_least(bench->meter, &none, &timed, LOOPS, TRIES);
	twice = fp_meter_least(bench->meter, &none, &timed, 2 * LOOPS, TRIES);
	find_published(harness);
	harness->nop_ns = (twice - once) / (LOOPS * NOPS);
	harness->nop_cycles = harness->nop_ns * ghz;
	if (ghz > 0 && harness->known_cycles > 0)
		harness->added_ns = harness->nop_ns - harness->known_cycles / ghz;
	return 0;
}
