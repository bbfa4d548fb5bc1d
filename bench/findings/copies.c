// SPDX-License-Identifier: MIT
/* Family copy as a matrix: copies down, shapes across; and ours beside the best other. */
#include "findings/copies.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "base/words.h"

#define OURS "fencepost_copy_toio"

/* Below this a figure is what is left of noise, and has no logarithm worth a mean. */
#define LEAST_SCORE 0.1

/* A row of the mapping at hand, with its shape, which is asked for again and again. */
struct entry {
	const struct doc_row *row;
	struct finding_shape shape;
};

struct entries {
	struct entry *all;
	size_t n;
	const struct doc_row **ran; /* room for as many: those of one cell that ran */
};

static struct finding_shape shape_of(const struct doc_row *row)
{
	return (struct finding_shape){doc_axis(row, "bytes"), doc_axis(row, "lines"),
				      doc_axis(row, "offset"), doc_axis(row, "every")};
}

static bool same_shape(const struct finding_shape *a, const struct finding_shape *b)
{
	return a->bytes == b->bytes && a->lines == b->lines && a->offset == b->offset &&
	       a->every == b->every;
}

static bool is_fenced(const struct doc_row *row)
{
	return strcmp(row->barrier, "none");
}

/* The kernel's own accessor or barrier. */
static bool is_kernels(const char *id)
{
	return !strncmp(id, "kernel_", strlen("kernel_"));
}

enum finding_class finding_class_of(const struct doc_row *row)
{
	if (!*row->stores)
		return FINDING_READS;
	if (is_kernels(row->kernel))
		return FINDING_KERNEL;
	if (!doc_flag(row->own, "device_safe"))
		return FINDING_UNSAFE;
	if (row->is_ram && !strcmp(row->stores, fp_flavours[FP_PLAIN]))
		return FINDING_YARDSTICK;
	/* It takes no source: nothing to rank a copy with. */
	return strncmp(row->kernel, "memset", strlen("memset")) ? FINDING_RANKED
								: FINDING_YARDSTICK;
}

static void note_kernel(struct finding_copies *c, const struct doc_row *row)
{
	enum finding_class class = finding_class_of(row);
	size_t k = 0;

	while (k < c->n_kernels && strcmp(c->kernels[k].id, row->kernel))
		k++;
	if (k == c->n_kernels)
		c->kernels[c->n_kernels++] = (struct finding_kernel){row->kernel, class, 0};
	else if (class < c->kernels[k].class)
		c->kernels[k].class = class;
}

static void note_shape(struct finding_copies *c, const struct finding_shape *shape)
{
	for (size_t s = 0; s < c->n_shapes; s++)
		if (same_shape(&c->shapes[s], shape))
			return;
	c->shapes[c->n_shapes++] = *shape;
}

bool finding_is_copy(const struct doc_row *row)
{
	return doc_is_of(row, "copy") && !*doc_axis_text(row, "lock");
}

/* By figure; of equal ones the earlier first. */
static int compare_rows(const void *left, const void *right)
{
	const struct doc_row *a = *(const struct doc_row *const *)left;
	const struct doc_row *b = *(const struct doc_row *const *)right;

	if (a->ns_block_min != b->ns_block_min)
		return a->ns_block_min < b->ns_block_min ? -1 : 1;
	return (a > b) - (a < b);
}

/* The lower median of those that ran, so that it is a figure of the results; else any. */
static const struct doc_row *find_median(const struct entries *e, const char *kernel,
					 const struct finding_shape *shape, bool fenced)
{
	const struct doc_row *any = NULL;
	size_t ran = 0;

	for (size_t i = 0; i < e->n; i++) {
		const struct doc_row *row = e->all[i].row;

		if (is_fenced(row) != fenced || !same_shape(&e->all[i].shape, shape) ||
		    strcmp(row->kernel, kernel))
			continue;
		any = row;
		if (row->ran)
			e->ran[ran++] = row;
	}
	if (!ran)
		return any;
	qsort(e->ran, ran, sizeof(*e->ran), compare_rows);
	return e->ran[(ran - 1) / 2];
}

const struct doc_row *finding_copy(const struct finding_copies *c, size_t kernel, size_t shape,
				   bool fenced)
{
	return c->cells[(kernel * c->n_shapes + shape) * 2 + fenced];
}

/* Over sizes only, or over all there is: one line again and again is another question. */
static double mean_score(const struct finding_copies *c, size_t kernel, bool sizes_only)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < c->n_shapes * 2; i++) {
		const struct doc_row *row = finding_copy(c, kernel, i / 2, i % 2);

		if (!doc_ran_at(row) || finding_class_of(row) != c->kernels[kernel].class ||
		    (sizes_only && !finding_is_plain_shape(c, i / 2)))
			continue;
		sum += log(row->ns_min > LEAST_SCORE ? row->ns_min : LEAST_SCORE);
		n++;
	}
	return n ? sum / (double)n : INFINITY;
}

static void score(struct finding_copies *c, size_t kernel)
{
	double mean = mean_score(c, kernel, true);

	c->kernels[kernel].score = isfinite(mean) ? mean : mean_score(c, kernel, false);
}

static bool is_before(const struct finding_kernel *a, const struct finding_kernel *b)
{
	bool ours = !strcmp(a->id, OURS);

	if (a->class != b->class)
		return a->class < b->class;
	if (ours != !strcmp(b->id, OURS))
		return ours;
	/* Only what may be ranked is. */
	return a->class == FINDING_RANKED && a->score < b->score;
}

