/* SPDX-License-Identifier: MIT */
/*
 * profile.h - what the plan depends on: the CPU and the mapping that rows are for.
 */
#ifndef FENCEPOST_MEASURE_PROFILE_H
#define FENCEPOST_MEASURE_PROFILE_H

#include "measure/workbench.h"

struct fp_profile {
	unsigned outstanding; /* missing stores that the CPU holds before it stalls; 0: unknown */
	unsigned cpus;	      /* that a row may use at once */
	size_t region_bytes;  /* of the mapping that the rows are for; 0: unknown */
	size_t region_lines;  /* of it, that loops of single lines go through */
	bool is_ram;	      /* cached, so that stores to it have to be made to miss */
	const struct fp_kernel *kernel; /* what the kernel runs on it by itself; NULL: nothing */
};

/* How many missing stores the CPU takes before its next load waits for them; 0: unknown. */
unsigned fp_profile_outstanding(struct fp_workbench *bench);

#endif
