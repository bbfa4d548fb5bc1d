// SPDX-License-Identifier: MIT
/* Family barrier as a matrix: barriers down, conditions across. */
#include "views/family.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool in_matrix(const struct view_row *row)
{
	return view_is_of(row, "barrier");
}

bool view_has_barriers(const struct view *view)
{
	for (size_t r = 0; r < view->n; r++)
		if (in_matrix(&view->rows[r]))
			return true;
	return false;
}

static int flavour_rank(const char *stores)
{
	static const char *const order[] = {"", "plain", "nontemporal", "direct"};

	for (int i = 0; i < 4; i++)
		if (!strcmp(stores, order[i]))
			return i;
	return 4;
}

const char *view_stores_text(const char *stores, const char *memory)
{
	static const char *const texts[] = {"", "plain cached stores", "non-temporal stores",
					    "direct stores", "other stores"};

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
		m->conditions[m->n_conditions++] = (struct view_condition){
			row->kernel, row->stores, row->behind, row->next, false};
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
		if (in_matrix(&view->rows[r]) && view_same_place(&view->rows[r], m->sample))
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
	m->sample = view_find_place(view, "barrier", i);
	if (!m->sample)
		return -ENOENT;
	m->target = m->sample->target;
	m->memory = m->sample->memory;
	m->barriers = calloc(view->n, sizeof(*m->barriers));
	m->conditions = calloc(view->n, sizeof(*m->conditions));
	if (!m->barriers || !m->conditions)
		goto out;
	for (size_t r = 0; r < view->n; r++) {
		if (!in_matrix(&view->rows[r]) || !view_same_place(&view->rows[r], m->sample))
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
