/* SPDX-License-Identifier: MIT */
/*
 * planning.h - the plan of a run: the rows of its families on each mapping.
 */
#ifndef FENCEPOST_RUN_PLANNING_H
#define FENCEPOST_RUN_PLANNING_H

#include "plan/family.h"
#include "run/places.h"

/* A plan's rows that nobody has filtered yet; plan->scope says how many of them. */
struct fp_planning {
	struct fp_plan *plan;
	const struct fp_family *const *families; /* NULL at the end */
	const struct fp_family *only;		 /* NULL: all */
	const struct fp_places *places;
	struct fp_profile profile; /* of the CPU; what is a mapping's is filled in here */
	unsigned memory;	   /* enum fp_memory, asked for; 0: what the places have */
};

/* 0 or -ENOMEM. */
int fp_plan_rows(struct fp_planning *planning);

#endif
