/* SPDX-License-Identifier: MIT */
/*
 * results.h - results.json: Google Benchmark's own JSON with our objects in it.
 *
 * The names are fixed and described in results/schema.json.
 */
#ifndef FENCEPOST_RESULTS_H
#define FENCEPOST_RESULTS_H

#include <jansson.h>
#include <stdint.h>

#include "measure/harness.h"
#include "machine/machine.h"
#include "plan/family.h"
#include "run/journal.h"
#include "run/places.h"

#define FP_RESULTS_SCHEMA 1

struct fp_results_input {
	const struct fp_machine *machine;
	const struct fp_plan *plan;
	const struct fp_profile *profile;
	const struct fp_places *places;
	const struct fp_harness *harness;
	const struct fp_counters *counters;
	uint64_t seed;
	const char *command; /* the options of this run */
	bool partial;
	const char *json;    /* Google Benchmark's, see fp_runner_name() */
};

/*
 * The document before anything is measured: all that is known of the run, and one
 * benchmark a row, in the plan's order.  NULL when out of memory, or when json does not
 * have the plan's rows.
 */
json_t *fp_results_begin(const struct fp_results_input *input);

/* Sets what came of the rows, and what is known of the run at its end.  0 or -ENOMEM. */
int fp_results_finish(json_t *root, const struct fp_results_input *input);

/*
 * Sets what came of the rows of a run that was killed, into the document of its journal,
 * which is partial then.  0 or -ENOMEM.
 */
int fp_results_recover(struct fp_record *record);

#endif
