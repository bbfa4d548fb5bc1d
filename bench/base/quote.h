/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_QUOTE_H
#define FENCEPOST_QUOTE_H

#include <stddef.h>
#include <stdio.h>

#include "base/format.h"

/* One field of CSV, quoted where RFC 4180 asks for it. */
void fp_put_csv(FILE *to, const char *text);

/* One cell of a Markdown table: what would end it, or be taken for a tag or markup, is escaped. */
void fp_put_markdown(FILE *to, const char *text);

/* One line of a table, FP_CSV or FP_MARKDOWN. */
void fp_put_line(FILE *to, enum fp_format format, const char *const *cells, size_t n);

#endif
