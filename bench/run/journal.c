// SPDX-License-Identifier: MIT
#include "run/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"

#define VERSION 1
/* Of a time in ns: a thousandth of what results.json keeps. */
#define LINE_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))

/* ---- writing ---- */

/*
 * In one write, so that lines of several processes do not mix.  What it leaves over, on a
 * disk that is full, a second one says why.
 */
static int write_line(int fd, char *text)
{
	size_t length = strlen(text) + 1, done = 0;

	text[length - 1] = '\n';
	while (done < length) {
		ssize_t written = write(fd, text + done, length - done);

		if (written < 0 && errno != EINTR)
			return -errno;
		done += written > 0 ? (size_t)written : 0;
	}
	return 0;
}

/* Takes the line. */
static int put(const struct fp_journal *journal, json_t *line)
{
	char *text = line ? json_dumps(line, LINE_FLAGS) : NULL;
	int err = text ? write_line(journal->fd, text) : -ENOMEM;

	json_decref(line);
	free(text);
	return err;
}

static void give_up(struct fp_journal *journal)
{
	unlinkat(journal->folder, FP_JOURNAL, 0);
	fp_journal_close(journal);
}

static int put_or_give_up(struct fp_journal *journal, json_t *line)
{
	int err = put(journal, line);

	if (err)
		give_up(journal);
	return err;
}

int fp_journal_begin(struct fp_journal *journal, int folder, const json_t *document, size_t turns)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	*journal = (struct fp_journal){ folder, openat(folder, FP_JOURNAL, flags, 0600) };
	if (journal->fd < 0)
		return -errno;
	return put_or_give_up(journal, json_pack("{s:i, s:O, s:I}", "journal", VERSION, "document",
						 document, "turns", (json_int_t)turns));
}

