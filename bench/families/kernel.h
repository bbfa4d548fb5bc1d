/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - rows that the kernel runs by itself, with its own accessors; they
 * stand in the families copy and access, beside those of user space.
 */
#ifndef FENCEPOST_FAMILIES_KERNEL_H
#define FENCEPOST_FAMILIES_KERNEL_H

#include "families/family.h"

/*
 * Adds the kernel's copies of one shape: like has family, memory, bytes, lines
 * and offset.  Nothing where the kernel runs nothing.  0 or -ENOMEM.
 */
int fp_kernel_plan_copies(struct fp_plan *plan, const struct fp_row *like,
			  const struct fp_profile *profile);

/* The kernel's single loads and stores, barriers and locks. */
int fp_kernel_plan_accesses(struct fp_plan *plan, const struct fp_row *like,
			    const struct fp_profile *profile);

#endif
