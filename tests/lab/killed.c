// SPDX-License-Identifier: MIT
/*
 * A run of the kernel's accessors ends when its process is killed, between two samples.
 *
 * How long that takes is compared with how long the whole run would have taken on this
 * very machine, shortly before: thousands of times as long. One try in time is enough,
 * for a machine may be busy.
 */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define BYTES	  48000u /* by the module's count, close to 100 us */
#define FEW	  16u
#define PATIENCE  4000.0 /* ms; bytes become fewer until a whole run takes less */
#define TRIES	  3
#define AT_FIRST  0x11
#define AFTERWARD 0xa5

static unsigned char data[BYTES] = { AFTERWARD };
static uint64_t times[FENCEPOST_MAX_SAMPLES];

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* What all samples would take at least, from the best of some tries with a few; < 0: -errno. */
static double whole_ms(int fd, struct fencepost_run run)
{
	double least = 0;

	run.samples = FEW;
	for (int i = 0; i < 3; i++) {
		double started = now_ms(), took;
		int err = bar_run(fd, &run);

		if (err)
			return err;
		took = now_ms() - started;
		least = i && least < took ? least : took;
	}
	return least * FENCEPOST_MAX_SAMPLES / FEW;
}

/* Returns once a sample has begun. */
static pid_t begin(int fd, const struct fencepost_run *run, volatile unsigned char *bar)
{
	pid_t child;

	*bar = AT_FIRST;
	child = bar_fork();
	if (!child)
		_exit(bar_run(fd, run) ? 1 : 0);
	while (*bar != AFTERWARD)
		usleep(1000);
	return child;
}

/* How long a process that is killed in the run's first samples stays; < 0: it was not killed. */
static double kill_ms(int fd, const struct fencepost_run *run, volatile unsigned char *bar)
{
	pid_t child = begin(fd, run, bar);
	double killed = now_ms();

	kill(child, SIGKILL);
	return bar_wait(child) == 128 + SIGKILL ? now_ms() - killed : -1;
}

int main(void)
{
	int fd = bar_open(BAR_CMB);
	volatile unsigned char *bar = bar_take(fd, 0, BAR_MIB, FENCEPOST_WC);
	struct fencepost_run run = {
		.places = 1, .bytes = BYTES, .access = FENCEPOST_MEMSET_IO, .loops = 1,
		.samples = FENCEPOST_MAX_SAMPLES, .data = (uintptr_t)data,
		.times = (uintptr_t)times,
	};
	double whole = whole_ms(fd, run), took = whole;

	while (whole > PATIENCE && run.bytes > 64) {
		run.bytes /= 2;
		whole = whole_ms(fd, run);
	}
	for (int i = 0; i < TRIES && whole >= 0 && (took < 0 || took > whole / 4); i++)
		took = kill_ms(fd, &run, bar);
	tap_ok(took >= 0 && took <= whole / 4, "a run ends when its process is killed");
	printf("# %u bytes a sample; killed within %.1f ms, where all takes %.1f\n", run.bytes,
	       took, whole);
	return tap_done();
}
