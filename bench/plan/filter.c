// SPDX-License-Identifier: MIT
/* Which rows of a plan are wanted; what they need stays with them. */
#include <errno.h>
#include <regex.h>
#include <stdlib.h>

#include "plan/plan.h"

static int compile(regex_t *regex, const char *text, char *why, size_t size)
{
	int err = regcomp(regex, text, REG_EXTENDED | REG_NOSUB);

	if (!err)
		return 0;
	regerror(err, regex, why, size);
	return -EINVAL;
}

/* Clears the marks of the rows whose name does not match as wanted. */
static int mark(const struct fp_plan *plan, const char *text, bool wanted, bool *kept, char *why,
		size_t size)
{
	regex_t regex;
	int err;

	if (!text)
		return 0;
	err = compile(&regex, text, why, size);
	if (err)
		return err;
	for (size_t i = 0; i < plan->n; i++)
		kept[i] &= (regexec(&regex, plan->rows[i].name, 0, NULL, 0) == 0) == wanted;
	regfree(&regex);
	return 0;
}

/* Whether a row that was not kept is now. */
static bool keep_needed(const struct fp_plan *plan, size_t row, bool *kept)
{
	bool more = false;

	for (unsigned i = 0; i < FP_ROW_NEEDS && plan->rows[row].needs[i]; i++) {
		const struct fp_row *needed = fp_plan_find_id(plan, plan->rows[row].needs[i]);

		if (!needed || kept[needed - plan->rows])
			continue;
		kept[needed - plan->rows] = more = true;
	}
	return more;
}

/* What is needed may need something itself. */
static void keep_all_needed(const struct fp_plan *plan, bool *kept)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < plan->n; i++)
			more |= kept[i] && keep_needed(plan, i, kept);
	}
}

static void drop_others(struct fp_plan *plan, const bool *kept)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		if (kept[i])
			plan->rows[n++] = plan->rows[i];
		else
			fp_row_free(&plan->rows[i]);
	}
	plan->n = n;
}

int fp_plan_filter(struct fp_plan *plan, const char *include, const char *exclude, char *why,
		   size_t size)
{
	bool *kept = malloc(plan->n + 1);
	int err = kept ? 0 : -ENOMEM;

	for (size_t i = 0; kept && i < plan->n; i++)
		kept[i] = true;
	if (!err)
		err = mark(plan, include, true, kept, why, size);
	if (!err)
		err = mark(plan, exclude, false, kept, why, size);
	if (!err) {
		keep_all_needed(plan, kept);
		drop_others(plan, kept);
	}
	free(kept);
	return err;
}
