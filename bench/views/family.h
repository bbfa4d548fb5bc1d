/* SPDX-License-Identifier: MIT */
/* internal.h - the parts of fp_views_write(). 0 or -errno; why gets one line. */
#ifndef FENCEPOST_VIEWS_INTERNAL_H
#define FENCEPOST_VIEWS_INTERNAL_H

#include <stdio.h>

#include "document/read.h"
#include "views/views.h"

/* "barrier-ram-wb": names the files of one picture; returns buf. */
const char *view_plot_name(const char *what, const char *target, const char *memory, char *buf,
			   size_t n);

/* dir/NAME.csv, .svg and .png of every picture; counts in *made those that have all three. */
int view_plots_write(const struct view *view, const char *dir, unsigned *made, char *why, size_t n);

/* dir/report.html, with the SVGs that are in dir/plots. */
int view_report_write(const json_t *root, const struct view *view, const char *dir, char *why,
		      size_t n);

/* A file of ours; -ENOPKG if it is not there. path gets its full name. */
int view_data_file(const char *name, char *path, size_t size, char *why, size_t n);

/* Names, then a line a row: FP_CSV or FP_MARKDOWN. 0 or -ENOMEM. */
int view_lines_write(FILE *to, const struct view *view, enum fp_format format);

/* What the parts of the model share. */

/* No family: any. */
bool view_is_of(const struct view_row *row, const char *family);
bool view_same_place(const struct view_row *a, const struct view_row *b);
/* The first row of the i-th pair of target and memory type in a family. */
const struct view_row *view_find_place(const struct view *view, const char *family, size_t i);
/* A row that has a figure; NULL has none. */
bool view_ran_at(const struct view_row *row);

#endif