static void swap_kernels(struct finding_copies *c, size_t a, size_t b)
{
	struct finding_kernel kernel = c->kernels[a];

	c->kernels[a] = c->kernels[b];
	c->kernels[b] = kernel;
	for (size_t i = 0; i < c->n_shapes * 2; i++) {
		const struct doc_row **left = &c->cells[a * c->n_shapes * 2 + i];
		const struct doc_row **right = &c->cells[b * c->n_shapes * 2 + i];
		const struct doc_row *cell = *left;

		*left = *right;
		*right = cell;
	}
}

static int compare_shapes(const void *left, const void *right)
{
	const struct finding_shape *a = left, *b = right;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? -1 : 1;
	if (a->every != b->every)
		return a->every < b->every ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->lines < b->lines) - (a->lines > b->lines);
}

static void note_copies(struct finding_copies *c, const struct doc *doc, struct entries *e)
{
	c->barrier = "";
	for (size_t r = 0; r < doc->n; r++) {
		const struct doc_row *row = &doc->rows[r];

		if (!doc_same_mapping(row, c->sample) || !finding_is_copy(row))
			continue;
		e->all[e->n] = (struct entry){row, shape_of(row)};
		note_kernel(c, row);
		note_shape(c, &e->all[e->n++].shape);
		if (is_fenced(row) && (!is_kernels(row->barrier) || !*c->barrier))
			c->barrier = row->barrier;
	}
	qsort(c->shapes, c->n_shapes, sizeof(*c->shapes), compare_shapes);
}

static int fill_copies(struct finding_copies *c, const struct entries *e)
{
	size_t line = c->n_shapes * 2;

	c->cells = calloc(c->n_kernels * line + 1, sizeof(*c->cells));
	if (!c->cells)
		return -ENOMEM;
	for (size_t k = 0; k < c->n_kernels; k++) {
		for (size_t i = 0; i < line; i++)
			c->cells[k * line + i] =
				find_median(e, c->kernels[k].id, &c->shapes[i / 2], i % 2);
		score(c, k);
	}
	for (size_t i = 1; i < c->n_kernels; i++)
		for (size_t k = i; k && is_before(&c->kernels[k], &c->kernels[k - 1]); k--)
			swap_kernels(c, k, k - 1);
	return 0;
}

int finding_copies_open(struct finding_copies *c, const struct doc *doc, size_t i)
{
	struct entries e = {0};
	int ret = -ENOMEM;

	memset(c, 0, sizeof(*c));
	c->sample = doc_mapping(doc, "copy", i);
	if (!c->sample)
		return -ENOENT;
	c->kernels = calloc(doc->n, sizeof(*c->kernels));
	c->shapes = calloc(doc->n, sizeof(*c->shapes));
	e.all = calloc(doc->n, sizeof(*e.all));
	e.ran = calloc(doc->n, sizeof(*e.ran));
	if (!c->kernels || !c->shapes || !e.all || !e.ran)
		goto out;
	note_copies(c, doc, &e);
	ret = fill_copies(c, &e);
out:
	free(e.all);
	free(e.ran);
	if (ret)
		finding_copies_close(c);
	return ret;
}

void finding_copies_close(struct finding_copies *c)
{
	free(c->kernels);
	free(c->shapes);
	free(c->cells);
	memset(c, 0, sizeof(*c));
}

bool finding_is_plain_shape(const struct finding_copies *c, size_t shape)
{
	const struct finding_shape *s = &c->shapes[shape];

	if (s->offset || s->every || !s->bytes)
		return false;
	for (size_t o = 0; o < c->n_shapes; o++)
		if (c->shapes[o].bytes == s->bytes && !c->shapes[o].offset && !c->shapes[o].every &&
		    c->shapes[o].lines > s->lines)
			return false;
	return true;
}

const char *finding_verdict(double ours, double best)
{
	double slack = 0.02 * best > 0.2 ? 0.02 * best : 0.2;

	/* Figures have six digits after the point: what is exactly at the limit is inside. */
	if (fabs(ours - best) <= slack + 1e-7)
		return "tied";
	return ours < best ? "ahead" : "behind";
}

bool finding_duel(const struct finding_copies *c, size_t shape, bool fenced,
		  struct finding_duel *duel)
{
	memset(duel, 0, sizeof(*duel));
	for (size_t k = 0; k < c->n_kernels; k++) {
		const struct doc_row *row = finding_copy(c, k, shape, fenced);

		if (!doc_ran_at(row) || finding_class_of(row) != FINDING_RANKED)
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
	duel->verdict = finding_verdict(duel->ours->ns_block_min, duel->best->ns_block_min);
	return true;
}

bool finding_duels(const struct finding_copies *c, unsigned *ahead, unsigned *tied,
		   unsigned *behind)
{
	struct finding_duel duel;

	*ahead = *tied = *behind = 0;
	for (size_t i = 0; i < c->n_shapes * 2; i++)
		if (finding_duel(c, i / 2, i % 2, &duel)) {
			*ahead += !strcmp(duel.verdict, "ahead");
			*tied += !strcmp(duel.verdict, "tied");
			*behind += !strcmp(duel.verdict, "behind");
		}
	return *ahead + *tied + *behind;
}
