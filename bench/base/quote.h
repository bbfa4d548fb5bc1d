/* SPDX-License-Identifier: MIT */
/* quote.h - text from outside, as a language takes it for text. */
#ifndef FENCEPOST_QUOTE_H
#define FENCEPOST_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/format.h"

/*
 * How many bytes the character has that text begins with.  *shown: it is one to be
 * seen, no byte outside UTF-8, and none that is obeyed: control characters, and those
 * that end a line or turn the direction of what follows.
 */
size_t fp_character(const char *text, bool *shown);

/* What is not to be seen becomes blanks, in place; returns text. */
char *fp_blank(char *text);

/*
 * One line for a terminal: what is not to be seen is written as "\n" or "\x1b"; returns
 * buf, with at most n bytes of it.
 */
char *fp_visible(const char *text, char *buf, size_t n);

/* One word as a shell reads it. */
void fp_put_shell(FILE *to, const char *text);

/*
 * One field of CSV, quoted where RFC 4180 asks for it; what is not to be seen is blanks.
 * A text that a spreadsheet would take for a formula gets a "'" before it.
 */
void fp_put_csv(FILE *to, const char *text);

/* One cell of a Markdown table: what would end it, or be taken for a tag or markup, is escaped. */
void fp_put_markdown(FILE *to, const char *text);

/* Text or an attribute's value in HTML and in SVG. */
void fp_put_html(FILE *to, const char *text);

/* One line of a table, FP_CSV or FP_MARKDOWN. */
void fp_put_line(FILE *to, enum fp_format format, const char *const *cells, size_t n);

#endif
