// SPDX-License-Identifier: MIT
/*
 * Family flag: half the round trip of a flag between two CPUs.
 *
 * One CPU stores its counter to the flag, the other one waits for that and stores the
 * same to the reply, for which the first one waits.  A half of it is what every
 * hand-over from one CPU to another takes at least: the time until the other one sees
 * a store.  It orders nothing else.
 */
#include <errno.h>

#include "plan/family.h"

extern const struct fp_family fp_family_flag;

#define HALVES 2 /* in one loop */

static void add_ping(struct fp_program *p, size_t store)
{
	p->operations = HALVES;
	fp_add_part(p, FP_PART_value_up, 1);
	fp_add_access_at(p, store, FP_AT_FLAG);
	fp_add_part_at(p, FP_PART_await, FP_AT_REPLY);
}

static void add_pong(struct fp_program *p, size_t store)
{
	p->operations = HALVES;
	fp_add_part(p, FP_PART_value_up, 1);
	fp_add_part_at(p, FP_PART_await, FP_AT_FLAG);
	fp_add_access_at(p, store, FP_AT_REPLY);
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	const size_t store = fp_find_access("store8");
	struct fp_row *row;

	/* Nobody else sees what a CPU reads of a device. */
	if (!profile->is_ram || plan_->scope == FP_VERSUS)
		return 0;
	row = fp_plan_add(plan_, &(struct fp_row){
		.family = &fp_family_flag, .kernel = "store8", .barrier = "none",
		.at[FP_AT_PAYLOAD] = { memory, -1 },
		.work = { .executor = &fp_threads_executor } });
	if (!row)
		return -ENOMEM;
	fp_row_axis(row, "threads", 2);
	fp_set_number(&row->fields, "threads", 2);
	fp_set_text(&row->fields, "stores", "plain");
	fp_row_locate(row, FP_AT_FLAG, memory);
	fp_row_locate(row, FP_AT_REPLY, memory);
	if (profile->cpus < 2)
		fp_row_unsupported(row, "this needs two CPUs, and may use one");
	add_ping(fp_work_add(&row->work), store);
	add_pong(fp_work_add(&row->work), store);
	return fp_work_error(&row->work);
}

const struct fp_family fp_family_flag = {
	.name = "flag",
	.summary = "half the round trip of a flag between two CPUs",
	.plan = plan,
};
