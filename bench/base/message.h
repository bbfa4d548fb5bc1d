/* SPDX-License-Identifier: MIT */
/*
 * fencepost.h - exit statuses and messages, shared by every part of the program.
 */
#ifndef FENCEPOST_H
#define FENCEPOST_H

#include <signal.h>

/* Documented in README.md and fixed: other programs rely on them. */
enum fp_exit {
	FP_EXIT_OK = 0,
	FP_EXIT_REGRESSION = 1, /* a regression, or a verdict FAIL */
	FP_EXIT_USAGE = 2,	/* unknown option or name, CPU outside the allowed set */
	FP_EXIT_ROW_FAILED = 3, /* a row failed, or a known target can't be opened */
	FP_EXIT_REFUSED = 4,	/* --strict, no permission, packages missing */
	FP_EXIT_NOTHING = 5,	/* nothing matched, or nothing of it can run here */
	FP_EXIT_OUTPUT = 6,	/* results could not be written */
	FP_EXIT_SKIPPED = 77,
	FP_EXIT_INTERRUPTED = 130,
};

/*
 * One line on stderr, "fencepost: ...", whatever the names in it are made of: what a
 * terminal would obey is written as fp_visible() does.
 */
void fp_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same of what went well, without the program's name. */
void fp_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Set by a signal that asks the program to end; rows that have not run yet are skipped. */
extern volatile sig_atomic_t fp_interrupted;

#endif
