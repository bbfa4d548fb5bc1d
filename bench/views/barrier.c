// SPDX-License-Identifier: MIT
/* Family barrier: a matrix. */
#include "views/text.h"

#include <math.h>
#include <string.h>

static bool is_idle(const struct view_condition *c)
{
	return !c->behind;
}

static size_t group_end(const struct view_matrix *m, size_t begin)
{
	size_t end = begin + 1;

	while (end < m->n_conditions && view_same_group(&m->conditions[begin], &m->conditions[end]))
		end++;
	return end;
}

static bool group_ran(const struct view_matrix *m, size_t begin)
{
	for (size_t c = begin; c < group_end(m, begin); c++)
		if (m->conditions[c].ran)
			return true;
	return false;
}

/* Idle has a second column, for cycles. */
static int group_columns(const struct view_matrix *m, size_t begin)
{
	return is_idle(&m->conditions[begin]) ? 2 : (int)(group_end(m, begin) - begin);
}

/* The two lines above a group. */
static void group_titles(const struct view_condition *c, char titles[2][64])
{
	bool idle = is_idle(c);

	snprintf(titles[0], 64, "%s", idle ? "" : c->kernel);
	snprintf(titles[1], 64, "%s", c->next == VIEW_LOAD ? "then load" : "then store");
	if (idle)
		snprintf(titles[1], 64, "idle");
	text_clean(titles[0]);
}

static int group_width(const struct view_matrix *m, size_t begin)
{
	int width = group_columns(m, begin) * CELL_WIDTH;
	char titles[2][64];

	group_titles(&m->conditions[begin], titles);
	for (int i = 0; i < 2; i++)
		if (width < (int)strlen(titles[i]))
			width = (int)strlen(titles[i]);
	return GAP + width;
}

/* Which groups go side by side: as many as fit, and never two flavours of stores. */
static size_t block_end(const struct text *t, const struct view_matrix *m, size_t begin)
{
	int used = LABEL_WIDTH;
	const char *stores = "";
	size_t g = begin;

	while (g < m->n_conditions) {
		const char *here = m->conditions[g].stores;
		int width = group_ran(m, g) ? group_width(m, g) : 0;

		if (*stores && strcmp(stores, here))
			break;
		if (width && used > LABEL_WIDTH && used + width > t->width)
			break;
		used += width;
		if (*here)
			stores = here;
		g = group_end(m, g);
	}
	return g;
}

static void block_heads(const struct text *t, const struct view_matrix *m, size_t begin, size_t end)
{
	char titles[2][64];

	for (int line = 0; line < 2; line++) {
		fprintf(t->to, "%-*s", LABEL_WIDTH, "");
		for (size_t g = begin; g < end; g = group_end(m, g)) {
			if (!group_ran(m, g))
				continue;
			group_titles(&m->conditions[g], titles);
			fprintf(t->to, "%*s", group_width(m, g), titles[line]);
		}
		fputc('\n', t->to);
	}
	fprintf(t->to, "%-*s", LABEL_WIDTH, "barrier");
}

static void column_heads(const struct text *t, const struct view_matrix *m, size_t begin)
{
	int pad = group_width(m, begin) - group_columns(m, begin) * CELL_WIDTH;
	char head[32];

	fprintf(t->to, "%*s", pad, "");
	if (is_idle(&m->conditions[begin])) {
		fprintf(t->to, "%*s%*s", CELL_WIDTH, "ns", CELL_WIDTH, "cycles");
		return;
	}
	for (size_t c = begin; c < group_end(m, begin); c++) {
		snprintf(head, sizeof(head), "x%ld", m->conditions[c].behind);
		fprintf(t->to, "%*s", CELL_WIDTH, head);
	}
}

static void group_cells(const struct text *t, const struct view_matrix *m, size_t barrier,
			size_t begin)
{
	int pad = group_width(m, begin) - group_columns(m, begin) * CELL_WIDTH;

	fprintf(t->to, "%*s", pad, "");
	for (size_t c = begin; c < group_end(m, begin); c++) {
		const struct view_row *row = view_cell(m, barrier, c);

		text_cell(t, row, row ? row->ns_min : NAN);
		if (is_idle(&m->conditions[begin]))
			text_cell(t, row && row->ran ? row : NULL, row ? row->cycles_min : NAN);
	}
}

static void block_row(const struct text *t, const struct view_matrix *m, size_t b, size_t begin,
		      size_t end)
{
	bool base = !strcmp(m->barriers[b], "none");
	char label[64];

	snprintf(label, sizeof(label), "%.40s%s", m->barriers[b], base ? " (base)" : "");
	if (base)
		text_ink(t, DIM);
	fprintf(t->to, "%-*s", LABEL_WIDTH, text_clean(label));
	for (size_t g = begin; g < end; g = group_end(m, g))
		if (group_ran(m, g))
			group_cells(t, m, b, g);
	if (base)
		text_plain(t);
	fputc('\n', t->to);
}

static bool block_ran(const struct view_matrix *m, size_t begin, size_t end)
{
	for (size_t g = begin; g < end; g = group_end(m, g))
		if (group_ran(m, g))
			return true;
	return false;
}

/* The base has no idle row of its own: without figures it would be an empty line. */
static bool row_in_block(const struct view_matrix *m, size_t b, size_t begin, size_t end)
{
	for (size_t c = begin; c < end; c++)
		if (view_cell(m, b, c))
			return true;
	return false;
}

static void block(const struct text *t, const struct view_matrix *m, size_t begin, size_t end)
{
	const char *stores = m->conditions[end - 1].stores;
	bool idle = is_idle(&m->conditions[begin]);
	char heading[160];

	if (!block_ran(m, begin, end))
		return;
	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Barriers on %.60s, %.20s: %s%s%s%s; minimum, ns",
		 m->target, m->memory, idle ? "idle" : "", idle && *stores ? " and " : "",
		 *stores ? "behind " : "", view_stores_text(stores, m->memory));
	fprintf(t->to, "%s\n", text_clean(heading));
	text_plain(t);
	block_heads(t, m, begin, end);
	for (size_t g = begin; g < end; g = group_end(m, g))
		if (group_ran(m, g))
			column_heads(t, m, g);
	fputc('\n', t->to);
	for (size_t b = 0; b < m->n_barriers; b++)
		if (row_in_block(m, b, begin, end))
			block_row(t, m, b, begin, end);
}

void text_barriers(const struct text *t, const struct view *view)
{
	struct view_matrix m;
	bool any = false;

	for (size_t i = 0; !view_matrix_open(&m, view, i); i++) {
		for (size_t c = 0, end; c < m.n_conditions; c = end) {
			end = block_end(t, &m, c);
			block(t, &m, c, end);
		}
		any |= m.n_conditions > 1;
		view_matrix_close(&m);
	}
	if (!any)
		return;
	text_ink(t, DIM);
	text_wrapped(t,
		     "base: the stores and the next access without a barrier. Below it: what the "
		     "barrier "
		     "adds to that. xN: behind N stores; to cached memory, stores that miss.",
		     0);
	text_plain(t);
}
