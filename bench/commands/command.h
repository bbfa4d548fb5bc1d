/* SPDX-License-Identifier: MIT */
/*
 * command.h - what the program can be asked for: one file a command, which
 * declares its options, and a table of them all.
 */
#ifndef FENCEPOST_COMMAND_H
#define FENCEPOST_COMMAND_H

#include <stdio.h>

#include "base/option.h"
#include "commands/options.h"

struct fp_option_group {
	const char *heading;		 /* in --help; NULL: they stand below their command */
	const struct fp_option *options; /* the last one's name is NULL */
};

struct fp_command {
	const char *name;      /* NULL: what runs where no command is named */
	const char *arguments; /* "BDF [BAR]" */
	const char *summary;
	const struct fp_option_group *groups; /* the last one's options are NULL; NULL: none */
	bool verbatim;	       /* what stands behind its name is not searched for options */
	/* The words behind its name.  0, or an enum fp_exit after one line on stderr. */
	int (*take)(struct fp_options *options, int n, char **words);
	/* Returns an enum fp_exit.  NULL: run-bench does it, before the program is there. */
	int (*run)(const struct fp_options *options);
};

extern const struct fp_command fp_command_run, fp_command_bind, fp_command_unbind,
	fp_command_complete;

/* All of them, NULL at the end. */
extern const struct fp_command *const fp_commands[];

/* Whatever runs in this program and has that name; NULL if there is none. */
const struct fp_command *fp_command_find(const char *name);

/* The i-th of a command's own options; NULL behind the last. */
const struct fp_option *fp_command_option(const struct fp_command *command, size_t i);

/* lookup.c: --list, --api, --show, which are options of run; options.c: those of all commands. */
extern const struct fp_option fp_lookup_options[], fp_common_options[];

/* help.c: 0 or -errno. */
int fp_help_write(FILE *to);

#endif
