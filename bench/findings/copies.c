// SPDX-License-Identifier: MIT
/* Family copy as a matrix: copies down, shapes across; and ours beside the best other. */
#include "views/family.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OURS "fencepost_copy_toio"

/* Below this a figure is what is left of noise, and has no logarithm worth a mean. */
#define LEAST_SCORE 0.1

static bool same_shape(const struct view_shape *s, const struct view_row *row)
{
	return s->bytes == row->bytes && s->lines == row->lines && s->offset == row->offset &&
	       s->every == row->every;
}

static bool is_fenced(const struct view_row *row)
{
	return strcmp(row->barrier, "none");
}

/* The kernel's own accessor or barrier. */
static bool is_kernels(const char *id)
{
	return !strncmp(id, "kernel_", strlen("kernel_"));
}

enum view_class view_class_of(const struct view_row *row)
{
	if (!*row->stores)
		return VIEW_READS;
	if (is_kernels(row->kernel))
		return VIEW_KERNEL;
	if (!row->device_safe)
		return VIEW_UNSAFE;
	if (!strcmp(row->memory, "wb") && !strcmp(row->stores, "plain"))
		return VIEW_YARDSTICK;
	/* It takes no source: nothing to rank a copy with. */
	return strncmp(row->kernel, "memset", strlen("memset")) ? VIEW_RANKED : VIEW_YARDSTICK;
}

static void note_kernel(struct view_copies *c, const struct view_row *row)
{
	enum view_class class = view_class_of(row);
	size_t k = 0;

	while (k < c->n_kernels && strcmp(c->kernels[k].id, row->kernel))
		k++;
	if (k == c->n_kernels)
		c->kernels[c->n_kernels++] = (struct view_kernel){row->kernel, class, 0};
	else if (class < c->kernels[k].class)
		c->kernels[k].class = class;
}

static void note_shape(struct view_copies *c, const struct view_row *row)
{
	for (size_t s = 0; s < c->n_shapes; s++)
		if (same_shape(&c->shapes[s], row))
			return;
	c->shapes[c->n_shapes++] =
		(struct view_shape){row->bytes, row->lines, row->offset, row->every};
}

static bool in_copies(const struct view_copies *c, const struct view_row *row)
{
	return view_is_of(row, "copy") && !row->locked && view_same_place(row, c->sample);
}

static bool in_cell(const struct view_copies *c, const struct view_row *row, const char *kernel,
		    size_t shape, bool fenced)
{
	return in_copies(c, row) && is_fenced(row) == fenced &&
	       same_shape(&c->shapes[shape], row) && !strcmp(row->kernel, kernel);
}

/* The lower median of those that ran, so that it is a figure of the results; else any. */
static const struct view_row *find_median(const struct view_copies *c, const struct view *view,
					  size_t kernel, size_t shape, bool fenced)
{
	const char *id = c->kernels[kernel].id;
	const struct view_row *any = NULL;
	size_t ran = 0;

	for (size_t r = 0; r < view->n; r++)
		if (in_cell(c, &view->rows[r], id, shape, fenced)) {
			any = &view->rows[r];
			ran += any->ran;
		}
	for (size_t r = 0; r < view->n && ran; r++) {
		const struct view_row *row = &view->rows[r];
		size_t below = 0;

		if (!row->ran || !in_cell(c, row, id, shape, fenced))
			continue;
		for (size_t o = 0; o < view->n; o++) {
			const struct view_row *other = &view->rows[o];

			if (other->ran && in_cell(c, other, id, shape, fenced))
				below += other->ns_block_min < row->ns_block_min ||
					 (other->ns_block_min == row->ns_block_min && o < r);
		}
		if (below == (ran - 1) / 2)
			return row;
	}
	return any;
}

const struct view_row *view_copy(const struct view_copies *c, size_t kernel, size_t shape,
				 bool fenced)
{
	return c->cells[(kernel * c->n_shapes + shape) * 2 + fenced];
}

/* Over sizes only, or over all there is: one line again and again is another question. */
static double mean_score(const struct view_copies *c, size_t kernel, bool sizes_only)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < c->n_shapes * 2; i++) {
		const struct view_row *row = view_copy(c, kernel, i / 2, i % 2);

		if (!view_ran_at(row) || view_class_of(row) != c->kernels[kernel].class ||
		    (sizes_only && !view_is_plain_shape(c, i / 2)))
			continue;
		sum += log(row->ns_min > LEAST_SCORE ? row->ns_min : LEAST_SCORE);
		n++;
	}
	return n ? sum / (double)n : INFINITY;
}

static void score(struct view_copies *c, size_t kernel)
{
	double mean = mean_score(c, kernel, true);

	c->kernels[kernel].score = isfinite(mean) ? mean : mean_score(c, kernel, false);
}

static bool is_before(const struct view_kernel *a, const struct view_kernel *b)
{
	bool ours = !strcmp(a->id, OURS);

	if (a->class != b->class)
		return a->class < b->class;
	if (ours != !strcmp(b->id, OURS))
		return ours;
	/* Only what may be ranked is. */
	return a->class == VIEW_RANKED && a->score < b->score;
}

