/* SPDX-License-Identifier: MIT */
/*
 * places.h - the places of all targets: which there are, and which of them a
 * run is asked for.
 */
#ifndef FENCEPOST_TARGETS_PLACES_H
#define FENCEPOST_TARGETS_PLACES_H

#include "targets/target.h"

/* Owns its places' names.  Adding moves the places: first the list, then pointers into it. */
struct fp_place_list {
	struct fp_place *all;
	size_t n, room;
};

/* A copy of the name becomes its own.  NULL: out of memory. */
struct fp_place *fp_places_add(struct fp_place_list *list, const struct fp_target *target,
			       const char *name);
void fp_places_free(struct fp_place_list *list);

/* What --target takes: a target, or one place of it. */
struct fp_asked {
	const struct fp_target *target; /* NULL: nothing was asked for */
	const char *place; /* as it was given, and not a copy; NULL: all that the target has */
};

/* "ram", "module", or what a target takes for a place of its own.  -EINVAL, -ENOMEM. */
int fp_target_parse(const char *text, struct fp_asked *asked);

/* "ram, module, or a BAR as 0000:00:04.0-bar2": what can be asked for; to be freed. */
char *fp_targets_words(void);

/* All places of all targets.  0 or -ENOMEM. */
int fp_places_all(struct fp_place_list *list);

/*
 * Those that were asked for; by default those that are meant for it.  What was
 * asked for by its name need not be there: opening it says why.  0 or -ENOMEM.
 */
int fp_places_find(struct fp_place_list *found, const struct fp_asked *asked);

/* Memory types asked for (0: all) of those that the place has; none: .memory is 0. */
struct fp_wish fp_place_wish(const struct fp_place *place, unsigned memory, size_t bytes,
			     bool allow_registers);

/*
 * Why there is nothing to run on: nothing was found, or nothing of it has such
 * memory.  One line, to be freed.
 */
char *fp_places_why_none(const struct fp_place_list *found, const struct fp_asked *asked);

#endif
