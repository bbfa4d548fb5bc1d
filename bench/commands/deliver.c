// SPDX-License-Identifier: MIT
#include "commands/deliver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "run/journal.h"
#include "views/views.h"

static int refuse(const char *path, int err)
{
	fp_error("%s: can't be written (%s)", path, strerror(-err));
	return FP_EXIT_OUTPUT;
}

/* ---- --json ---- */

/* A pipe that nobody reads yet: a reader may be about to come. */
static int open_pipe(struct fp_file *file, const char *path)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	int err;

	fp_error("%s: waiting for a reader of this pipe", path);
	do {
		nanosleep(&pause, NULL);
		err = fp_file_open(file, path);
	} while (err == -ENXIO && !fp_interrupted);
	return err;
}

int fp_json_open(struct fp_json_file *json, const char *path)
{
	int err;

	*json = (struct fp_json_file){ .path = path && strcmp(path, "-") ? path : NULL };
	if (!json->path)
		return 0;
	err = fp_file_open(&json->file, path);
	if (err == -ENXIO)
		err = open_pipe(&json->file, path);
	if (err == -ENXIO)
		return FP_EXIT_INTERRUPTED;
	return err ? refuse(path, err) : 0;
}

static int put(const json_t *root, struct fp_file *file)
{
	char *text = json_dumps(root, FP_JSON_FLAGS);
	int err = text ? 0 : -ENOMEM;

	if (err) {
		fp_file_abandon(file);
		return err;
	}
	fprintf(file->stream, "%s\n", text);
	free(text);
	return fp_file_commit(file);
}

static int write_json(const json_t *root, struct fp_json_file *json)
{
	int err = json->path ? put(root, &json->file) : 0;

	return err ? refuse(json->path, err) : 0;
}

/* ---- standard output ---- */

static int width_of(FILE *to)
{
	struct winsize size;

	return ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 100;
}

static int print(const struct fp_options *o, const json_t *root)
{
	bool is_json = o->json && !strcmp(o->json, "-");
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	int err = fp_table_write(root, stdout, is_json ? FP_JSON : o->format, colour,
				 width_of(stdout));

	if (!err && fflush(stdout))
		err = -errno;
	return err ? refuse("standard output", err) : 0;
}

/* ---- the folder ---- */

/* Then the journal has no more to say, and would be taken for all that there is. */
int fp_deliver_results(const json_t *root, int stage)
{
	struct fp_file file;
	int err = fp_file_open_at(&file, stage, FP_RESULTS_FILE);

	if (!err)
		err = put(root, &file);
	if (!err && unlinkat(stage, FP_JOURNAL, 0) && errno != ENOENT)
		err = -errno;
	return err;
}

int fp_deliver_views(const json_t *root, const struct fp_stage *stage, const char *path)
{
	struct fp_views_result result = { .why = "" };
	int err = fp_views_write(root, stage->fd, path, &result);

	if (err == -ENOENT) {
		fp_error("warning: %s: no pictures (install gnuplot-nox)", result.why);
		return 0;
	}
	if (err && *result.why)
		fp_error("%s", result.why);
	else if (err)
		refuse(path, err);
	else if (*result.why)
		fp_error("warning: %s", result.why);
	return err ? FP_EXIT_OUTPUT : 0;
}

/* What could not be written stays in the stage, if it is there, and is written by a later start. */
static int keep(const struct fp_output *output, const char *file, int err, bool *kept)
{
	*kept = !faccessat(output->stage.fd, file, F_OK, 0);
	if (!*kept)
		return refuse(output->path, err);
	fp_error("%s: can't be written (%s); what was measured stays in %s/%s: make room, and the "
		 "next start writes it", output->path, strerror(-err), output->path,
		 output->stage.name);
	return FP_EXIT_OUTPUT;
}

static int write_results(const json_t *root, const struct fp_output *output, bool *kept)
{
	int err = fp_deliver_results(root, output->stage.fd);

	return err ? keep(output, FP_JOURNAL, err, kept) : 0;
}

/* drawn: what was said of pictures and report; where that is of a full disk it is said once. */
static int publish(const struct fp_output *output, int drawn, bool *kept)
{
	int err = fp_output_publish(output);

	*kept = err && !faccessat(output->stage.fd, FP_RESULTS_FILE, F_OK, 0);
	if (err && (*kept || !drawn))
		return keep(output, FP_RESULTS_FILE, err, kept);
	if (!err && isatty(STDERR_FILENO))
		fp_note("Written to %s (report.html, results.json, plots/)", output->path);
	return err ? FP_EXIT_OUTPUT : 0;
}

static void make_latest(const struct fp_output *output)
{
	int err = fp_output_latest(output);

	if (err)
		fp_error("warning: the link latest can't be moved to %s (%s)", output->path,
			 strerror(-err));
}

static bool is_partial(const json_t *root)
{
	const json_t *context = json_object_get(root, "context");

	return json_is_true(json_object_get(json_object_get(context, "fencepost"), "partial"));
}

static int first(int status, int next)
{
	return status ? status : next;
}

/* What is printed does not wait for pictures, and pictures not for a reader of what is printed. */
int fp_deliver(const struct fp_options *options, const json_t *root, struct fp_output *output,
	       struct fp_json_file *json, bool *kept)
{
	int written, drawn, status;

	*kept = false;
	written = write_results(root, output, kept);
	status = first(written, write_json(root, json));
	status = first(status, print(options, root));
	if (written)
		return status;
	drawn = fp_deliver_views(root, &output->stage, output->path);
	drawn = first(drawn, publish(output, drawn, kept));
	if (!drawn && !is_partial(root))
		make_latest(output);
	return first(status, drawn);
}
