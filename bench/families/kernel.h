/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - rows that the kernel runs by itself, with its own accessors; they
 * stand in the families copy and access, beside those of user space.
 */
#ifndef FENCEPOST_FAMILIES_KERNEL_H
#define FENCEPOST_FAMILIES_KERNEL_H

#include "plan/family.h"

/* Of a copy: its size, the lines that its destinations go through, its place in them. */
struct fp_kernel_shape {
	unsigned bytes, lines, offset;
};

/*
 * Adds the kernel's copies of one shape, or its single loads and stores, barriers and
 * locks.  Nothing where the kernel runs nothing.  0 or -ENOMEM.
 */
int fp_kernel_plan_copies(struct fp_plan *plan, const struct fp_family *family,
			  enum fp_memory memory, const struct fp_kernel_shape *shape,
			  const struct fp_profile *profile);
int fp_kernel_plan_accesses(struct fp_plan *plan, const struct fp_family *family,
			    enum fp_memory memory, const struct fp_profile *profile);

/* What every row of a copy has, of whoever makes it; see copy.c.  The axes are fields, too. */
void fp_copy_axes(struct fp_row *row, unsigned bytes, unsigned lines, unsigned offset);
void fp_copy_fields(struct fp_row *row, unsigned bytes, unsigned lines, unsigned offset);

#endif
