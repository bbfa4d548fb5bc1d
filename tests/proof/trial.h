/* SPDX-License-Identifier: MIT */
/* trial.h - one copy on its way through all cases; see step.c. */
#ifndef FENCEPOST_PROOF_TRIAL_H
#define FENCEPOST_PROOF_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "proof.h"

/* One row, or mutant, on its way through the cases. In memory that all processes share. */
struct trial {
	fp_copy_function *copy;
	unsigned unit, align;
	bool wanted, set;
	pid_t process;
	/* the case */
	size_t offset; /* of the destination, from a line; below 64 */
	size_t from;   /* offset of the source, from a line */
	size_t bytes;
	long next; /* byte that is to be written next */
	long touched; /* where the last fault was, from the destination */
	unsigned store;
	enum proof_fault fault;
	char why[192];
	/* all cases */
	unsigned long cases, stores;
	long widest; /* bytes written by one instruction */
	bool ended;
	int err;
};

/* Before the first trial: in the process whose children run them. 0 or -errno. */
int trial_set_up(void);

/* Runs all cases, in a process of its own, which ends with it. */
_Noreturn void trial_run(struct trial *t);

/* Why it failed; returns false. */
bool trial_blame(struct trial *t, enum proof_fault fault, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Zeros; NULL with errno. */
void *trial_map(size_t bytes, int sharing);

#endif
