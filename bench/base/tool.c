// SPDX-License-Identifier: MIT
#include "base/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_S	   60
#define MOST_HEARD (16u << 20)

extern char **environ;

/* ---- where it is ---- */

/* In a user's own name space root is nobody there: who owns / may do what root may. */
static bool is_roots(const struct stat *st)
{
	struct stat top;

	return !st->st_uid || (!stat("/", &top) && st->st_uid == top.st_uid);
}

static bool others_write(const struct stat *st)
{
	return (st->st_mode & S_IWOTH) || (st->st_mode & S_IWGRP && st->st_gid);
}

/* Folders above: in a sticky one nobody can put something else in the place of root's. */
static bool leads_there(char *path)
{
	struct stat st;

	for (char *slash = strrchr(path, '/'); slash; slash = strrchr(path, '/')) {
		*slash = '\0';
		if (stat(*path ? path : "/", &st) || !is_roots(&st))
			return false;
		if (others_write(&st) && !(st.st_mode & S_ISVTX))
			return false;
	}
	return true;
}

static bool only_root_writes(const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;
	bool safe = real && !stat(real, &st) && is_roots(&st) && !others_write(&st) &&
		    leads_there(real);

	free(real);
	return safe;
}

static bool may_be_run(const char *folder, const char *path)
{
	if (*folder != '/')
		return false;
	return geteuid() || (only_root_writes(folder) && only_root_writes(path));
}

static bool is_program(const char *path)
{
	struct stat st;

	return !access(path, X_OK) && !stat(path, &st) && S_ISREG(st.st_mode);
}

/* Why it was passed over there. */
static void explain_skip(const char *name, const char *folder, char *why, size_t size)
{
	if (*folder == '/')
		snprintf(why, size, "%s was found only in %.300s, where others than root can "
			 "write, and is not run as root", name, folder);
	else
		snprintf(why, size, "%s was found only in \"%.300s\", an entry of PATH that does "
			 "not begin at /, and is not run", name, folder);
}

static bool is_in(const char *folder, const char *name, char *path, size_t n)
{
	int length = snprintf(path, n, "%s/%s", *folder ? folder : ".", name);

	return length > 0 && (size_t)length < n && is_program(path);
}

/* The first that may be run; why tells of the first that may not. */
static int search(char *folders, const char *name, char *path, size_t n, char *why, size_t size)
{
	const char *folder, *skipped = NULL;

	while ((folder = strsep(&folders, ":"))) {
		if (!is_in(folder, name, path, n))
			continue;
		if (may_be_run(folder, path))
			return 0;
		skipped = skipped ? skipped : folder;
	}
	if (skipped)
		explain_skip(name, skipped, why, size);
	else
		snprintf(why, size, "%s is not installed", name);
	return -ENOENT;
}

int fp_tool_find(const char *name, char *path, size_t n, char *why, size_t size)
{
	const char *known = getenv("PATH");
	char *folders;
	int err;

	if (strchr(name, '/')) {
		snprintf(path, n, "%s", name);
		return 0;
	}
	/* Root's own folders are not in everybody's PATH. */
	if (asprintf(&folders, "%s:/usr/sbin:/sbin", known ? known : "/usr/bin:/bin") < 0) {
		snprintf(why, size, "no memory to look for %s", name);
		return -ENOMEM;
	}
	err = search(folders, name, path, n, why, size);
	free(folders);
	return err;
}

/* ---- how it is run ---- */

/* What is running; its stdin, stdout and stderr, and our ends of the last two. */
struct running {
	pid_t child;
	int its[3], ours[3];
};

/* Beside 0, 1 and 2, which may be closed: they are the tool's own. */
static int move_up(int fd)
{
	int higher = fd < 0 || fd > 2 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (higher != fd)
		close(fd);
	return higher;
}

/* Either end of a pipe where it is wanted. */
static int open_pipe(int *from, int *to)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	*from = move_up(ends[0]);
	*to = move_up(ends[1]);
	return *from < 0 || *to < 0 ? -errno : 0;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Pipes in place of /dev/null, which need not be there: nobody writes into the first. */
static int open_ends(struct running *r)
{
	int err = open_pipe(&r->its[0], &r->ours[0]);

	close_end(&r->ours[0]);
	for (int i = 1; i < 3 && !err; i++)
		err = open_pipe(&r->ours[i], &r->its[i]);
	return err;
}

