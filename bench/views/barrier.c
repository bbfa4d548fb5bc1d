// SPDX-License-Identifier: MIT
/* Family barrier: a matrix, in text and as a heat map. */
#include "findings/matrix.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/quote.h"
#include "findings/trust.h"
#include "views/family.h"
#include "views/number.h"

static bool is_idle(const struct finding_condition *c)
{
	return !c->behind;
}

static size_t group_end(const struct finding_matrix *m, size_t begin)
{
	size_t end = begin + 1;

	while (end < m->n_conditions &&
	       finding_same_group(&m->conditions[begin], &m->conditions[end]))
		end++;
	return end;
}

static bool group_ran(const struct finding_matrix *m, size_t begin)
{
	for (size_t c = begin; c < group_end(m, begin); c++)
		if (m->conditions[c].ran)
			return true;
	return false;
}

/* Idle has a second column, for cycles. */
static int group_columns(const struct finding_matrix *m, size_t begin)
{
	return is_idle(&m->conditions[begin]) ? 2 : (int)(group_end(m, begin) - begin);
}

/* The two lines above a group. */
static void group_titles(const struct finding_condition *c, char titles[2][64])
{
	bool idle = is_idle(c);

	snprintf(titles[0], 64, "%s", idle ? "" : c->kernel);
	snprintf(titles[1], 64, "%s", finding_before_load(c) ? "then load" : "then store");
	if (idle)
		snprintf(titles[1], 64, "idle");
	fp_blank(titles[0]);
}

static int group_width(const struct finding_matrix *m, size_t begin)
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
static size_t block_end(const struct text *t, const struct finding_matrix *m, size_t begin)
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

static void block_heads(const struct text *t, const struct finding_matrix *m, size_t begin,
			size_t end)
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

static void column_heads(const struct text *t, const struct finding_matrix *m, size_t begin)
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

static void group_cells(const struct text *t, const struct finding_matrix *m, size_t barrier,
			size_t begin)
{
	int pad = group_width(m, begin) - group_columns(m, begin) * CELL_WIDTH;

	fprintf(t->to, "%*s", pad, "");
	for (size_t c = begin; c < group_end(m, begin); c++) {
		const struct doc_row *row = finding_cell(m, barrier, c);

		text_cell(t, row, row ? row->ns_min : NAN);
		if (is_idle(&m->conditions[begin]))
			text_cell(t, row && row->ran ? row : NULL, row ? row->cycles_min : NAN);
	}
}

static void block_row(const struct text *t, const struct finding_matrix *m, size_t b, size_t begin,
		      size_t end)
{
	bool base = !strcmp(m->barriers[b], "none");
	char label[64];

	snprintf(label, sizeof(label), "%.40s%s", m->barriers[b], base ? " (base)" : "");
	if (base)
		text_ink(t, DIM);
	fprintf(t->to, "%-*s", LABEL_WIDTH, fp_blank(label));
	for (size_t g = begin; g < end; g = group_end(m, g))
		if (group_ran(m, g))
			group_cells(t, m, b, g);
	if (base)
		text_plain(t);
	fputc('\n', t->to);
}

static bool block_ran(const struct finding_matrix *m, size_t begin, size_t end)
{
	for (size_t g = begin; g < end; g = group_end(m, g))
		if (group_ran(m, g))
			return true;
	return false;
}

/* The base has no idle row of its own: without figures it would be an empty line. */
static bool row_in_block(const struct finding_matrix *m, size_t b, size_t begin, size_t end)
{
	for (size_t c = begin; c < end; c++)
		if (finding_cell(m, b, c))
			return true;
	return false;
}

static void block(const struct text *t, const struct finding_matrix *m, size_t begin, size_t end)
{
	const char *stores = m->conditions[end - 1].stores;
	bool idle = is_idle(&m->conditions[begin]);
	char heading[160];

	if (!block_ran(m, begin, end))
		return;
	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Barriers on %.60s, %.20s: %s%s%s%s; minimum, ns",
		 m->sample->target, m->sample->memory, idle ? "idle" : "",
		 idle && *stores ? " and " : "", *stores ? "behind " : "",
		 finding_stores_text(stores, m->sample->is_ram));
	fprintf(t->to, "%s\n", fp_blank(heading));
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

