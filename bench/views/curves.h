/* SPDX-License-Identifier: MIT */
/* curves.h - pictures of curves: two panels of series, each solid or dashed. */
#ifndef FENCEPOST_CURVES_H
#define FENCEPOST_CURVES_H

#include "base/file.h"
#include "views/picture.h"

#define MOST_SERIES 5 /* in a panel, each with two lines */

/* Solid and dashed series of a panel and their points; one without series stays empty. */
struct panel {
	unsigned series[2], points[2];
};

/* The data file's head: how many series each panel has, and what is marked in the first; 0:
 * nothing. */
void curves_begin(FILE *to, size_t first, size_t second, long mark);
void curves_series(FILE *to, const char *name, const char *what);
void curves_point(FILE *to, const struct doc *doc, const struct doc_row *row, long x);
void curves_count(struct panel *panel, bool dashed, unsigned points);
/* -ENODATA, and no file, where there are too few points to be drawn. */
int curves_commit(struct fp_file *file, const struct panel panels[2]);

/* The data could not be written, as err says; -ENODATA is no error. */
int curves_no_data(const struct album *album, int err, const char *file);
/* As picture_draw(); curves in which gnuplot finds nothing to draw are no error. */
int curves_draw(struct picture *p, struct album *album);

#endif
