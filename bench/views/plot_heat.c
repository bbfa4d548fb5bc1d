// SPDX-License-Identifier: MIT
/* The data of a heat map: barriers down, conditions across. */
#include "views/picture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* Below this there is nothing to tell apart by colour, and no logarithm below zero. */
#define LEAST_SHADE 0.5
/* Between groups of columns, and below the base, in cells. */
#define GROUP_GAP 0.35

static double row_at(const struct view_matrix *m, size_t b)
{
	bool base = !strcmp(m->barriers[0], "none");

	return (double)b + (base && b ? GROUP_GAP : 0);
}

/* Where each condition's column is; conditions in which nothing ran have none: -1. */
static double *place_columns(const struct view_matrix *m, double *width)
{
	double *at = calloc(m->n_conditions, sizeof(*at)), x = 0;
	const struct view_condition *last = NULL;

	for (size_t c = 0; at && c < m->n_conditions; c++) {
		at[c] = -1;
		if (!m->conditions[c].ran)
			continue;
		if (last && !view_same_group(last, &m->conditions[c]))
			x += GROUP_GAP;
		at[c] = x++;
		last = &m->conditions[c];
	}
	*width = x;
	return at;
}

static void condition_text(const struct view_condition *c, char *buf, size_t n)
{
	if (!c->behind)
		snprintf(buf, n, "idle");
	else
		snprintf(buf, n, "%s x%ld next %s", c->kernel, c->behind,
			 c->next == VIEW_LOAD ? "load" : "store");
}

static void cell_text(const struct view_row *row, char *buf, size_t n)
{
	if (row->ran)
		view_short(row->ns_min, buf, n);
	else
		snprintf(buf, n, "%.7s", !strcmp(row->status, "unsupported") ? "n/a" : row->status);
}

/* kind 0: no figure; 1: base, which has no colour; 2: what the barrier adds. */
static void write_cell(FILE *to, const struct view *view, const struct view_row *row,
		       const struct view_condition *c, double x, double y)
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
	plot_put(to, text);
	fputc(',', to);
	plot_put(to, row->name);
	fputc(',', to);
	plot_put(to, condition);
	fprintf(to, ",%zu\n", (size_t)(row - view->rows));
}

static void write_cells(FILE *to, const struct view *view, const struct view_matrix *m,
			const double *at)
{
	fputs("# cells: x,y,ns,shade,kind,text,row,condition,point\n", to);
	for (size_t b = 0; b < m->n_barriers; b++)
		for (size_t c = 0; c < m->n_conditions; c++)
			if (at[c] >= 0 && view_cell(m, b, c))
				write_cell(to, view, view_cell(m, b, c), &m->conditions[c], at[c],
					   row_at(m, b));
}

static void write_labels(FILE *to, const struct view_matrix *m, const double *at)
{
	char text[64];

	fputs("\n\n# barriers: y,text\n", to);
	for (size_t b = 0; b < m->n_barriers; b++) {
		bool base = !strcmp(m->barriers[b], "none");

		fprintf(to, "%.2f,", row_at(m, b));
		plot_put(to, base ? "none: the base" : m->barriers[b]);
		fputc('\n', to);
	}
	fputs("\n\n# columns: x,text\n", to);
	for (size_t c = 0; c < m->n_conditions; c++) {
		if (at[c] < 0)
			continue;
		snprintf(text, sizeof(text), "x%ld", m->conditions[c].behind);
		fprintf(to, "%.2f,", at[c]);
		plot_put(to, m->conditions[c].behind ? text : "");
		fputc('\n', to);
	}
}

static bool same_kernel(const struct view_condition *a, const struct view_condition *b)
{
	return !strcmp(a->kernel, b->kernel);
}

/* Neighbouring columns that are alike, with what stands above them. */
static void write_spans(FILE *to, const struct view_matrix *m, const double *at,
			bool (*alike)(const struct view_condition *, const struct view_condition *),
			const char *(*text)(const struct view_condition *))
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
		plot_put(to, text(&m->conditions[c]));
		fputc('\n', to);
	}
}

static const char *next_text(const struct view_condition *c)
{
	if (!c->behind)
		return "idle";
	return c->next == VIEW_LOAD ? "then a load" : "then a store";
}

static const char *kernel_text(const struct view_condition *c)
{
	return c->behind ? c->kernel : "";
}

int plot_write_heat(const char *path, const struct view *view, const struct view_matrix *m)
{
	double width, *at = place_columns(m, &width);
	struct fp_file file;
	int ret;

	if (!at)
		return -ENOMEM;
	ret = fp_file_open(&file, path);
	if (ret)
		goto out;
	write_cells(file.stream, view, m, at);
	write_labels(file.stream, m, at);
	fputs("\n\n# groups: from,to,next\n", file.stream);
	write_spans(file.stream, m, at, view_same_group, next_text);
	fputs("\n\n# kernels: from,to,stores\n", file.stream);
	write_spans(file.stream, m, at, same_kernel, kernel_text);
	fprintf(file.stream, "\n\n# size in cells: width,height\n%.2f,%.2f\n", width,
		row_at(m, m->n_barriers - 1) + 1);
	ret = fp_file_commit(&file);
out:
	free(at);
	return ret;
}
