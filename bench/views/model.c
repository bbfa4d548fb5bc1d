// SPDX-License-Identifier: MIT
#include "model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char view_emulated_notice[] = "EMULATED: these times are not results";

const char *view_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

double view_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* What follows "/key:" in the name, or NULL. */
static const char *find_axis(const char *name, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/'))
		if (!strncmp(at + 1, key, length) && at[1 + length] == ':')
			return at + length + 2;
	return NULL;
}

static long axis(const char *name, const char *key)
{
	const char *value = find_axis(name, key);

	return value ? strtol(value, NULL, 10) : 0;
}

/* "/behind:8/next:load": the axes of a row are in its name alone. */
static void read_axes(struct view_row *row)
{
	const char *next = find_axis(row->name, "next"), *between = find_axis(row->name, "between");

	row->behind = axis(row->name, "behind");
	row->bytes = axis(row->name, "bytes");
	row->lines = axis(row->name, "lines");
	row->offset = axis(row->name, "offset");
	row->every = axis(row->name, "every");
	row->between = between ? between : "";
	row->locked = find_axis(row->name, "lock");
	if (next)
		row->next = !strncmp(next, "load", 4) ? VIEW_LOAD : VIEW_STORE;
}

static void read_figures(struct view_row *row)
{
	const json_t *from = row->ran ? row->own : NULL;

	row->ns_min = view_number(from, "ns_min");
	row->ns_p50 = view_number(from, "ns_p50");
	row->ns_p99 = view_number(from, "ns_p99");
	row->ns_block_min = view_number(from, "ns_block_min");
	row->cycles_min = view_number(from, "cycles_min");
}

static struct view_row read_row(const json_t *run)
{
	const json_t *own = json_object_get(run, "fencepost");
	struct view_row row = {
		.run = run,
		.own = own,
		.name = view_text(run, "name"),
		.family = view_text(own, "family"),
		.kernel = view_text(own, "kernel"),
		.barrier = view_text(own, "barrier"),
		.target = view_text(own, "target"),
		.memory = view_text(own, "memory"),
		.stores = view_text(own, "stores"),
		.status = view_text(own, "status"),
		.reason = view_text(own, "reason"),
	};

	row.ran = !strcmp(row.status, "ran");
	row.device_safe = json_is_true(json_object_get(own, "device_safe"));
	read_axes(&row);
	read_figures(&row);
	return row;
}

int view_open(struct view *view, const json_t *root)
{
	const json_t *runs = json_object_get(root, "benchmarks"), *run;
	size_t i;

	memset(view, 0, sizeof(*view));
	if (!json_is_array(runs))
		return -EINVAL;
	view->rows = calloc(json_array_size(runs) + 1, sizeof(*view->rows));
	if (!view->rows)
		return -ENOMEM;
	json_array_foreach(runs, i, run)
		if (json_object_get(run, "fencepost"))
			view->rows[view->n++] = read_row(run);
	view->context = json_object_get(root, "context");
	view->own = json_object_get(view->context, "fencepost");
	view->emulated = !strcmp(view_text(view->own, "evidence"), "emulated");
	view->partial = json_is_true(json_object_get(view->own, "partial"));
	return 0;
}

void view_close(struct view *view)
{
	free(view->rows);
	memset(view, 0, sizeof(*view));
}

/* No family: any. */
static bool is_of(const struct view_row *row, const char *family)
{
	return !family || !strcmp(row->family, family);
}

static bool in_matrix(const struct view_row *row)
{
	return is_of(row, "barrier");
}

bool view_has_barriers(const struct view *view)
{
	for (size_t r = 0; r < view->n; r++)
		if (in_matrix(&view->rows[r]))
			return true;
	return false;
}

static bool same_place(const struct view_row *a, const struct view_row *b)
{
	return !strcmp(a->target, b->target) && !strcmp(a->memory, b->memory);
}

