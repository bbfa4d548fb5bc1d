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

/* "/behind:8/next:load": the axes of a row are in its name alone. */
static void read_axes(struct view_row *row)
{
	const char *behind = strstr(row->name, "/behind:"), *next = strstr(row->name, "/next:");

	row->behind = behind ? strtol(behind + strlen("/behind:"), NULL, 10) : 0;
	if (next)
		row->next = !strncmp(next + strlen("/next:"), "load", 4) ? VIEW_LOAD : VIEW_STORE;
}

static void read_figures(struct view_row *row)
{
	const json_t *from = row->ran ? row->own : NULL;

	row->ns_min = view_number(from, "ns_min");
	row->ns_p50 = view_number(from, "ns_p50");
	row->ns_p99 = view_number(from, "ns_p99");
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

static bool in_matrix(const struct view_row *row)
{
	return !strcmp(row->family, "barrier");
}

static bool same_place(const struct view_row *a, const struct view_row *b)
{
	return !strcmp(a->target, b->target) && !strcmp(a->memory, b->memory);
}

/* The first row of the i-th pair of target and memory type. */
static const struct view_row *find_place(const struct view *view, size_t i)
{
	for (size_t r = 0; r < view->n; r++) {
		bool seen = !in_matrix(&view->rows[r]);

		for (size_t before = 0; before < r && !seen; before++)
			seen = in_matrix(&view->rows[before]) &&
			       same_place(&view->rows[before], &view->rows[r]);
		if (!seen && !i--)
			return &view->rows[r];
	}
	return NULL;
}

static int flavour_rank(const char *stores)
{
	static const char *const order[] = { "", "plain", "nontemporal", "direct" };

	for (int i = 0; i < 4; i++)
		if (!strcmp(stores, order[i]))
			return i;
	return 4;
}

const char *view_stores_text(const char *stores)
{
	static const char *const texts[] = { "", "plain cached stores", "non-temporal stores",
					     "direct stores", "other stores" };

	return texts[flavour_rank(stores)];
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
	m->sample = find_place(view, i);
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
