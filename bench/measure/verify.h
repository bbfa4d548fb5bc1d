/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_MEASURE_VERIFY_H
#define FENCEPOST_MEASURE_VERIFY_H

#include "measure/workbench.h"

/*
 * Measures whether loads and stores to the mapping are served by the cache, and
 * fills in effective (if the target has not) and verified_by.  -ENXIO if that is
 * not so as the memory type asks for.
 */
int fp_verify(struct fp_workbench *bench, struct fp_mapping *mapping);

#endif
