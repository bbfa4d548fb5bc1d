// SPDX-License-Identifier: MIT
/* One line a row: CSV and Markdown. */
#include "views/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "views/number.h"

/* Every member of a row, in the order in which they are documented, behind its name. */
static const char *const fields[] = {
	"name",	      "family",	    "kernel",	    "barrier",	       "slot",	       "recipe",
	"target",     "memory",	    "stage1",	    "effective",       "verified_by",  "bytes",
	"offset",     "lines",	    "threads",	    "stores",	       "device_safe",  "status",
	"reason",     "ns_min",	    "ns_p50",	    "ns_p99",	       "ns_block_min", "cycles_min",
	"cycles_p50", "cycles_p99", "samples_kept", "samples_dropped", "axes",	       "counters"};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* A member as text; free() it. */
static char *member_text(const json_t *value)
{
	char number[40];

	if (!value)
		return strdup("");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_real(value))
		return strdup(view_exact(json_real_value(value), number, sizeof(number)));
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
}

static int write_row(FILE *to, const struct doc_row *row, enum fp_format format)
{
	char *texts[FIELDS];
	int ret = 0;

	for (size_t f = 0; f < FIELDS; f++) {
		texts[f] =
			f ? member_text(json_object_get(row->own, fields[f])) : strdup(row->name);
		if (!texts[f])
			ret = -ENOMEM;
	}
	if (!ret)
		fp_put_line(to, format, (const char *const *)texts, FIELDS);
	for (size_t f = 0; f < FIELDS; f++)
		free(texts[f]);
	return ret;
}

int view_lines_write(FILE *to, const struct doc *doc, enum fp_format format)
{
	int ret = 0;

	fp_put_line(to, format, fields, FIELDS);
	if (format == FP_MARKDOWN) {
		for (size_t f = 0; f < FIELDS; f++)
			fputs(f ? "---|" : "|---|", to);
		fputc('\n', to);
	}
	for (size_t r = 0; !ret && r < doc->n; r++)
		ret = write_row(to, &doc->rows[r], format);
	return ret;
}