/* The first row of the i-th pair of target and memory type in a family. */
static const struct view_row *find_place(const struct view *view, const char *family, size_t i)
{
	for (size_t r = 0; r < view->n; r++) {
		bool seen = !is_of(&view->rows[r], family);

		for (size_t before = 0; before < r && !seen; before++)
			seen = is_of(&view->rows[before], family) &&
			       same_place(&view->rows[before], &view->rows[r]);
		if (!seen && !i--)
			return &view->rows[r];
	}
	return NULL;
}

const struct view_row *view_place(const struct view *view, size_t i)
{
	return find_place(view, NULL, i);
}

static int flavour_rank(const char *stores)
{
	static const char *const order[] = { "", "plain", "nontemporal", "direct" };

	for (int i = 0; i < 4; i++)
		if (!strcmp(stores, order[i]))
			return i;
	return 4;
}

const char *view_stores_text(const char *stores, const char *memory)
{
	static const char *const texts[] = { "", "plain cached stores", "non-temporal stores",
					     "direct stores", "other stores" };

	/* No cache takes what is stored to a device. */
	if (!strcmp(stores, "plain") && strcmp(memory, "wb"))
		return "plain stores";
	return texts[flavour_rank(stores)];
}

const char *view_place_text(const struct view_row *row, char *buf, size_t n)
{
	*buf = '\0';
	if (strcmp(row->memory, "wb"))
		snprintf(buf, n, "%.60s as %.20s: ", row->target, row->memory);
	return buf;
}

bool view_same_group(const struct view_condition *a, const struct view_condition *b)
{
	return !strcmp(a->kernel, b->kernel) && a->next == b->next;
}

static int compare_conditions(const void *left, const void *right)
{
	const struct view_condition *a = left, *b = right;
	int order = flavour_rank(a->stores) - flavour_rank(b->stores);

	if (!order)
		order = strcmp(a->kernel, b->kernel);
	if (!order)
		order = (int)a->next - (int)b->next;
	return order ? order : (a->behind > b->behind) - (a->behind < b->behind);
}

static bool of_condition(const struct view_condition *c, const struct view_row *row)
{
	return c->behind == row->behind && c->next == row->next && !strcmp(c->kernel, row->kernel);
}

static void note_condition(struct view_matrix *m, const struct view_row *row)
{
	size_t c = 0;

	while (c < m->n_conditions && !of_condition(&m->conditions[c], row))
		c++;
	if (c == m->n_conditions)
		m->conditions[m->n_conditions++] =
			(struct view_condition){ row->kernel, row->stores, row->behind, row->next,
						 false };
	m->conditions[c].ran |= row->ran;
}

static void note_barrier(struct view_matrix *m, const struct view_row *row)
{
	for (size_t b = 0; b < m->n_barriers; b++)
		if (!strcmp(m->barriers[b], row->barrier))
			return;
	m->barriers[m->n_barriers++] = row->barrier;
}

const struct view_row *view_cell(const struct view_matrix *m, size_t barrier, size_t condition)
{
	return m->cells[barrier * m->n_conditions + condition];
}

/* Of repetitions the quickest; one that ran beats one that did not. */
static void put_cell(struct view_matrix *m, const struct view_row *row)
{
	size_t b = 0, c = 0;
	const struct view_row **cell;

	while (strcmp(m->barriers[b], row->barrier))
		b++;
	while (!of_condition(&m->conditions[c], row))
		c++;
	cell = &m->cells[b * m->n_conditions + c];
	if (!*cell || (row->ran && (!(*cell)->ran || row->ns_min < (*cell)->ns_min)))
		*cell = row;
}

static int fill_cells(struct view_matrix *m, const struct view *view)
{
	m->cells = calloc(m->n_barriers * m->n_conditions + 1, sizeof(*m->cells));
	if (!m->cells)
		return -ENOMEM;
	for (size_t r = 0; r < view->n; r++)
		if (in_matrix(&view->rows[r]) && same_place(&view->rows[r], m->sample))
			put_cell(m, &view->rows[r]);
	return 0;
}

