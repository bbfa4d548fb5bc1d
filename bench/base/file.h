/* SPDX-License-Identifier: MIT */
/*
 * file.h - a file is there whole or not at all.
 *
 * What is written goes to a temporary name in the same folder, reaches the
 * disk (fsync: a full disk may only be noticed there) and is then renamed over
 * the old file.  A path that names a device, a pipe or a socket is written
 * straight: renaming over it would remove it.  Symbolic links are followed,
 * but for what is named in an open folder.
 *
 * A temporary file is locked (flock) as long as somebody writes it: what a process
 * that was killed has left of the same name is removed.
 *
 * Every function returns 0 or -errno.
 */
#ifndef FENCEPOST_FILE_H
#define FENCEPOST_FILE_H

#include <stddef.h>
#include <stdio.h>

struct fp_file {
	FILE *stream;	 /* write here */
	int folder;	 /* where the names below begin, as openat() has it */
	char *path;	 /* what it will be called */
	char *temporary; /* what it is called until then; NULL: written straight */
};

/* -ENOENT, -EACCES, -ENOSPC, ... as the folder says; -ENXIO: a pipe without a reader. */
int fp_file_open(struct fp_file *file, const char *path);

/*
 * The same for a name in an open folder, which stays open until the file is
 * committed.  Whatever has that name is replaced, a link too, and never written to:
 * who may write to the folder can't have us write elsewhere.  -EISDIR: a folder has it.
 */
int fp_file_open_at(struct fp_file *file, int folder, const char *name);

/*
 * Flushes, syncs, closes, renames.  After an error the old file is as it was
 * and nothing is left over; the struct is empty either way.
 */
int fp_file_commit(struct fp_file *file);

/* Closes and removes the temporary file; harmless after a commit. */
void fp_file_abandon(struct fp_file *file);

/* Reads all of a file; *text is to be freed and ends with a NUL that *bytes does not count. */
int fp_file_read(const char *path, char **text, size_t *bytes);

/* The first line of a file, as far as it fits; "" of one that is empty. */
int fp_file_line(const char *path, char *to, size_t size);

/* Into a file that is there, by one write: sysfs takes each as a whole. */
int fp_file_put(const char *path, const char *text);

#endif
