/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_CLOCK_H
#define FENCEPOST_CLOCK_H

#include <stdint.h>

/*
 * Nanoseconds a tick of fp_arch_clock(): from the frequency that the
 * architecture states, else measured against CLOCK_MONOTONIC_RAW over 20 ms,
 * which is good to about 10 parts in a million.
 */
double fp_clock_ns_per_tick(void);

/* CLOCK_MONOTONIC in nanoseconds: for budgets and progress, not for samples. */
uint64_t fp_clock_now(void);

/* CPU time that this thread, or this program, has used, in nanoseconds. */
uint64_t fp_clock_thread(void);
uint64_t fp_clock_process(void);

#endif
