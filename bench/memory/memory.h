/* SPDX-License-Identifier: MIT */
/*
 * memory.h - the memory types, by the names that users give them.  What an
 * architecture calls them is fp_attribute_of()'s.
 */
#ifndef FENCEPOST_MEMORY_H
#define FENCEPOST_MEMORY_H

#include "arch.h"

#define FP_MEMORY_TYPES 4

/* All of them, in the order in which they are mapped and listed. */
extern const enum fp_memory fp_memory_types[FP_MEMORY_TYPES];

/* "wb", "wc", "uc", "device"; "unknown" */
const char *fp_memory_name(enum fp_memory memory);

/* Whether a cache serves it. */
bool fp_memory_is_cached(enum fp_memory memory);

/* "wb, wc, uc, device", of those in the set; "" for none. */
#define FP_MEMORY_LIST 32
const char *fp_memory_list(unsigned set, char to[FP_MEMORY_LIST]);

/*
 * "wc,uc": adds what it names to the set.  -EINVAL for a word that is no memory
 * type: *word is where it begins.
 */
int fp_memory_parse(const char *list, unsigned *set, const char **word);

#endif
