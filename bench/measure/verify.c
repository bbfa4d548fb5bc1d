// SPDX-License-Identifier: MIT
/* Whether a mapping behaves as the memory type that it was asked for. */
#include "measure/verify.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory/attribute.h"

#define CACHED_CYCLES 30.0 /* an L1 or L2 hit; uncached accesses take hundreds */

#define REPEATS 64

/* Least ns of one of them, laid so often in a loop. */
static double repeated_ns(struct fp_workbench *bench, const struct fp_fragment *fragment,
			  void *line)
{
	struct fp_sequence *s = bench->measured;
	struct fp_loop loop = { bench->measured, bench->batch, 1 };
	struct fp_timed timed = { fp_run_loop, &loop };
	struct fp_measurement m = { .operations = 1 };

	loop.batch.base = loop.batch.hot = loop.batch.side = line;
	if (fp_sequence_begin(s) || fp_sequence_lay_part(s, FP_PART_rewind, 1) ||
	    fp_sequence_lay(s, fragment, REPEATS) || fp_sequence_end(s, NULL))
		return NAN;
	return fp_meter_least(bench->meter, &m, &timed, 16, 9) / (16 * REPEATS);
}

/*
 * RAM gives back what was stored in it, so that its loads can depend on each
 * other; a device need not, and there each load waits by itself.
 */
static double load_ns(struct fp_workbench *bench, void *line)
{
	if (bench->payload->is_ram) {
		memcpy(line, &line, sizeof(line));
		return repeated_ns(bench, &fp_native.parts[FP_PART_load_next], line);
	}
	return repeated_ns(bench, &fp_native.accesses[fp_find_access("load4")], line);
}

/* Behind what the page tables say, where they say something. */
static void note_measured(struct fp_mapping *m, bool cached, double load, double store)
{
	const char *what = m->is_ram ? "dependent load" : "load";
	size_t used = strlen(m->verified_by);

	if (cached)
		snprintf(m->effective, sizeof(m->effective), "%s",
			 fp_attribute_name(fp_attribute_of(FP_WB)));
	else if (!*m->effective)
		snprintf(m->effective, sizeof(m->effective), "not write-back");
	snprintf(m->verified_by + used, sizeof(m->verified_by) - used,
		 "%smeasured: %s %.2f ns, repeated store %.2f ns", used ? "; " : "", what, load,
		 store);
}

int fp_verify(struct fp_workbench *bench, struct fp_mapping *mapping)
{
	double ghz = fp_meter_cycles_per_ns(bench->meter), load, store, limit;
	void *line = mapping->address;
	bool cached;

	if (bench->emulated) {
		if (!*mapping->effective)
			snprintf(mapping->effective, sizeof(mapping->effective),
				 "unknown: emulated");
		return 0;
	}
	load = load_ns(bench, line);
	store = repeated_ns(bench, &fp_native.parts[FP_PART_store_next], line);
	/* Without a known frequency 3 GHz serves: the limit has room for a factor. */
	limit = CACHED_CYCLES / (ghz > 0 ? ghz : 3);
	cached = load <= limit && store <= limit;
	note_measured(mapping, cached, load, store);
	return cached == mapping->is_ram ? 0 : -ENXIO;
}
