// SPDX-License-Identifier: MIT
/*
 * Stepping under qemu-user, which has no ptrace: through the debug stub that
 * its -g opens, by GDB's remote serial protocol ("Debugging with GDB",
 * appendix E).  Packets are $data#checksum; only two are needed, s and c.
 *
 * The program's memory is the emulator's own, at the same addresses as long as
 * both have 64 bits, and is read and written as such: packets of hexadecimal
 * digits take several times as long.
 */
#include "tracer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 20

/* Characters of the answer from its $ to the two of its checksum, or -errno. */
static int receive(int socket, char *to, size_t size)
{
	size_t length = 0;
	char *start;

	for (;;) {
		ssize_t n = recv(socket, to + length, size - length - 1, 0);

		if (n <= 0)
			return n ? -errno : -ESRCH;
		length += (size_t)n;
		to[length] = '\0';
		start = strchr(to, '$');
		if (start && strchr(start, '#') && strlen(strchr(start, '#')) >= 3)
			break;
		if (length + 1 == size)
			return -EPROTO;
	}
	memmove(to, start, strlen(start) + 1);
	return 0;
}

static int remote_run(struct tracer *t, bool step)
{
	/* The + acknowledges the answer before. */
	const char *request = step ? "+$s#73" : "+$c#63";
	char answer[256];
	unsigned signal;
	int err;

	if (send(t->socket, request, 6, MSG_NOSIGNAL) != 6)
		return -ESRCH;
	err = receive(t->socket, answer, sizeof(answer));
	if (err)
		return err;
	if (sscanf(answer, "$T%2x", &signal) != 1 && sscanf(answer, "$S%2x", &signal) != 1)
		return -ESRCH;
	/* GDB has its own numbers. */
	return signal == 30 ? SIGUSR1 : signal == 10 ? SIGBUS : (int)signal;
}

/* The emulator makes the socket in its own time. */
static int connect_to(struct tracer *t, const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = PATIENCE_S };

	strncpy(name.sun_path, path, sizeof(name.sun_path) - 1);
	t->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (t->socket < 0)
		return -errno;
	setsockopt(t->socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	for (int tries = PATIENCE_S * 100; tries; tries--) {
		if (!connect(t->socket, (struct sockaddr *)&name, sizeof(name)))
			return 0;
		if (waitpid(t->pid, NULL, WNOHANG) == t->pid) {
			t->pid = 0;
			return -ESRCH;
		}
		usleep(10 * 1000);
	}
	return -ETIMEDOUT;
}

/* The emulator's own options come behind its name. */
static int start_emulator(struct tracer *t, char *const command[], char *path)
{
	char debug[] = "-g";
	char *with[64] = { command[0], debug, path };

	for (int i = 1; command[i]; i++) {
		if (i + 3 >= 64)
			return -E2BIG;
		with[i + 2] = command[i];
	}
	return tracer_spawn(t, with, NULL);
}

static int remote_start(struct tracer *t, char *const command[])
{
	char folder[] = "/tmp/fencepost-step-XXXXXX", path[sizeof(folder) + 8];
	int err;

	if (!mkdtemp(folder))
		return -errno;
	snprintf(path, sizeof(path), "%s/stub", folder);
	err = start_emulator(t, command, path);
	if (!err)
		err = connect_to(t, path);
	unlink(path);
	rmdir(folder);
	return err;
}

static void remote_end(struct tracer *t)
{
	tracer_reap(t);
	if (t->socket > 0)
		close(t->socket);
	t->socket = 0;
}

const struct tracer_ops tracer_remote = {
	.start = remote_start,
	.run = remote_run,
	.end = remote_end,
};
