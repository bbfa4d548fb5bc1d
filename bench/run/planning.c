// SPDX-License-Identifier: MIT
#include "run/planning.h"

#include <errno.h>
#include <stdio.h>

static int plan_families(const struct fp_planning *p, enum fp_memory memory,
			 const struct fp_profile *profile)
{
	int err = 0;

	for (size_t f = 0; !err && p->families[f]; f++)
		if (!p->only || p->only == p->families[f])
			err = p->families[f]->plan(p->plan, memory, profile);
	return err;
}

/* The mapping of that type in the same place; -1 if there is none. */
static int find_mapping(const struct fp_places *places, const struct fp_mapping *like,
			enum fp_memory memory)
{
	for (size_t i = 0; i < places->n_mappings; i++)
		if (places->mappings[i].place == like->place &&
		    places->mappings[i].requested == memory)
			return (int)i;
	return -1;
}

/* The payload is in the mapping itself; cached locations are the workbench's own lines. */
static void place_locations(const struct fp_planning *p, struct fp_row *row, int number)
{
	const struct fp_mapping *payload = &p->places->mappings[number];

	row->at[FP_AT_PAYLOAD].mapping = number;
	for (int i = FP_AT_PAYLOAD + 1; i < FP_LOCATIONS; i++) {
		struct fp_located *at = &row->at[i];
		char reason[sizeof(row->reason)];

		if (!at->memory || fp_memory_is_cached(at->memory))
			continue;
		at->mapping = find_mapping(p->places, payload, at->memory);
		if (at->mapping >= 0)
			continue;
		snprintf(reason, sizeof(reason), "target %.80s has no %s memory for the %s",
			 payload->place->name, fp_memory_name(at->memory),
			 fp_location_name((enum fp_location)i));
		fp_row_unsupported(row, reason);
	}
}

/* Families know no targets: whose rows they have planned is written down behind them. */
static int plan_mapping(const struct fp_planning *p, size_t number)
{
	const struct fp_mapping *m = &p->places->mappings[number];
	struct fp_profile profile = p->profile;
	size_t planned = p->plan->n;
	int err;

	profile.region_bytes = m->bytes;
	profile.region_lines = fp_visited_lines(m->bytes);
	profile.is_ram = m->is_ram;
	profile.kernel = m->kernel;
	err = plan_families(p, m->requested, &profile);
	for (size_t i = planned; i < p->plan->n; i++) {
		struct fp_row *row = &p->plan->rows[i];

		place_locations(p, row, (int)number);
		row->target = m->place->name;
		if (m->is_bar && fp_places_bars(p->places) > 1)
			fp_row_axis_text(row, "target", row->target);
	}
	return err;
}

/* A type that was asked for and that nobody has is in the results, too. */
static int plan_missing(const struct fp_planning *p, enum fp_memory memory)
{
	const char *target = p->places->all[0].name;
	struct fp_profile profile = p->profile;
	size_t planned = p->plan->n;
	int err;

	profile.is_ram = fp_memory_is_cached(memory);
	err = plan_families(p, memory, &profile);
	for (size_t i = planned; i < p->plan->n; i++) {
		struct fp_row *row = &p->plan->rows[i];

		row->target = target;
		row->status = FP_UNSUPPORTED;
		snprintf(row->reason, sizeof(row->reason), "target %s has no such memory", target);
	}
	return err;
}

/* Axes can't say that they had no memory for a name. */
static int check_names(const struct fp_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!plan->rows[i].name)
			return -ENOMEM;
	return 0;
}

int fp_plan_rows(struct fp_planning *p)
{
	unsigned missing = p->memory & ~fp_places_memory(p->places);
	int err = 0;

	for (size_t i = 0; !err && i < p->places->n_mappings; i++)
		err = plan_mapping(p, i);
	for (size_t i = 0; !err && i < FP_MEMORY_TYPES; i++)
		if (missing & fp_memory_types[i])
			err = plan_missing(p, fp_memory_types[i]);
	if (!err)
		err = check_names(p->plan);
	if (!err)
		fp_plan_settle_needs(p->plan);
	return err;
}
