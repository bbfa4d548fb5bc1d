// SPDX-License-Identifier: MIT
/* The table of families: a new one is one row here and one file beside this one. */
#include "families/families.h"

#include <string.h>

#ifdef FENCEPOST_FAULTY_ROWS
#define FAULTY FAMILY(faulty)
#else
#define FAULTY
#endif
#define FAMILIES                                                                                   \
	FAMILY(barrier)                                                                            \
	FAMILY(access)                                                                             \
	FAMILY(copy)                                                                               \
	FAMILY(combine)                                                                            \
	FAMILY(flag)                                                                               \
	FAULTY

#define FAMILY(NAME) extern const struct fp_family fp_family_##NAME;
FAMILIES
#undef FAMILY

const struct fp_family *const fp_families[] = {
#define FAMILY(NAME) &fp_family_##NAME,
	FAMILIES
#undef FAMILY
	NULL,
};

const struct fp_family *fp_family_find(const char *name)
{
	const struct fp_family *const *family = fp_families;

	while (*family && strcmp((*family)->name, name))
		family++;
	return *family;
}
