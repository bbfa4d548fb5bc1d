/* SPDX-License-Identifier: MIT */
/*
 * plan.h - the rows of a run: each runnable, or unsupported with a reason.
 */
#ifndef FENCEPOST_PLAN_H
#define FENCEPOST_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "arch.h"
#include "measure/counters.h"
#include "measure/meter.h"
#include "targets/target.h"

struct fp_bench;
struct fp_family;

enum fp_status { FP_RAN, FP_UNSUPPORTED, FP_SKIPPED, FP_FAILED };
/* FP_VERSUS: family copy only, our copy beside every other at the sizes that are published. */
enum fp_scope { FP_QUICK, FP_DEFAULT, FP_FULL, FP_VERSUS };
enum fp_next { FP_NEXT_NONE, FP_NEXT_STORE, FP_NEXT_LOAD };

#define FP_ROW_NAME 128

struct fp_row {
	char name[FP_ROW_NAME]; /* family/kernel/barrier/memory/key:value... */
	const struct fp_family *family;
	const char *kernel;	/* what is timed, or what runs before the barrier */
	const char *barrier;
	enum fp_memory memory;
	const char *stores;	/* "plain", "nontemporal", "direct"; NULL: none */
	bool core_bound;	/* its cost is in core cycles, whatever the frequency */
	const char *label;	/* for readers: "base"; NULL: none */

	/* What the family needs to lay the row. */
	size_t kernel_index, barrier_index;
	unsigned behind;	/* stores before the barrier */
	enum fp_next next;
	unsigned bytes, lines, offset; /* of a copy: its size, destinations' lines, place in them */
	unsigned every;		/* lines between two barriers; 0: only behind the copy */
	const struct fp_copy *copy; /* of family copy */
	int what, between;	/* of family combine */
	unsigned pad;		/* links of the slow chain after the next load */
	/*
	 * In place of the family's own laying and timing: one block, by the kernel.
	 * kernel_index and barrier_index are then those of <linux/fencepost.h>.
	 */
	int (*run)(struct fp_row *row, struct fp_bench *bench);
	unsigned section;

	/* Where it runs; set when all families have planned. */
	const char *target;	/* "ram", "0000:00:04.0-bar2" */
	int mapping;		/* its number; -1: no target has such memory */

	/* What came of it. */
	enum fp_status status;
	char reason[192];	/* for all but FP_RAN */
	struct fp_samples samples;
	double counts[FP_COUNTERS]; /* events an operation; NAN: not to be had */
	unsigned blocks;	/* measured so far */
};

struct fp_plan {
	struct fp_row *rows;
	size_t n, room;
	enum fp_scope scope;
};

/* What the plan depends on: measured once on the target, and the mapping's size. */
struct fp_profile {
	unsigned outstanding; /* missing stores that the CPU holds before it stalls; 0: unknown */
	size_t region_bytes;  /* of the mapping that the rows are for; 0: unknown */
	const struct fp_kernel *kernel; /* what the kernel runs on it by itself; NULL: nothing */
};

/* Appends a row with its name made from its fields; NULL for -ENOMEM. */
struct fp_row *fp_plan_add(struct fp_plan *plan, const struct fp_row *row);

/* Appends ":value" pairs to the name, as "/key:value". */
void fp_row_axis(struct fp_row *row, const char *key, unsigned value);
void fp_row_axis_text(struct fp_row *row, const char *key, const char *value);

/* Makes the row unsupported; the first reason stays. */
void fp_row_unsupported(struct fp_row *row, const char *reason);

/* Likewise, if it needs more bytes than the mapping has. */
void fp_row_needs(struct fp_row *row, const struct fp_profile *profile, size_t bytes);

/*
 * Keeps the rows whose name matches include (NULL: all) and not exclude
 * (NULL: none): extended regular expressions.  -EINVAL with the reason in
 * why for an expression that does not compile.
 */
int fp_plan_filter(struct fp_plan *plan, const char *include, const char *exclude, char *why,
		   size_t size);

/* Rows of one status. */
size_t fp_plan_count(const struct fp_plan *plan, enum fp_status status);

const char *fp_status_name(enum fp_status status);

void fp_plan_free(struct fp_plan *plan);

#endif
