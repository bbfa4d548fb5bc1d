// SPDX-License-Identifier: MIT
/* The families of the program; a new one is one row here and one file in families/. */
#include "families/family.h"

const struct fp_family *const fp_families[] = {
	&fp_family_barrier,
	&fp_family_access,
	&fp_family_copy,
	&fp_family_combine,
#ifdef FENCEPOST_FAULTY_ROWS
	&fp_family_faulty,
#endif
	NULL,
};
