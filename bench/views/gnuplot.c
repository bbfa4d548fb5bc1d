// SPDX-License-Identifier: MIT
/* A data file becomes a picture; in an SVG each point says what it is, without any script. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/quote.h"
#include "base/tool.h"
#include "views/number.h"
#include "views/picture.h"
#include "views/views.h"

#define PICTURE_BYTES (512 * 1024) /* more than a picture takes */

/*
 * gnuplot has no way to quote a quote, and a line is a record.  A quote in a picture's text
 * could be taken for the end of an attribute, too.
 */
static char *make_text(char *text)
{
	for (char *c = fp_blank(text); *c; c++)
		if (*c == '"')
			*c = '\'';
	return text;
}

void picture_put(FILE *to, const char *text)
{
	char *copy = strdup(text);

	fprintf(to, "\"%s\"", copy ? make_text(copy) : "");
	free(copy);
}

/*
 * A full disk is the usual reason why there is only a part, which gnuplot does
 * not say: is there room for a picture beside it?
 */
static bool has_room(int folder)
{
	static const char beside[] = ".fencepost-room";
	bool room;
	int fd;

	fd = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	room = posix_fallocate(fd, 0, PICTURE_BYTES) != ENOSPC;
	close(fd);
	unlinkat(folder, beside, 0);
	return room;
}

/* gnuplot may exit with 0 although the disk was full: look whether the end is there. */
static bool is_whole(const struct fp_file *file, const char *end)
{
	size_t length = strlen(end), room = length + 16, got;
	int fd = fileno(file->stream);
	char tail[64];
	off_t bytes = lseek(fd, 0, SEEK_END);
	bool whole = false;

	if (lseek(fd, 0, SEEK_SET) || bytes < (off_t)room)
		return false;
	if (pread(fd, tail, room, bytes - (off_t)room) != (ssize_t)room)
		return false;
	for (got = 0; got <= room - length && !whole; got++)
		whole = !memcmp(tail + got, end, length);
	return whole;
}

static void put_hint(FILE *to, const struct doc *doc, const struct doc_row *row)
{
	char min[40], p50[40], p99[40];

	if (doc->emulated)
		fputs("emulated: ", to);
	fp_put_html(to, row->name);
	if (row->ran)
		fprintf(to, ": %s ns (p50 %s, p99 %s)", view_exact(row->ns_min, min, sizeof(min)),
			view_exact(row->ns_p50, p50, sizeof(p50)),
			view_exact(row->ns_p99, p99, sizeof(p99)));
	else
		fp_put_html(to, ": did not run");
}

/* What gnuplot writes for a point with text, which needs its scripts: the text is our number. */
static const char hint_begin[] = "onmousemove=\"gnuplot_svg.showHypertext(evt,'point ";
static const char hint_end[] = "<title> </title>";
static const char title_begin[] = "<title>", title_end[] = "</title>";

/* One tag or hint of gnuplot's at text; where to go on. */
static const char *put_tag(FILE *to, const char *text, const struct doc *doc, const char **title)
{
	const char *end;
	size_t point;

	if (!strncmp(text, hint_begin, strlen(hint_begin))) {
		point = strtoul(text + strlen(hint_begin), NULL, 10);
		end = strstr(text, hint_end);
		if (end && point < doc->n) {
			fputs("class=\"point\"><title>", to);
			put_hint(to, doc, &doc->rows[point]);
			fputs(title_end, to);
			return end + strlen(hint_end);
		}
	}
	end = strncmp(text, title_begin, strlen(title_begin)) ? NULL : strstr(text, title_end);
	if (!end) {
		fputc(*text, to);
		return text + 1;
	}
	/* The first is the picture's; those of plots are gnuplot's commands. */
	if (*title) {
		fputs(title_begin, to);
		fp_put_html(to, *title);
		fputs(title_end, to);
		*title = NULL;
	}
	return end + strlen(title_end);
}