static void swap_kernels(struct view_copies *c, size_t a, size_t b)
{
	struct view_kernel kernel = c->kernels[a];

	c->kernels[a] = c->kernels[b];
	c->kernels[b] = kernel;
	for (size_t i = 0; i < c->n_shapes * 2; i++) {
		const struct view_row **left = &c->cells[a * c->n_shapes * 2 + i];
		const struct view_row **right = &c->cells[b * c->n_shapes * 2 + i];
		const struct view_row *cell = *left;

		*left = *right;
		*right = cell;
	}
}

static int compare_shapes(const void *left, const void *right)
{
	const struct view_shape *a = left, *b = right;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? -1 : 1;
	if (a->every != b->every)
		return a->every < b->every ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->lines < b->lines) - (a->lines > b->lines);
}

static void note_copies(struct view_copies *c, const struct view *view)
{
	c->barrier = "";
	for (size_t r = 0; r < view->n; r++) {
		const struct view_row *row = &view->rows[r];

		if (!in_copies(c, row))
			continue;
		note_kernel(c, row);
		note_shape(c, row);
		if (is_fenced(row) && (!is_kernels(row->barrier) || !*c->barrier))
			c->barrier = row->barrier;
	}
	qsort(c->shapes, c->n_shapes, sizeof(*c->shapes), compare_shapes);
}

static int fill_copies(struct view_copies *c, const struct view *view)
{
	c->cells = calloc(c->n_kernels * c->n_shapes * 2 + 1, sizeof(*c->cells));
	if (!c->cells)
		return -ENOMEM;
	for (size_t k = 0; k < c->n_kernels; k++) {
		for (size_t i = 0; i < c->n_shapes * 2; i++)
			c->cells[k * c->n_shapes * 2 + i] = find_median(c, view, k, i / 2, i % 2);
		score(c, k);
	}
	for (size_t i = 1; i < c->n_kernels; i++)
		for (size_t k = i; k && is_before(&c->kernels[k], &c->kernels[k - 1]); k--)
			swap_kernels(c, k, k - 1);
	return 0;
}

int view_copies_open(struct view_copies *c, const struct view *view, size_t i)
{
	int ret = -ENOMEM;

	memset(c, 0, sizeof(*c));
	c->sample = view_find_place(view, "copy", i);
	if (!c->sample)
		return -ENOENT;
	c->target = c->sample->target;
	c->memory = c->sample->memory;
	c->kernels = calloc(view->n, sizeof(*c->kernels));
	c->shapes = calloc(view->n, sizeof(*c->shapes));
	if (!c->kernels || !c->shapes)
		goto out;
	note_copies(c, view);
	ret = fill_copies(c, view);
out:
	if (ret)
		view_copies_close(c);
	return ret;
}

void view_copies_close(struct view_copies *c)
{
	free(c->kernels);
	free(c->shapes);
	free(c->cells);
	memset(c, 0, sizeof(*c));
}

bool view_is_plain_shape(const struct view_copies *c, size_t shape)
{
	const struct view_shape *s = &c->shapes[shape];

	if (s->offset || s->every || !s->bytes)
		return false;
	for (size_t o = 0; o < c->n_shapes; o++)
		if (c->shapes[o].bytes == s->bytes && !c->shapes[o].offset && !c->shapes[o].every &&
		    c->shapes[o].lines > s->lines)
			return false;
	return true;
}

const char *view_verdict(double ours, double best)
{
	double slack = 0.02 * best > 0.2 ? 0.02 * best : 0.2;

	/* Figures have six digits after the point: what is exactly at the limit is inside. */
	if (fabs(ours - best) <= slack + 1e-7)
		return "tied";
	return ours < best ? "ahead" : "behind";
}

bool view_duel(const struct view_copies *c, size_t shape, bool fenced, struct view_duel *duel)
{
	memset(duel, 0, sizeof(*duel));
	for (size_t k = 0; k < c->n_kernels; k++) {
		const struct view_row *row = view_copy(c, k, shape, fenced);

		if (!view_ran_at(row) || view_class_of(row) != VIEW_RANKED)
			continue;
		if (!strcmp(row->kernel, OURS))
			duel->ours = row;
		/* Our other forms keep other promises. */
		else if (strncmp(row->kernel, OURS, strlen(OURS)) &&
			 (!duel->best || row->ns_block_min < duel->best->ns_block_min))
			duel->best = row;
	}
	if (!duel->ours || !duel->best)
		return false;
	duel->verdict = view_verdict(duel->ours->ns_block_min, duel->best->ns_block_min);
	return true;
}

bool view_duels(const struct view_copies *c, unsigned *ahead, unsigned *tied, unsigned *behind)
{
	struct view_duel duel;

	*ahead = *tied = *behind = 0;
	for (size_t i = 0; i < c->n_shapes * 2; i++)
		if (view_duel(c, i / 2, i % 2, &duel)) {
			*ahead += !strcmp(duel.verdict, "ahead");
			*tied += !strcmp(duel.verdict, "tied");
			*behind += !strcmp(duel.verdict, "behind");
		}
	return *ahead + *tied + *behind;
}
