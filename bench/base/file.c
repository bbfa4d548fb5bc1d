// SPDX-License-Identifier: MIT
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/letters.h"

#define PREFIX	    ".fencepost-"
#define NAME_BYTES  100u /* of a name that a temporary one repeats: NAME_MAX is near */
#define TRIES	    100u

/* Where a link points, so that the link stays; a name that is not there yet stays as it is. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : strdup(path);
}

/* Bytes of a path up to its name, the slash included. */
static int folder_bytes(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash + 1 - path) : 0;
}

/*
 * "folder/.fencepost-NAME.LETTERS": hidden, and beside its goal so that rename()
 * can't cross file systems.
 */
static char *temporary_name(const char *path)
{
	int folder = folder_bytes(path);
	char *name, letters[FP_LETTERS + 1];

	if (asprintf(&name, "%.*s" PREFIX "%.*s.%s", folder, path, (int)NAME_BYTES, path + folder,
		     fp_letters(letters)) < 0)
		return NULL;
	return name;
}

/* Whoever holds the lock of a temporary file is at work on it; where files have none, all are. */
static int hold(int fd)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return -EAGAIN;
	/* Taken for one that was left over, before it was held. */
	return !fstat(fd, &st) && !st.st_nlink ? -EAGAIN : 0;
}

/* A new file of that name, held; -EAGAIN: try another name. */
static int make(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return errno == EEXIST ? -EAGAIN : -errno;
	err = hold(fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int make_temporary(struct fp_file *file)
{
	int fd = -EAGAIN;

	for (unsigned i = 0; i < TRIES && fd == -EAGAIN; i++) {
		free(file->temporary);
		file->temporary = temporary_name(file->path);
		fd = file->temporary ? make(file->folder, file->temporary) : -ENOMEM;
	}
	if (fd < 0) {
		free(file->temporary);
		file->temporary = NULL;
	}
	return fd;
}

static int open_temporary(struct fp_file *file)
{
	int fd = make_temporary(file);

	if (fd < 0)
		return fd;
	file->stream = fdopen(fd, "w");
	if (file->stream)
		return 0;
	close(fd);
	return -ENOMEM;
}

/* ---- what processes that died have left ---- */

/* A temporary name of what is called so. */
static bool is_temporary(const char *entry, const char *name)
{
	size_t length = strnlen(name, NAME_BYTES), prefix = strlen(PREFIX);

	return !strncmp(entry, PREFIX, prefix) && !strncmp(entry + prefix, name, length) &&
	       entry[prefix + length] == '.' && strlen(entry) == prefix + length + 1 + FP_LETTERS;
}

/* Ours, and held by nobody. */
static bool is_left_over(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       !flock(fd, LOCK_EX | LOCK_NB);
}

static void remove_left_over(int folder, const char *entry)
{
	int fd = openat(folder, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (is_left_over(fd))
		unlinkat(folder, entry, 0);
	close(fd);
}

/* Temporary files of that name, of processes that were killed. */
static void tidy(int folder, const char *path)
{
	int bytes = folder_bytes(path), fd;
	char *where = bytes ? strndup(path, (size_t)bytes) : strdup(".");
	struct dirent *entry;
	DIR *dir;

	fd = where ? openat(folder, where, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	free(where);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (entry = readdir(dir)))
		if (is_temporary(entry->d_name, path + bytes))
			remove_left_over(fd, entry->d_name);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

/* ---- opening, committing ---- */

/* A pipe without a reader is -ENXIO at once; with one, writing waits for him. */
static int open_straight(struct fp_file *file)
{
	int fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	file->stream = fdopen(fd, "w");
	if (file->stream)
		return 0;
	close(fd);
	return -ENOMEM;
}

/* A name that is there and no folder is replaced. */
static int open_to_replace(struct fp_file *file)
{
	tidy(file->folder, file->path);
	return open_temporary(file);
}

int fp_file_open(struct fp_file *file, const char *path)
{
	struct stat st;
	int ret;

	*file = (struct fp_file){ .folder = AT_FDCWD, .path = resolve(path) };
	if (!file->path)
		return -ENOMEM;
	if (stat(file->path, &st) || S_ISREG(st.st_mode))
		ret = open_to_replace(file);
	else if (S_ISDIR(st.st_mode) || S_ISSOCK(st.st_mode))
		ret = S_ISDIR(st.st_mode) ? -EISDIR : -ENOTSUP;
	else
		ret = open_straight(file);
	if (ret)
		fp_file_abandon(file);
	return ret;
}

int fp_file_open_at(struct fp_file *file, int folder, const char *name)
{
	struct stat st;
	int ret;

	*file = (struct fp_file){ .folder = folder, .path = strdup(name) };
	if (!file->path)
		return -ENOMEM;
	if (!fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode))
		ret = -EISDIR;
	else
		ret = open_to_replace(file);
	if (ret)
		fp_file_abandon(file);
	return ret;
}

/* A terminal or a pipe can't be synced, which is no error. */
static int sync_stream(FILE *stream)
{
	if (ferror(stream))
		return errno ? -errno : -EIO;
	if (fflush(stream))
		return -errno;
	if (fsync(fileno(stream)) && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
		return -errno;
	return 0;
}

int fp_file_commit(struct fp_file *file)
{
	int ret = sync_stream(file->stream);

	if (fclose(file->stream) && !ret)
		ret = -errno;
	file->stream = NULL;
	if (!ret && file->temporary) {
		if (renameat(file->folder, file->temporary, file->folder, file->path)) {
			ret = -errno;
		} else {
			free(file->temporary);
			file->temporary = NULL;
		}
	}
	fp_file_abandon(file);
	return ret;
}

void fp_file_abandon(struct fp_file *file)
{
	if (file->stream)
		fclose(file->stream);
	if (file->temporary)
		unlinkat(file->folder, file->temporary, 0);
	free(file->temporary);
	free(file->path);
	memset(file, 0, sizeof(*file));
}

static int read_stream(FILE *stream, char **text, size_t *bytes)
{
	size_t room = 0, got;
	char *more;

	do {
		room += 65536;
		more = realloc(*text, room + 1);
		if (!more)
			return -ENOMEM;
		*text = more;
		got = fread(*text + *bytes, 1, room - *bytes, stream);
		*bytes += got;
	} while (*bytes == room);
	(*text)[*bytes] = '\0';
	return ferror(stream) ? -errno : 0;
}

int fp_file_read(const char *path, char **text, size_t *bytes)
{
	FILE *stream = fopen(path, "re");
	int ret;

	*text = NULL;
	*bytes = 0;
	if (!stream)
		return -errno;
	ret = read_stream(stream, text, bytes);
	fclose(stream);
	if (ret) {
		free(*text);
		*text = NULL;
	}
	return ret;
}

int fp_file_line(const char *path, char *to, size_t size)
{
	FILE *stream = fopen(path, "re");
	int ret;

	*to = '\0';
	if (!stream)
		return -errno;
	ret = fgets(to, (int)size, stream) || !ferror(stream) ? 0 : -errno;
	fclose(stream);
	to[strcspn(to, "\n")] = '\0';
	return ret;
}

int fp_file_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}
