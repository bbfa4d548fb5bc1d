// SPDX-License-Identifier: MIT
/* Why rows did not run, each reason once. */
#include "findings/trust.h"

#include <string.h>

static bool same_reason(const struct doc_row *a, const struct doc_row *b)
{
	return !b->ran && !strcmp(a->status, b->status) && !strcmp(a->reason, b->reason);
}

size_t finding_reason_group(const struct doc *doc, size_t i, const char **what)
{
	const struct doc_row *row = &doc->rows[i];
	bool one_barrier = true, one_kernel = true;
	size_t n = 0;

	if (row->ran)
		return 0;
	for (size_t r = 0; r < doc->n; r++) {
		const struct doc_row *other = &doc->rows[r];

		if (!same_reason(row, other))
			continue;
		if (r < i)
			return 0;
		one_barrier &= !strcmp(row->barrier, other->barrier);
		one_kernel &= !strcmp(row->kernel, other->kernel);
		n++;
	}
	*what = n == 1 ? row->name : "";
	if (n > 1 && one_barrier)
		*what = row->barrier;
	else if (n > 1 && one_kernel)
		*what = row->kernel;
	return n;
}
