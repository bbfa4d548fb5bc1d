/* SPDX-License-Identifier: MIT */
/*
 * catalogue.h - the rows of all architectures as flat JSON objects, and arrays
 * of flat objects as text, Markdown, CSV or JSON.
 */
#ifndef FENCEPOST_CATALOGUE_H
#define FENCEPOST_CATALOGUE_H

#include <jansson.h>
#include <stdio.h>

#include "arch.h"
#include "views/views.h"

/* Arrays of objects, all architectures; "here" says whether this CPU has it, or why not. */
json_t *fp_catalogue_barriers(void);
json_t *fp_catalogue_accesses(void);
json_t *fp_catalogue_locks(void);
json_t *fp_catalogue_copies(void);

/*
 * The first word in text that is a row's id of other architectures only, as
 * "str_dgh is a row of arm64; this is x86_64"; false if there is none.
 */
bool fp_catalogue_elsewhere(const char *text, char *buf, size_t n);

/* Barriers, locks and copies known by that name ("peer:name" or "name"), or of that id. */
json_t *fp_catalogue_find(const char *name);

/*
 * columns, NULL at the end: what text shows of each object; the other formats
 * show all members.  0 or -errno.
 */
int fp_catalogue_write(const json_t *objects, const char *const *columns, FILE *to,
		       enum fp_format format);

/* One object below the other, each member on a line of its own. */
int fp_catalogue_write_long(const json_t *objects, FILE *to);

#endif
