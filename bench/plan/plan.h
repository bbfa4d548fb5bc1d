/* SPDX-License-Identifier: MIT */
/*
 * plan.h - the rows of a run: each runnable, or unsupported with a reason.
 */
#ifndef FENCEPOST_PLAN_PLAN_H
#define FENCEPOST_PLAN_PLAN_H

#include "plan/row.h"

/* FP_VERSUS: family copy only, our copy beside every other at the sizes that are published. */
enum fp_scope { FP_QUICK, FP_DEFAULT, FP_FULL, FP_VERSUS };

struct fp_plan {
	struct fp_row *rows;
	size_t n, room;
	unsigned ids; /* given so far */
	enum fp_scope scope;
};

/* Appends a row with its name made from its fields; NULL for -ENOMEM. */
struct fp_row *fp_plan_add(struct fp_plan *plan, const struct fp_row *row);

/* NULL if there is none. */
struct fp_row *fp_plan_find(const struct fp_plan *plan, const char *name);
struct fp_row *fp_plan_find_id(const struct fp_plan *plan, unsigned id);

/*
 * Keeps the rows whose name matches include (NULL: all) and not exclude
 * (NULL: none), regular expressions of PCRE2's, and the rows that those need.
 * -EINVAL for an expression that does not compile, or asks for more time or memory
 * than a name is worth, -ENOMEM; with one line in why.
 */
int fp_plan_filter(struct fp_plan *plan, const char *include, const char *exclude, char *why,
		   size_t size);

/* Whether a row that this one needs has not run, or can't; which and why, in one line. */
bool fp_plan_misses(const struct fp_plan *plan, const struct fp_row *row, char *why, size_t n);

/*
 * What a row needs and can't be had makes the row itself unsupported, with that
 * reason.  When all families have planned.
 */
void fp_plan_settle_needs(struct fp_plan *plan);

/* Rows of one status. */
size_t fp_plan_count(const struct fp_plan *plan, enum fp_status status);

/* The most that an executor of a row that can run asks for; at least 1. */
unsigned fp_plan_processes(const struct fp_plan *plan);

void fp_plan_free(struct fp_plan *plan);

#endif