/* Where a barrier stands: the base first, then by the first figure there is, idle if it ran. */
static double barrier_key(const struct view_matrix *m, size_t b)
{
	if (!strcmp(m->barriers[b], "none"))
		return -INFINITY;
	for (size_t c = 0; c < m->n_conditions; c++) {
		const struct view_row *cell = view_cell(m, b, c);

		if (cell && cell->ran && isfinite(cell->ns_min))
			return cell->ns_min;
	}
	return INFINITY;
}

static void swap_barriers(struct view_matrix *m, size_t a, size_t b)
{
	const char *name = m->barriers[a];

	m->barriers[a] = m->barriers[b];
	m->barriers[b] = name;
	for (size_t c = 0; c < m->n_conditions; c++) {
		const struct view_row **left = &m->cells[a * m->n_conditions + c];
		const struct view_row **right = &m->cells[b * m->n_conditions + c];
		const struct view_row *cell = *left;

		*left = *right;
		*right = cell;
	}
}

static void sort_barriers(struct view_matrix *m)
{
	for (size_t i = 1; i < m->n_barriers; i++)
		for (size_t b = i; b && barrier_key(m, b) < barrier_key(m, b - 1); b--)
			swap_barriers(m, b, b - 1);
}

int view_matrix_open(struct view_matrix *m, const struct view *view, size_t i)
{
	int ret = -ENOMEM;

	memset(m, 0, sizeof(*m));
	m->sample = find_place(view, "barrier", i);
	if (!m->sample)
		return -ENOENT;
	m->target = m->sample->target;
	m->memory = m->sample->memory;
	m->barriers = calloc(view->n, sizeof(*m->barriers));
	m->conditions = calloc(view->n, sizeof(*m->conditions));
	if (!m->barriers || !m->conditions)
		goto out;
	for (size_t r = 0; r < view->n; r++) {
		if (!in_matrix(&view->rows[r]) || !same_place(&view->rows[r], m->sample))
			continue;
		note_condition(m, &view->rows[r]);
		note_barrier(m, &view->rows[r]);
	}
	qsort(m->conditions, m->n_conditions, sizeof(*m->conditions), compare_conditions);
	ret = fill_cells(m, view);
	if (!ret)
		sort_barriers(m);
out:
	if (ret)
		view_matrix_close(m);
	return ret;
}

void view_matrix_close(struct view_matrix *m)
{
	free(m->barriers);
	free(m->conditions);
	free(m->cells);
	memset(m, 0, sizeof(*m));
}

/* ---- family copy ---- */

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
	return is_of(row, "copy") && !row->locked && same_place(row, c->sample);
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

static bool ran_at(const struct view_row *row)
{
	return row && row->ran && isfinite(row->ns_min);
}

/* Over sizes only, or over all there is: one line again and again is another question. */
static double mean_score(const struct view_copies *c, size_t kernel, bool sizes_only)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < c->n_shapes * 2; i++) {
		const struct view_row *row = view_copy(c, kernel, i / 2, i % 2);

		if (!ran_at(row) || view_class_of(row) != c->kernels[kernel].class ||
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
	c->sample = find_place(view, "copy", i);
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

		if (!ran_at(row) || view_class_of(row) != VIEW_RANKED)
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

/* ---- family combine ---- */

/* Lines that cost less than this many times the cheapest combine. */
#define COMBINES 3
/* A barrier has a cost of its own, which is far below that of pushing a line out. */
#define PUSHED_OUT 0.25

static bool same_stores(const struct view_row *a, const struct view_row *b)
{
	return is_of(a, "combine") && is_of(b, "combine") && same_place(a, b) &&
	       !strcmp(a->kernel, b->kernel);
}

bool view_combines(const struct view_combine *c, const struct view_row *row)
{
	return same_stores(c->sample, row);
}

static const struct view_row *find_stores(const struct view *view, size_t i)
{
	for (size_t r = 0; r < view->n; r++) {
		bool seen = !is_of(&view->rows[r], "combine");

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

		if (!view_combines(c, row) || !row->lines || !ran_at(row))
			continue;
		least = fmin(least, row->ns_min);
		most = fmax(most, row->ns_min);
		c->most_lines = row->lines > c->most_lines ? row->lines : c->most_lines;
	}
	c->ns_fits = least;
	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (view_combines(c, row) && row->lines > c->fits && ran_at(row) &&
		    row->ns_min <= combining_limit(least, most))
			c->fits = row->lines;
	}
	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (!view_combines(c, row) || row->lines <= c->fits || !ran_at(row))
			continue;
		if (!c->beyond || row->lines < c->beyond) {
			c->beyond = row->lines;
			c->ns_beyond = row->ns_min;
		}
	}
}

