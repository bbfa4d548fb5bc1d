// SPDX-License-Identifier: MIT
#include "measure/gap.h"

#include <sched.h>
#include <sys/resource.h>

#include "machine/clock.h"

#define GAP_NS	   10000u   /* above what two reads of the clocks are apart */
#define TICK_NS	   4000000u /* longer than that nothing runs without a switch */
#define LONG_SHARE 100u
#define PROBES	   3u
#define PROBE_NS   50000000u

/* How far the thread's clock goes on at once; 0: it stands still. */
static uint64_t step(void)
{
	uint64_t end = fp_clock_now() + PROBE_NS, begin = fp_clock_thread(), now = begin;

	while (now == begin && fp_clock_now() < end)
		now = fp_clock_thread();
	return now - begin;
}

static bool is_fine;

/* Some systems count a thread's time in ticks, of which most batches would see none. */
void fp_gap_prepare(void)
{
	is_fine = false;
	for (unsigned i = 0; i < PROBES; i++) {
		uint64_t ns = step();

		is_fine |= ns > 0 && ns < GAP_NS / 2;
	}
}

struct fp_moment fp_moment_now(void)
{
	struct fp_moment now;
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	now.switches = usage.ru_nvcsw + usage.ru_nivcsw;
	now.cpu = sched_getcpu();
	now.cpu_ns = is_fine ? fp_clock_thread() : 0;
	now.wall_ns = fp_clock_now();
	return now;
}

static bool was_elsewhere(const struct fp_moment *from, const struct fp_moment *to, int cpu)
{
	if (from->cpu < 0 || to->cpu < 0)
		return false;
	return from->cpu != to->cpu || (cpu != FP_ANY_CPU && cpu != to->cpu);
}

bool fp_gap_between(const struct fp_moment *from, const struct fp_moment *to, int cpu)
{
	uint64_t wall = to->wall_ns - from->wall_ns, used = to->cpu_ns - from->cpu_ns;
	uint64_t lost = to->cpu_ns && wall > used ? wall - used : 0;

	if (was_elsewhere(from, to, cpu))
		return true;
	if (to->cpu_ns && used > TICK_NS)
		return lost > wall / LONG_SHARE;
	return to->switches != from->switches || lost > GAP_NS;
}
