// SPDX-License-Identifier: MIT
/* Family combine in a few figures: buffers, partial lines, what pushes them out. */
#include "findings/combine.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lines that cost less than this many times the cheapest combine. */
#define COMBINES 3
/* A barrier has a cost of its own, which is far below that of pushing a line out. */
#define PUSHED_OUT 0.25

static bool same_stores(const struct doc_row *a, const struct doc_row *b)
{
	return doc_is_of(a, "combine") && doc_is_of(b, "combine") && doc_same_mapping(a, b) &&
	       !strcmp(a->kernel, b->kernel);
}

bool finding_combines(const struct finding_combine *c, const struct doc_row *row)
{
	return same_stores(c->sample, row);
}

static const struct doc_row *find_stores(const struct doc *doc, size_t i)
{
	for (size_t r = 0; r < doc->n; r++) {
		bool seen = !doc_is_of(&doc->rows[r], "combine");

		for (size_t before = 0; before < r && !seen; before++)
			seen = same_stores(&doc->rows[before], &doc->rows[r]);
		if (!seen && !i--)
			return &doc->rows[r];
	}
	return NULL;
}

/* Above it lines no longer combine: nearer, in proportion, to the dearest than to the cheapest. */
static double combining_limit(double least, double most)
{
	return fmax(COMBINES * least, sqrt(least * most));
}

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Lines in turn, or bytes of a line, and what they cost. */
struct point {
	long x;
	const struct doc_row *row;
};

static int compare_points(const void *left, const void *right)
{
	const struct point *a = left, *b = right;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* Those that have this axis and ran, in ascending order of it. */
static size_t find_points(const struct finding_combine *c, const char *key, struct point *points)
{
	size_t n = 0;

	for (size_t r = 0; r < c->doc->n; r++) {
		const struct doc_row *row = &c->doc->rows[r];

		if (finding_combines(c, row) && doc_axis(row, key) && doc_ran_at(row))
			points[n++] = (struct point){doc_axis(row, key), row};
	}
	qsort(points, n, sizeof(*points), compare_points);
	return n;
}

static void find_buffers(struct finding_combine *c, struct point *points)
{
	size_t n = find_points(c, "lines", points), beyond = 0;
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < n; i++) {
		least = fmin(least, points[i].row->ns_min);
		most = fmax(most, points[i].row->ns_min);
	}
	c->ns_fits = least;
	c->most_lines = n ? points[n - 1].x : 0;
	for (size_t i = 0; i < n; i++)
		if (points[i].row->ns_min <= combining_limit(least, most))
			c->fits = points[i].x;
	while (beyond < n && points[beyond].x <= c->fits)
		beyond++;
	if (beyond < n) {
		c->beyond = points[beyond].x;
		c->ns_beyond = points[beyond].row->ns_min;
	}
}

/* A whole line is the longest that was filled; what a partial one costs is the median of them. */
static void find_filled(struct finding_combine *c, struct point *points, double *partial)
{
	size_t n = find_points(c, "bytes", points), n_partial = 0;

	c->line_bytes = n ? points[n - 1].x : 0;
	for (size_t i = 0; i < n; i++) {
		const struct doc_row *row = points[i].row;

		if (points[i].x < c->line_bytes)
			partial[n_partial++] = row->ns_min;
		else if (!(row->ns_min >= c->whole))
			c->whole = row->ns_min;
		c->pushed_by = row->barrier;
	}
	qsort(partial, n_partial, sizeof(*partial), compare_numbers);
	if (n_partial)
		c->partial = partial[(n_partial - 1) / 2];
}

static void find_nothing(struct finding_combine *c)
{
	for (size_t r = 0; r < c->doc->n; r++) {
		const struct doc_row *row = &c->doc->rows[r];

		if (finding_combines(c, row) && !strcmp(doc_axis_text(row, "between"), "nothing"))
			c->nothing = row->ns_min;
	}
}

int finding_combine_open(struct finding_combine *c, const struct doc *doc, size_t i)
{
	struct point *points;
	double *partial;
	int ret = -ENOMEM;

	*c = (struct finding_combine){.doc = doc,
				      .pushed_by = "",
				      .whole = NAN,
				      .partial = NAN,
				      .nothing = NAN,
				      .ns_beyond = NAN,
				      .sample = find_stores(doc, i)};
	if (!c->sample)
		return -ENOENT;
	points = calloc(doc->n, sizeof(*points));
	partial = calloc(doc->n, sizeof(*partial));
	if (points && partial) {
		find_buffers(c, points);
		find_filled(c, points, partial);
		find_nothing(c);
		ret = 0;
	}
	free(points);
	free(partial);
	return ret;
}

bool finding_drained(const struct finding_combine *c, const struct doc_row *row)
{
	double added = row->ns_min - c->nothing;

	if (!(row->ns_min > COMBINES * c->nothing))
		return false;
	return !isfinite(c->partial) || added > PUSHED_OUT * c->partial;
}

const char *finding_between_text(const struct doc_row *row)
{
	const char *between = doc_axis_text(row, "between");

	if (!strcmp(between, "barrier"))
		return row->barrier;
	return !strcmp(between, "store") ? "a plain store" : between;
}
