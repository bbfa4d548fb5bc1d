/* SPDX-License-Identifier: MIT */
/*
 * sequencer.h - lays fragments of machine code into one timed loop.
 *
 * A sequence is   entry, head: { what was laid } loop_end, tail, leave
 * in a buffer of its own, written first and then made read-execute.  Nothing
 * is interpreted while it runs: the loop holds the instructions and the
 * count-down, and that is all.
 */
#ifndef FENCEPOST_SEQUENCER_H
#define FENCEPOST_SEQUENCER_H

#include "arch.h"

struct fp_sequence;

/*
 * A buffer for at most max_bytes of code, rounded up to pages.
 * -ENOMEM; -EACCES or -EPERM where the system refuses executable memory.
 */
int fp_sequence_new(struct fp_sequence **sequence, size_t max_bytes);
void fp_sequence_free(struct fp_sequence *sequence);

/* Empties the buffer and makes it writable; lays the entry. */
int fp_sequence_begin(struct fp_sequence *sequence);

/* Appends a fragment to the loop's body, times over.  -ENOSPC when full. */
int fp_sequence_lay(struct fp_sequence *sequence, const struct fp_fragment *fragment,
		    size_t times);

/* The same for one of the sequencer's own pieces. */
int fp_sequence_lay_part(struct fp_sequence *sequence, enum fp_part part, size_t times);

/*
 * Appends a call.  reads: from the location's line, else to it.  -ENOMEM, also for
 * too many different ones; -ERANGE as fp_arch_set_call.
 */
int fp_sequence_lay_call(struct fp_sequence *sequence, const struct fp_call *call, bool reads);

/* For a loop that records what it loads: before anything is laid into its body. */
int fp_sequence_record(struct fp_sequence *sequence);

/* How many values one loop records. */
size_t fp_sequence_records(const struct fp_sequence *sequence);

/*
 * Closes the loop, appends tail (may be NULL) after it, makes the code
 * executable.  The sequence can be run until the next begin.
 */
int fp_sequence_end(struct fp_sequence *sequence, const struct fp_fragment *tail);

/*
 * Runs the loop batch->loops times; batch->offset comes back advanced, and so
 * does batch->log.
 */
void fp_sequence_run(const struct fp_sequence *sequence, struct fp_batch *batch);

/* The code of the loop's body, without entry and count-down. */
const void *fp_sequence_body(const struct fp_sequence *sequence, size_t *bytes);

/* All of it. */
const void *fp_sequence_code(const struct fp_sequence *sequence, size_t *bytes);

#endif
