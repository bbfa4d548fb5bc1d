/* SPDX-License-Identifier: MIT */
/*
 * gap.h - whether a thread had its CPU all the time.
 *
 * A thread that was preempted, stopped, or frozen with the machine, was switched
 * out; of a guest whose CPU the host gave to others, and of interrupts, the kernel
 * takes the time off the thread's own where it knows it.  What no one here can tell
 * from a slow operation: firmware that takes the CPU (SMI), and a host that pauses
 * the whole machine.
 */
#ifndef FENCEPOST_GAP_H
#define FENCEPOST_GAP_H

#include <stdbool.h>
#include <stdint.h>

#define FP_ANY_CPU (-1)

/* Finds out whether a thread's clock is fine enough to be used; without it none is. */
void fp_gap_prepare(void);

/* Of the calling thread. */
struct fp_moment {
	uint64_t wall_ns; /* CLOCK_MONOTONIC */
	uint64_t cpu_ns;  /* that the thread has used; 0: its clock is too coarse to tell */
	long switches;	  /* by which it lost the CPU, of its own will or not */
	int cpu;	  /* that it is on; -1: unknown */
};
struct fp_moment fp_moment_now(void);

/*
 * Between the two the thread was switched out, had no CPU for more than 10 us, or was
 * not on that CPU (FP_ANY_CPU: had changed it).  Of what takes more than a scheduler's
 * tick a switch is part, and a hundredth is a gap.
 */
bool fp_gap_between(const struct fp_moment *from, const struct fp_moment *to, int cpu);

#endif
