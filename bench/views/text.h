/* SPDX-License-Identifier: MIT */
/* text.h - what the tables for a terminal are made of. */
#ifndef FENCEPOST_VIEWS_TEXT_H
#define FENCEPOST_VIEWS_TEXT_H

#include <stdio.h>

#include "document/read.h"

#define LABEL_WIDTH 18
#define CELL_WIDTH  7
#define GAP	    2

struct text {
	FILE *to;
	bool colour;
	int width;
};

enum ink { BOLD = 1, DIM = 2, RED = 31, YELLOW = 33 };

void text_ink(const struct text *t, enum ink which);
void text_plain(const struct text *t);

/* Breaks at blanks; the first line has its left part already, of indent columns. */
void text_wrapped(const struct text *t, const char *text, int indent);
void text_labelled(const struct text *t, const char *label, const char *text);

/* A figure of row, or why there is none, in CELL_WIDTH columns. */
void text_cell(const struct text *t, const struct doc_row *row, double value);

#endif
