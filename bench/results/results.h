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
	const char *json;    /* Google Benchmark's */
};

/*
 * The whole document, one benchmark a row, in the plan's order; NULL when out
 * of memory or when json is not Google Benchmark's.
 */
json_t *fp_results_make(const struct fp_results_input *input);

#endif