static json_t *times(const struct fp_samples *samples, size_t first, bool base)
{
	json_t *all = json_array();

	for (size_t i = first; i < samples->n; i++) {
		const struct fp_sample *s = &samples->all[i];

		if (json_array_append_new(all, json_real(base ? s->base : s->measured))) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

static json_t *counts(const double events[FP_COUNTERS])
{
	unsigned long refused = fp_json_refusals();
	json_t *all = json_array();

	for (size_t i = 0; i < FP_COUNTERS; i++)
		json_array_append_new(all, isfinite(events[i]) ? json_real(events[i])
								: json_null());
	if (fp_json_refusals() == refused)
		return all;
	json_decref(all);
	return NULL;
}

int fp_journal_block(struct fp_journal *journal, size_t number, const struct fp_row *row,
		     size_t first, bool cycles)
{
	const struct fp_samples *s = &row->outcome.samples;
	bool any = cycles && first < s->n;

	if (journal->fd < 0)
		return 0;
	return put_or_give_up(
		journal, json_pack("{s:I, s:o, s:o, s:I, s:f, s:o}", "row", (json_int_t)number,
				   "measured", times(s, first, false), "base",
				   times(s, first, true), "dropped", (json_int_t)s->dropped,
				   "cycles_per_ns", any ? s->all[first].cycles_per_ns : 0.0,
				   "counts", counts(row->outcome.counts)));
}

int fp_journal_status(struct fp_journal *journal, size_t number, const struct fp_row *row)
{
	if (journal->fd < 0)
		return 0;
	return put_or_give_up(journal, json_pack("{s:I, s:s, s:s}", "row", (json_int_t)number,
						 "status", fp_status_name(row->status), "reason",
						 row->reason));
}

void fp_journal_close(struct fp_journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = -1;
}

/* ---- reading ---- */

static int take_times(const json_t *line, struct fp_samples *samples)
{
	const json_t *measured = json_object_get(line, "measured");
	const json_t *base = json_object_get(line, "base");
	double cycles = json_number_value(json_object_get(line, "cycles_per_ns"));

	if (json_array_size(measured) != json_array_size(base))
		return -EBADMSG;
	for (size_t i = 0; i < json_array_size(measured); i++) {
		int err = fp_samples_add(samples, json_number_value(json_array_get(measured, i)),
					 json_number_value(json_array_get(base, i)));

		if (err)
			return err;
		samples->all[samples->n - 1].cycles_per_ns = cycles;
	}
	samples->dropped = (size_t)json_integer_value(json_object_get(line, "dropped"));
	samples->blocks++;
	return 0;
}

static void take_counts(const json_t *all, double events[FP_COUNTERS])
{
	for (size_t i = 0; i < FP_COUNTERS; i++) {
		const json_t *one = json_array_get(all, i);

		events[i] = json_is_number(one) ? json_number_value(one) : NAN;
	}
}

static int take_block(struct fp_record *record, struct fp_recorded *row, const json_t *line)
{
	int err = take_times(line, &row->outcome.samples);

	take_counts(json_object_get(line, "counts"), row->outcome.counts);
	record->blocks += !err;
	return err;
}

static int take_status(struct fp_recorded *row, const char *status, const json_t *line)
{
	const char *reason = json_string_value(json_object_get(line, "reason"));

	for (row->status = FP_UNSUPPORTED; row->status <= FP_FAILED; row->status++)
		if (!strcmp(status, fp_status_name(row->status)))
			break;
	if (row->status > FP_FAILED || !reason)
		return -EBADMSG;
	snprintf(row->reason, sizeof(row->reason), "%s", reason);
	row->has_status = true;
	return 0;
}

static int take_line(struct fp_record *record, const json_t *line)
{
	json_int_t number = json_integer_value(json_object_get(line, "row"));
	const char *status = json_string_value(json_object_get(line, "status"));
	struct fp_recorded *row;

	if (!json_is_object(line) || number < 0 || (size_t)number >= record->n)
		return -EBADMSG;
	row = &record->rows[number];
	return status ? take_status(row, status, line) : take_block(record, row, line);
}

static int take_first(struct fp_record *record, const json_t *line)
{
	const json_t *version = json_object_get(line, "journal");
	json_t *document = json_object_get(line, "document");

	if (json_is_integer(version) && json_integer_value(version) != VERSION)
		return -EPROTO;
	if (!json_is_integer(version) || !json_is_object(document))
		return -EBADMSG;
	record->document = json_incref(document);
	record->turns = (size_t)json_integer_value(json_object_get(line, "turns"));
	record->n = json_array_size(json_object_get(document, "benchmarks"));
	record->rows = calloc(record->n + 1, sizeof(*record->rows));
	for (size_t i = 0; record->rows && i < record->n; i++)
		fp_counters_none(record->rows[i].outcome.counts);
	return record->rows ? 0 : -ENOMEM;
}

/* What was not written to its end has no newline, or is no JSON. */
static json_t *read_line(FILE *stream, char **text, size_t *room)
{
	ssize_t length = getline(text, room, stream);

	if (length <= 0 || (*text)[length - 1] != '\n')
		return NULL;
	return json_loadb(*text, (size_t)length, 0, NULL);
}

static int read_lines(FILE *stream, struct fp_record *record)
{
	char *text = NULL;
	size_t room = 0;
	json_t *line = read_line(stream, &text, &room);
	int err = line ? take_first(record, line) : -EBADMSG;

	json_decref(line);
	while (!err && (line = read_line(stream, &text, &room))) {
		err = take_line(record, line);
		json_decref(line);
	}
	free(text);
	return err;
}

int fp_journal_read(int folder, struct fp_record *record)
{
	int fd = openat(folder, FP_JOURNAL, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), err;
	FILE *stream;

	*record = (struct fp_record){ 0 };
	if (fd < 0)
		return -errno;
	stream = fdopen(fd, "r");
	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	err = read_lines(stream, record);
	fclose(stream);
	if (err)
		fp_record_free(record);
	return err;
}

void fp_record_free(struct fp_record *record)
{
	for (size_t i = 0; record->rows && i < record->n; i++)
		fp_samples_free(&record->rows[i].outcome.samples);
	free(record->rows);
	json_decref(record->document);
	*record = (struct fp_record){ 0 };
}
