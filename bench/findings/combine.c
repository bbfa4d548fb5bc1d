// SPDX-License-Identifier: MIT
/* Family combine in a few figures: buffers, partial lines, what pushes them out. */
#include "views/family.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lines that cost less than this many times the cheapest combine. */
#define COMBINES 3
/* A barrier has a cost of its own, which is far below that of pushing a line out. */
#define PUSHED_OUT 0.25

static bool same_stores(const struct view_row *a, const struct view_row *b)
{
	return view_is_of(a, "combine") && view_is_of(b, "combine") && view_same_place(a, b) &&
	       !strcmp(a->kernel, b->kernel);
}

bool view_combines(const struct view_combine *c, const struct view_row *row)
{
	return same_stores(c->sample, row);
}

static const struct view_row *find_stores(const struct view *view, size_t i)
{
	for (size_t r = 0; r < view->n; r++) {
		bool seen = !view_is_of(&view->rows[r], "combine");

		for (size_t before = 0; before < r && !seen; before++)
			seen = same_stores(&view->rows[before], &view->rows[r]);
		if (!seen && !i--)
			return &view->rows[r];
	}
	return NULL;
}

/* Above it lines no longer combine: nearer, in proportion, to the dearest than to the cheapest. */
static double combining_limit(double least, double most)
{
	return fmax(COMBINES * least, sqrt(least * most));
}

static void find_buffers(struct view_combine *c)
{
	double least = INFINITY, most = 0;

	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (!view_combines(c, row) || !row->lines || !view_ran_at(row))
			continue;
		least = fmin(least, row->ns_min);
		most = fmax(most, row->ns_min);
		c->most_lines = row->lines > c->most_lines ? row->lines : c->most_lines;
	}
	c->ns_fits = least;
	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (view_combines(c, row) && row->lines > c->fits && view_ran_at(row) &&
		    row->ns_min <= combining_limit(least, most))
			c->fits = row->lines;
	}
	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (!view_combines(c, row) || row->lines <= c->fits || !view_ran_at(row))
			continue;
		if (!c->beyond || row->lines < c->beyond) {
			c->beyond = row->lines;
			c->ns_beyond = row->ns_min;
		}
	}
}

static bool is_filled(const struct view_combine *c, const struct view_row *row)
{
	return view_combines(c, row) && row->bytes && view_ran_at(row);
}

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* A whole line is the longest that was filled; what a partial one costs is the median of them. */
static int find_filled(struct view_combine *c)
{
	double *partial = calloc(c->view->n + 1, sizeof(*partial));
	size_t n = 0;

	if (!partial)
		return -ENOMEM;
	for (size_t r = 0; r < c->view->n; r++)
		if (is_filled(c, &c->view->rows[r]) && c->view->rows[r].bytes > c->line_bytes)
			c->line_bytes = c->view->rows[r].bytes;
	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (!is_filled(c, row))
			continue;
		c->pushed_by = row->barrier;
		if (row->bytes < c->line_bytes)
			partial[n++] = row->ns_min;
		else if (!(row->ns_min >= c->whole))
			c->whole = row->ns_min;
	}
	qsort(partial, n, sizeof(*partial), compare_numbers);
	if (n)
		c->partial = partial[(n - 1) / 2];
	free(partial);
	return 0;
}

int view_combine_open(struct view_combine *c, const struct view *view, size_t i)
{
	*c = (struct view_combine){.view = view,
				   .pushed_by = "",
				   .whole = NAN,
				   .partial = NAN,
				   .nothing = NAN,
				   .ns_beyond = NAN,
				   .sample = find_stores(view, i)};
	if (!c->sample)
		return -ENOENT;
	find_buffers(c);
	for (size_t r = 0; r < view->n; r++)
		if (view_combines(c, &view->rows[r]) && !strcmp(view->rows[r].between, "nothing"))
			c->nothing = view->rows[r].ns_min;
	return find_filled(c);
}

bool view_drained(const struct view_combine *c, const struct view_row *row)
{
	double added = row->ns_min - c->nothing;

	if (!(row->ns_min > COMBINES * c->nothing))
		return false;
	return !isfinite(c->partial) || added > PUSHED_OUT * c->partial;
}

const char *view_between_text(const struct view_row *row)
{
	if (!strcmp(row->between, "barrier"))
		return row->barrier;
	return !strcmp(row->between, "store") ? "a plain store" : row->between;
}
