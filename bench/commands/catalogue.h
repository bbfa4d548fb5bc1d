/* SPDX-License-Identifier: MIT */
/*
 * catalogue.h - the rows of all architectures as flat JSON objects.
 */
#ifndef FENCEPOST_CATALOGUE_H
#define FENCEPOST_CATALOGUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "arch.h"

struct fp_entry;

/* A list of rows. */
struct fp_catalogue {
	const char *name;
	const char *const *columns; /* what text shows of each row; NULL at the end */
	bool is_called;		    /* by names of others, which --api knows */
	/* The i-th of an architecture; false behind the last. */
	bool (*at)(const struct fp_arch_tables *t, size_t i, struct fp_entry *entry);
	void (*describe)(json_t *o, const void *row);
};

/* Barriers, accesses, locks, copies; the last one's name is NULL. */
extern const struct fp_catalogue fp_catalogues[];

/* Of all architectures; "here" says whether this CPU has it, or why not. */
json_t *fp_catalogue_rows(const struct fp_catalogue *list);

/* Barriers, locks and copies known by that name ("peer:name" or "name"), or of that id. */
json_t *fp_catalogue_find(const char *name);

/*
 * The first word in text that is a row's id of other architectures only, as
 * "str_dgh is a row of arm64; this is x86_64"; false if there is none.
 */
bool fp_catalogue_elsewhere(const char *text, char *buf, size_t n);

#endif
