/* SPDX-License-Identifier: MIT */
/* conclusion.h - what a family's rows come to, in a sentence, made only from rows that ran. */
#ifndef FENCEPOST_CONCLUSION_H
#define FENCEPOST_CONCLUSION_H

#include "document/read.h"

/* Text that grows and is cut where the room ends. */
struct sentence {
	char *at;
	size_t room;
};

void sentence_add(struct sentence *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Each goes on behind "On this CPU".  False: there is nothing of its family, or
 * it has nothing to say, and another may.  True with nothing added: it is its
 * turn, but no row that it has words for ran.
 */
bool finding_conclude_barriers(struct sentence *s, const struct doc *doc);
bool finding_conclude_copies(struct sentence *s, const struct doc *doc);
bool finding_conclude_combine(struct sentence *s, const struct doc *doc);

/* The last of them as a sentence of its own; "" if nothing can be said. Returns buf. */
const char *finding_combine_sentence(const struct doc *doc, char *buf, size_t n);

#endif
