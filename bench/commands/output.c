// SPDX-License-Identifier: MIT
#include "commands/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"

#define MOST_IN_A_SECOND 100

static int refuse(const char *option, const char *path, int err)
{
	fp_error("%s%s: can't be written (%s); name another folder%s", option, path,
		 err == -ELOOP ? "a link stands in its place" : strerror(-err),
		 *option ? "" : " with --output");
	return FP_EXIT_OUTPUT;
}

/* What an earlier run calls plots/ must be a folder of its own, wherever a link leads. */
static int check_plots(int folder)
{
	int plots = fp_folder_open_at(folder, "plots");

	if (plots < 0)
		return plots == -ENOENT ? 0 : plots;
	close(plots);
	return 0;
}

/* Permissions are not enough to ask for: root passes them on a read-only file system. */
static int enter(struct fp_output *o)
{
	int err;

	fp_recover(o->folder, o->path);
	err = check_plots(o->folder);
	return err ? err : fp_stage_make(&o->stage, o->folder);
}

static int use(struct fp_output *o, const char *path)
{
	int err;

	o->path = strdup(path);
	if (!o->path)
		return refuse("--output ", path, -ENOMEM);
	o->made = access(path, F_OK) != 0;
	err = *path ? fp_folder_make(path) : -ENOENT;
	if (!err) {
		o->folder = fp_folder_open(path);
		err = o->folder < 0 ? o->folder : enter(o);
	}
	return err ? refuse("--output ", *path ? path : "''", err) : 0;
}

/* ---- out/<UTC> ---- */

/* Of a folder that is used: links, as "latest", are not followed. */
static int recover_in(int all, const char *name, void *root)
{
	int folder = fp_folder_open_at(all, name);
	char *path;

	if (folder < 0)
		return 0;
	if (asprintf(&path, "%s/%s", (const char *)root, name) >= 0) {
		fp_recover(folder, path);
		free(path);
	}
	close(folder);
	return 0;
}

/* A second run in the same second gets a number behind it. */
static int make_named(struct fp_output *o, const char *root, const char *utc, int number)
{
	char behind[16] = "";

	if (number > 1)
		snprintf(behind, sizeof(behind), "-%d", number);
	free(o->path);
	if (asprintf(&o->path, "%s/%s%s", root, utc, behind) < 0) {
		o->path = NULL;
		return -ENOMEM;
	}
	return mkdirat(o->all, strrchr(o->path, '/') + 1, 0777) ? -errno : 0;
}

static int make_new(struct fp_output *o, const char *root)
{
	time_t now = time(NULL);
	int err = -EEXIST;
	char utc[32];

	strftime(utc, sizeof(utc), "%Y%m%dT%H%M%SZ", gmtime(&now));
	for (int i = 1; err == -EEXIST && i < MOST_IN_A_SECOND; i++)
		err = make_named(o, root, utc, i);
	if (err)
		return err;
	o->made = true;
	o->folder = fp_folder_open_at(o->all, strrchr(o->path, '/') + 1);
	return o->folder < 0 ? o->folder : enter(o);
}

static int use_default(struct fp_output *o)
{
	const char *named = getenv("FENCEPOST_OUT"), *root = named && *named ? named : "out";
	int err = fp_folder_make(root);

	o->is_default = true;
	if (!err) {
		o->all = fp_folder_open(root);
		err = o->all < 0 ? o->all : 0;
	}
	if (!err) {
		fp_folder_each(o->all, recover_in, (void *)(uintptr_t)root);
		err = make_new(o, root);
	}
	return err ? refuse("", o->path ? o->path : root, err) : 0;
}

/* ---- */

int fp_output_open(struct fp_output *o, const char *asked)
{
	*o = (struct fp_output){ .all = -1, .folder = -1, .stage = { .fd = -1 } };
	return asked ? use(o, asked) : use_default(o);
}

int fp_output_publish(const struct fp_output *o)
{
	return fp_publish(o->folder, o->stage.fd);
}

int fp_output_latest(const struct fp_output *o)
{
	static const char name[] = "latest";

	if (!o->is_default)
		return 0;
	if (symlinkat(strrchr(o->path, '/') + 1, o->stage.fd, name) ||
	    renameat(o->stage.fd, name, o->all, name))
		return -errno;
	return 0;
}

void fp_output_close(struct fp_output *o, bool keep)
{
	if (keep)
		fp_stage_leave(&o->stage);
	else
		fp_stage_remove(&o->stage);
	/* It stays where there is anything in it. */
	if (o->made && o->path)
		rmdir(o->path);
	if (o->folder >= 0)
		close(o->folder);
	if (o->all >= 0)
		close(o->all);
	free(o->path);
	*o = (struct fp_output){ .all = -1, .folder = -1, .stage = { .fd = -1 } };
}
