/* SPDX-License-Identifier: MIT */
/*
 * option.h - an option of a command or a family, as data.  What parses it,
 * --help and completion read the same table.
 */
#ifndef FENCEPOST_OPTION_H
#define FENCEPOST_OPTION_H

#include <stdbool.h>
#include <stddef.h>

/* The i-th word of those that are taken; NULL behind the last. */
typedef const char *fp_option_value(size_t i);

struct fp_option {
	const char *name;
	const char *argument; /* "FILE"; "[WHAT]": may be left out; NULL: a flag */
	const char *help;     /* "%s" in it stands for the words that it takes */
	/*
	 * 0; -1 when all is done; or an enum fp_exit after one line on stderr.
	 * text: NULL of a flag, and of what was left out.
	 */
	int (*set)(void *options, const char *text);
	fp_option_value *value; /* NULL: takes any text */
};

#define FP_OPTION_VALUES 256 /* bytes of all words that an option takes */

/* "text, markdown, csv"; returns to. */
const char *fp_option_values(fp_option_value *value, char to[FP_OPTION_VALUES]);

/* Whether the text is one of the words, and which. */
bool fp_option_takes(fp_option_value *value, const char *text, size_t *i);

/*
 * "--format xml: there is no such format; take text, markdown, csv", and what
 * is to be said behind it.  Returns FP_EXIT_USAGE.
 */
int fp_option_refuse(const char *option, const char *text, const char *what,
		     fp_option_value *value, const char *more);

#endif
