/* SPDX-License-Identifier: MIT */
/* internal.h - the parts of fp_views_write(). 0 or -errno; why gets one line. */
#ifndef FENCEPOST_VIEWS_INTERNAL_H
#define FENCEPOST_VIEWS_INTERNAL_H

#include "model.h"

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

#endif
