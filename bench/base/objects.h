/* SPDX-License-Identifier: MIT */
/* objects.h - arrays of flat JSON objects as text, Markdown, CSV or JSON. */
#ifndef FENCEPOST_OBJECTS_H
#define FENCEPOST_OBJECTS_H

#include <jansson.h>
#include <stdio.h>

#include "base/format.h"

/*
 * columns, NULL at the end: what text shows of each object; the other formats
 * show all members.  0 or -errno.
 */
int fp_objects_write(const json_t *objects, const char *const *columns, FILE *to,
		     enum fp_format format);

/* One object below the other, each member on a line of its own. */
int fp_objects_write_long(const json_t *objects, FILE *to);

/* "KEY    text": breaks at spaces; what follows stands below the first line's text. */
void fp_put_wrapped(FILE *to, int key_width, const char *key, const char *text);

#endif
