/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_STATISTICS_H
#define FENCEPOST_STATISTICS_H

#include <stdbool.h>

#include "measure/meter.h"

/* Minimum, median and 99th percentile of an operation. */
struct fp_quantiles {
	double min, p50, p99;
};

struct fp_statistics {
	struct fp_quantiles ns;
	double ns_block_min; /* median over the blocks of each block's minimum, less its base's */
	struct fp_quantiles cycles;
	bool has_cycles; /* from the blocks that were calibrated; at least one was */
};

/*
 * min and p50 are those of the measured batches less those of the base; p99 is
 * that of the measured batches less the base's median, since two tails taken
 * from each other say nothing.  Where measured and base cost the same, noise
 * makes a figure a little less than 0: it is left so.
 *
 * min is the luckiest batch of all blocks; ns_block_min is what the luckiest of a
 * block takes in every other block, and moves less from run to run: what is held
 * against another row is held by it.
 *
 * -ENODATA without samples, -ENOMEM.
 */
int fp_statistics(const struct fp_samples *samples, struct fp_statistics *statistics);

#endif
