// SPDX-License-Identifier: MIT
/* One line a row: CSV and Markdown. */
#include "views/family.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "views/views.h"

/* Every member of a row, in the order in which they are documented. */
static const char *const fields[] = {
	"family",     "kernel",	      "barrier",	 "slot",	 "recipe",     "target",
	"memory",     "stage1",	      "effective",	 "verified_by",	 "bytes",      "offset",
	"lines",      "threads",      "stores",		 "device_safe",	 "status",     "reason",
	"ns_min",     "ns_p50",	      "ns_p99",		 "ns_block_min", "cycles_min", "cycles_p50",
	"cycles_p99", "samples_kept", "samples_dropped", "counters"};
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

/* A row's line; no view_row: the line of names. */
struct line_style {
	const char *begin, *between, *end;
	void (*put)(FILE *to, const char *text);
};

static int write_line(FILE *to, const struct line_style *style, const struct view_row *row)
{
	fputs(style->begin, to);
	style->put(to, row ? row->name : "name");
	for (size_t f = 0; f < FIELDS; f++) {
		char *text =
			row ? member_text(json_object_get(row->own, fields[f])) : strdup(fields[f]);

		if (!text)
			return -ENOMEM;
		fputs(style->between, to);
		style->put(to, text);
		free(text);
	}
	fputs(style->end, to);
	return 0;
}

int view_lines_write(FILE *to, const struct view *view, enum fp_format format)
{
	static const struct line_style csv = {"", ",", "\r\n", fp_put_csv};
	static const struct line_style markdown = {"| ", " | ", " |\n", fp_put_markdown};
	const struct line_style *style = format == FP_CSV ? &csv : &markdown;
	int ret = write_line(to, style, NULL);

	if (format == FP_MARKDOWN) {
		for (size_t f = 0; f <= FIELDS; f++)
			fputs(f ? "---|" : "|---|", to);
		fputc('\n', to);
	}
	for (size_t r = 0; !ret && r < view->n; r++)
		ret = write_line(to, style, &view->rows[r]);
	return ret;
}
