// SPDX-License-Identifier: MIT
#include "machine/binding.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "machine/pci.h"

#define HEAD	   "fencepost binding 1"
#define MOST_BYTES 512 /* a record has less than 200 */

/* A record, and what is wrong with it. */
struct record {
	const char *address;
	char *why;
	size_t size;
};

static int wrong(const struct record *r, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong(const struct record *r, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->why, r->size, format, args);
	va_end(args);
	return err;
}

static bool is_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == '/')
			return false;
	return length && length < FP_DRIVER_NAME && strcmp(text, ".") && strcmp(text, "..") &&
	       text[0] != ' ' && text[length - 1] != ' ';
}

int fp_driver_name(const char *text, char name[FP_DRIVER_NAME])
{
	size_t length = strnlen(text, FP_DRIVER_NAME);

	if (!is_name(text, length))
		return -EPROTO;
	memcpy(name, text, length + 1);
	return 0;
}

/* ---- whom it is from ---- */

/* NULL if nobody else can have written it, else what allows that. */
static const char *not_ours(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return "can't be looked at";
	if (st.st_uid && st.st_uid != geteuid())
		return "belongs to another user";
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return "can be written by other users";
	return NULL;
}

/* Its folder, or -errno. */
static int open_folder(const struct record *r)
{
	int fd = open(fp_path_run(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const char *doubt;

	if (fd < 0)
		return wrong(r, -errno, "%s can't be opened (%s)", fp_path_run(), strerror(errno));
	doubt = not_ours(fd);
	if (!doubt)
		return fd;
	close(fd);
	return wrong(r, -EPERM, "%s %s: what it says of drivers is not taken", fp_path_run(),
		     doubt);
}

static int check_file(const struct record *r, int fd)
{
	const char *doubt = not_ours(fd);
	struct stat st;

	if (!doubt && (fstat(fd, &st) || !S_ISREG(st.st_mode)))
		doubt = "is no plain file";
	return !doubt ? 0 : wrong(r, -EPERM, "%s/%s %s: what it says of drivers is not taken",
				  fp_path_run(), r->address, doubt);
}

/* ---- reading ---- */

static int bad_line(const struct record *r, unsigned line, const char *what)
{
	return wrong(r, -EPROTO, "%s/%s, line %u: %s", fp_path_run(), r->address, line, what);
}

static const char *behind(const char *line, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(line, word, length) && line[length] == ' ' ? line + length + 1 : NULL;
}

static bool is_bar(const char *text)
{
	return text && text[0] >= '0' && text[0] < '0' + FP_PCI_BARS && !text[1];
}

static int take_name(const struct record *r, unsigned line, const char *text, char *name)
{
	return fp_driver_name(text, name) ? bad_line(r, line, "this is no name of a driver") : 0;
}

static int take_line(const struct record *r, unsigned line, const char *text,
		     struct fp_binding *b)
{
	const char *value;

	if (line == 1)
		return strcmp(text, HEAD) ? bad_line(r, line, "\"" HEAD "\" is expected") : 0;
	value = behind(text, "bar");
	if (line == 2 && !is_bar(value))
		return bad_line(r, line, "\"bar\" and its number are expected");
	if (line == 2) {
		b->bar = (unsigned)(*value - '0');
		return 0;
	}
	value = behind(text, "driver");
	if (line == 3 && value)
		return take_name(r, line, value, b->driver);
	value = behind(text, "driver_override");
	if (value && !*b->driver_override)
		return take_name(r, line, value, b->driver_override);
	return bad_line(r, line, "nothing of that kind is expected");
}

/* Each line ends in a newline, and there is no other byte of control. */
static int parse(const struct record *r, char *text, size_t bytes, struct fp_binding *b)
{
	unsigned line = 0;
	int err = 0;

	for (char *end, *at = text; !err && at < text + bytes; at = end + 1) {
		end = memchr(at, '\n', bytes - (size_t)(at - text));
		line++;
		if (!end || memchr(at, '\0', (size_t)(end - at)))
			return bad_line(r, line, end ? "it has a zero byte" : "it breaks off");
		*end = '\0';
		err = take_line(r, line, at, b);
	}
	return !err && line < 2 ? bad_line(r, line + 1, "the file ends too early") : err;
}

static int read_record(const struct record *r, int fd, struct fp_binding *b)
{
	char text[MOST_BYTES];
	int err = check_file(r, fd);
	ssize_t bytes;

	if (err)
		return err;
	bytes = read(fd, text, sizeof(text));
	if (bytes < 0)
		return wrong(r, -errno, "%s/%s can't be read (%s)", fp_path_run(), r->address,
			     strerror(errno));
	if (bytes == sizeof(text))
		return wrong(r, -EPROTO, "%s/%s is too long to be a record of a device",
			     fp_path_run(), r->address);
	return parse(r, text, (size_t)bytes, b);
}

int fp_binding_read(const char *address, struct fp_binding *b, char *why, size_t size)
{
	const struct record r = { .address = address, .why = why, .size = size };
	int folder = open_folder(&r), fd, err;

	memset(b, 0, sizeof(*b));
	if (folder < 0)
		return folder;
	fd = openat(folder, address, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	err = fd < 0 ? wrong(&r, -errno, "%s/%s can't be opened (%s)", fp_path_run(), address,
			     errno == ELOOP ? "it is a link" : strerror(errno))
		     : read_record(&r, fd, b);
	if (fd >= 0)
		close(fd);
	close(folder);
	if (err)
		memset(b, 0, sizeof(*b));
	return err;
}

/* ---- writing ---- */

static int put_record(int folder, const char *address, const struct fp_binding *b)
{
	struct fp_file file;
	int err = fp_file_open_at(&file, folder, address);

	if (err)
		return err;
	fprintf(file.stream, HEAD "\nbar %u\n", b->bar);
	if (*b->driver)
		fprintf(file.stream, "driver %s\n", b->driver);
	if (*b->driver_override)
		fprintf(file.stream, "driver_override %s\n", b->driver_override);
	/* Plain users' runs read which BAR was chosen. */
	if (!fchmod(fileno(file.stream), 0644))
		return fp_file_commit(&file);
	err = -errno;
	fp_file_abandon(&file);
	return err;
}

int fp_binding_write(const char *address, const struct fp_binding *b, char *why, size_t size)
{
	const struct record r = { .address = address, .why = why, .size = size };
	/* Not even for a moment: who has a file open goes on to write it. */
	mode_t mask = umask(022);
	int folder, err;

	mkdir(fp_path_run(), 0755);
	folder = open_folder(&r);
	err = folder < 0 ? folder : put_record(folder, address, b);
	umask(mask);
	if (folder >= 0 && err)
		wrong(&r, err, "%s/%s can't be written (%s)", fp_path_run(), address,
		      strerror(-err));
	if (folder >= 0)
		close(folder);
	return err;
}

void fp_binding_remove(const char *address)
{
	char why[8];
	const struct record r = { .address = address, .why = why, .size = sizeof(why) };
	int folder = open_folder(&r);

	if (folder < 0)
		return;
	unlinkat(folder, address, 0);
	close(folder);
}
