/* SPDX-License-Identifier: MIT */
/*
 * model.h - results.json as the views need it: flat rows, and family barrier
 * as a matrix.  All strings belong to the JSON tree.
 */
#ifndef FENCEPOST_VIEWS_MODEL_H
#define FENCEPOST_VIEWS_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum view_next { VIEW_NOTHING, VIEW_LOAD, VIEW_STORE };

/* Absent strings are "", absent figures NAN. */
struct view_row {
	const json_t *run, *own; /* benchmarks[i] and its fencepost object */
	const char *name, *family, *kernel, *barrier, *target, *memory, *stores, *status, *reason;
	double ns_min, ns_p50, ns_p99, cycles_min;
	bool ran;
	long behind;		 /* stores before the barrier: from the name */
	enum view_next next;	 /* what is timed after it: from the name */
};

struct view {
	const json_t *context, *own; /* context and context.fencepost; may be NULL */
	struct view_row *rows;
	size_t n;
	bool emulated, partial;
};

/* -EINVAL: not a results.json. */
int view_open(struct view *view, const json_t *root);
void view_close(struct view *view);

/* What is before and after the barrier: a column of the matrix. */
struct view_condition {
	const char *kernel, *stores;
	long behind;
	enum view_next next;
	bool ran; /* at least one barrier did here */
};

/* Family barrier on one memory type of one target. */
struct view_matrix {
	const char *target, *memory;
	const struct view_row *sample; /* any row of it, for the memory attribute */
	const char **barriers;	       /* "none" first, then by idle cost, those that did not run last */
	size_t n_barriers;
	struct view_condition *conditions; /* idle first, then plain, nontemporal, direct stores */
	size_t n_conditions;
	const struct view_row **cells; /* [barrier * n_conditions + condition]; NULL: not in the plan */
};

/* The i-th; -ENOENT after the last. To be freed with view_matrix_close(). */
int view_matrix_open(struct view_matrix *m, const struct view *view, size_t i);
void view_matrix_close(struct view_matrix *m);
const struct view_row *view_cell(const struct view_matrix *m, size_t barrier, size_t condition);

/* In one group: the same stores, followed by the same thing. */
bool view_same_group(const struct view_condition *a, const struct view_condition *b);
/* "plain cached stores", "non-temporal stores", ... */
const char *view_stores_text(const char *stores);

/*
 * Rows that did not run, put together by status and reason.  The first of each
 * group is that for which this returns the number of rows; 0 for all others.
 * what: the id that they have in common, else "".
 */
size_t view_reason_group(const struct view *view, size_t i, const char **what);

const char *view_text(const json_t *object, const char *key);
double view_number(const json_t *object, const char *key);

/* "AMD EPYC (Zen 5)"; returns buf. */
const char *view_cpu(const struct view *view, char *buf, size_t n);
/* "WB, verified (how)" as far as known; returns buf. */
const char *view_attribute(const struct view_row *row, char *buf, size_t n);
/* "" if there is none. */
const char *view_seed(const struct view *view, char *buf, size_t n);

/* What the timed loop adds to an operation; "" if it was not measured. Returns buf. */
const char *view_harness(const struct view *view, char *buf, size_t n);
/* Our idle barriers beside published figures; "" if there are none. Returns buf. */
const char *view_published(const struct view *view, char *buf, size_t n);

/* At most 4 characters before or 3 significant digits: "0.31", "27.4", "1912". "" for NAN. */
const char *view_short(double value, char *buf, size_t n);
/* The fewest digits that read back as the same number. */
const char *view_exact(double value, char *buf, size_t n);

/* What table, picture and page say alike. */
extern const char view_emulated_notice[];

#endif
