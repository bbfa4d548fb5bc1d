// SPDX-License-Identifier: MIT
#include "families/family.h"

#include <string.h>

const struct fp_family *fp_family_find(const char *name)
{
	const struct fp_family *const *family = fp_families;

	while (*family && strcmp((*family)->name, name))
		family++;
	return *family;
}

size_t fp_flush_barrier(void)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	size_t i = 0;

	while (i < t->n_barriers && strcmp(t->barriers[i].id, fp_arch_flush))
		i++;
	return i < t->n_barriers ? i : 0;
}

struct fp_laying fp_lay_begin(struct fp_sequence *sequence)
{
	return (struct fp_laying){ sequence, fp_sequence_begin(sequence) };
}

void fp_lay(struct fp_laying *l, const struct fp_fragment *fragment, size_t times)
{
	if (!l->err)
		l->err = fp_sequence_lay(l->sequence, fragment, times);
}

void fp_lay_part(struct fp_laying *l, enum fp_part part, size_t times)
{
	fp_lay(l, &fp_native.parts[part], times);
}

int fp_lay_end(struct fp_laying *l, const struct fp_fragment *tail)
{
	if (!l->err)
		l->err = fp_sequence_end(l->sequence, tail);
	return l->err;
}

/* A few loops suffice: events are counted, not timed. */
#define COUNTED_LOOPS 64u

/*
 * In a cache a line that is visited twice has been brought in, so that a batch
 * is limited; a device is as far away the second time.  What is emulated shows
 * that it runs, once.
 */
static uint64_t limit_of(const struct fp_bench *bench, const struct fp_layout *layout)
{
	if (bench->emulated)
		return 1;
	if (!layout->lines || bench->memory != FP_WB)
		return 0;
	return bench->region_lines / layout->lines;
}

int fp_family_run(struct fp_row *row, struct fp_bench *bench)
{
	struct fp_loop measured = { bench->measured, bench->batch, 1 };
	struct fp_loop base = { bench->base, bench->batch, 1 };
	struct fp_loop prepare = { bench->prepare, bench->batch, 1 };
	struct fp_layout layout = { .operations = 1 };
	struct fp_measurement m = { .measured = { fp_run_loop, &measured },
				    .keep_all = bench->emulated };
	double share = row->family->share > 0 ? row->family->share : 1;
	int err;

	if (row->run)
		return row->run(row, bench);
	err = row->family->lay(row, bench, &layout);
	if (err)
		return err;
	if (layout.has_base)
		m.base = (struct fp_timed){ fp_run_loop, &base };
	if (layout.has_stride)
		measured.batch.stride = layout.stride;
	if (layout.copies) {
		void (*run)(void *, uint64_t) = layout.reads ? fp_run_reads : fp_run_copies;

		m.measured = (struct fp_timed){ run, &bench->copying };
		m.base = (struct fp_timed){ run, &bench->no_copying };
	}
	if (layout.evicted_lines) {
		prepare.times = layout.evicted_lines;
		m.prepare = (struct fp_timed){ fp_run_loop, &prepare };
	}
	m.max_loops = limit_of(bench, &layout);
	m.operations = layout.operations;
	/* The row before may have left a lock's word taken. */
	memset(bench->batch.side, 0, bench->line_bytes);
	err = fp_meter_block(bench->meter, &m, share * bench->budget_ns, bench->min_samples,
			     &row->samples);
	if (!err)
		fp_counters_batch(&bench->counters, &m,
				  m.max_loops && m.max_loops < COUNTED_LOOPS ? m.max_loops
									     : COUNTED_LOOPS,
				  row->counts);
	return err;
}
