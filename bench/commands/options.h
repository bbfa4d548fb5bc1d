/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_OPTIONS_H
#define FENCEPOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/format.h"
#include "plan/family.h"
#include "targets/places.h"

struct fp_command;

#define FP_LIST_ROWS "rows" /* the one list that needs a plan */

struct fp_options {
	const struct fp_command *chosen;
	enum fp_scope scope;
	const struct fp_family *family; /* NULL: all */
	struct fp_asked target;		/* .target NULL: RAM and every bound BAR */
	unsigned memory;		/* enum fp_memory, asked for; 0: what the target has */
	const char *filter, *exclude;
	int cpu;			/* -1: to be chosen */
	uint64_t seed;
	const char *evidence;
	const char *output;		/* NULL: out/<UTC> */
	const char *json;		/* NULL: only in the output folder */
	enum fp_format format;
	const char *list;		/* one that there is; NULL: none is asked for */
	const char *api, *show;
	bool dry_run, strict, allow_registers;
	const char *device;		/* of bind and unbind: as it was given */
	const char *bar;		/* of bind; NULL: to be chosen */
	bool force;
	int n_words;			/* of complete */
	char **words;
	char command[448];		/* the options as given, for the results */
};

/*
 * 0 to go on, -1 when all is done (--help, --version), else an enum fp_exit
 * after one line on stderr.  Reorders argv.
 */
int fp_options_parse(struct fp_options *options, int argc, char **argv);

#endif
