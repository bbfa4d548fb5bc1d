// SPDX-License-Identifier: MIT
/* Executor sequence: a program in a loop on the pinned CPU, less its base. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#include "execute/executor.h"
#include "work/disassemble.h"

/* A few loops suffice: events are counted, not timed. */
#define COUNTED_LOOPS 64u

/* In a cache a line that was visited has been brought in; a device is as far away as before. */
static uint64_t limit_of(const struct fp_workbench *bench, const struct fp_walk *walk)
{
	/* What is emulated shows that it runs, once. */
	if (bench->emulated)
		return 1;
	if (!walk->lines || !bench->payload->is_ram)
		return 0;
	return bench->region_lines / walk->lines;
}

static bool fits(const struct fp_workbench *bench, const struct fp_walk *walk)
{
	return walk->span <= bench->region_bytes && walk->lines <= bench->region_lines;
}

static int prepare(const struct fp_work *work, struct fp_workbench *bench)
{
	int err = fits(bench, &work->programs[0].walk) ? 0 : -EFBIG;

	if (!err)
		err = fp_program_lay(&work->programs[0], bench->measured, &bench->ram);
	if (!err && work->n > 1)
		err = fp_program_lay(&work->programs[1], bench->base, &bench->ram);
	return err;
}

static struct fp_batch batch_of(const struct fp_workbench *bench, const struct fp_walk *walk)
{
	struct fp_batch batch = bench->batch;

	if (walk->has_stride)
		batch.stride = walk->stride;
	if (walk->span)
		batch.mask = walk->span - bench->line_bytes;
	return batch;
}

static int run(const struct fp_work *work, struct fp_workbench *bench, double budget_ns,
	       struct fp_outcome *outcome)
{
	const struct fp_walk *walk = &work->programs[0].walk;
	struct fp_loop measured = { bench->measured, batch_of(bench, walk), 1 };
	struct fp_loop base = { bench->base, batch_of(bench, &work->programs[1].walk), 1 };
	struct fp_loop evict = { bench->prepare, bench->batch, walk->lines };
	struct fp_measurement m = {
		.measured = { fp_run_loop, &measured },
		.max_loops = limit_of(bench, walk),
		.operations = work->programs[0].operations,
		.keep_all = bench->emulated,
	};
	uint64_t counted = COUNTED_LOOPS;
	int err;

	if (work->n > 1)
		m.base = (struct fp_timed){ fp_run_loop, &base };
	if (walk->evicted)
		m.prepare = (struct fp_timed){ fp_run_loop, &evict };
	err = fp_workbench_log(bench, 0, bench->measured, &m.max_loops);
	if (!err && work->n > 1)
		err = fp_workbench_log(bench, 1, bench->base, &m.max_loops);
	if (err)
		return err;
	measured.batch.log = bench->logs[0].values;
	base.batch.log = bench->logs[1].values;
	if (m.max_loops && m.max_loops < counted)
		counted = m.max_loops;
	err = fp_meter_block(bench->meter, &m, budget_ns, bench->min_samples, &outcome->samples);
	if (!err)
		fp_counters_batch(&bench->counters, &m, counted, outcome->counts);
	return err;
}

/* ---- showing ---- */

/*
 * A copy is a function of this program: its dynamic symbol says how long it is.
 * What it calls is not followed.
 */
static int show_copy(const struct fp_step *call, FILE *to)
{
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;
	void *code;

	memcpy(&code, &fp_native.copies[call->row], sizeof(code));
	if (!dladdr1(code, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol || !symbol->st_size)
		return -ENOENT;
	fprintf(to, "# the function %s, which it calls\n", info.dli_sname);
	return fp_disassemble(code, symbol->st_size, to);
}

static const char *base_text(const struct fp_work *work)
{
	if (work->n < 2)
		return "";
	return fp_program_find(&work->programs[1], FP_STEP_CALL)
		       ? ", less the same loop around a function that does nothing"
		       : ", less the same without the barrier";
}

static int show(const struct fp_work *work, struct fp_workbench *bench, const char *note, FILE *to)
{
	const struct fp_program *p = &work->programs[0];
	const struct fp_step *call = fp_program_find(p, FP_STEP_CALL);
	const void *code;
	size_t bytes;
	int err;

	fprintf(to, "# %.0f operations a loop, %u lines a loop%s%s%s\n", p->operations,
		p->walk.lines, p->walk.evicted ? ", evicted before each batch" : "",
		base_text(work), note);
	code = fp_sequence_code(bench->measured, &bytes);
	err = fp_disassemble(code, bytes, to);
	return err || !call || call->row == FP_CALL_NOTHING ? err : show_copy(call, to);
}

const struct fp_executor fp_sequence_executor = {
	.name = "sequence",
	.processes = 1,
	.prepare = prepare,
	.run = run,
	.show = show,
};
