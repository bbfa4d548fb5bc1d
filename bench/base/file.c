// SPDX-License-Identifier: MIT
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a link points, so that the link stays; a name that is not there yet stays as it is. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : strdup(path);
}

/* "folder/.name.XXXXXX": hidden, and beside its goal so that rename() can't cross file systems. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash + 1 - path) : 0;
	char *name;

	if (asprintf(&name, "%.*s.%s.XXXXXX", folder, path, path + folder) < 0)
		return NULL;
	return name;
}

/* mkstemp() makes files that only their owner can read; results are for everyone. */
static int usual_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask) ? -errno : 0;
}

static int open_temporary(struct fp_file *file)
{
	int fd, ret;

	file->temporary = temporary_name(file->path);
	if (!file->temporary)
		return -ENOMEM;
	fd = mkstemp(file->temporary);
	if (fd < 0) {
		ret = -errno;
		free(file->temporary);
		file->temporary = NULL;
		return ret;
	}
	ret = usual_mode(fd);
	file->stream = ret ? NULL : fdopen(fd, "w");
	if (!file->stream) {
		ret = ret ? ret : -errno;
		close(fd);
	}
	return ret;
}

static int open_straight(struct fp_file *file)
{
	file->stream = fopen(file->path, "we");
	return file->stream ? 0 : -errno;
}

int fp_file_open(struct fp_file *file, const char *path)
{
	struct stat st;
	int ret;

	memset(file, 0, sizeof(*file));
	file->path = resolve(path);
	if (!file->path)
		return -ENOMEM;
	if (stat(file->path, &st) || S_ISREG(st.st_mode))
		ret = open_temporary(file);
	else if (S_ISDIR(st.st_mode))
		ret = -EISDIR;
	else
		ret = open_straight(file);
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
		if (rename(file->temporary, file->path)) {
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
		unlink(file->temporary);
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
