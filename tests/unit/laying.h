/* SPDX-License-Identifier: MIT */
/* laying.h - lays fragments one after the other until one of them fails. */
#ifndef LAYING_H
#define LAYING_H

#include "work/sequencer.h"

struct fp_laying {
	struct fp_sequence *sequence;
	int err;
};

static inline struct fp_laying fp_lay_begin(struct fp_sequence *sequence)
{
	return (struct fp_laying){ sequence, fp_sequence_begin(sequence) };
}

static inline void fp_lay(struct fp_laying *l, const struct fp_fragment *fragment, size_t times)
{
	if (!l->err)
		l->err = fp_sequence_lay(l->sequence, fragment, times);
}

static inline void fp_lay_part(struct fp_laying *l, enum fp_part part, size_t times)
{
	if (!l->err)
		l->err = fp_sequence_lay_part(l->sequence, part, times);
}

static inline int fp_lay_end(struct fp_laying *l, const struct fp_fragment *tail)
{
	if (!l->err)
		l->err = fp_sequence_end(l->sequence, tail);
	return l->err;
}

#endif
