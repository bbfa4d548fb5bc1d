/* SPDX-License-Identifier: MIT */
/*
 * places.h - what a run works on: RAM and each bound BAR, or what was asked
 * for, each mapped under every memory type that it has.
 */
#ifndef FENCEPOST_RUN_PLACES_H
#define FENCEPOST_RUN_PLACES_H

#include "machine/machine.h"
#include "measure/workbench.h"
#include "targets/places.h"

#define FP_MAX_PLACES	16
#define FP_MAX_MAPPINGS (FP_MEMORY_TYPES * FP_MAX_PLACES)

struct fp_places {
	struct fp_place_list found;
	struct fp_place all[FP_MAX_PLACES]; /* those in use are open */
	size_t n;
	struct fp_mapping mappings[FP_MAX_MAPPINGS];
	size_t n_mappings;
};

/* What is asked of all places. */
struct fp_request {
	struct fp_asked target;
	unsigned memory; /* enum fp_memory; 0: what the targets have */
	bool allow_registers;
};

/*
 * Opens, maps, and finds out by measurement what it can about the memory types.
 * Whoever is left out is warned of.  0 or an enum fp_exit after one line on
 * stderr.
 */
int fp_places_open(struct fp_places *places, struct fp_machine *machine,
		   struct fp_workbench *bench, const struct fp_request *request);
void fp_places_close(struct fp_places *places);

/* Of all mappings: enum fp_memory. */
unsigned fp_places_memory(const struct fp_places *places);

/* BARs among the places. */
size_t fp_places_bars(const struct fp_places *places);

#endif
