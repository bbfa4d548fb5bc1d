// SPDX-License-Identifier: MIT
#include "plan/plan.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "families/family.h"

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
	row = &plan->rows[plan->n++];
	*row = *from;
	snprintf(row->name, sizeof(row->name), "%s/%s/%s/%s", row->family->name, row->kernel,
		 row->barrier, fp_memory_name(row->memory));
	return row;
}

void fp_row_axis_text(struct fp_row *row, const char *key, const char *value)
{
	size_t used = strlen(row->name);

	snprintf(row->name + used, sizeof(row->name) - used, "/%s:%s", key, value);
}

void fp_row_axis(struct fp_row *row, const char *key, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	fp_row_axis_text(row, key, text);
}

void fp_row_unsupported(struct fp_row *row, const char *reason)
{
	if (!reason || row->status == FP_UNSUPPORTED)
		return;
	row->status = FP_UNSUPPORTED;
	snprintf(row->reason, sizeof(row->reason), "%s", reason);
}

void fp_row_needs(struct fp_row *row, const struct fp_profile *profile, size_t bytes)
{
	char reason[sizeof(row->reason)];

	if (!profile->region_bytes || bytes <= profile->region_bytes)
		return;
	snprintf(reason, sizeof(reason), "this row needs %zu bytes; the mapping has %zu", bytes,
		 profile->region_bytes);
	fp_row_unsupported(row, reason);
}

static int compile(regex_t *regex, const char *text, char *why, size_t size)
{
	int err = regcomp(regex, text, REG_EXTENDED | REG_NOSUB);

	if (!err)
		return 0;
	regerror(err, regex, why, size);
	return -EINVAL;
}

static bool matches(const regex_t *regex, const struct fp_row *row)
{
	return regexec(regex, row->name, 0, NULL, 0) == 0;
}

static void keep(struct fp_plan *plan, const regex_t *regex, bool wanted)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->n; i++)
		if (matches(regex, &plan->rows[i]) == wanted)
			plan->rows[kept++] = plan->rows[i];
	plan->n = kept;
}

static int apply(struct fp_plan *plan, const char *text, bool wanted, char *why, size_t size)
{
	regex_t regex;
	int err;

	if (!text)
		return 0;
	err = compile(&regex, text, why, size);
	if (err)
		return err;
	keep(plan, &regex, wanted);
	regfree(&regex);
	return 0;
}

int fp_plan_filter(struct fp_plan *plan, const char *include, const char *exclude, char *why,
		   size_t size)
{
	int err = apply(plan, include, true, why, size);

	return err ? err : apply(plan, exclude, false, why, size);
}

size_t fp_plan_count(const struct fp_plan *plan, enum fp_status status)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->n; i++)
		count += plan->rows[i].status == status;
	return count;
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

void fp_plan_free(struct fp_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		fp_samples_free(&plan->rows[i].samples);
	free(plan->rows);
	*plan = (struct fp_plan){ 0 };
}
