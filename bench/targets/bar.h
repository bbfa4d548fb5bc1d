/* SPDX-License-Identifier: MIT */
/*
 * bar.h - what all targets share whose places are BARs.
 *
 * A BAR is mapped under several memory types side by side, each in a range of
 * its own.  Nothing is stored before it is known whose BAR it is, that it is
 * memory and not registers, and that somebody answers.
 */
#ifndef FENCEPOST_BAR_H
#define FENCEPOST_BAR_H

#include "targets/target.h"

/* A BAR that is open. */
struct fp_bar {
	struct fp_device device;
	size_t page_bytes;
	size_t range_bytes; /* of each type's range */
};

/* "00:04.0-bar2" to "0000:00:04.0-bar2", to be freed.  -EINVAL, -ENOMEM. */
int fp_bar_parse(const char *text, char **name);

/* Why the BAR is one of registers, as far as can be told; NULL if it is memory. */
const char *fp_bar_registers(const struct fp_device *device);

/*
 * Where n ranges of different types lie side by side in a BAR: each as large a
 * power of two as goes n times, at most "most".  -ENOSPC if that is less than a
 * page.
 */
int fp_bar_layout(uint64_t bar_bytes, size_t page_bytes, unsigned n, size_t most, size_t *bytes);

/*
 * Before the first map, each as the target's open returns.
 *
 * Identity: who has told of the device ("the module") and the PCI bus must
 * speak of one.  A system that does not say (no sysfs) does not contradict.
 */
int fp_bar_check_identity(const struct fp_device *device, const char *who,
			  struct fp_refusal *refusal);
int fp_bar_check_registers(const struct fp_device *device, const struct fp_wish *wish,
			   struct fp_refusal *refusal);
int fp_bar_lay_out(struct fp_bar *bar, const struct fp_wish *wish, struct fp_refusal *refusal);

/* Which range of the BAR the mapping is, in address space that is kept for it. */
int fp_bar_place(const struct fp_bar *bar, struct fp_mapping *mapping, struct fp_refusal *refusal);
void fp_bar_unmap(struct fp_mapping *mapping);

/* The first access, once the mapping is known to be what was asked for. */
int fp_bar_check_answer(const struct fp_mapping *mapping, struct fp_refusal *refusal);

/* For lists. */
void fp_bar_describe(const struct fp_device *device, char *what, size_t size);

#endif
