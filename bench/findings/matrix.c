// SPDX-License-Identifier: MIT
/* Family barrier as a matrix: barriers down, conditions across. */
#include "findings/matrix.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "findings/trust.h"

static bool in_matrix(const struct doc_row *row)
{
	return doc_is_of(row, "barrier");
}

bool finding_has_barriers(const struct doc *doc)
{
	for (size_t r = 0; r < doc->n; r++)
		if (in_matrix(&doc->rows[r]))
			return true;
	return false;
}

bool finding_before_load(const struct finding_condition *c)
{
	return !strcmp(c->next, "load");
}

bool finding_same_group(const struct finding_condition *a, const struct finding_condition *b)
{
	return !strcmp(a->kernel, b->kernel) && !strcmp(a->next, b->next);
}

static int compare_conditions(const void *left, const void *right)
{
	const struct finding_condition *a = left, *b = right;
	int order = finding_flavour_rank(a->stores) - finding_flavour_rank(b->stores);

	if (!order)
		order = strcmp(a->kernel, b->kernel);
	if (!order)
		order = strcmp(a->next, b->next);
	return order ? order : (a->behind > b->behind) - (a->behind < b->behind);
}

static struct finding_condition condition_of(const struct doc_row *row)
{
	return (struct finding_condition){row->kernel, row->stores, doc_axis(row, "behind"),
					  doc_axis_text(row, "next"), row->ran};
}

/* n_conditions if it is none of them. */
static size_t find_condition(const struct finding_matrix *m, const struct finding_condition *like)
{
	size_t c = 0;

	while (c < m->n_conditions && (m->conditions[c].behind != like->behind ||
				       !finding_same_group(&m->conditions[c], like)))
		c++;
	return c;
}

static void note_condition(struct finding_matrix *m, const struct doc_row *row)
{
	struct finding_condition condition = condition_of(row);
	size_t c = find_condition(m, &condition);

	if (c == m->n_conditions)
		m->conditions[m->n_conditions++] = condition;
	m->conditions[c].ran |= row->ran;
}

static void note_barrier(struct finding_matrix *m, const struct doc_row *row)
{
	for (size_t b = 0; b < m->n_barriers; b++)
		if (!strcmp(m->barriers[b], row->barrier))
			return;
	m->barriers[m->n_barriers++] = row->barrier;
}

const struct doc_row *finding_cell(const struct finding_matrix *m, size_t barrier, size_t condition)
{
	return m->cells[barrier * m->n_conditions + condition];
}

/* Of repetitions the quickest; one that ran beats one that did not. */
static void put_cell(struct finding_matrix *m, const struct doc_row *row)
{
	struct finding_condition condition = condition_of(row);
	const struct doc_row **cell;
	size_t b = 0;

	while (strcmp(m->barriers[b], row->barrier))
		b++;
	cell = &m->cells[b * m->n_conditions + find_condition(m, &condition)];
	if (!*cell || (row->ran && (!(*cell)->ran || row->ns_min < (*cell)->ns_min)))
		*cell = row;
}

static int fill_cells(struct finding_matrix *m, const struct doc *doc)
{
	m->cells = calloc(m->n_barriers * m->n_conditions + 1, sizeof(*m->cells));
	if (!m->cells)
		return -ENOMEM;
	for (size_t r = 0; r < doc->n; r++)
		if (in_matrix(&doc->rows[r]) && doc_same_mapping(&doc->rows[r], m->sample))
			put_cell(m, &doc->rows[r]);
	return 0;
}

/* Where a barrier stands: the base first, then by the first figure there is, idle if it ran. */
static double barrier_key(const struct finding_matrix *m, size_t b)
{
	if (!strcmp(m->barriers[b], "none"))
		return -INFINITY;
	for (size_t c = 0; c < m->n_conditions; c++) {
		const struct doc_row *cell = finding_cell(m, b, c);

		if (cell && cell->ran && isfinite(cell->ns_min))
			return cell->ns_min;
	}
	return INFINITY;
}

static void swap_barriers(struct finding_matrix *m, size_t a, size_t b)
{
	const char *name = m->barriers[a];

	m->barriers[a] = m->barriers[b];
	m->barriers[b] = name;
	for (size_t c = 0; c < m->n_conditions; c++) {
		const struct doc_row **left = &m->cells[a * m->n_conditions + c];
		const struct doc_row **right = &m->cells[b * m->n_conditions + c];
		const struct doc_row *cell = *left;

		*left = *right;
		*right = cell;
	}
}

static void sort_barriers(struct finding_matrix *m)
{
	for (size_t i = 1; i < m->n_barriers; i++)
		for (size_t b = i; b && barrier_key(m, b) < barrier_key(m, b - 1); b--)
			swap_barriers(m, b, b - 1);
}

int finding_matrix_open(struct finding_matrix *m, const struct doc *doc, size_t i)
{
	int ret = -ENOMEM;

	memset(m, 0, sizeof(*m));
	m->sample = doc_mapping(doc, "barrier", i);
	if (!m->sample)
		return -ENOENT;
	m->barriers = calloc(doc->n, sizeof(*m->barriers));
	m->conditions = calloc(doc->n, sizeof(*m->conditions));
	if (!m->barriers || !m->conditions)
		goto out;
	for (size_t r = 0; r < doc->n; r++) {
		if (!in_matrix(&doc->rows[r]) || !doc_same_mapping(&doc->rows[r], m->sample))
			continue;
		note_condition(m, &doc->rows[r]);
		note_barrier(m, &doc->rows[r]);
	}
	qsort(m->conditions, m->n_conditions, sizeof(*m->conditions), compare_conditions);
	ret = fill_cells(m, doc);
	if (!ret)
		sort_barriers(m);
out:
	if (ret)
		finding_matrix_close(m);
	return ret;
}

void finding_matrix_close(struct finding_matrix *m)
{
	free(m->barriers);
	free(m->conditions);
	free(m->cells);
	memset(m, 0, sizeof(*m));
}
