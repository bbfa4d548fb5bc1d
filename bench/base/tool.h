/* SPDX-License-Identifier: MIT */
/*
 * tool.h - programs of others: where one is found, and how it is run.
 *
 * One is looked for in PATH, and behind it in root's own folders; entries of PATH that
 * do not begin at / are passed over, as the current folder may be anybody's.  Root
 * runs only what nobody but root can write: the file, its folder, and what leads there.
 *
 * No shell, a process group of its own, so that Ctrl-C is for us alone, and a limit of
 * 60 s: $FENCEPOST_TOOL_SECONDS is another.
 */
#ifndef FENCEPOST_TOOL_H
#define FENCEPOST_TOOL_H

#include <stddef.h>
#include <stdio.h>

/*
 * The whole name, of n bytes, of a program; one with a slash in it is taken as it is.
 * -ENOENT: there is none, or none that may be run; why says which in one line.
 */
int fp_tool_find(const char *name, char *path, size_t n, char *why, size_t size);

struct fp_tool {
	const char *const *argv; /* the first is what is looked for; NULL at the end */
	int folder;		 /* where it runs; AT_FDCWD: here */
	int input;		 /* what it reads; -1: nothing */
	int heard;		 /* STDOUT_FILENO or STDERR_FILENO; nobody hears the other */
};

/*
 * Runs it to its end; what is heard goes to said, as far as 16 MiB.  -ENOENT as above,
 * -ETIMEDOUT with all that it had started ended, -EIO if it does not end well or can't
 * be started; why says it in one line.
 */
int fp_tool_run(const struct fp_tool *tool, FILE *said, char *why, size_t n);

#endif
