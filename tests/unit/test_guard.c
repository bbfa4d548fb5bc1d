// SPDX-License-Identifier: MIT
/* A death or a hang costs what was guarded and nothing else. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "base/guard.h"
#include "stopped.h"
#include "tap.h"

/* The guard's: a hundred times as fast where a test would have to wait for it. */
static bool hasty;

int setitimer(__itimer_which_t which, const struct itimerval *new, struct itimerval *old)
{
	struct itimerval own = *new;

	if (hasty && which == ITIMER_REAL) {
		own.it_value.tv_usec = (own.it_value.tv_sec * 1000000 + own.it_value.tv_usec) / 100;
		own.it_interval.tv_usec =
			(own.it_interval.tv_sec * 1000000 + own.it_interval.tv_usec) / 100;
		own.it_value.tv_sec = own.it_interval.tv_sec = 0;
	}
	return (int)syscall(SYS_setitimer, which, &own, old);
}

static int raise_it(void *signal)
{
	raise(*(int *)signal);
	return 0;
}

static int hang(void *unused)
{
	volatile int turning = 1;

	(void)unused;
	while (turning)
		;
	return 0;
}

static int overflow_stack(void *depth)
{
	volatile char frame[4096];

	frame[0] = (char)(*(int *)depth)++;
	/* Never true, which the compiler doesn't know. */
	if (*(int *)depth < 0)
		return 0;
	return overflow_stack(depth) + frame[0];
}

static int well(void *value)
{
	return *(int *)value;
}

static int wait_for_ever(void *unused)
{
	(void)unused;
	while (pause())
		;
	return 0;
}

static int stop_itself(void *unused)
{
	(void)unused;
	raise(SIGSTOP);
	return 0;
}

static int guard_what_is_stopped(void)
{
	char reason[128] = "";

	hasty = true;
	return -fp_guard(stop_itself, NULL, 1, reason, sizeof(reason));
}

static void test_waiting(void)
{
	char reason[128] = "";

	hasty = true;
	tap_is_int(fp_guard(wait_for_ever, NULL, 1, reason, sizeof(reason)), -ETIMEDOUT,
		   "what waits for ever is ended");
	tap_is_str(reason, "did not end within 12 s", "and said to be");
	hasty = false;
	fflush(stdout);
	/* Twice the time that it may wait, in its own haste. */
	tap_is_int(run_stoppable(guard_what_is_stopped, 240), 0, "to be stopped is not to wait");
}

static void test_signal(int signal, const char *name)
{
	char reason[128] = "";
	int err = fp_guard(raise_it, &signal, 10, reason, sizeof(reason));

	tap_is_int(err, -EFAULT, "%s is caught", name);
	tap_ok(strstr(reason, name), "and named: %s", reason);
}

int main(void)
{
	char reason[128] = "";
	int value = 0, depth = 0, err = 0;
	struct sigaction before, after;

	sigaction(SIGSEGV, NULL, &before);
	test_signal(SIGILL, "SIGILL");
	test_signal(SIGBUS, "SIGBUS");
	test_signal(SIGSEGV, "SIGSEGV");
	test_signal(SIGFPE, "SIGFPE");
	test_signal(SIGILL, "SIGILL");
	/* A machine so busy that it gave us less than a second in twelve is asked again. */
	for (int tries = 5; tries && !strstr(reason, "CPU time"); tries--)
		err = fp_guard(hang, NULL, 1, reason, sizeof(reason));
	tap_is_int(err, -ETIMEDOUT, "a hang is ended");
	tap_ok(strstr(reason, "1 s of CPU time"), "and said to be one: %s", reason);
	test_waiting();
	reason[0] = '\0';
	tap_is_int(fp_guard(well, &value, 10, reason, sizeof(reason)), 0, "what is well returns 0");
	value = -ENOSPC;
	tap_is_int(fp_guard(well, &value, 10, reason, sizeof(reason)), -ENOSPC, "or its own error");
	tap_is_str(reason, "", "with no reason made up");
	if (getenv("FENCEPOST_NO_STACK_OVERFLOW"))
		tap_skip("qemu-user and sanitizers end a program whose stack overflows");
	else
		tap_is_int(fp_guard(overflow_stack, &depth, 10, reason, sizeof(reason)), -EFAULT,
			   "a broken stack is caught on another one");
	sigaction(SIGSEGV, NULL, &after);
	tap_ok(before.sa_handler == after.sa_handler, "the handlers are as they were");
	return tap_done();
}
