/* SPDX-License-Identifier: MIT */
/*
 * views.h - what readers see: table, pictures, report.
 *
 * A view gets the root of results.json and nothing else of the program; it
 * never runs a benchmark.  Functions return 0 or -errno.
 */
#ifndef FENCEPOST_VIEWS_H
#define FENCEPOST_VIEWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/format.h"

/*
 * width: columns of the terminal, for FP_TEXT only.  Does not flush: the
 * caller sees a full disk or a closed stdout at its own fflush().
 */
int fp_table_write(const json_t *root, FILE *to, enum fp_format format, bool colour, int width);

struct fp_views_result {
	unsigned pictures; /* written, each as SVG and PNG */
	char why[512];	   /* what went wrong, in one line; empty: nothing */
};

/*
 * Makes, in an open folder, plots/<what>-<target>-<memory>.svg, .png and .csv (the plotted
 * figures) and report.html, each whole or not at all.  <what> is barrier, copy-time,
 * copy-bandwidth or combine, as far as their rows are there.  What else is in the folder
 * stays: a folder for each run is the caller's affair.  Its name is for messages only.
 *
 * Without a gnuplot that may be run the report has no picture and -ENOENT is returned.
 * -ETIMEDOUT: it hangs.  -ENOPKG: our own data files are missing, see view_data_file().
 */
int fp_views_write(const json_t *root, int folder, const char *name,
		   struct fp_views_result *result);

/*
 * A file of ours, in $FENCEPOST_DATADIR or where it was installed; -ENOPKG if it
 * is not there.  path gets its name from / on, of PATH_MAX bytes at least.
 */
int view_data_file(const char *name, char *path, size_t size, char *why, size_t n);

/* All of a file in an open folder, to be freed; NULL if it can't be read. */
char *view_read(int folder, const char *name);

/* What table, picture and page say alike. */
extern const char view_emulated_notice[];

#endif
