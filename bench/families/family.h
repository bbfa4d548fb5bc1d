/* SPDX-License-Identifier: MIT */
/*
 * family.h - a family of rows that are laid and timed in the same way.
 *
 * A family never parses options, never prints and never knows which target it
 * got: it adds rows for a memory type, and lays and times one of them.
 */
#ifndef FENCEPOST_FAMILY_H
#define FENCEPOST_FAMILY_H

#include "plan/plan.h"

/* A loop of copies; fp_run_copies runs it. */
struct fp_copying {
	fp_copy_function *copy;
	void (*barrier)(void);	   /* behind each chunk; NULL: none */
	/* Reads have the places that lie apart in from. */
	unsigned char *to;
	const unsigned char *from;
	size_t bytes, chunk;	   /* of a copy, and of the part before each barrier */
	size_t stride, end;	   /* from one destination to the next; where they begin again */
};
void fp_run_copies(void *copying, uint64_t loops);
void fp_run_reads(void *copying, uint64_t loops);

/* What a family works with: see workspace.c. */
struct fp_bench {
	const struct fp_mapping *mapping;
	enum fp_memory memory;	/* of the mapping */
	struct fp_meter *meter;
	struct fp_sequence *measured, *base, *prepare;
	struct fp_batch batch;	/* of the target's region, with hot and side lines in RAM */
	size_t region_lines;	/* lines that the batch's offset can visit */
	size_t region_bytes;	/* of the mapping; copies use all of it */
	size_t line_bytes;
	bool emulated;
	const unsigned char *source; /* of copies, in RAM: as large as the region, at most 1 MiB */
	unsigned char *sink;	     /* where what is read from the region goes: as large */
	struct fp_copying copying, no_copying; /* measured, base */
	struct fp_counters counters;
	double budget_ns;	/* of one block */
	unsigned min_samples;	/* in one block */
};

/* What a family says of the loops that it has laid. */
struct fp_layout {
	double operations;	/* in one loop */
	bool copies;		/* bench->copying is timed, bench->no_copying its base */
	bool reads;		/* the same, from places of the region that lie apart */
	bool has_base;		/* bench->base is laid; its time is taken off */
	bool has_stride;	/* stride is to be taken in place of the bench's */
	uint64_t stride;	/* bytes */
	unsigned lines;		/* of the region, visited in one loop; 0: none */
	unsigned evicted_lines; /* of those, to be evicted before each batch: all or 0 */
};

struct fp_family {
	const char *name, *summary;
	double share; /* of a block's time, for many rows that are told apart easily; 0: all of it */
	/* Adds the rows for one memory type. 0 or -ENOMEM. */
	int (*plan)(struct fp_plan *plan, enum fp_memory memory, const struct fp_profile *profile);
	/* Lays the row into bench's sequences. 0 or -errno. */
	int (*lay)(const struct fp_row *row, struct fp_bench *bench, struct fp_layout *layout);
};

extern const struct fp_family fp_family_barrier;
extern const struct fp_family fp_family_access;
extern const struct fp_family fp_family_copy;
extern const struct fp_family fp_family_combine;
extern const struct fp_family fp_family_faulty; /* only in fencepost-faulty */

/* All of them; NULL at the end. */
extern const struct fp_family *const fp_families[];

/* The index of the barrier that drivers put behind a copy to a write-combining BAR. */
size_t fp_flush_barrier(void);

/* NULL if there is none of that name. */
const struct fp_family *fp_family_find(const char *name);

/* One block of one row: lays it, takes samples and counts events. 0 or -errno. */
int fp_family_run(struct fp_row *row, struct fp_bench *bench);

/* Makes and frees the sequences, hot and side lines; bench works on mapping. */
int fp_bench_open(struct fp_bench *bench, const struct fp_mapping *mapping, bool emulated);
void fp_bench_close(struct fp_bench *bench);

/* How many missing stores the CPU takes before its next load waits for them. */
int fp_profile_measure(struct fp_bench *bench, struct fp_profile *profile);

/*
 * Measures whether loads and stores to the mapping are served by the cache, and
 * fills in effective (if the target has not) and verified_by.  -ENXIO if that is
 * not so as the memory type asks for.
 */
int fp_bench_verify(struct fp_bench *bench, struct fp_mapping *mapping);

/* Lays fragments one after the other until one of them fails. */
struct fp_laying {
	struct fp_sequence *sequence;
	int err;
};
struct fp_laying fp_lay_begin(struct fp_sequence *sequence);
void fp_lay(struct fp_laying *laying, const struct fp_fragment *fragment, size_t times);
void fp_lay_part(struct fp_laying *laying, enum fp_part part, size_t times);
int fp_lay_end(struct fp_laying *laying, const struct fp_fragment *tail);

#endif