/* Over what gnuplot wrote, in the same file. */
static int put_hints(struct fp_file *file, const struct doc *doc, const char *title)
{
	char *svg = view_read(file->folder, file->temporary);
	int ret = svg ? 0 : -EIO;

	if (!ret && ftruncate(fileno(file->stream), 0))
		ret = -errno;
	for (const char *at = svg; !ret && *at;)
		at = put_tag(file->stream, at, doc, &title);
	free(svg);
	return ret;
}

/* No shell, and no name but our own: what the results say is in arguments. */
static int run(const struct picture *p, const struct album *album, const char *output,
	       const char *terminal, const char *script, char *said, size_t n)
{
	char data[PICTURE_FILE], *words = NULL;
	const char *const argv[] = {"gnuplot", "-d",	  "-c",	       script,
				    data,      output,	  terminal,    p->title,
				    p->subtitle, p->notice, p->foot,   p->mode,
				    p->detail, NULL};
	const struct fp_tool gnuplot = {argv, album->folder, -1, STDERR_FILENO};
	size_t bytes;
	FILE *to = open_memstream(&words, &bytes);
	int ret = -ENOMEM;

	picture_file(p, "csv", data);
	if (to) {
		ret = fp_tool_run(&gnuplot, to, said, n);
		fclose(to);
	}
	/* It says more than how it ended. */
	if (ret == -EIO && words && *words)
		snprintf(said, n, "%.200s", fp_blank(words));
	free(words);
	return ret;
}

/* -ENOSPC where that is why, whatever gnuplot said. */
static int explain(int ret, const struct album *album, const char *path, const char *said)
{
	if (ret == -ENOENT) {
		snprintf(album->why, album->n, "%s", said);
	} else if (ret != -ETIMEDOUT && !has_room(album->folder)) {
		ret = -ENOSPC;
		snprintf(album->why, album->n, "%.300s/%s can't be written (%s)", album->name,
			 path, strerror(ENOSPC));
	} else {
		snprintf(album->why, album->n, "%.200s/%s: gnuplot could not draw it: %.200s",
			 album->name, path, said);
	}
	return ret;
}

static int fill(struct fp_file *file, const struct picture *p, const struct album *album,
		const char *terminal, const char *script, char *said, size_t n)
{
	bool svg = !strcmp(terminal, "svg");
	int ret = run(p, album, file->temporary, terminal, script, said, n);

	if (!ret && !is_whole(file, svg ? "</svg>" : "IEND"))
		ret = -EIO;
	if (!ret && svg)
		ret = put_hints(file, album->doc, p->title);
	return ret;
}

static int draw(const struct picture *p, const struct album *album, const char *terminal,
		const char *script)
{
	char path[PICTURE_FILE], said[512] = "";
	struct fp_file file;
	int ret = fp_file_open_at(&file, album->folder, picture_file(p, terminal, path));

	if (ret)
		return picture_no_file(album, ret, path);
	ret = fill(&file, p, album, terminal, script, said, sizeof(said));
	if (ret) {
		ret = explain(ret, album, path, said);
		fp_file_abandon(&file);
		return ret;
	}
	ret = fp_file_commit(&file);
	return ret ? picture_no_file(album, ret, path) : 0;
}

const char *picture_file(const struct picture *p, const char *end, char *buf)
{
	snprintf(buf, PICTURE_FILE, "%s.%s", p->name, end);
	return buf;
}

int picture_draw(struct picture *p, struct album *album)
{
	char script[PATH_MAX];
	int ret = view_data_file(p->script, script, sizeof(script), album->why, album->n);

	make_text(p->title);
	make_text(p->subtitle);
	make_text(p->notice);
	make_text(p->foot);
	make_text(p->detail);
	if (!ret)
		ret = draw(p, album, "svg", script);
	if (!ret)
		ret = draw(p, album, "png", script);
	album->made += !ret;
	return ret;
}
