/* SPDX-License-Identifier: MIT */
/* page.h - report.html, and what a family may add to it. */
#ifndef FENCEPOST_PAGE_H
#define FENCEPOST_PAGE_H

#include <stdio.h>

#include "document/read.h"

struct page {
	FILE *to;
	const struct doc *doc;
	int plots; /* their folder, open */
};

/* A cell of a table: text, never markup. */
void page_cell(const struct page *p, const char *text);

/*
 * report.html in an open folder, with the SVGs that are in another one. 0 or -errno; why
 * gets one line, with the folder's name in it.
 */
int view_page_write(const struct doc *doc, int folder, int plots, const char *name, char *why,
		    size_t n);

#endif
