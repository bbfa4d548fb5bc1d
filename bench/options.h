/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_OPTIONS_H
#define FENCEPOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "views/views.h"

enum fp_list { FP_LIST_NONE, FP_LIST_ROWS, FP_LIST_FAMILIES, FP_LIST_BARRIERS, FP_LIST_ACCESSES,
	       FP_LIST_LOCKS, FP_LIST_COPIES, FP_LIST_TARGETS };

struct fp_options {
	enum fp_scope scope;
	const struct fp_family *family; /* NULL: all */
	const struct fp_target *target;
	unsigned memory;		/* enum fp_memory, asked for; 0: what the target has */
	const char *filter, *exclude;
	int cpu;			/* -1: to be chosen */
	uint64_t seed;
	const char *evidence;
	const char *output;		/* NULL: out/<UTC> */
	const char *json;		/* NULL: only in the output folder */
	enum fp_format format;
	enum fp_list list;
	const char *api, *show;
	bool dry_run, strict;
	char command[448];		/* the options as given, for the results */
};

/*
 * 0 to go on, -1 when all is done (--help, --version), else an enum fp_exit
 * after one line on stderr.
 */
int fp_options_parse(struct fp_options *options, int argc, char **argv);

#endif
