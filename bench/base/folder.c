// SPDX-License-Identifier: MIT
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/letters.h"

#define STAGE_PREFIX ".fencepost-run."
#define TRIES	     100

static int make_one(const char *path)
{
	return mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
}

int fp_folder_make(const char *path)
{
	char *copy = strdup(path), *slash;
	int err = copy ? 0 : -ENOMEM;

	for (slash = copy; !err && slash && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		err = make_one(copy);
		*slash = '/';
	}
	free(copy);
	return err ? err : make_one(path);
}

static int open_folder(int folder, const char *name, int flags)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

int fp_folder_open_at(int folder, const char *name)
{
	return open_folder(folder, name, O_NOFOLLOW);
}

int fp_folder_open(const char *path)
{
	return open_folder(AT_FDCWD, path, 0);
}

static bool is_entry(const char *name)
{
	return strcmp(name, ".") && strcmp(name, "..");
}

int fp_folder_each(int folder, int (*each)(int folder, const char *name, void *argument),
		   void *argument)
{
	int fd = open_folder(folder, ".", 0), err = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir && fd >= 0)
		close(fd);
	if (!dir)
		return fd < 0 ? fd : -ENOMEM;
	while (!err && (entry = readdir(dir)))
		if (is_entry(entry->d_name))
			err = each(folder, entry->d_name, argument);
	closedir(dir);
	return err;
}

static int remove_entry(int folder, const char *name, void *argument)
{
	(void)argument;
	if (!unlinkat(folder, name, 0))
		return 0;
	return errno == EISDIR || errno == EPERM ? fp_folder_remove(folder, name) : -errno;
}

int fp_folder_remove(int folder, const char *name)
{
	int fd = fp_folder_open_at(folder, name), err;

	if (fd < 0)
		return fd;
	err = fp_folder_each(fd, remove_entry, NULL);
	close(fd);
	if (!err && unlinkat(folder, name, AT_REMOVEDIR))
		err = -errno;
	return err;
}

/* ---- stages ---- */

/* Taken for one that was left, and removed, before it was held: it has no name any more. */
static bool is_gone(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && !st.st_nlink;
}

/* 0: held.  Where folders can't be locked nobody is known to be at work. */
static int hold(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return -EAGAIN;
	return is_gone(fd) ? -EAGAIN : 0;
}

static int open_held(struct fp_stage *stage)
{
	int err;

	stage->fd = fp_folder_open_at(stage->folder, stage->name);
	if (stage->fd < 0)
		return stage->fd;
	err = hold(stage->fd);
	if (err)
		fp_stage_leave(stage);
	return err;
}

static int make_stage(struct fp_stage *stage)
{
	char letters[FP_LETTERS + 1];

	snprintf(stage->name, sizeof(stage->name), STAGE_PREFIX "%s", fp_letters(letters));
	if (mkdirat(stage->folder, stage->name, 0700))
		return errno == EEXIST ? -EAGAIN : -errno;
	return open_held(stage);
}

int fp_stage_make(struct fp_stage *stage, int folder)
{
	int err = -EAGAIN;

	*stage = (struct fp_stage){ .folder = folder, .fd = -1 };
	for (int i = 0; i < TRIES && err == -EAGAIN; i++)
		err = make_stage(stage);
	return err;
}

static bool is_stage(const char *name)
{
	size_t prefix = strlen(STAGE_PREFIX);

	return !strncmp(name, STAGE_PREFIX, prefix) && strlen(name) == prefix + FP_LETTERS;
}

/* Made by this user, and nobody else can have put anything in it. */
static bool is_own(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_uid == geteuid() && !(st.st_mode & 077);
}

int fp_stage_take(struct fp_stage *stage, int folder, const char *name)
{
	int err;

	*stage = (struct fp_stage){ .folder = folder, .fd = -1 };
	if (!is_stage(name))
		return -ENOENT;
	snprintf(stage->name, sizeof(stage->name), "%s", name);
	err = open_held(stage);
	if (!err && !is_own(stage->fd)) {
		fp_stage_leave(stage);
		err = -ENOENT;
	}
	return err;
}

void fp_stage_leave(struct fp_stage *stage)
{
	if (stage->fd >= 0)
		close(stage->fd);
	stage->fd = -1;
}

void fp_stage_remove(struct fp_stage *stage)
{
	if (stage->fd < 0)
		return;
	fp_folder_remove(stage->folder, stage->name);
	fp_stage_leave(stage);
}
