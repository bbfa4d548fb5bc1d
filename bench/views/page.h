/* SPDX-License-Identifier: MIT */
/* page.h - report.html, and what a family may add to it. */
#ifndef FENCEPOST_PAGE_H
#define FENCEPOST_PAGE_H

#include <stdio.h>

#include "document/read.h"

struct page {
	FILE *to;
	const struct doc *doc;
	const char *dir;
};

/* A cell of a table: text, never markup. */
void page_cell(const struct page *p, const char *text);

/* dir/report.html, with the SVGs that are in dir/plots. 0 or -errno; why gets one line. */
int view_page_write(const struct doc *doc, const char *dir, char *why, size_t n);

#endif
