/* SPDX-License-Identifier: MIT */
/*
 * row.h - one row of a run: what it is called, what it is, what it needs, its
 * work, and what came of it.
 */
#ifndef FENCEPOST_PLAN_ROW_H
#define FENCEPOST_PLAN_ROW_H

#include "execute/executor.h"
#include "measure/profile.h"
#include "plan/value.h"

struct fp_family;

enum fp_status { FP_RAN, FP_UNSUPPORTED, FP_SKIPPED, FP_FAILED };

#define FP_ROW_NEEDS 4u

/* Where a location is. */
struct fp_located {
	enum fp_memory memory; /* 0: the row has no such location */
	int mapping;	       /* its number; -1: RAM of the workbench, or nobody has such memory */
};

struct fp_row {
	char *name;		/* family/kernel/barrier/memory/key:value...; NULL: out of memory */
	unsigned id;		/* stays when other rows are filtered out; from 1 */
	const struct fp_family *family;
	const char *kernel;	/* what is timed, or what runs before the barrier */
	const char *barrier;
	struct fp_values axes;	/* in the name and in the results */
	struct fp_values fields; /* in the results alone; a family may add to them after the run */
	struct fp_located at[FP_LOCATIONS]; /* the payload's memory is in the name */
	unsigned needs[FP_ROW_NEEDS]; /* ids of rows that run before it; 0: none */
	bool core_bound;	/* its cost is in core cycles, whatever the frequency */
	const char *label;	/* for readers: "base"; NULL: none */
	struct fp_work work;
	const char *target;	/* "ram", "0000:00:04.0-bar2"; set when all families have planned */

	/* What came of it. */
	enum fp_status status;
	char reason[192];	/* for all but FP_RAN */
	struct fp_outcome outcome;
	unsigned blocks;	/* measured so far */
};

/* An axis, also appended to the name as "/key:value". */
void fp_row_axis(struct fp_row *row, const char *key, unsigned value);
void fp_row_axis_text(struct fp_row *row, const char *key, const char *value);

/*
 * A further location, in memory of that type; an axis, as "doorbell:uc", where it
 * is another type than the payload's.
 */
void fp_row_locate(struct fp_row *row, enum fp_location location, enum fp_memory memory);

/* The row of that id runs first; what it does not give this one does not run either. */
void fp_row_need(struct fp_row *row, unsigned id);

/* Makes the row unsupported; the first reason stays. */
void fp_row_unsupported(struct fp_row *row, const char *reason);

/* Likewise, if it needs more bytes than the mapping has. */
void fp_row_room(struct fp_row *row, const struct fp_profile *profile, size_t bytes);

/* The payload's. */
static inline enum fp_memory fp_row_memory(const struct fp_row *row)
{
	return row->at[FP_AT_PAYLOAD].memory;
}

/* Frees what it owns. */
void fp_row_free(struct fp_row *row);

const char *fp_location_name(enum fp_location location);
const char *fp_status_name(enum fp_status status);

/*
 * One block of one row on its mappings, by their numbers: sets its locations out,
 * prepares and runs.  0 or -errno, with outcome.why.
 */
int fp_row_run(struct fp_row *row, struct fp_workbench *bench, const struct fp_mapping *mappings,
	       double budget_ns);

/* The first half of it, for --show. */
int fp_row_prepare(const struct fp_row *row, struct fp_workbench *bench,
		   const struct fp_mapping *mappings);

#endif
