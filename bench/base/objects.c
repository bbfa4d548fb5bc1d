// SPDX-License-Identifier: MIT
#include "base/objects.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/quote.h"

static const char *text_of(const json_t *value, char number[24])
{
	if (json_is_integer(value)) {
		snprintf(number, 24, "%lld", (long long)json_integer_value(value));
		return number;
	}
	return json_is_string(value) ? json_string_value(value) : "";
}

static void write_columns(const json_t *objects, const char *const *columns, FILE *to)
{
	char number[24];
	size_t i, widths[16] = { 0 }, n = 0;
	json_t *o;

	while (columns[n])
		n++;
	for (size_t c = 0; c < n; c++) {
		widths[c] = strlen(columns[c]);
		json_array_foreach(objects, i, o) {
			size_t w = strlen(text_of(json_object_get(o, columns[c]), number));

			if (w > widths[c])
				widths[c] = w;
		}
		fprintf(to, c + 1 < n ? "%-*s  " : "%-*s\n", c + 1 < n ? (int)widths[c] : 0,
			columns[c]);
	}
	json_array_foreach(objects, i, o)
		for (size_t c = 0; c < n; c++)
			fprintf(to, c + 1 < n ? "%-*s  " : "%-*s\n", c + 1 < n ? (int)widths[c] : 0,
				text_of(json_object_get(o, columns[c]), number));
}

/* One line of a table: the members of o, or their names where there is no o. */
static void write_line(const json_t *first, const json_t *o, FILE *to, bool markdown)
{
	const char *key, *separator = "";
	json_t *value;
	char number[24];

	fputs(markdown ? "| " : "", to);
	json_object_foreach((json_t *)first, key, value) {
		fputs(separator, to);
		(markdown ? fp_put_markdown : fp_put_csv)(
			to, o ? text_of(json_object_get(o, key), number) : key);
		separator = markdown ? " | " : ",";
	}
	fputs(markdown ? " |\n" : "\r\n", to);
}

/* Every member of every object; the first object has all of them. */
static void write_members(const json_t *objects, FILE *to, bool markdown)
{
	const json_t *first = json_array_get(objects, 0), *o;
	size_t i;

	write_line(first, NULL, to, markdown);
	fputs(markdown ? "|" : "", to);
	for (i = 0; markdown && i < json_object_size(first); i++)
		fputs(" --- |", to);
	fputs(markdown ? "\n" : "", to);
	json_array_foreach(objects, i, o)
		write_line(first, o, to, markdown);
}

int fp_objects_write(const json_t *objects, const char *const *columns, FILE *to,
		     enum fp_format format)
{
	switch (format) {
	case FP_TEXT:
		write_columns(objects, columns, to);
		break;
	case FP_MARKDOWN:
	case FP_CSV:
		write_members(objects, to, format == FP_MARKDOWN);
		break;
	case FP_JSON:
		if (json_dumpf(objects, to, FP_JSON_FLAGS))
			return -EIO;
		fputc('\n', to);
		break;
	}
	return ferror(to) ? -EIO : 0;
}

#define KEY_WIDTH  13
#define LINE_WIDTH 98

void fp_put_wrapped(FILE *to, int key_width, const char *key, const char *text)
{
	int width = LINE_WIDTH - key_width - 1;

	fprintf(to, "%-*s ", key_width, key);
	while (strlen(text) > (size_t)width) {
		int n = width;

		while (n > 1 && text[n] != ' ')
			n--;
		if (text[n] != ' ')
			n = (int)strcspn(text, " ");
		fprintf(to, "%.*s\n%-*s ", n, text, key_width, "");
		text += n;
		text += *text == ' ';
	}
	fprintf(to, "%s\n", text);
}

int fp_objects_write_long(const json_t *objects, FILE *to)
{
	const char *key;
	char number[24];
	json_t *o, *value;
	size_t i;

	json_array_foreach(objects, i, o) {
		fputs(i ? "\n" : "", to);
		json_object_foreach(o, key, value)
			fp_put_wrapped(to, KEY_WIDTH, key, text_of(value, number));
	}
	return ferror(to) ? -EIO : 0;
}
