// SPDX-License-Identifier: MIT
/* A file is there whole or not at all: full disks, closed folders, no leftovers. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tap.h"
#include "unit/scratch.h"

static char folder[SCRATCH_PATH];
static bool fsync_fails, fclose_fails;

/* These take the place of libc's, to show a disk that is full only at the end. */
int fsync(int fd)
{
	(void)fd;
	if (!fsync_fails)
		return 0;
	errno = ENOSPC;
	return -1;
}

int fclose(FILE *stream)
{
	int (*real)(FILE *) = (int (*)(FILE *))dlsym(RTLD_NEXT, "fclose");
	int ret = real(stream);

	if (!fclose_fails)
		return ret;
	errno = EDQUOT;
	return EOF;
}

static const char *in(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* Files in the folder, hidden ones too. */
static int count(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	return n;
}

static bool holds(const char *path, const char *expected)
{
	char *text;
	size_t bytes;
	bool same;

	if (fp_file_read(path, &text, &bytes))
		return false;
	same = bytes == strlen(expected) && !memcmp(text, expected, bytes);
	free(text);
	return same;
}

/* All of it at once. */
static int write_file(const char *path, const void *data, size_t bytes)
{
	struct fp_file file;
	int ret = fp_file_open(&file, path);

	if (ret)
		return ret;
	if (fwrite(data, 1, bytes, file.stream) != bytes) {
		ret = errno ? -errno : -EIO;
		fp_file_abandon(&file);
		return ret;
	}
	return fp_file_commit(&file);
}

static void test_write(void)
{
	struct stat st;

	umask(022);
	tap_is_int(write_file(in("a"), "one", 3), 0, "a new file is written");
	tap_ok(holds(in("a"), "one"), "and holds what was written");
	tap_ok(!stat(in("a"), &st) && (st.st_mode & 0777) == 0644,
	       "with the mode that umask gives");
	tap_is_int(write_file(in("a"), "two!", 4), 0, "an existing file is replaced");
	tap_ok(holds(in("a"), "two!"), "and holds the new text");
	tap_is_int(count(), 1, "no temporary file is left");
}

static void test_unseen_until_commit(void)
{
	struct fp_file file;

	tap_is_int(fp_file_open(&file, in("a")), 0, "open over an existing file");
	fputs("half", file.stream);
	fflush(file.stream);
	tap_ok(holds(in("a"), "two!"), "the old text stays until the commit");
	fp_file_abandon(&file);
	tap_ok(holds(in("a"), "two!"), "and after an abandon");
	tap_is_int(count(), 1, "an abandoned file leaves nothing");
	fp_file_abandon(&file);
}

static void test_link(void)
{
	struct stat st;
	char link[512];

	snprintf(link, sizeof(link), "%s", in("link"));
	tap_ok(!symlink("a", link), "a symbolic link to the file");
	tap_is_int(write_file(link, "three", 5), 0, "can be written through");
	tap_ok(!lstat(link, &st) && S_ISLNK(st.st_mode), "and stays a link");
	tap_ok(holds(in("a"), "three"), "to what was written");
	unlink(link);
}

static int write_at(int at, const char *name, const char *text)
{
	struct fp_file file;
	int ret = fp_file_open_at(&file, at, name);

	if (ret)
		return ret;
	fputs(text, file.stream);
	return fp_file_commit(&file);
}

static void test_open_folder(void)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	tap_ok(!symlink("a", in("link")), "a symbolic link in an open folder");
	tap_is_int(write_at(at, "link", "mine"), 0, "can be written over");
	tap_ok(!lstat(in("link"), &st) && S_ISREG(st.st_mode), "and is a file then");
	tap_ok(holds(in("link"), "mine"), "which holds what was written");
	tap_ok(holds(in("a"), "three"), "and what the link pointed to is as it was");
	unlink(in("link"));
	mkdir(in("link"), 0700);
	tap_is_int(write_at(at, "link", "mine"), -EISDIR, "a folder is not written over");
	rmdir(in("link"));
	close(at);
	tap_is_int(count(), 1, "nothing is left over");
}

/* As a process that was killed leaves them, and as one that is at work has them. */
static void test_left_over(void)
{
	static const char *const others[] = { ".fencepost-b.abcdef", ".fencepost-a.abcde",
					      "fencepost-a.abcdef", ".fencepost-a.abcdefg" };
	struct fp_file file;

	fclose(fopen(in(".fencepost-a.abcdef"), "w"));
	tap_is_int(fp_file_open(&file, in("a")), 0, "a file of whose name one was left");
	tap_is_int(count(), 2, "what was left is gone");
	tap_is_int(write_file(in("a"), "three", 5), 0, "while somebody writes it, another does");
	tap_is_int(count(), 2, "and leaves what is being written");
	fp_file_abandon(&file);
	for (int i = 0; i < 4; i++)
		fclose(fopen(in(others[i]), "w"));
	write_file(in("a"), "three", 5);
	tap_is_int(count(), 5, "no other file is taken for one that was left");
	for (int i = 0; i < 4; i++)
		unlink(in(others[i]));
}