static void text_barriers(const struct text *t, const struct doc *doc)
{
	struct finding_matrix m;
	bool any = false;

	for (size_t i = 0; !finding_matrix_open(&m, doc, i); i++) {
		for (size_t c = 0, end; c < m.n_conditions; c = end) {
			end = block_end(t, &m, c);
			block(t, &m, c, end);
		}
		any |= m.n_conditions > 1;
		finding_matrix_close(&m);
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

/* ---- the heat map ---- */

/* Below this there is nothing to tell apart by colour, and no logarithm below zero. */
#define LEAST_SHADE 0.5
/* Between groups of columns, and below the base, in cells. */
#define GROUP_GAP 0.35

static double row_at(const struct finding_matrix *m, size_t b)
{
	bool base = !strcmp(m->barriers[0], "none");

	return (double)b + (base && b ? GROUP_GAP : 0);
}

/* Where each condition's column is; conditions in which nothing ran have none: -1. */
static double *place_columns(const struct finding_matrix *m, double *width)
{
	double *at = calloc(m->n_conditions, sizeof(*at)), x = 0;
	const struct finding_condition *last = NULL;

	for (size_t c = 0; at && c < m->n_conditions; c++) {
		at[c] = -1;
		if (!m->conditions[c].ran)
			continue;
		if (last && !finding_same_group(last, &m->conditions[c]))
			x += GROUP_GAP;
		at[c] = x++;
		last = &m->conditions[c];
	}
	*width = x;
	return at;
}

static void condition_text(const struct finding_condition *c, char *buf, size_t n)
{
	if (!c->behind)
		snprintf(buf, n, "idle");
	else
		snprintf(buf, n, "%s x%ld next %s", c->kernel, c->behind,
			 finding_before_load(c) ? "load" : "store");
}

static void cell_text(const struct doc_row *row, char *buf, size_t n)
{
	if (row->ran)
		view_short(row->ns_min, buf, n);
	else
		snprintf(buf, n, "%.7s", !strcmp(row->status, "unsupported") ? "n/a" : row->status);
}

/* kind 0: no figure; 1: base, which has no colour; 2: what the barrier adds. */
static void write_cell(FILE *to, const struct doc *doc, const struct doc_row *row,
		       const struct finding_condition *c, double x, double y)
{
	double shade = row->ran && row->ns_min > LEAST_SHADE ? row->ns_min : LEAST_SHADE;
	int kind = !row->ran ? 0 : strcmp(row->barrier, "none") ? 2 : 1;
	char text[40], exact[40] = "", colour[40], condition[160];

	cell_text(row, text, sizeof(text));
	condition_text(c, condition, sizeof(condition));
	if (row->ran)
		view_exact(row->ns_min, exact, sizeof(exact));
	fprintf(to, "%.2f,%.2f,%s,%s,%d,", x, y, *exact ? exact : "NaN",
		view_exact(shade, colour, sizeof(colour)), kind);
	picture_put(to, text);
	fputc(',', to);
	picture_put(to, row->name);
	fputc(',', to);
	picture_put(to, condition);
	fprintf(to, ",%zu\n", (size_t)(row - doc->rows));
}

static void write_cells(FILE *to, const struct doc *doc, const struct finding_matrix *m,
			const double *at)
{
	fputs("# cells: x,y,ns,shade,kind,text,row,condition,point\n", to);
	for (size_t b = 0; b < m->n_barriers; b++)
		for (size_t c = 0; c < m->n_conditions; c++)
			if (at[c] >= 0 && finding_cell(m, b, c))
				write_cell(to, doc, finding_cell(m, b, c), &m->conditions[c], at[c],
					   row_at(m, b));
}

static void write_labels(FILE *to, const struct finding_matrix *m, const double *at)
{
	char text[64];

	fputs("\n\n# barriers: y,text\n", to);
	for (size_t b = 0; b < m->n_barriers; b++) {
		bool base = !strcmp(m->barriers[b], "none");

		fprintf(to, "%.2f,", row_at(m, b));
		picture_put(to, base ? "none: the base" : m->barriers[b]);
		fputc('\n', to);
	}
	fputs("\n\n# columns: x,text\n", to);
	for (size_t c = 0; c < m->n_conditions; c++) {
		if (at[c] < 0)
			continue;
		snprintf(text, sizeof(text), "x%ld", m->conditions[c].behind);
		fprintf(to, "%.2f,", at[c]);
		picture_put(to, m->conditions[c].behind ? text : "");
		fputc('\n', to);
	}
}

static bool same_kernel(const struct finding_condition *a, const struct finding_condition *b)
{
	return !strcmp(a->kernel, b->kernel);
}

/* Neighbouring columns that are alike, with what stands above them. */
static void write_spans(FILE *to, const struct finding_matrix *m, const double *at,
			bool (*alike)(const struct finding_condition *,
				      const struct finding_condition *),
			const char *(*text)(const struct finding_condition *))
{
	for (size_t c = 0, last; c < m->n_conditions; c = last + 1) {
		size_t next = last = c;

		if (at[c] < 0)
			continue;
		for (; next < m->n_conditions && alike(&m->conditions[c], &m->conditions[next]);
		     next++)
			if (at[next] >= 0)
				last = next;
		fprintf(to, "%.2f,%.2f,", at[c], at[last]);
		picture_put(to, text(&m->conditions[c]));
		fputc('\n', to);
	}
}

static const char *next_text(const struct finding_condition *c)
{
	if (!c->behind)
		return "idle";
	return finding_before_load(c) ? "then a load" : "then a store";
}

static const char *kernel_text(const struct finding_condition *c)
{
	return c->behind ? c->kernel : "";
}

static int write_heat(const struct album *album, const char *name, const struct finding_matrix *m)
{
	double width, *at = place_columns(m, &width);
	struct fp_file file;
	int ret;

	if (!at)
		return -ENOMEM;
	ret = fp_file_open_at(&file, album->folder, name);
	if (ret)
		goto out;
	write_cells(file.stream, album->doc, m, at);
	write_labels(file.stream, m, at);
	fputs("\n\n# groups: from,to,next\n", file.stream);
	write_spans(file.stream, m, at, finding_same_group, next_text);
	fputs("\n\n# kernels: from,to,stores\n", file.stream);
	write_spans(file.stream, m, at, same_kernel, kernel_text);
	fprintf(file.stream, "\n\n# size in cells: width,height\n%.2f,%.2f\n", width,
		row_at(m, m->n_barriers - 1) + 1);
	ret = fp_file_commit(&file);
out:
	free(at);
	return ret;
}

static int draw_heat(struct album *album, const struct finding_matrix *m)
{
	struct picture p = {.script = "heatmap.gp", .mode = "heat"};
	char data[PICTURE_FILE];
	int ret;

	picture_name("barrier", m->sample, p.name, sizeof(p.name));
	ret = write_heat(album, picture_file(&p, "csv", data), m);
	if (ret)
		return picture_no_file(album, ret, data);
	picture_say(&p, album, m->sample, "What a barrier adds, in ns");
	snprintf(
		p.foot, sizeof(p.foot),
		"Minimum. xN: behind N stores (to cached memory: that miss), then the next load or "
		"store. Grey: the base, without a barrier. n/a: this CPU lacks it.");
	return picture_draw(&p, album);
}

/* The base alone has no colour. */
static bool any_barrier_ran(const struct finding_matrix *m)
{
	for (size_t i = 0; i < m->n_barriers * m->n_conditions; i++)
		if (m->cells[i] && m->cells[i]->ran && strcmp(m->cells[i]->barrier, "none"))
			return true;
	return false;
}

static int draw_barriers(struct album *album)
{
	struct finding_matrix m;
	int ret = 0;

	for (size_t i = 0; !ret && !finding_matrix_open(&m, album->doc, i); i++) {
		if (any_barrier_ran(&m))
			ret = draw_heat(album, &m);
		finding_matrix_close(&m);
	}
	return ret;
}

const struct view_family view_barrier = {
	.name = "barrier",
	.text = text_barriers,
	.heading = "What a barrier adds",
	.pictures = {"barrier"},
	.draw = draw_barriers,
	.conclude = finding_conclude_barriers,
};
