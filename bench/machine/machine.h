/* SPDX-License-Identifier: MIT */
/*
 * machine.h - what this run is measured on: the CPU that it is pinned to, the
 * topology around it, and everything about them that a reader of the results
 * must know.
 */
#ifndef FENCEPOST_MACHINE_H
#define FENCEPOST_MACHINE_H

#include <hwloc.h>
#include <stdbool.h>

#include "arch.h"

#define FP_MAX_WARNINGS 16
#define FP_WARNING	512 /* bytes of one */
#define FP_MAX_CPUS	4 /* that a row may use at once */

struct fp_machine {
	struct fp_cpu cpu;
	hwloc_topology_t topology;
	hwloc_cpuset_t allowed; /* CPUs that this process may use */
	hwloc_cpuset_t cpuset;	/* the one that it is pinned to */
	unsigned pinned;	/* its number, as the operating system counts */
	bool bound;		/* to that; false: the system did not let us */
	unsigned n_allowed;
	unsigned cpus[FP_MAX_CPUS], n_cpus; /* for rows of several threads; the pinned one first */
	const char *how;	/* why this one */
	bool emulated;
	char id[144];	/* of machines that compare: CPU, cores, hypervisor */
	char kernel[128];
	char warnings[FP_MAX_WARNINGS][FP_WARNING];
	unsigned n_warnings;
};

/* cpu: -1 to choose; evidence: NULL, "hardware" or "emulated". Says what is wrong on stderr;
 * 0 or an enum fp_exit. */
int fp_machine_open(struct fp_machine *machine, int cpu, const char *evidence);
void fp_machine_close(struct fp_machine *machine);

/* Kept for the results; printed at once on stderr. */
void fp_machine_warn(struct fp_machine *machine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* pin.c: picks a CPU and binds this thread. 0 or an enum fp_exit. */
int fp_pin(struct fp_machine *machine, int cpu);

/*
 * What others can change while we run (taskset, a cpuset, a CPU that goes offline):
 * 0 if this thread is still bound to that CPU alone, 1 if it was not and is again,
 * -errno if it can't be.
 */
int fp_pin_again(const struct fp_machine *machine);

/* environment.c: kernel, machine id, what disturbs measurements, what can't be known. */
void fp_environment_read(struct fp_machine *machine);
bool fp_environment_has_sysfs(void);

#endif
