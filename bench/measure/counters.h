/* SPDX-License-Identifier: MIT */
/*
 * counters.h - hardware and software events of this thread, through libpfm4's
 * names and perf_event_open(2).
 *
 * Most virtual machines have no hardware events, and perf_event_paranoid may
 * forbid them: an event that can't be had keeps the reason, and no row fails
 * for it.
 */
#ifndef FENCEPOST_COUNTERS_H
#define FENCEPOST_COUNTERS_H


#include "measure/meter.h"

#define FP_COUNTERS 3

struct fp_counter {
	const char *alias; /* as in results.json */
	const char *event; /* as libpfm4 knows it */
	int fd;		   /* -1: reason says why */
	char reason[96];
};

struct fp_counters {
	struct fp_counter all[FP_COUNTERS];
};

/* As in results.json. */
const char *fp_counter_alias(size_t number);

/* Opens every event that can be had, for this thread, user level only. */
void fp_counters_open(struct fp_counters *counters);
void fp_counters_close(struct fp_counters *counters);

/*
 * Counts one batch: events an operation, without those of the base.  NAN for an
 * event that can't be had, or that had to share its counter with another one
 * (time running less than time enabled: the kernel would have to extrapolate).
 */
void fp_counters_batch(struct fp_counters *counters, const struct fp_measurement *m,
		       uint64_t loops, double per_operation[FP_COUNTERS]);

/* Of what nobody counts: NAN for each. */
void fp_counters_none(double per_operation[FP_COUNTERS]);

#endif
