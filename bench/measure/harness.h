/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_HARNESS_H
#define FENCEPOST_HARNESS_H

#include "measure/workbench.h"

/* What the timed loop itself adds to an operation, shown on a nop. */
struct fp_harness {
	double nop_ns;	     /* slope between N and 2N nops: no fixed cost is in it */
	double nop_cycles;   /* 0: the frequency is not known */
	double known_cycles; /* as published for this CPU; 0: not published */
	const char *source;  /* of known_cycles */
	double added_ns;     /* nop_ns less known_cycles; only if both are known */
};

/* 0 or -errno; all zero on an emulated CPU. */
int fp_harness_measure(struct fp_workbench *bench, struct fp_harness *harness);

#endif
