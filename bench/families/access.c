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

#include "base/words.h"
#include "families/kernel.h"

#define UNROLL 64u

extern const struct fp_family fp_family_access;

static void add_nops(struct fp_program *p)
{
	fp_add_part(p, FP_PART_nop, UNROLL);
}

static void add_loads(struct fp_program *p, size_t access)
{
	fp_repeat(p, UNROLL);
	fp_add_access(p, access);
	fp_end(p);
}

/* A small mapping has fewer lines: the walk begins again before its end. */
static void add_walk(struct fp_program *p, size_t access, size_t region_lines)
{
	unsigned lines = region_lines && region_lines < UNROLL ? (unsigned)region_lines : UNROLL;

	fp_repeat(p, UNROLL / lines);
	fp_add_part(p, FP_PART_rewind, 1);
	fp_repeat(p, lines);
	fp_add_access(p, access);
	fp_add_part(p, FP_PART_step, 1);
	fp_end(p);
	fp_end(p);
}

static void add_scattered(struct fp_program *p, size_t access)
{
	p->drains = true;
	fp_repeat(p, UNROLL);
	fp_add_part(p, FP_PART_next_line, 1);
	fp_add_access(p, access);
	fp_end(p);
}

static void add_locks(struct fp_program *p, size_t lock)
{
	fp_repeat(p, UNROLL);
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_LOCK, .row = (unsigned)lock, .times = 1 });
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_UNLOCK, .row = (unsigned)lock, .times = 1 });
	fp_end(p);
}

static void add_accesses(struct fp_program *p, size_t index, const struct fp_profile *profile)
{
	const struct fp_access *access = &fp_arch_tables[fp_native.id].accesses[index];

	if (access->kind == FP_LOAD)
		add_loads(p, index);
	else if (access->flavour == FP_NONTEMPORAL || access->flavour == FP_DIRECT)
		add_scattered(p, index);
	else
		add_walk(p, index, profile->region_lines);
}

/* With a program to be filled in. */
static struct fp_row *add(struct fp_plan *plan, enum fp_memory memory, const char *kernel,
			  const char *feature)
{
	struct fp_row *row = fp_plan_add(plan, &(struct fp_row){
		.family = &fp_family_access, .kernel = kernel, .barrier = "none",
		.at[FP_AT_PAYLOAD] = { memory, -1 },
		.work = { .executor = &fp_sequence_executor } });

	if (!row)
		return NULL;
	fp_row_unsupported(row, fp_arch_lacks(feature));
	fp_work_add(&row->work)->operations = UNROLL;
	return row;
}

static int add_nop(struct fp_plan *plan, enum fp_memory memory, const struct fp_profile *profile)
{
	struct fp_row *row = add(plan, memory, "nop", "base");

	if (!row)
		return -ENOMEM;
	row->core_bound = profile->is_ram;
	add_nops(&row->work.programs[0]);
	return fp_work_error(&row->work);
}

static int add_access(struct fp_plan *plan, enum fp_memory memory, size_t index,
		      const struct fp_profile *profile)
{
	const struct fp_access *access = &fp_arch_tables[fp_native.id].accesses[index];
	struct fp_row *row = add(plan, memory, access->id, access->feature);
	/* A store conditional is one of the plain stores. */
	enum fp_flavour stores = access->flavour == FP_EXCLUSIVE ? FP_PLAIN : access->flavour;

	if (!row)
		return -ENOMEM;
	if (access->kind == FP_STORE)
		fp_set_text(&row->fields, "stores", fp_flavours[stores]);
	row->core_bound = profile->is_ram && (access->kind == FP_LOAD || stores == FP_PLAIN);
	if (!(access->memory & memory))
		fp_row_unsupported(row, "this access is not allowed on this memory type");
	add_accesses(&row->work.programs[0], index, profile);
	return fp_work_error(&row->work);
}

static int add_lock(struct fp_plan *plan, enum fp_memory memory, size_t index)
{
	const struct fp_lock *lock = &fp_arch_tables[fp_native.id].locks[index];
	struct fp_row *row = add(plan, memory, lock->id, lock->feature);

	if (!row)
		return -ENOMEM;
	row->core_bound = true;
	add_locks(&row->work.programs[0], index);
	return fp_work_error(&row->work);
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	const struct fp_arch_tables *tables = &fp_arch_tables[fp_native.id];
	int err = add_nop(plan_, memory, profile);

	for (size_t i = 0; !err && i < tables->n_accesses; i++)
		err = add_access(plan_, memory, i, profile);
	/* A lock word lives in RAM, whatever it protects. */
	for (size_t i = 0; !err && profile->is_ram && i < tables->n_locks; i++)
		err = add_lock(plan_, memory, i);
	return err ? err : fp_kernel_plan_accesses(plan_, &fp_family_access, memory, profile);
}

const struct fp_family fp_family_access = {
	.name = "access",
	.summary = "each load, store and uncontended lock alone, and a nop",
	.plan = plan,
};
