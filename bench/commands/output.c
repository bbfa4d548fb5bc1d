// SPDX-License-Identifier: MIT
/* The folder that results go to: made early, so that a run is not lost at its end. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "commands/session.h"

/* mkdir -p */
static int make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) && errno != EEXIST) {
			*slash = '/';
			return -errno;
		}
		*slash = '/';
	}
	return mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
}

/* Permissions are not enough to ask for: root passes them on a read-only file system. */
static int try_writing(const char *path)
{
	char probe[] = "/.fencepost-XXXXXX", *name = NULL;
	int fd, err = 0;

	if (asprintf(&name, "%s%s", path, probe) < 0)
		return -ENOMEM;
	fd = mkstemp(name);
	if (fd < 0) {
		err = -errno;
	} else {
		close(fd);
		unlink(name);
	}
	free(name);
	return err;
}

static int use(const char *path)
{
	char *copy = strdup(path);
	int err = copy ? make_folders(copy) : -ENOMEM;

	if (!err)
		err = try_writing(path);
	free(copy);
	if (!err)
		return 0;
	fp_error("--output %s: can't be written (%s); name another folder", path, strerror(-err));
	return FP_EXIT_OUTPUT;
}

/* out/<UTC>: a second run in the same second gets a number behind it. */
static int use_default(char **path)
{
	const char *root = getenv("FENCEPOST_OUT");
	char utc[32], *copy;
	time_t now = time(NULL);
	int err = 0;

	strftime(utc, sizeof(utc), "%Y%m%dT%H%M%SZ", gmtime(&now));
	copy = strdup(root ? root : "out");
	err = copy ? make_folders(copy) : -ENOMEM;
	for (int i = 1; (!err || err == -EEXIST) && i < 100; i++) {
		char number[8] = "";

		if (i > 1)
			snprintf(number, sizeof(number), "-%d", i);
		if (asprintf(path, "%s/%s%s", copy, utc, number) < 0) {
			*path = NULL;
			break;
		}
		err = mkdir(*path, 0777) ? -errno : 0;
		if (err != -EEXIST)
			break;
		free(*path);
		*path = NULL;
	}
	free(copy);
	if (!*path && !err)
		err = -ENOMEM;
	if (err)
		fp_error("%s: can't be made (%s); name a folder with --output",
			 *path ? *path : root ? root : "out", strerror(-err));
	return err ? FP_EXIT_OUTPUT : 0;
}

int fp_output_folder(const char *asked, char **path)
{
	*path = NULL;
	if (!asked)
		return use_default(path);
	*path = strdup(asked);
	return *path ? use(*path) : FP_EXIT_OUTPUT;
}

/* The link out/latest, by rename, so that it is never missing. */
int fp_output_latest(const char *path)
{
	char *folder = strdup(path), *name = strdup(path), *link = NULL, *temporary = NULL;
	int err = -ENOMEM;

	if (folder && name && asprintf(&link, "%s/latest", dirname(folder)) > 0 &&
	    asprintf(&temporary, "%s.%ld", link, (long)getpid()) > 0) {
		err = symlink(basename(name), temporary) || rename(temporary, link) ? -errno : 0;
		if (err)
			unlink(temporary);
	}
	free(temporary);
	free(link);
	free(name);
	free(folder);
	return err;
}
