/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_GUARD_H
#define FENCEPOST_GUARD_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

/*
 * Runs function(argument) so that a SIGILL, SIGBUS, SIGSEGV or SIGFPE in it,
 * or a run of more than limit_s seconds of CPU time (12 times that of waiting; to
 * be stopped is not to wait), ends it and not the program.
 *
 * Returns what the function returned; -EFAULT after a signal and -ETIMEDOUT
 * after the limit, with one line in reason.  What the function held (memory,
 * files) is lost then.  One guard at a time.
 */
int fp_guard(int (*function)(void *argument), void *argument, unsigned limit_s, char *reason,
	     size_t size);

/*
 * The same for a further thread, while fp_guard is at work in the first one, and
 * without a limit: who started the thread asks it to end by fp_guard_end, which is
 * -ETIMEDOUT.
 */
int fp_guard_thread(int (*function)(void *argument), void *argument, char *reason, size_t size);
void fp_guard_end(pthread_t thread);

/*
 * Holds the limit's signals up, from before the first such thread is made until the last
 * is joined: they must not end the first thread while others work on what that one holds.
 * Who holds them bounds the time himself.
 */
void fp_guard_hold(sigset_t *before);
void fp_guard_release(const sigset_t *before);

#endif
