/* SPDX-License-Identifier: MIT */
/* combine.h - family combine for one kind of store on one memory type of one target. */
#ifndef FENCEPOST_COMBINE_H
#define FENCEPOST_COMBINE_H

#include "document/read.h"

struct finding_combine {
	const struct doc *doc;
	const struct doc_row *sample;
	/* Lines in turn: measured; that combine; the first that don't, or 0. */
	long most_lines, fits, beyond;
	double ns_fits, ns_beyond;
	long line_bytes;
	double whole, partial; /* pushed out by the barrier pushed_by */
	const char *pushed_by;
	double nothing;
};

/* The i-th; -ENOENT after the last. */
int finding_combine_open(struct finding_combine *c, const struct doc *doc, size_t i);
/* Of this kind of store? */
bool finding_combines(const struct finding_combine *c, const struct doc_row *row);
/* Whether what is between the halves pushed the first one out. */
bool finding_drained(const struct finding_combine *c, const struct doc_row *row);
/* "sfence", "plain store", "time": what is between the halves; "" if there are none. */
const char *finding_between_text(const struct doc_row *row);

#endif
