// SPDX-License-Identifier: MIT
#include "base/guard.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

static const int guarded[] = { SIGILL, SIGBUS, SIGSEGV, SIGFPE, SIGPROF, SIGALRM };
#define PATIENCE 12 /* wall time, in limits */
#define N_GUARDED (sizeof(guarded) / sizeof(guarded[0]))

static sigjmp_buf back;
static volatile sig_atomic_t caught;
static void *volatile fault_address;

static void catch(int signal, siginfo_t *info, void *context)
{
	(void)context;
	caught = signal;
	fault_address = info->si_addr;
	siglongjmp(back, 1);
}

static void install(struct sigaction *saved)
{
	struct sigaction action = { .sa_sigaction = catch, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < N_GUARDED; i++)
		sigaction(guarded[i], &action, &saved[i]);
}

static void restore(const struct sigaction *saved)
{
	for (size_t i = 0; i < N_GUARDED; i++)
		sigaction(guarded[i], &saved[i], NULL);
}

/*
 * A program that others keep from running, or whose machine is paused, does not
 * hang: the limit is on CPU time.  What waits for something that never comes
 * uses none, and is ended by the wall clock, later.
 */
static void arm(unsigned seconds)
{
	struct itimerval cpu = { .it_value = { .tv_sec = (time_t)seconds } };
	struct itimerval wall = { .it_value = { .tv_sec = (time_t)seconds * PATIENCE } };

	setitimer(ITIMER_PROF, &cpu, NULL);
	setitimer(ITIMER_REAL, &wall, NULL);
}

/* A row may fault because its stack pointer is wrong: the handler has its own. */
static int use_own_stack(stack_t *saved)
{
	static char *stack;
	size_t size = 64 * 1024;
	stack_t own = { .ss_size = size };

	if (!stack)
		stack = malloc(size);
	if (!stack)
		return -ENOMEM;
	own.ss_sp = stack;
	return sigaltstack(&own, saved) ? -errno : 0;
}

static int explain(unsigned limit_s, char *reason, size_t size)
{
	if (caught == SIGPROF || caught == SIGALRM) {
		snprintf(reason, size, "did not end within %u s%s",
			 caught == SIGPROF ? limit_s : limit_s * PATIENCE,
			 caught == SIGPROF ? " of CPU time" : "");
		return -ETIMEDOUT;
	}
	snprintf(reason, size, "died of SIG%s (%s) at %p", sigabbrev_np(caught),
		 sigdescr_np(caught), fault_address);
	return -EFAULT;
}

int fp_guard(int (*function)(void *argument), void *argument, unsigned limit_s, char *reason,
	     size_t size)
{
	struct sigaction saved[N_GUARDED];
	stack_t saved_stack;
	volatile int err = use_own_stack(&saved_stack);

	if (err)
		return err;
	caught = 0;
	install(saved);
	if (sigsetjmp(back, 1) == 0) {
		arm(limit_s);
		err = function(argument);
	} else {
		err = explain(limit_s, reason, size);
	}
	arm(0);
	restore(saved);
	sigaltstack(&saved_stack, NULL);
	return err;
}
