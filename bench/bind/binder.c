// SPDX-License-Identifier: MIT
/* How bind and unbind act on the system that they run on. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "bind/bind.h"
#include "machine/pci.h"

extern char **environ;

#define USUAL_MODPROBE "/sbin/modprobe"

/* The kernel's own: PATH is for whoever called us, and may lead to a folder of others. */
static void find_modprobe(char path[PATH_MAX])
{
	char named[PATH_MAX + 32];

	snprintf(named, sizeof(named), "%s/sys/kernel/modprobe", fp_path_proc());
	if (fp_file_line(named, path, PATH_MAX) || *path != '/')
		snprintf(path, PATH_MAX, "%s", USUAL_MODPROBE);
}

/* The first line of what it says, up to its end. */
static void listen_to(int fd, char *said, size_t size)
{
	size_t n = 0;
	char rest;

	while (n < size - 1 && read(fd, said + n, 1) == 1)
		n++;
	said[n] = '\0';
	said[strcspn(said, "\n")] = '\0';
	while (read(fd, &rest, 1) == 1)
		;
}

static int start_modprobe(pid_t *child, int says)
{
	char program[PATH_MAX], quiet[] = "-q", module[] = "fencepost";
	char *const arguments[] = { program, quiet, module, NULL };
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	find_modprobe(program);
	posix_spawn_file_actions_adddup2(&actions, says, STDERR_FILENO);
	err = posix_spawn(child, program, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/* Whether it worked; why not, if modprobe has said it: it is quiet where it knows none. */
static int run_modprobe(char *why, size_t size)
{
	int ends[2], status = -1, err;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	err = start_modprobe(&child, ends[1]);
	close(ends[1]);
	if (!err) {
		listen_to(ends[0], why, size);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		err = WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ENOENT;
	}
	close(ends[0]);
	return err;
}

/* What root puts into the kernel is nothing that anybody could have written. */
static int check_file(int fd, const char *path, char *why, size_t size)
{
	struct stat st;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !(st.st_mode & S_IWOTH))
		return 0;
	snprintf(why, size, "%s %s", path,
		 S_ISREG(st.st_mode) ? "can be written by everybody; it is not loaded"
				     : "is no file of a module");
	return -EPERM;
}

static int insert(int fd, const char *path, char *why, size_t size)
{
	int err = check_file(fd, path, why, size);

	if (err || !syscall(SYS_finit_module, fd, "", 0) || errno == EEXIST)
		return err;
	err = -errno;
	snprintf(why, size, "%s: %s%s", path, strerror(-err),
		 err == -ENOEXEC ? "; it was built for another kernel" : "");
	return err;
}

/* A folder: what is built in it. */
static int load_file(const char *named, char *why, size_t size)
{
	struct stat st;
	char *path;
	int fd, err;

	if (asprintf(&path, "%s%s", named,
		     !stat(named, &st) && S_ISDIR(st.st_mode) ? "/fencepost.ko" : "") < 0)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		snprintf(why, size, "%s: %s", path, strerror(-err));
	} else {
		err = insert(fd, path, why, size);
		close(fd);
	}
	free(path);
	return err;
}

static int load(char *why, size_t size)
{
	const char *built = getenv("FENCEPOST_KMOD");

	*why = '\0';
	if (!run_modprobe(why, size))
		return 0;
	if (built && *built)
		return load_file(built, why, size);
	if (!*why)
		snprintf(why, size,
			 "modprobe knows none; build it as doc/kernel-module.md says, and name it "
			 "with FENCEPOST_KMOD=kmod/fencepost.ko");
	return -ENOENT;
}

const struct fp_binder fp_binder_system = {
	.write = fp_file_put,
	.load = load,
};
