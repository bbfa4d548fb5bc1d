// SPDX-License-Identifier: MIT
/*
 * What a run has made takes the place of what an earlier one has left in a folder.
 *
 * First goes what is made of results, then come the new results, at last what is made
 * of these: whenever the process is ended, no report stands beside results that it does
 * not show.  plots/files.txt lists what is ours, so that no other file is removed.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "commands/output.h"

#define PLOTS  "plots"
#define REPORT "report.html"
#define LIST   "files.txt"

/* As views name what they draw; nothing else is removed, whatever a list says. */
static bool is_picture(const char *name)
{
	static const char *const ends[] = { ".svg", ".png", ".csv" };
	size_t stem = strcspn(name, ".");

	for (size_t i = 0; i < stem; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
			return false;
	for (size_t i = 0; stem && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!strcmp(name + stem, ends[i]))
			return true;
	return false;
}

/* ---- what an earlier run has left ---- */

static int unlink_picture(int plots, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (is_picture(line) && unlinkat(plots, line, 0) && errno != ENOENT)
		return -errno;
	return 0;
}

static int remove_listed(int plots, FILE *list)
{
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	while (!err && getline(&line, &room, list) > 0)
		err = unlink_picture(plots, line);
	free(line);
	return err;
}

static int remove_pictures(int plots)
{
	int fd = openat(plots, LIST, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), err;
	FILE *list = fd < 0 ? NULL : fdopen(fd, "r");

	if (!list) {
		if (fd >= 0)
			close(fd);
		return fd < 0 && errno == ENOENT ? 0 : -errno;
	}
	err = remove_listed(plots, list);
	fclose(list);
	if (!err && unlinkat(plots, LIST, 0))
		err = -errno;
	return err;
}

static int remove_old(int folder, int plots)
{
	if (unlinkat(folder, REPORT, 0) && errno != ENOENT)
		return -errno;
	return remove_pictures(plots);
}

/* ---- what this one has made ---- */

static int has_one(int staged, const char *name, void *argument)
{
	(void)staged;
	(void)argument;
	return is_picture(name);
}

static int list_one(int staged, const char *name, void *list)
{
	(void)staged;
	if (is_picture(name))
		fprintf(list, "%s\n", name);
	return 0;
}

/* Before the pictures move: what is not there yet is listed, never the other way round. */
static int write_list(int staged, int plots)
{
	struct fp_file file;
	int err = fp_file_open_at(&file, plots, LIST);

	if (err)
		return err;
	err = fp_folder_each(staged, list_one, file.stream);
	if (!err)
		return fp_file_commit(&file);
	fp_file_abandon(&file);
	return err;
}

static int move_one(int staged, const char *name, void *to)
{
	const int *plots = to;

	if (is_picture(name) && renameat(staged, name, *plots, name))
		return -errno;
	return 0;
}

static int move_pictures(int stage, int plots)
{
	int staged = fp_folder_open_at(stage, PLOTS), err;

	/* There is none where no picture could be drawn. */
	if (staged < 0)
		return staged == -ENOENT ? 0 : staged;
	err = fp_folder_each(staged, has_one, NULL);
	if (err > 0)
		err = write_list(staged, plots);
	if (!err)
		err = fp_folder_each(staged, move_one, &plots);
	close(staged);
	return err;
}

static int move_file(int stage, int folder, const char *name)
{
	return renameat(stage, name, folder, name) ? -errno : 0;
}

static int move_all(int stage, int folder, int plots)
{
	int err = remove_old(folder, plots);

	if (!err)
		err = move_file(stage, folder, FP_RESULTS_FILE);
	if (!err)
		err = move_pictures(stage, plots);
	if (!err)
		err = move_file(stage, folder, REPORT);
	return err == -ENOENT ? 0 : err;
}

int fp_publish(int folder, int stage)
{
	int plots, err;

	if (faccessat(stage, FP_RESULTS_FILE, F_OK, 0))
		return -errno;
	if (mkdirat(folder, PLOTS, 0777) && errno != EEXIST)
		return -errno;
	plots = fp_folder_open_at(folder, PLOTS);
	if (plots < 0)
		return plots;
	err = move_all(stage, folder, plots);
	close(plots);
	return err;
}
