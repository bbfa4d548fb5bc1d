// SPDX-License-Identifier: MIT
/* What hits a batch while its thread is stopped, preempted or elsewhere is no sample. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "machine/clock.h"
#include "machine/machine.h"
#include "measure/gap.h"
#include "measure/meter.h"
#include "stopped.h"
#include "tap.h"

#define MS 1000000u

/* ---- moments that are made up ---- */

static const struct fp_moment begin = { .wall_ns = 1000, .cpu_ns = 500, .switches = 7, .cpu = 2 };

static bool gap_after(uint64_t wall, uint64_t used, long switches, int cpu)
{
	struct fp_moment end = { begin.wall_ns + wall, begin.cpu_ns + used,
				 begin.switches + switches, cpu };

	return fp_gap_between(&begin, &end, 2);
}

static void test_moments(void)
{
	struct fp_moment coarse = begin;
	struct fp_moment end = { .wall_ns = 1000 + 80 * MS, .switches = 7, .cpu = 2 };

	tap_ok(!gap_after(80000, 79000, 0, 2), "a thread that had its CPU has no gap");
	tap_ok(gap_after(80000, 79000, 1, 2), "one that was switched out has");
	tap_ok(gap_after(80000, 60000, 0, 2), "and one that had no CPU for 20 us, unswitched");
	tap_ok(gap_after(80000, 79000, 0, 3), "and one that is on another CPU");
	tap_ok(!gap_after(80000, 81000, 0, 2), "more CPU time than time is no gap");
	tap_ok(!gap_after(1000 * MS, 999 * MS, 40, 2), "in a second a switch is to be expected");
	tap_ok(gap_after(1000 * MS, 900 * MS, 40, 2), "but not 100 ms without the CPU");
	coarse.cpu_ns = 0;
	tap_ok(!fp_gap_between(&coarse, &end, 2), "a clock that is too coarse says nothing");
	end.switches++;
	tap_ok(fp_gap_between(&coarse, &end, 2), "then a switch does");
	end.cpu = coarse.cpu = -1;
	end.switches--;
	tap_ok(!fp_gap_between(&coarse, &end, 2), "an unknown CPU is not another one");
	end.cpu = coarse.cpu = 5;
	tap_ok(fp_gap_between(&coarse, &end, 2), "all the time on another CPU is a gap");
	tap_ok(!fp_gap_between(&coarse, &end, FP_ANY_CPU), "unless any will do");
}

/* ---- stops ---- */

#define STOP_MS	 50
#define SAMPLES	 40u
#define EVERY	 4u

static unsigned calls, stops;

static void stop_now_and_then(void *context, uint64_t loops)
{
	uint64_t end = fp_clock_now() + 2000 * loops;

	(void)context;
	if (++calls % EVERY == 0) {
		stops++;
		raise(SIGSTOP);
	}
	while (fp_clock_now() < end)
		;
}

static int gap_by_stop(void)
{
	struct fp_moment from = fp_moment_now(), to;

	raise(SIGSTOP);
	to = fp_moment_now();
	return fp_gap_between(&from, &to, FP_ANY_CPU);
}

/* Of each batch that was stopped it is known how long it took at least. */
static int block_with_stops(void)
{
	struct fp_measurement m = { .measured = { stop_now_and_then, NULL }, .operations = 1,
				    .max_loops = 1 };
	struct fp_samples samples = { 0 };
	struct fp_meter *meter;
	unsigned held = 0;

	if (fp_meter_new(&meter) || fp_meter_block(meter, &m, 0, SAMPLES, &samples))
		return 100;
	for (size_t i = 0; i < samples.n; i++)
		held += samples.all[i].measured >= STOP_MS * MS;
	printf("# %u stops, %zu kept, %zu dropped, %u of the kept were stopped\n", stops,
	       samples.n, samples.dropped, held);
	return stops < 1 || samples.dropped < stops || held;
}

static void test_stops(void)
{
	fflush(stdout);
	tap_is_int(run_stoppable(gap_by_stop, 1), 1, "a stop is a gap");
	fflush(stdout);
	tap_is_int(run_stoppable(block_with_stops, STOP_MS), 0,
		   "batches that were stopped are dropped and counted");
}

/* ---- other CPUs ---- */

static int here = -1, elsewhere = -1;

static void find_cpus(void)
{
	cpu_set_t allowed;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (int i = 0; i < CPU_SETSIZE && elsewhere < 0; i++)
		if (CPU_ISSET(i, &allowed))
			*(here < 0 ? &here : &elsewhere) = i;
}

static void move_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void move_away(void *context, uint64_t loops)
{
	(void)context;
	(void)loops;
	if (++calls == 10)
		move_to(elsewhere);
}

static void test_block_elsewhere(void)
{
	struct fp_measurement m = { .measured = { move_away, NULL }, .operations = 1,
				    .max_loops = 1 };
	struct fp_samples samples = { 0 };
	struct fp_meter *meter;

	if (!tap_ok(!fp_meter_new(&meter), "a meter is made"))
		return;
	fp_meter_stay_on(meter, here);
	move_to(here);
	calls = 0;
	fp_meter_block(meter, &m, 0, SAMPLES, &samples);
	tap_ok(samples.n < 10 && samples.n + samples.dropped >= 2,
	       "samples of another CPU are dropped: %zu kept, %zu dropped", samples.n,
	       samples.dropped);
	fp_samples_free(&samples);
	fp_meter_block(meter, &m, 0, SAMPLES, &samples);
	tap_ok(!samples.n && samples.dropped >= 2, "all of a block that is there, which ends");
	fp_samples_free(&samples);
	fp_meter_free(meter);
}

static void test_pin(void)
{
	struct fp_machine machine;

	if (!tap_ok(!fp_machine_open(&machine, here, NULL), "the machine is read"))
		return;
	tap_is_int(fp_pin_again(&machine), 0, "a thread that was let alone is pinned");
	move_to(elsewhere);
	tap_is_int(fp_pin_again(&machine), 1, "one that was moved is pinned again");
	tap_is_int(fp_pin_again(&machine), 0, "once");
	hwloc_bitmap_only(machine.cpuset, CPU_SETSIZE - 1);
	tap_ok(fp_pin_again(&machine) < 0, "a CPU that is not there is an error");
	machine.bound = false;
	tap_is_int(fp_pin_again(&machine), 0, "where it could not be pinned it need not be");
	fp_machine_close(&machine);
}

int main(void)
{
	fp_gap_prepare();
	test_moments();
	test_stops();
	find_cpus();
	if (elsewhere < 0) {
		tap_skip("this process has one CPU");
		return tap_done();
	}
	test_block_elsewhere();
	move_to(here);
	test_pin();
	return tap_done();
}
