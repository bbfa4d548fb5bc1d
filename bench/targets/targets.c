// SPDX-License-Identifier: MIT
#include "targets/target.h"

/* A row a target. */
#define TARGETS(ROW) \
	ROW(ram) \
	ROW(module)

#define DECLARE(target) extern const struct fp_target fp_target_##target;
#define POINT(target)	&fp_target_##target,

TARGETS(DECLARE)

const struct fp_target *const fp_targets[] = { TARGETS(POINT) NULL };
