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

extern char **environ;

/* Quietly: whether it worked is all that is asked. */
static int run_modprobe(void)
{
	char program[] = "modprobe", quiet[] = "-q", module[] = "fencepost";
	char *const arguments[] = { program, quiet, module, NULL };
	posix_spawn_file_actions_t actions;
	int status = -1, err;
	pid_t child;

	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	err = posix_spawnp(&child, program, &actions, NULL, arguments, environ);
	/* Root's own folders are not in everybody's PATH. */
	if (err == ENOENT)
		err = posix_spawn(&child, "/sbin/modprobe", &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		return -err;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ENOENT;
}

/* A folder: what is built in it. */
static int load_file(const char *named, char *why, size_t size)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s%s", named,
		 !stat(named, &st) && S_ISDIR(st.st_mode) ? "/fencepost.ko" : "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)) {
		err = -errno;
		snprintf(why, size, "%s: %s%s", path, strerror(errno),
			 errno == ENOEXEC ? "; it was built for another kernel" : "");
	}
	if (fd >= 0)
		close(fd);
	return err;
}

static int load(char *why, size_t size)
{
	const char *built = getenv("FENCEPOST_KMOD");

	if (!run_modprobe())
		return 0;
	if (built && *built)
		return load_file(built, why, size);
	snprintf(why, size,
		 "modprobe knows none; build it as doc/kernel-module.md says, and name it with "
		 "FENCEPOST_KMOD=kmod/fencepost.ko");
	return -ENOENT;
}

const struct fp_binder fp_binder_system = {
	.write = fp_file_put,
	.load = load,
};
