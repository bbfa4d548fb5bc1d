/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_OPTIONS_H
#define FENCEPOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/family.h"
#include "targets/places.h"
#include "views/views.h"

enum fp_list { FP_LIST_NONE, FP_LIST_ROWS, FP_LIST_FAMILIES, FP_LIST_BARRIERS, FP_LIST_ACCESSES,
	       FP_LIST_LOCKS, FP_LIST_COPIES, FP_LIST_TARGETS };

enum fp_word { FP_WORD_NONE, FP_WORD_BIND, FP_WORD_UNBIND };

struct fp_options {
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
	enum fp_list list;
	const char *api, *show;
	bool dry_run, strict, allow_registers;
	enum fp_word word;		/* a command of its own; nothing is measured */
	const char *device;		/* of bind and unbind: as it was given */
	const char *bar;		/* of bind; NULL: to be chosen */
	bool force;
	char command[448];		/* the options as given, for the results */
};

/*
 * 0 to go on, -1 when all is done (--help, --version), else an enum fp_exit
 * after one line on stderr.
 */
int fp_options_parse(struct fp_options *options, int argc, char **argv);

#endif
