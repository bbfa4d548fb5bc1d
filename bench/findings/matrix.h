/* SPDX-License-Identifier: MIT */
/* matrix.h - family barrier on one memory type of one target: barriers by conditions. */
#ifndef FENCEPOST_MATRIX_H
#define FENCEPOST_MATRIX_H

#include "document/read.h"

/* What is before and after the barrier: a column of the matrix. */
struct finding_condition {
	const char *kernel, *stores;
	long behind;	  /* stores before the barrier */
	const char *next; /* what is timed after it: "load", "store"; "" is nothing */
	bool ran;	  /* at least one barrier did here */
};

struct finding_matrix {
	const struct doc_row *sample; /* any row of it, for what they have in common */
	const char **barriers; /* "none" first, then by idle cost, those that did not run last */
	size_t n_barriers;
	struct finding_condition *conditions; /* idle first, then by flavour of stores */
	size_t n_conditions;
	const struct doc_row *
		*cells; /* [barrier * n_conditions + condition]; NULL: not in the plan */
};

/* The i-th; -ENOENT after the last. To be freed with finding_matrix_close(). */
int finding_matrix_open(struct finding_matrix *m, const struct doc *doc, size_t i);
void finding_matrix_close(struct finding_matrix *m);
const struct doc_row *finding_cell(const struct finding_matrix *m, size_t barrier,
				   size_t condition);

bool finding_has_barriers(const struct doc *doc);
bool finding_before_load(const struct finding_condition *c);
/* In one group: the same stores, followed by the same thing. */
bool finding_same_group(const struct finding_condition *a, const struct finding_condition *b);

#endif
