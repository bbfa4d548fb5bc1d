// SPDX-License-Identifier: MIT
/* Family combine: a block for each kind of store. */
#include "views/text.h"

#include <math.h>
#include <string.h>

/* Figures of one kind, which pick() chooses, with what is varied above them. */
static void combine_figures(const struct text *t, const struct view_combine *c,
			    const char *const labels[2], long (*pick)(const struct view_row *row))
{
	size_t fit = (size_t)(t->width - LABEL_WIDTH) / CELL_WIDTH, r = 0;

	while (r < c->view->n) {
		size_t end, n;

		for (int line = 0; line < 2; line++) {
			for (end = r, n = 0; end < c->view->n && n < fit; end++) {
				const struct view_row *row = &c->view->rows[end];

				if (!view_combines(c, row) || !row->ran || !pick(row))
					continue;
				if (!n++)
					fprintf(t->to, "%-*s", LABEL_WIDTH, labels[line]);
				if (line)
					text_cell(t, row, row->ns_min);
				else
					fprintf(t->to, "%*ld", CELL_WIDTH, pick(row));
			}
			if (n)
				fputc('\n', t->to);
		}
		r = end;
	}
}

static long pick_lines(const struct view_row *row)
{
	return row->lines;
}

static long pick_up(const struct view_row *row)
{
	return strstr(row->name, "/order:up") ? row->bytes : 0;
}

static long pick_down(const struct view_row *row)
{
	return strstr(row->name, "/order:down") ? row->bytes : 0;
}

static void combine_between(const struct text *t, const struct view_combine *c)
{
	char line[1200] = "", number[32];

	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (!view_combines(c, row) || !row->ran || !*row->between)
			continue;
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%.40s %s",
			 *line ? ", " : "", view_between_text(row),
			 view_short(row->ns_min, number, sizeof(number)));
	}
	if (!*line)
		return;
	fprintf(t->to, "%-*s", LABEL_WIDTH, "between halves");
	text_wrapped(t, line, LABEL_WIDTH);
}

static void combine_repeat(const struct text *t, const struct view_combine *c)
{
	char number[32];

	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (view_combines(c, row) && row->ran && strstr(row->name, "/repeat:"))
			fprintf(t->to, "%-*s%*s\n", LABEL_WIDTH, "same line again", CELL_WIDTH,
				view_short(row->ns_min, number, sizeof(number)));
	}
}

static bool combine_ran(const struct view_combine *c)
{
	for (size_t r = 0; r < c->view->n; r++)
		if (view_combines(c, &c->view->rows[r]) && c->view->rows[r].ran)
			return true;
	return false;
}

static void combine_block(const struct text *t, const struct view_combine *c)
{
	static const char *const lines[] = {"lines in turn", ""};
	static const char *const up[] = {"bytes, upwards", ""};
	static const char *const down[] = {"bytes, downwards", ""};
	char heading[200];

	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(heading, sizeof(heading),
		 "Write combining on %.60s, %.20s: %.40s; minimum, ns a line", c->sample->target,
		 c->sample->memory, c->sample->kernel);
	text_wrapped(t, text_clean(heading), 0);
	text_plain(t);
	combine_figures(t, c, lines, pick_lines);
	combine_figures(t, c, up, pick_up);
	combine_figures(t, c, down, pick_down);
	combine_between(t, c);
	combine_repeat(t, c);
}

void text_combines(const struct text *t, const struct view *view)
{
	struct view_combine c;
	char line[1024];

	for (size_t i = 0; !view_combine_open(&c, view, i); i++)
		if (combine_ran(&c))
			combine_block(t, &c);
	if (!view_concludes_combine(view) && *view_combine_sentence(view, line, sizeof(line)))
		text_wrapped(t, line, 0);
}
