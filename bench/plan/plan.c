// SPDX-License-Identifier: MIT
#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/memory.h"
#include "plan/family.h"

struct fp_row *fp_plan_add(struct fp_plan *plan, const struct fp_row *from)
{
	struct fp_row *row;

	if (plan->n == plan->room) {
		size_t room = plan->room ? 2 * plan->room : 128;
		struct fp_row *rows = realloc(plan->rows, room * sizeof(*rows));

		if (!rows)
			return NULL;
		plan->rows = rows;
		plan->room = room;
	}
	row = &plan->rows[plan->n];
	*row = *from;
	if (asprintf(&row->name, "%s/%s/%s/%s", row->family->name, row->kernel, row->barrier,
		     fp_memory_name(fp_row_memory(row))) < 0)
		return NULL;
	plan->n++;
	row->id = ++plan->ids;
	return row;
}

struct fp_row *fp_plan_find(const struct fp_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!strcmp(plan->rows[i].name, name))
			return &plan->rows[i];
	return NULL;
}

struct fp_row *fp_plan_find_id(const struct fp_plan *plan, unsigned id)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->rows[i].id == id)
			return &plan->rows[i];
	return NULL;
}

bool fp_plan_misses(const struct fp_plan *plan, const struct fp_row *row, char *why, size_t n)
{
	for (unsigned i = 0; i < FP_ROW_NEEDS && row->needs[i]; i++) {
		const struct fp_row *needed = fp_plan_find_id(plan, row->needs[i]);

		if (needed && needed->status == FP_RAN)
			continue;
		snprintf(why, n, "it needs %.80s: %.90s",
			 needed ? needed->name : "a row",
			 needed ? needed->reason : "which is not there");
		return true;
	}
	return false;
}

void fp_plan_settle_needs(struct fp_plan *plan)
{
	char why[sizeof(plan->rows->reason)];
	bool more = true;

	/* What misses something may be missed itself. */
	while (more) {
		more = false;
		for (size_t i = 0; i < plan->n; i++) {
			struct fp_row *row = &plan->rows[i];

			if (row->status != FP_RAN || !fp_plan_misses(plan, row, why, sizeof(why)))
				continue;
			fp_row_unsupported(row, why);
			more = true;
		}
	}
}

size_t fp_plan_count(const struct fp_plan *plan, enum fp_status status)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->n; i++)
		count += plan->rows[i].status == status;
	return count;
}

unsigned fp_plan_processes(const struct fp_plan *plan)
{
	unsigned most = 1;

	for (size_t i = 0; i < plan->n; i++) {
		const struct fp_row *row = &plan->rows[i];

		if (row->status == FP_RAN && row->work.executor->processes > most)
			most = row->work.executor->processes;
	}
	return most;
}

void fp_plan_free(struct fp_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		fp_row_free(&plan->rows[i]);
	free(plan->rows);
	*plan = (struct fp_plan){ 0 };
}
