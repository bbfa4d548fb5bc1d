// SPDX-License-Identifier: MIT
/* Finishes what a run that was killed has left: its journal becomes results. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "commands/deliver.h"
#include "commands/output.h"
#include "results/results.h"

/* Its results are whole: what is made of them may not be. */
static int publish(const json_t *root, const struct fp_stage *stage, const char *path)
{
	/* The results are worth having without pictures. */
	fp_deliver_views(root, stage, path);
	return fp_publish(stage->folder, stage->fd);
}

static int publish_record(struct fp_record *record, const struct fp_stage *stage,
			  const char *path)
{
	int err = fp_results_recover(record);

	if (!err)
		err = fp_deliver_results(record->document, stage->fd);
	return err ? err : publish(record->document, stage, path);
}

static void say_why_not(const char *path, const struct fp_stage *stage, int err)
{
	if (err == -EPROTO)
		fp_error("warning: %s: another version of fencepost was killed there: start that "
			 "one to have its results, or remove %s/%s", path, path, stage->name);
	else
		fp_error("warning: %s: what a run that was killed has measured can't be written "
			 "(%s); it stays in %s/%s, and is tried again by the next start", path,
			 err == -EBADMSG ? "its journal can't be read" : strerror(-err), path,
			 stage->name);
}

/* Killed while it drew: 1 where that is so and all is in its place, 0 where it is not so. */
static int finish_results(const struct fp_stage *stage, const char *path)
{
	int fd = openat(stage->fd, FP_RESULTS_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), err;
	json_t *root = fd < 0 ? NULL : json_loadfd(fd, 0, NULL);

	if (fd >= 0)
		close(fd);
	if (!root)
		return 0;
	err = publish(root, stage, path);
	json_decref(root);
	if (!err)
		fp_error("warning: %s: a run was killed there when all was measured: its results "
			 "are written", path);
	return err ? err : 1;
}

/* Killed while it measured.  0 also where there is nothing to finish. */
static int finish_journal(const struct fp_stage *stage, const char *path)
{
	struct fp_record record;
	int err = fp_journal_read(stage->fd, &record);

	if (err == -ENOENT)
		return 0;
	if (!err && record.blocks) {
		err = publish_record(&record, stage, path);
		if (!err)
			fp_error("warning: %s: a run was killed there after %zu of %zu blocks: "
				 "their results are written, as partial ones", path, record.blocks,
				 record.turns);
	}
	fp_record_free(&record);
	return err;
}

/* Whether the stage has nothing more to give. */
static bool finish(const struct fp_stage *stage, const char *path)
{
	int err = finish_results(stage, path);

	if (!err)
		err = finish_journal(stage, path);
	if (err < 0)
		say_why_not(path, stage, err);
	return err >= 0;
}

static int recover(int folder, const char *name, void *path)
{
	struct fp_stage stage;

	if (fp_stage_take(&stage, folder, name))
		return 0;
	if (finish(&stage, path))
		fp_stage_remove(&stage);
	else
		fp_stage_leave(&stage);
	return 0;
}

void fp_recover(int folder, const char *path)
{
	fp_folder_each(folder, recover, (void *)(uintptr_t)path);
}
