/* SPDX-License-Identifier: MIT */
/*
 * plot.h - the parts of view_plots_write().
 *
 * What is drawn is first written to a CSV file, which stays beside the picture:
 * gnuplot gets no other figure.  Each returns 0 or -errno.
 */
#ifndef FENCEPOST_VIEWS_PLOT_H
#define FENCEPOST_VIEWS_PLOT_H

#include <stdio.h>

#include "views/family.h"

#define MOST_SERIES 5 /* in a panel, each with two lines */

struct picture {
	char title[256], subtitle[640], notice[128], foot[320], name[128];
	const char *script;	   /* of ours */
	const char *mode, *detail; /* see curves.gp */
};

/* "DIR/NAME.END"; returns buf. */
const char *plot_file(const struct picture *p, const char *dir, const char *end, char *buf,
		      size_t n);

/* Quoted as gnuplot reads it. */
void plot_put(FILE *to, const char *text);

/* SVG and PNG from the data file, which is there; on an error why says what is wrong. */
int plot_draw(struct picture *p, const struct view *view, const char *dir, char *why, size_t n);

/* The data of a heat map. */
int plot_write_heat(const char *path, const struct view *view, const struct view_matrix *m);

/* What is drawn of one class, and how much is left for the table. */
struct choice {
	size_t kernels[MOST_SERIES], n, left_out;
};

/* The most telling copies first, then the quickest on the whole. */
void plot_choose(const struct view_copies *c, bool ranked, struct choice *choice);

/* The data of curves; -ENODATA where there are too few points to be drawn. */
int plot_write_copies(const char *path, const struct view *view, const struct view_copies *c,
		      const struct choice choices[2]);
int plot_write_combines(const char *path, const struct view_combine *all, size_t n);

#endif
