// SPDX-License-Identifier: MIT
#include "base/guard.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define ENDING SIGUSR2 /* asks one thread to end: see fp_guard_end */
static const int guarded[] = { SIGILL, SIGBUS, SIGSEGV, SIGFPE, SIGPROF, SIGALRM, ENDING };
#define PATIENCE 12u /* limits of time without CPU */
#define TICKS	 10u /* in a limit */
#define N_GUARDED (sizeof(guarded) / sizeof(guarded[0]))

/* A fault is the affair of the thread that it happens in. */
static _Thread_local sigjmp_buf back;
static _Thread_local volatile sig_atomic_t caught;
static _Thread_local void *volatile fault_address;
static _Thread_local volatile sig_atomic_t guarding;
static _Thread_local volatile sig_atomic_t ticks;

static void catch(int signal, siginfo_t *info, void *context)
{
	(void)context;
	/* Of a thread that is not guarded a fault ends the program, as it would without us. */
	if (!guarding) {
		if (signal != ENDING)
			sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
		return;
	}
	if (signal == SIGALRM && ++ticks < (int)(PATIENCE * TICKS))
		return;
	caught = signal;
	fault_address = info->si_addr;
	siglongjmp(back, 1);
}

static void install(struct sigaction *saved)
{
	struct sigaction action = { .sa_sigaction = catch,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < N_GUARDED; i++)
		sigaction(guarded[i], &action, &saved[i]);
}

static void restore(const struct sigaction *saved)
{
	for (size_t i = 0; i < N_GUARDED; i++)
		sigaction(guarded[i], &saved[i], NULL);
}

static struct timeval tick_of(unsigned seconds)
{
	return (struct timeval){ seconds / TICKS, seconds % TICKS * (1000000 / TICKS) };
}

/*
 * A program that others keep from running, or whose machine is paused, does not
 * hang: the limit is on CPU time.  What waits for something that never comes
 * uses none, and is ended later, by ticks that it has seen: of those that come
 * while it is stopped it sees one.
 */
static void arm(unsigned seconds)
{
	struct itimerval cpu = { .it_value = { .tv_sec = (time_t)seconds } };
	struct itimerval wall = { tick_of(seconds), tick_of(seconds) };

	ticks = 0;
	setitimer(ITIMER_PROF, &cpu, NULL);
	setitimer(ITIMER_REAL, &wall, NULL);
}

/* A row may fault because its stack pointer is wrong: the handler has its own. */
static int use_own_stack(stack_t *own, stack_t *saved)
{
	*own = (stack_t){ .ss_size = 64 * 1024 };
	own->ss_sp = malloc(own->ss_size);
	if (!own->ss_sp)
		return -ENOMEM;
	if (!sigaltstack(own, saved))
		return 0;
	free(own->ss_sp);
	return -errno;
}

static void leave_own_stack(const stack_t *own, const stack_t *saved)
{
	sigaltstack(saved, NULL);
	free(own->ss_sp);
}

static int explain(unsigned limit_s, char *reason, size_t size)
{
	if (caught == SIGPROF || caught == SIGALRM) {
		snprintf(reason, size, "did not end within %u s%s",
			 caught == SIGPROF ? limit_s : limit_s * PATIENCE,
			 caught == SIGPROF ? " of CPU time" : "");
		return -ETIMEDOUT;
	}
	if (caught == ENDING) {
		snprintf(reason, size, "did not end by itself");
		return -ETIMEDOUT;
	}
	snprintf(reason, size, "died of SIG%s (%s) at %p", sigabbrev_np(caught),
		 sigdescr_np(caught), fault_address);
	return -EFAULT;
}

/* What both kinds of guard do between taking the signals and giving them back. */
static int call(int (*function)(void *argument), void *argument, unsigned limit_s, char *reason,
		size_t size)
{
	stack_t own, saved;
	volatile int err = use_own_stack(&own, &saved);

	if (err)
		return err;
	caught = 0;
	if (sigsetjmp(back, 1) == 0) {
		guarding = 1;
		if (limit_s)
			arm(limit_s);
		err = function(argument);
	} else {
		err = explain(limit_s, reason, size);
	}
	if (limit_s)
		arm(0);
	guarding = 0;
	leave_own_stack(&own, &saved);
	return err;
}

int fp_guard(int (*function)(void *argument), void *argument, unsigned limit_s, char *reason,
	     size_t size)
{
	struct sigaction saved[N_GUARDED];
	int err;

	install(saved);
	err = call(function, argument, limit_s, reason, size);
	restore(saved);
	return err;
}

int fp_guard_thread(int (*function)(void *argument), void *argument, char *reason, size_t size)
{
	return call(function, argument, 0, reason, size);
}

void fp_guard_hold(sigset_t *before)
{
	sigset_t timers;

	sigemptyset(&timers);
	sigaddset(&timers, SIGPROF);
	sigaddset(&timers, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &timers, before);
}

void fp_guard_release(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

void fp_guard_end(pthread_t thread)
{
	pthread_kill(thread, ENDING);
}
