// SPDX-License-Identifier: MIT
#include "machine/clock.h"

#include <time.h>

#include "arch.h"

#define MEASURE_NS 20000000u

static uint64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t fp_clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t fp_clock_thread(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t fp_clock_process(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/*
 * A moment read from both clocks: the ticks in the middle of the two reads
 * that lay closest together, so that an interrupt between them does no harm.
 */
static void read_both(uint64_t *ns, double *ticks)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 16; i++) {
		uint64_t before = fp_arch_clock();
		uint64_t now = read_clock(CLOCK_MONOTONIC_RAW);
		uint64_t after = fp_arch_clock();

		if (after - before >= best)
			continue;
		best = after - before;
		*ns = now;
		*ticks = (double)before + (double)best / 2;
	}
}

double fp_clock_ns_per_tick(void)
{
	double hz = fp_arch_clock_hz(), t0 = 0, t1 = 0;
	uint64_t n0 = 0, n1 = 0;

	if (hz > 0)
		return 1e9 / hz;
	read_both(&n0, &t0);
	while (read_clock(CLOCK_MONOTONIC_RAW) - n0 < MEASURE_NS)
		;
	read_both(&n1, &t1);
	return (double)(n1 - n0) / (t1 - t0);
}