static void close_ends(int ends[3])
{
	for (int i = 0; i < 3; i++)
		close_end(&ends[i]);
}

static int spawn(struct running *r, const struct fp_tool *tool, const char *path)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attributes, 0);
	if (tool->folder != AT_FDCWD)
		posix_spawn_file_actions_addfchdir_np(&actions, tool->folder);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(
			&actions, !i && tool->input >= 0 ? tool->input : r->its[i], i);
	err = posix_spawn(&r->child, path, &actions, &attributes, (char *const *)tool->argv,
			  environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int limit_s(void)
{
	const char *text = getenv("FENCEPOST_TOOL_SECONDS");
	long seconds = text ? strtol(text, NULL, 10) : 0;

	return seconds > 0 && seconds < INT_MAX / 1000 ? (int)seconds : LIMIT_S;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Until there is something to read, or the time is over: 0. */
static int wait_for(struct pollfd *ends, long long until)
{
	int ready;

	do {
		long long left = until - now_ms();

		ready = left > 0 ? poll(ends, 3, (int)left) : 0;
	} while (ready < 0 && errno == EINTR);
	return ready;
}

/* What has come by one end; to may be NULL. */
static void take(struct pollfd *end, FILE *to, size_t *room)
{
	char some[4096];
	ssize_t got;

	if (!end->revents)
		return;
	got = read(end->fd, some, sizeof(some));
	if (got <= 0) {
		end->fd = -1;
	} else if (to && (size_t)got <= *room) {
		fwrite(some, 1, (size_t)got, to);
		*room -= (size_t)got;
	}
}

/* All that it says; false: it had not closed its ends in time. */
static bool listen_to(const struct running *r, int heard, FILE *said, long long until)
{
	struct pollfd ends[3] = { { .fd = -1 } };
	size_t room = MOST_HEARD;

	for (int i = 1; i < 3; i++)
		ends[i] = (struct pollfd){ .fd = r->ours[i], .events = POLLIN };
	while (ends[1].fd >= 0 || ends[2].fd >= 0) {
		if (wait_for(ends, until) <= 0)
			return false;
		for (int i = 1; i < 3; i++)
			take(&ends[i], i == heard ? said : NULL, &room);
	}
	return true;
}

static bool has_ended(pid_t child, int *status, long long until)
{
	int ended = waitpid(child, status, WNOHANG);

	while (!ended && now_ms() < until) {
		poll(NULL, 0, 1);
		ended = waitpid(child, status, WNOHANG);
	}
	return ended == child;
}

static int judge(const char *name, int status, char *why, size_t n)
{
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status))
		snprintf(why, n, "%s ended with status %d", name, WEXITSTATUS(status));
	else
		snprintf(why, n, "%s was ended by signal %d", name, WTERMSIG(status));
	return -EIO;
}

static int attend(const struct running *r, const struct fp_tool *tool, FILE *said, char *why,
		  size_t n)
{
	int seconds = limit_s(), status = 0;
	long long until = now_ms() + seconds * 1000LL;

	if (listen_to(r, tool->heard, said, until) && has_ended(r->child, &status, until))
		return judge(tool->argv[0], status, why, n);
	kill(-r->child, SIGKILL);
	while (waitpid(r->child, &status, 0) < 0 && errno == EINTR)
		;
	snprintf(why, n, "%s did not end within %d s", tool->argv[0], seconds);
	return -ETIMEDOUT;
}

static int start(struct running *r, const struct fp_tool *tool, const char *path, char *why,
		 size_t n)
{
	int err = open_ends(r);

	if (!err)
		err = spawn(r, tool, path);
	if (err)
		snprintf(why, n, "%.300s can't be started: %s", path, strerror(-err));
	close_ends(r->its);
	return err ? -EIO : 0;
}

int fp_tool_run(const struct fp_tool *tool, FILE *said, char *why, size_t n)
{
	struct running r = { .its = { -1, -1, -1 }, .ours = { -1, -1, -1 } };
	char path[PATH_MAX];
	int err = fp_tool_find(tool->argv[0], path, sizeof(path), why, n);

	if (!err)
		err = start(&r, tool, path, why, n);
	if (!err)
		err = attend(&r, tool, said, why, n);
	close_ends(r.ours);
	return err;
}
