/* SPDX-License-Identifier: MIT */
/*
 * family.h - what readers see of one family, in a file of its own.
 *
 * The table is in families.c.  A family that is not in it has its rows in a
 * plain list, and no picture.
 */
#ifndef FENCEPOST_VIEWS_FAMILY_H
#define FENCEPOST_VIEWS_FAMILY_H

#include "document/read.h"
#include "findings/conclusion.h"
#include "views/page.h"
#include "views/picture.h"
#include "views/text.h"

/* What a family has nothing of is NULL, but for its name and its text. */
struct view_family {
	const char *name;
	/* Which of its rows text() shows, the others being listed; NULL: all. */
	bool (*shows)(const struct doc_row *row);
	void (*text)(const struct text *t, const struct doc *doc);
	const char *heading;	 /* of its section on the page */
	const char *pictures[3]; /* what their files' names begin with; NULL at the end */
	int (*draw)(struct album *album);
	void (*more)(const struct page *p); /* below its pictures */
	/* See findings/conclusion.h. Of several families the first has the conclusion. */
	bool (*conclude)(struct sentence *s, const struct doc *doc);
	/* What stands beside its figures where another family has the conclusion. */
	const char *(*sentence)(const struct doc *doc, char *buf, size_t n);
};

extern const struct view_family view_barrier, view_copy, view_combine;
/* NULL at the end. */
extern const struct view_family *const view_families[];

/* The family whose text has this row; NULL: it is to be listed. */
const struct view_family *view_shown_by(const struct doc_row *row);

/* The conclusion on one document; returns buf. */
const char *view_conclusion(const struct doc *doc, char *buf, size_t n);
/* What a family says beside its figures, "" if it has the conclusion; returns buf. */
const char *view_sentence(const struct view_family *family, const struct doc *doc, char *buf,
			  size_t n);

#endif
