/* SPDX-License-Identifier: MIT */
/*
 * program.h - what is timed, as data: an array of steps that the sequencer lays
 * into one loop.
 *
 * A step names a row of the own architecture (a barrier, an access, a lock, a
 * copy) or one of the sequencer's parts, the location that it works on, and how
 * often it stands there.  Steps between FP_STEP_REPEAT and its FP_STEP_END stand
 * there as often as the repeat says; repeats nest.  All of it is laid out
 * unrolled: nothing of a program is looked at while it runs.
 */
#ifndef FENCEPOST_WORK_PROGRAM_H
#define FENCEPOST_WORK_PROGRAM_H

#include "work/sequencer.h"

enum fp_step_kind {
	FP_STEP_PART,	 /* row: enum fp_part */
	FP_STEP_BARRIER, /* row: index in the own architecture's barriers */
	FP_STEP_ACCESS,
	FP_STEP_LOCK,
	FP_STEP_UNLOCK,
	FP_STEP_CALL,	 /* of a copy; FP_CALL_NOTHING: of a function that does nothing */
	FP_STEP_REPEAT,
	FP_STEP_END,
};
#define FP_CALL_NOTHING ((unsigned)-1)

/* An executor may number rows otherwise: execute/kernel.c takes those of <linux/fencepost.h>. */
struct fp_step {
	enum fp_step_kind kind;
	unsigned row;
	enum fp_location at; /* of an access or a call, and of parts that use line */
	unsigned times;	     /* at least 1 */
	size_t bytes;	     /* of a call: how much */
	size_t offset;	     /* of a call: bytes from the location's line */
	size_t skip;	     /* of a call: bytes from the begin of the other side, in RAM */
	bool reads;	     /* of a call: from the location to RAM */
	const char *slot;    /* the place in a driver's sequence that it fills; NULL: none */
};

/* How a program goes through its payload. */
struct fp_walk {
	bool has_stride;  /* in place of the workbench's */
	uint64_t stride;  /* bytes, a multiple of a line */
	uint64_t span;	  /* bytes gone through, a power of two; 0: what the workbench visits */
	unsigned lines;	  /* of the payload, visited in one loop; 0: no matter */
	bool evicted;	  /* those are to be evicted before each batch */
};

struct fp_program {
	struct fp_step *steps;
	size_t n, room;
	int err;	   /* the first that went wrong while it was made */
	double operations; /* in one loop */
	bool drains;	   /* waits behind the last loop until its stores have been performed */
	struct fp_walk walk;
};

/* Each appends a step; what goes wrong is kept in err. */
void fp_add(struct fp_program *program, const struct fp_step *step);
void fp_add_part(struct fp_program *program, enum fp_part part, unsigned times);
void fp_add_part_at(struct fp_program *program, enum fp_part part, enum fp_location at);
void fp_add_barrier(struct fp_program *program, size_t barrier);
void fp_add_access(struct fp_program *program, size_t access);
void fp_add_access_at(struct fp_program *program, size_t access, enum fp_location at);
void fp_repeat(struct fp_program *program, unsigned times);
void fp_end(struct fp_program *program);

void fp_program_free(struct fp_program *program);

/* The first step of that kind; NULL if there is none. */
const struct fp_step *fp_program_find(const struct fp_program *program, enum fp_step_kind kind);

/* Where copies find and leave what is not at a location: as large as the largest call. */
struct fp_ram {
	const unsigned char *source;
	unsigned char *sink;
};

/*
 * Lays the program and closes the loop.  -EINVAL for repeats without an end or an
 * end without a repeat; -ENOTSUP for a part that this architecture does not have;
 * -ENOSPC, -ENOMEM, -ERANGE; err of the program itself.
 */
int fp_program_lay(const struct fp_program *program, struct fp_sequence *sequence,
		   const struct fp_ram *ram);

/* The index of the own architecture's row of that id; n of the table if there is none. */
size_t fp_find_barrier(const char *id);
size_t fp_find_access(const char *id);

/* The barrier that drivers put behind a copy to a write-combining BAR. */
size_t fp_flush_barrier(void);

#endif