static bool is_filled(const struct view_combine *c, const struct view_row *row)
{
	return view_combines(c, row) && row->bytes && ran_at(row);
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

static bool same_reason(const struct view_row *a, const struct view_row *b)
{
	return !b->ran && !strcmp(a->status, b->status) && !strcmp(a->reason, b->reason);
}

size_t view_reason_group(const struct view *view, size_t i, const char **what)
{
	const struct view_row *row = &view->rows[i];
	bool one_barrier = true, one_kernel = true;
	size_t n = 0;

	if (row->ran)
		return 0;
	for (size_t r = 0; r < view->n; r++) {
		const struct view_row *other = &view->rows[r];

		if (!same_reason(row, other))
			continue;
		if (r < i)
			return 0;
		one_barrier &= !strcmp(row->barrier, other->barrier);
		one_kernel &= !strcmp(row->kernel, other->kernel);
		n++;
	}
	*what = n == 1 ? row->name : "";
	if (n > 1 && one_barrier)
		*what = row->barrier;
	else if (n > 1 && one_kernel)
		*what = row->kernel;
	return n;
}

const char *view_cpu(const struct view *view, char *buf, size_t n)
{
	const json_t *topology = json_object_get(view->own, "topology");
	const char *model = view_text(topology, "model");
	const char *micro = view_text(topology, "microarchitecture");

	snprintf(buf, n, "%s", *model ? model : "CPU of unknown model");
	if (*micro && strcmp(micro, "unknown"))
		snprintf(buf + strlen(buf), n - strlen(buf), " (%s)", micro);
	return buf;
}

const char *view_attribute(const struct view_row *row, char *buf, size_t n)
{
	const char *effective = view_text(row->own, "effective");
	const char *stage1 = view_text(row->own, "stage1");
	const char *by = view_text(row->own, "verified_by");

	snprintf(buf, n, "%s", *stage1 ? stage1 : *effective ? effective : "unknown");
	if (*stage1 && *effective && strcmp(effective, stage1))
		snprintf(buf + strlen(buf), n - strlen(buf), ", effective %s", effective);
	snprintf(buf + strlen(buf), n - strlen(buf), *by ? ", verified (%s)" : ", not verified",
		 by);
	return buf;
}

const char *view_seed(const struct view *view, char *buf, size_t n)
{
	const json_t *seed = json_object_get(view->context, "seed");

	if (json_is_integer(seed))
		snprintf(buf, n, "%lld", (long long)json_integer_value(seed));
	else
		snprintf(buf, n, "%s", view_text(view->context, "seed"));
	return buf;
}

const char *view_short(double value, char *buf, size_t n)
{
	double size = fabs(value);

	if (!isfinite(value))
		snprintf(buf, n, "%s", "");
	else if (size < 0.005)
		snprintf(buf, n, "0.00");
	else
		snprintf(buf, n, "%.*f", size < 9.995 ? 2 : size < 99.95 ? 1 : 0, value);
	return buf;
}

const char *view_exact(double value, char *buf, size_t n)
{
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(buf, n, "%.*g", digits, value);
		if (strtod(buf, NULL) == value)
			break;
	}
	return buf;
}
