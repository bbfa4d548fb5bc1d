/* SPDX-License-Identifier: MIT */
/* copies.h - family copy on one memory type of one target, and ours beside the best other. */
#ifndef FENCEPOST_COPIES_H
#define FENCEPOST_COPIES_H

#include "document/read.h"

/* What may be held against what. */
enum finding_class {
	FINDING_RANKED,	   /* device-safe; on cached memory by non-temporal or direct stores only */
	FINDING_YARDSTICK, /* plain stores to cached memory end in a cache; or fills, copies nothing
			    */
	FINDING_UNSAFE,	   /* stores a byte twice, or not upwards */
	FINDING_KERNEL, /* the kernel runs it, with interrupts off; nobody has proven its stores */
	FINDING_READS,
	FINDING_CLASSES
};

enum finding_class finding_class_of(const struct doc_row *row);

struct finding_shape {
	long bytes, lines, offset;
	long every; /* lines from barrier to barrier inside a copy */
};

struct finding_kernel {
	const char *id;
	enum finding_class class; /* the first in the list that a row of it is of */
	double score;		  /* mean logarithm of its figures; INFINITY if it did not run */
};

struct finding_copies {
	const struct doc_row *sample; /* any row of it, for what they have in common */
	const char *barrier;	      /* behind the copies; "" if there is none */
	struct finding_kernel
		*kernels; /* by class; the ranked ones: ours, then the quickest first */
	size_t n_kernels;
	struct finding_shape *shapes; /* by size */
	size_t n_shapes;
	const struct doc_row **cells; /* [(kernel * n_shapes + shape) * 2 + fenced] */
};

/* As finding_matrix_open(). */
int finding_copies_open(struct finding_copies *c, const struct doc *doc, size_t i);
void finding_copies_close(struct finding_copies *c);
/* Of the copies that are held against each other: not around a lock, which is another question. */
bool finding_is_copy(const struct doc_row *row);
/* Of repetitions the median; NULL: not in the plan. */
const struct doc_row *finding_copy(const struct finding_copies *c, size_t kernel, size_t shape,
				   bool fenced);
/* What a plot against size shows: aligned, to as many lines as there are. */
bool finding_is_plain_shape(const struct finding_copies *c, size_t shape);

/* Our copy beside the best one that may be ranked with it. */
struct finding_duel {
	const struct doc_row *ours, *best; /* both ran */
	const char *verdict;		   /* "ahead", "tied", "behind" */
};
/* False where ours or every rival is missing. */
bool finding_duel(const struct finding_copies *c, size_t shape, bool fenced,
		  struct finding_duel *duel);
/* "ahead", "tied" or "behind": within 0.2 ns or 2 % of the best is a tie. */
const char *finding_verdict(double ours, double best);
/* How often each; false if there is no duel at all. */
bool finding_duels(const struct finding_copies *c, unsigned *ahead, unsigned *tied,
		   unsigned *behind);

#endif
