/* SPDX-License-Identifier: MIT */
/*
 * family.h - a family of rows: what makes them.
 *
 * A family never parses options, never prints, never times, and never knows which
 * target it got: it adds rows for a memory type, each with its work.
 */
#ifndef FENCEPOST_PLAN_FAMILY_H
#define FENCEPOST_PLAN_FAMILY_H

#include "base/option.h"
#include "plan/plan.h"

struct fp_family {
	const char *name, *summary;
	/* Its own, which set the run's enum fp_scope; the last one's name is NULL.  NULL: none. */
	const struct fp_option *options;
	double share; /* of a block's time, for many rows that are easily told apart; 0: all */
	/* Adds the rows for one memory type. 0 or -ENOMEM. */
	int (*plan)(struct fp_plan *plan, enum fp_memory memory, const struct fp_profile *profile);
	/* When all rows of all families have run: what its figures say of a row.  NULL: nothing. */
	void (*judge)(struct fp_plan *plan);
};

#endif