static void test_long_name(void)
{
	char name[256];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	tap_is_int(write_file(in(name), "x", 1), 0, "the longest name can be written");
	unlink(in(name));
}

static void test_late_failures(void)
{
	fsync_fails = true;
	tap_is_int(write_file(in("a"), "no", 2), -ENOSPC,
		   "a disk that is full at fsync is noticed");
	fsync_fails = false;
	fclose_fails = true;
	tap_is_int(write_file(in("a"), "no", 2), -EDQUOT,
		   "a quota that is exceeded at close is noticed");
	fclose_fails = false;
	tap_ok(holds(in("a"), "three"), "the old text is still there");
	tap_is_int(count(), 1, "and nothing else");
}

static void test_write_failure(void)
{
	struct rlimit old, small = { .rlim_cur = 4096 };
	static char big[200000];
	struct fp_file file;
	int ret;

	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	ret = write_file(in("a"), big, sizeof(big));
	tap_is_int(ret, -EFBIG, "a write that fails is noticed");
	ret = fp_file_open(&file, in("a"));
	for (int i = 0; !ret && i < 20000; i++)
		fputs("in little pieces ", file.stream);
	ret = ret ? ret : fp_file_commit(&file);
	setrlimit(RLIMIT_FSIZE, &old);
	tap_is_int(ret, -EFBIG, "also where many small writes went before");
	tap_ok(holds(in("a"), "three"), "the old text is still there");
	tap_is_int(count(), 1, "and nothing else");
}

static void test_device(void)
{
	struct stat st;

	if (stat("/dev/full", &st)) {
		tap_skip("no /dev/full");
		return;
	}
	tap_is_int(write_file("/dev/full", "x", 1), -ENOSPC, "/dev/full is a full disk");
	tap_ok(!stat("/dev/full", &st) && S_ISCHR(st.st_mode), "and is still a device afterwards");
	tap_is_int(write_file("/dev/null", "x", 1), 0, "/dev/null takes everything");
}

static void test_folders(void)
{
	tap_is_int(write_file(in("absent/a"), "x", 1), -ENOENT, "a folder that is not there");
	tap_is_int(write_file(in("a/b"), "x", 1), -ENOTDIR, "a file is not a folder");
	tap_is_int(write_file(folder, "x", 1), -EISDIR, "a folder is not a file");
	/* Root may write everywhere; nobody else may write here. */
	chmod(folder, 0555);
	if (!geteuid() && seteuid(65534))
		perror("# seteuid");
	tap_is_int(write_file(in("c"), "x", 1), -EACCES, "a folder that can't be written");
	if (!getuid() && seteuid(0))
		perror("# seteuid");
	chmod(folder, 0700);
	tap_is_int(count(), 1, "nothing is left over");
}

static void test_read(void)
{
	static char big[200000];
	char *text;
	size_t bytes;

	memset(big, 'x', sizeof(big));
	tap_is_int(write_file(in("big"), big, sizeof(big)), 0, "a big file is written");
	tap_is_int(fp_file_read(in("big"), &text, &bytes), 0, "and read");
	tap_ok(bytes == sizeof(big) && !memcmp(text, big, bytes), "whole");
	free(text);
	tap_is_int(fp_file_read(in("none"), &text, &bytes), -ENOENT, "a file that is not there");
	tap_is_int(fp_file_read(folder, &text, &bytes), -EISDIR,
		   "a folder can't be read as a file");
	unlink(in("big"));
}

static void is_line(const char *content, const char *want, size_t size)
{
	char line[32] = "as it was";

	write_file(in("lines"), content, strlen(content));
	tap_is_int(fp_file_line(in("lines"), line, size), 0, "a first line is read");
	tap_is_str(line, want, "it is \"%s\"", want);
	unlink(in("lines"));
}

static void test_line(void)
{
	char line[8] = "before";

	is_line("one\ntwo\n", "one", 32);
	is_line("no end", "no end", 32);
	is_line("", "", 32);
	is_line("\nsecond", "", 32);
	is_line("longer than there is room", "longer ", 8);
	tap_is_int(fp_file_line(in("none"), line, sizeof(line)), -ENOENT, "no line of no file");
	tap_is_str(line, "", "and nothing of what was there before");
	tap_is_int(fp_file_line(folder, line, sizeof(line)), -EISDIR, "nor of a folder");
}

int main(void)
{
	if (!scratch_folder(folder))
		return 1;
	test_write();
	test_unseen_until_commit();
	test_link();
	test_open_folder();
	test_left_over();
	test_long_name();
	test_late_failures();
	test_write_failure();
	test_device();
	test_folders();
	test_read();
	test_line();
	unlink(in("a"));
	tap_is_int(rmdir(folder), 0, "the folder is empty in the end");
	return tap_done();
}
