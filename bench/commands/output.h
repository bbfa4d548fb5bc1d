/* SPDX-License-Identifier: MIT */
/*
 * output.h - the folder that results go to.
 *
 * A run works in a stage inside of it, and what it has made replaces what an earlier
 * run has left there: never does the folder show a report of one run beside the
 * results of another.  Files that are not ours stay.
 */
#ifndef FENCEPOST_OUTPUT_H
#define FENCEPOST_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/folder.h"

#define FP_RESULTS_FILE "results.json"

struct fp_output {
	char *path;	 /* as messages name it */
	bool is_default; /* a new folder, in the folder of all runs */
	bool made;
	int all;	 /* the folder of all runs; -1 */
	int folder;	 /* -1: not open */
	struct fp_stage stage;
};

/*
 * Made if absent, early, so that a run is not lost at its end: asked, or with NULL a
 * new one, $FENCEPOST_OUT/<UTC>, or out/<UTC>.  What runs that were killed have left
 * there is finished.  0, or FP_EXIT_OUTPUT after one line on stderr; to be closed
 * either way.
 */
int fp_output_open(struct fp_output *output, const char *asked);

/* What is in the stage replaces what an earlier run has left.  0 or -errno. */
int fp_output_publish(const struct fp_output *output);

/* The link "latest" beside a new folder, by rename, so that it is never missing. */
int fp_output_latest(const struct fp_output *output);

/* Removes the stage, unless keep, and a new folder in which nothing is. */
void fp_output_close(struct fp_output *output, bool keep);

/* recover.c: stages of processes that were killed, in that folder; says what became of each. */
void fp_recover(int folder, const char *path);

/* publish.c: a stage's files into its folder. */
int fp_publish(int folder, int stage);

#endif
