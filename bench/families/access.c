// SPDX-License-Identifier: MIT
/*
 * Family access: what the loads, stores and locks cost that barriers are put
 * between; and a nop, whose cost is known, to show what the loop adds.
 *
 * Loads read one line over and over.  Plain stores walk 64 lines: repeated
 * stores to one line may coalesce.  Non-temporal and direct stores visit the
 * whole region: on one line they wait for each other.  A lock is taken and
 * released by this CPU alone.
 */
#include <errno.h>
#include <string.h>

#include "families/kernel.h"

#define UNROLL 64u

enum what { NOP, LOAD, WALK, SCATTER, LOCK };

static enum what what_of(const struct fp_access *access)
{
	if (access->kind == FP_LOAD)
		return LOAD;
	if (access->flavour == FP_NONTEMPORAL || access->flavour == FP_DIRECT)
		return SCATTER;
	return WALK;
}

static void lay_one(struct fp_laying *l, const struct fp_row *row, enum what what)
{
	switch (what) {
	case NOP:
		fp_lay_part(l, FP_PART_nop, 1);
		break;
	case LOAD:
		fp_lay(l, &fp_native.accesses[row->kernel_index], 1);
		break;
	case WALK:
		fp_lay(l, &fp_native.accesses[row->kernel_index], 1);
		fp_lay_part(l, FP_PART_step, 1);
		break;
	case SCATTER:
		fp_lay_part(l, FP_PART_next_line, 1);
		fp_lay(l, &fp_native.accesses[row->kernel_index], 1);
		break;
	case LOCK:
		fp_lay(l, &fp_native.locks[row->kernel_index], 1);
		fp_lay(l, &fp_native.unlocks[row->kernel_index], 1);
		break;
	}
}

/* The tables of a row's kinds are told apart by the place of its name. */
static enum what what_row(const struct fp_row *row)
{
	const struct fp_arch_tables *tables = &fp_arch_tables[fp_native.id];

	if (row->kernel_index < tables->n_accesses &&
	    row->kernel == tables->accesses[row->kernel_index].id)
		return what_of(&tables->accesses[row->kernel_index]);
	if (row->kernel_index < tables->n_locks && row->kernel == tables->locks[row->kernel_index].id)
		return LOCK;
	return NOP;
}

static int lay(const struct fp_row *row, struct fp_bench *bench, struct fp_layout *layout)
{
	struct fp_laying l = fp_lay_begin(bench->measured);
	enum what what = what_row(row);

	layout->operations = UNROLL;
	for (unsigned i = 0; i < UNROLL; i++) {
		/* A small mapping has fewer lines: the walk begins again before its end. */
		if (what == WALK && i % bench->region_lines == 0)
			fp_lay_part(&l, FP_PART_rewind, 1);
		lay_one(&l, row, what);
	}
	return fp_lay_end(&l, what == SCATTER ? &fp_native.parts[FP_PART_drain] : NULL);
}

static int add(struct fp_plan *plan, enum fp_memory memory, const char *kernel, size_t index,
	       const char *feature, const char *stores)
{
	struct fp_row *row = fp_plan_add(plan, &(struct fp_row){
		.family = &fp_family_access, .kernel = kernel, .barrier = "none",
		.memory = memory, .kernel_index = index, .stores = stores,
		.core_bound = memory == FP_WB && (!stores || strcmp(stores, "plain") == 0) });

	if (!row)
		return -ENOMEM;
	fp_row_unsupported(row, fp_arch_lacks(feature));
	return 0;
}

static int add_access(struct fp_plan *plan, enum fp_memory memory, size_t index)
{
	static const char *const flavours[] = {
		[FP_PLAIN] = "plain", [FP_NONTEMPORAL] = "nontemporal",
		[FP_DIRECT] = "direct", [FP_EXCLUSIVE] = "plain" };
	const struct fp_access *access = &fp_arch_tables[fp_native.id].accesses[index];
	int err = add(plan, memory, access->id, index, access->feature,
		      access->kind == FP_STORE ? flavours[access->flavour] : NULL);

	if (!err && !(access->memory & memory))
		fp_row_unsupported(&plan->rows[plan->n - 1],
				   "this access is not allowed on this memory type");
	return err;
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	const struct fp_arch_tables *tables = &fp_arch_tables[fp_native.id];
	int err = add(plan_, memory, "nop", 0, "base", NULL);

	for (size_t i = 0; !err && i < tables->n_accesses; i++)
		err = add_access(plan_, memory, i);
	/* A lock word lives in RAM, whatever it protects. */
	for (size_t i = 0; !err && memory == FP_WB && i < tables->n_locks; i++)
		err = add(plan_, memory, tables->locks[i].id, i, tables->locks[i].feature, NULL);
	if (err)
		return err;
	return fp_kernel_plan_accesses(plan_, &(struct fp_row){ .family = &fp_family_access,
								.memory = memory }, profile);
}

const struct fp_family fp_family_access = {
	.name = "access",
	.summary = "each load, store and uncontended lock alone, and a nop",
	.plan = plan,
	.lay = lay,
};
