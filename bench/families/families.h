/* SPDX-License-Identifier: MIT */
/* families.h - the families of the program. */
#ifndef FENCEPOST_FAMILIES_FAMILIES_H
#define FENCEPOST_FAMILIES_FAMILIES_H

#include "plan/family.h"

/* All of them; NULL at the end. */
extern const struct fp_family *const fp_families[];

/* NULL if there is none of that name. */
const struct fp_family *fp_family_find(const char *name);

#endif
