/* SPDX-License-Identifier: MIT */
/*
 * read.h - the one reader of results.json: its rows with their axes as data.
 * All strings belong to the JSON tree.
 */
#ifndef FENCEPOST_READ_H
#define FENCEPOST_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Absent strings are "", absent figures NAN. */
struct doc_row {
	const json_t *run, *own,
		*axes; /* benchmarks[i], its fencepost object, and the axes in it */
	const char *name, *family, *kernel, *barrier, *target, *memory, *stores, *status, *reason;
	double ns_min, ns_p50, ns_p99, ns_block_min, cycles_min;
	bool ran;
	bool is_ram; /* cached memory of this machine, as its mapping says */
};

struct doc {
	const json_t *context, *own; /* context and context.fencepost; may be NULL */
	struct doc_row *rows;
	size_t n;
	bool emulated, partial;
};

/* -EINVAL: not a results.json. */
int doc_open(struct doc *doc, const json_t *root);
void doc_close(struct doc *doc);

/* Of an axis; 0 or "" if the row has none of that key, or one of the other kind. */
long doc_axis(const struct doc_row *row, const char *key);
const char *doc_axis_text(const struct doc_row *row, const char *key);

/* No family: any. */
bool doc_is_of(const struct doc_row *row, const char *family);
bool doc_same_mapping(const struct doc_row *a, const struct doc_row *b);
/* The first row of the i-th pair of target and memory type in a family; NULL after the last. */
const struct doc_row *doc_mapping(const struct doc *doc, const char *family, size_t i);
/* A row that has a figure; NULL has none. */
bool doc_ran_at(const struct doc_row *row);

/* A member of any object; it may be NULL. */
const char *doc_text(const json_t *object, const char *key);
double doc_number(const json_t *object, const char *key);
bool doc_flag(const json_t *object, const char *key);

/* "AMD EPYC (Zen 5)"; returns buf. */
const char *doc_cpu(const struct doc *doc, char *buf, size_t n);
/* "x86_64" */
const char *doc_architecture(const struct doc *doc);
/* "WB, verified (how)" as far as known; returns buf. */
const char *doc_attribute(const struct doc_row *row, char *buf, size_t n);
/* "" if there is none. */
const char *doc_seed(const struct doc *doc, char *buf, size_t n);

#endif
