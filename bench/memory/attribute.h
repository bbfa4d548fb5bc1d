/* SPDX-License-Identifier: MIT */
/*
 * attribute.h - what the module reads in a page-table entry, in each
 * architecture's own words.  Every binary has all of them.
 */
#ifndef FENCEPOST_ATTRIBUTE_H
#define FENCEPOST_ATTRIBUTE_H

#include <stdbool.h>

#include "arch.h"

/* "WC", "Device-nGnRE", "unknown: stage 2"; "unknown" for a number that is none. */
const char *fp_attribute_name(unsigned attribute);

/* The attribute that a mapping of that type has on this architecture. */
unsigned fp_attribute_of(enum fp_memory memory);

/* Whether accesses under this attribute are those that the memory type stands for. */
bool fp_attribute_is(unsigned attribute, enum fp_memory memory);

/* Whether it says anything at all. */
bool fp_attribute_known(unsigned attribute);

/* What bit of fencepost_info.distorts stands for: "KASAN"; NULL if it is none. */
const char *fp_distortion_name(unsigned bit);

#endif
