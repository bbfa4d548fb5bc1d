// SPDX-License-Identifier: MIT
/* What both ways to step have in common, and the one by ptrace. */
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(char *const command[], int output, int (*prepare)(void))
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(output, STDOUT_FILENO) >= 0 && !(prepare && prepare()))
		execvp(command[0], command);
	_exit(127);
}

/* Late: exec makes a new memory. */
static int open_memory(struct tracer *t)
{
	char path[64];

	if (t->memory >= 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)t->pid);
	t->memory = open(path, O_RDWR | O_CLOEXEC);
	return t->memory < 0 ? -errno : 0;
}

int tracer_spawn(struct tracer *t, char *const command[], int (*prepare)(void))
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	t->pid = fork();
	if (t->pid == 0)
		become(command, ends[1], prepare);
	close(ends[1]);
	t->output = ends[0];
	t->memory = -1;
	return t->pid < 0 ? -errno : 0;
}

void tracer_reap(struct tracer *t)
{
	if (t->pid <= 0)
		return;
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	close(t->output);
	if (t->memory >= 0)
		close(t->memory);
	t->pid = 0;
}

int tracer_read(struct tracer *t, uint64_t address, void *to, size_t bytes)
{
	int err = open_memory(t);
	ssize_t got = err ? 0 : pread(t->memory, to, bytes, (off_t)address);

	return err ? err : got < 0 ? -errno : (size_t)got == bytes ? 0 : -EFAULT;
}

int tracer_write(struct tracer *t, uint64_t address, const void *from, size_t bytes)
{
	int err = open_memory(t);
	ssize_t put = err ? 0 : pwrite(t->memory, from, bytes, (off_t)address);

	return err ? err : put < 0 ? -errno : (size_t)put == bytes ? 0 : -EFAULT;
}

static int ask_to_be_traced(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? -errno : 0;
}

/* The signal that the program stopped by. */
static int wait_for_stop(struct tracer *t)
{
	int status;

	if (waitpid(t->pid, &status, 0) < 0)
		return -errno;
	return WIFSTOPPED(status) ? WSTOPSIG(status) : -ESRCH;
}

static int ptrace_start(struct tracer *t, char *const command[])
{
	int err = tracer_spawn(t, command, ask_to_be_traced);

	if (err)
		return err;
	/* The first stop is the exec's; a child that was refused has exited. */
	return wait_for_stop(t) == SIGTRAP ? 0 : -EPERM;
}

static int ptrace_run(struct tracer *t, bool step)
{
	if (ptrace(step ? PTRACE_SINGLESTEP : PTRACE_CONT, t->pid, NULL, NULL))
		return -errno;
	return wait_for_stop(t);
}

const struct tracer_ops tracer_ptrace = {
	.start = ptrace_start,
	.run = ptrace_run,
	.end = tracer_reap,
};
