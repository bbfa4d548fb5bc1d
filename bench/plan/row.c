// SPDX-License-Identifier: MIT
#include "plan/row.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/memory.h"

static void name_axis(struct fp_row *row, const char *key)
{
	const struct fp_value *value = fp_value_find(&row->axes, key);
	char number[24], *before = row->name;

	if (before && asprintf(&row->name, "%s/%s:%s", before, key,
			       fp_value_text(value, number, sizeof(number))) < 0)
		row->name = NULL;
	free(before);
}

void fp_row_axis_text(struct fp_row *row, const char *key, const char *value)
{
	fp_set_text(&row->axes, key, value);
	name_axis(row, key);
}

void fp_row_axis(struct fp_row *row, const char *key, unsigned value)
{
	fp_set_number(&row->axes, key, value);
	name_axis(row, key);
}

void fp_row_free(struct fp_row *row)
{
	free(row->name);
	fp_samples_free(&row->outcome.samples);
	fp_work_free(&row->work);
}

const char *fp_location_name(enum fp_location location)
{
	static const char *const names[FP_LOCATIONS] = {
		[FP_AT_PAYLOAD] = "payload", [FP_AT_DOORBELL] = "doorbell", [FP_AT_FLAG] = "flag",
		[FP_AT_REPLY] = "reply", [FP_AT_LOCK] = "lock", [FP_AT_LOG] = "log",
	};

	return names[location];
}

void fp_row_locate(struct fp_row *row, enum fp_location location, enum fp_memory memory)
{
	row->at[location] = (struct fp_located){ memory, -1 };
	if (memory != fp_row_memory(row))
		fp_row_axis_text(row, fp_location_name(location), fp_memory_name(memory));
}

void fp_row_need(struct fp_row *row, unsigned id)
{
	unsigned i = 0;

	while (i < FP_ROW_NEEDS && row->needs[i])
		i++;
	assert(i < FP_ROW_NEEDS);
	row->needs[i] = id;
}

void fp_row_unsupported(struct fp_row *row, const char *reason)
{
	if (!reason || row->status == FP_UNSUPPORTED)
		return;
	row->status = FP_UNSUPPORTED;
	snprintf(row->reason, sizeof(row->reason), "%s", reason);
}

void fp_row_room(struct fp_row *row, const struct fp_profile *profile, size_t bytes)
{
	char reason[sizeof(row->reason)];

	if (!profile->region_bytes || bytes <= profile->region_bytes)
		return;
	snprintf(reason, sizeof(reason), "this row needs %zu bytes; the mapping has %zu", bytes,
		 profile->region_bytes);
	fp_row_unsupported(row, reason);
}

const char *fp_status_name(enum fp_status status)
{
	static const char *const names[] = {
		[FP_RAN] = "ran",
		[FP_UNSUPPORTED] = "unsupported",
		[FP_SKIPPED] = "skipped",
		[FP_FAILED] = "failed",
	};

	return names[status];
}

int fp_row_prepare(const struct fp_row *row, struct fp_workbench *bench,
		   const struct fp_mapping *mappings)
{
	const struct fp_mapping *at[FP_LOCATIONS] = { NULL };

	for (int i = 0; i < FP_LOCATIONS; i++)
		if (row->at[i].memory && row->at[i].mapping >= 0)
			at[i] = &mappings[row->at[i].mapping];
	if (!at[FP_AT_PAYLOAD])
		return -ENXIO;
	fp_workbench_set_out(bench, at);
	return row->work.executor->prepare(&row->work, bench);
}

int fp_row_run(struct fp_row *row, struct fp_workbench *bench, const struct fp_mapping *mappings,
	       double budget_ns)
{
	int err = fp_row_prepare(row, bench, mappings);

	if (!err)
		err = row->work.executor->run(&row->work, bench, budget_ns, &row->outcome);
	if (!err)
		fp_row_unsupported(row, row->outcome.lacks);
	return err;
}
