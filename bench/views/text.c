// SPDX-License-Identifier: MIT
#include "views/text.h"

#include <string.h>

#include "base/quote.h"
#include "views/number.h"

void text_ink(const struct text *t, enum ink which)
{
	if (t->colour)
		fprintf(t->to, "\033[%dm", (int)which);
}

void text_plain(const struct text *t)
{
	if (t->colour)
		fputs("\033[0m", t->to);
}

/* Words of a text, which may be cut within a character. */
static void put_clean(FILE *to, const char *text, int length)
{
	bool shown;

	for (int at = 0, bytes; at < length; at += bytes) {
		bytes = (int)fp_character(text + at, &shown);
		if (shown)
			fwrite(text + at, 1, (size_t)bytes, to);
		else
			fprintf(to, "%*s", bytes, "");
	}
}

static int word_length(const char *text)
{
	return (int)strcspn(text, " \n\t");
}

void text_wrapped(const struct text *t, const char *text, int indent)
{
	int column = indent;

	for (text += strspn(text, " \n\t"); *text; text += strspn(text, " \n\t")) {
		int length = word_length(text);

		if (column > indent && column + 1 + length > t->width) {
			fprintf(t->to, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', t->to);
			column++;
		}
		put_clean(t->to, text, length);
		text += length;
		column += length;
	}
	fputc('\n', t->to);
}

void text_labelled(const struct text *t, const char *label, const char *text)
{
	text_ink(t, DIM);
	fprintf(t->to, "%-9s ", label);
	text_plain(t);
	text_wrapped(t, text, 10);
}

/* What stands where there is no figure. */
static const char *no_figure(const struct doc_row *row)
{
	if (!row)
		return "";
	return !strcmp(row->status, "unsupported") ? "n/a" : row->status;
}

void text_cell(const struct text *t, const struct doc_row *row, double value)
{
	bool ran = row && row->ran;
	char number[32];

	if (row && !ran)
		text_ink(t, !strcmp(row->status, "failed") ? RED : DIM);
	fprintf(t->to, "%*s", CELL_WIDTH,
		ran ? view_short(value, number, sizeof(number)) : no_figure(row));
	if (row && !ran)
		text_plain(t);
}
