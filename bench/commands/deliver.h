/* SPDX-License-Identifier: MIT */
/*
 * deliver.h - what becomes of a run's document: results.json, what is printed,
 * pictures and report.
 */
#ifndef FENCEPOST_DELIVER_H
#define FENCEPOST_DELIVER_H

#include <jansson.h>

#include "base/file.h"
#include "commands/options.h"
#include "commands/output.h"

/* --json FILE, opened before anything is measured. */
struct fp_json_file {
	struct fp_file file;
	const char *path; /* NULL: not asked for, or standard output */
};

/* 0, or FP_EXIT_OUTPUT or FP_EXIT_INTERRUPTED after one line on stderr. */
int fp_json_open(struct fp_json_file *json, const char *path);

/* results.json into a stage, in place of its journal.  0 or -errno. */
int fp_deliver_results(const json_t *root, int stage);

/* Pictures and report into a stage; path is its folder's, for messages.  0 or FP_EXIT_OUTPUT. */
int fp_deliver_views(const json_t *root, const struct fp_stage *stage, const char *path);

/*
 * All of it: whatever works is done, and the first failure is the status, after a line
 * on stderr.  *kept: the results could not be written, and the stage has them.
 */
int fp_deliver(const struct fp_options *options, const json_t *root, struct fp_output *output,
	       struct fp_json_file *json, bool *kept);

#endif
