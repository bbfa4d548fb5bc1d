/* SPDX-License-Identifier: MIT */
/* stopped.h - a test that stops itself needs somebody who lets it go on. */
#ifndef STOPPED_H
#define STOPPED_H

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline void nap_ms(long ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left))
		;
}

/*
 * Runs function in a process of its own, which each SIGSTOP holds for that long.  What
 * it returned, as an exit status; -1: it died.
 */
static inline int run_stoppable(int (*function)(void), long ms)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(function());
	while (pid > 0 && waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		nap_ms(ms);
		kill(pid, SIGCONT);
	}
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
