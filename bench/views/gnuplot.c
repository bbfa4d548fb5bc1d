// SPDX-License-Identifier: MIT
/* A data file becomes a picture; in an SVG each point says what it is, without any script. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "views/number.h"
#include "views/picture.h"
#include "views/views.h"

extern char **environ;

#define PICTURE_BYTES (512 * 1024) /* more than a picture takes */

/* gnuplot has no way to quote a quote, and a line is a record. */
void picture_put(FILE *to, const char *text)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"')
			fputc('\'', to);
		else
			fputc((unsigned char)*text < ' ' ? ' ' : *text, to);
	}
	fputc('"', to);
}

static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ')
			*text = ' ';
}

/* The last words of a program that went wrong. */
static void read_words(int fd, char *words, size_t n)
{
	char drain[512];
	size_t used = 0;
	ssize_t got;

	while ((got = read(fd, drain, sizeof(drain))) > 0) {
		size_t take = (size_t)got < n - 1 - used ? (size_t)got : n - 1 - used;

		memcpy(words + used, drain, take);
		used += take;
	}
	words[used] = '\0';
	clean(words);
}

static int spawn(pid_t *child, const char *const argv[], const int words[2])
{
	posix_spawn_file_actions_t actions;
	int ret = posix_spawn_file_actions_init(&actions);

	if (ret)
		return -ret;
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, words[1], 2);
	ret = posix_spawnp(child, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -ret;
}

/* No shell: what the results say ends up in gnuplot's arguments as it is. */
static int run(const char *const argv[], char *said, size_t n)
{
	int words[2], status = 0, ret;
	pid_t child;

	*said = '\0';
	if (pipe2(words, O_CLOEXEC))
		return -errno;
	ret = spawn(&child, argv, words);
	close(words[1]);
	if (!ret) {
		read_words(words[0], said, n);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		ret = status ? -EIO : 0;
		/* Where spawning can't tell, the child ends as a shell's would. */
		if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
			ret = -ENOENT;
	}
	close(words[0]);
	return ret;
}

/*
 * A full disk is the usual reason why there is only a part, which gnuplot does
 * not say: is there room for a picture beside it?
 */
static bool has_room(const char *path)
{
	char beside[4400];
	bool room;
	int fd;

	snprintf(beside, sizeof(beside), "%s.room", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	room = posix_fallocate(fd, 0, PICTURE_BYTES) != ENOSPC;
	close(fd);
	unlink(beside);
	return room;
}

/* gnuplot may exit with 0 although the disk was full: look whether the end is there. */
static bool is_whole(const char *path, const char *end)
{
	char *text;
	size_t bytes, length = strlen(end);
	bool whole = false;

	if (fp_file_read(path, &text, &bytes))
		return false;
	for (size_t back = 0; back < 16 && bytes >= length + back && !whole; back++)
		whole = !memcmp(text + bytes - length - back, end, length);
	free(text);
	return whole;
}

static void put_markup(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '>')
			fputs("&gt;", to);
		else if (*text == '&')
			fputs("&amp;", to);
		else
			fputc((unsigned char)*text < ' ' ? ' ' : *text, to);
	}
}

static void put_hint(FILE *to, const struct doc *doc, const struct doc_row *row)
{
	char min[40], p50[40], p99[40];

	if (doc->emulated)
		fputs("emulated: ", to);
	put_markup(to, row->name);
	if (row->ran)
		fprintf(to, ": %s ns (p50 %s, p99 %s)", view_exact(row->ns_min, min, sizeof(min)),
			view_exact(row->ns_p50, p50, sizeof(p50)),
			view_exact(row->ns_p99, p99, sizeof(p99)));
	else
		put_markup(to, ": did not run");
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
		put_markup(to, *title);
		fputs(title_end, to);
		*title = NULL;
	}
	return end + strlen(title_end);
}

/* Over what gnuplot wrote, in the same file. */
static int put_hints(struct fp_file *file, const struct doc *doc, const char *title)
{
	char *svg;
	size_t bytes;
	int ret = fp_file_read(file->temporary, &svg, &bytes);

	if (ret)
		return ret;
	if (ftruncate(fileno(file->stream), 0))
		ret = -errno;
	for (const char *at = svg; !ret && *at;)
		at = put_tag(file->stream, at, doc, &title);
	free(svg);
	return ret;
}

/* -ENOSPC where that is why, whatever gnuplot said. */
static int explain(int ret, const char *path, const struct fp_file *file, const char *said,
		   char *why, size_t n)
{
	if (ret == -ENOENT) {
		snprintf(why, n, "gnuplot is not installed");
	} else if (!has_room(file->temporary)) {
		ret = -ENOSPC;
		snprintf(why, n, "%.400s can't be written (%s)", path, strerror(ENOSPC));
	} else {
		snprintf(why, n, "%.200s: gnuplot could not draw it: %s", path, said);
	}
	return ret;
}

static int draw(const struct picture *p, const struct album *album, const char *script,
		const char *data, const char *path, const char *terminal)
{
	char *why = album->why;
	size_t n = album->n;
	struct fp_file file;
	char said[256];
	int ret = fp_file_open(&file, path);
	bool svg = !strcmp(terminal, "svg");
	const char *const argv[] = {"gnuplot",	    "-d",     "-c",	 script,      data,
				    file.temporary, terminal, p->title,	 p->subtitle, p->notice,
				    p->foot,	    p->mode,  p->detail, NULL};

	if (ret || !file.temporary) {
		snprintf(why, n, "%.400s can't be written: %s", path, strerror(-ret));
		if (!ret)
			fp_file_abandon(&file);
		return ret ? (ret == -ENOENT ? -ENOTDIR : ret) : -EINVAL;
	}
	ret = run(argv, said, sizeof(said));
	if (!ret && !is_whole(file.temporary, svg ? "</svg>" : "IEND"))
		ret = -EIO;
	if (!ret && svg)
		ret = put_hints(&file, album->doc, p->title);
	if (ret) {
		ret = explain(ret, path, &file, said, why, n);
		fp_file_abandon(&file);
		return ret;
	}
	ret = fp_file_commit(&file);
	if (ret)
		snprintf(why, n, "%.400s can't be written: %s", path, strerror(-ret));
	return ret;
}

const char *picture_file(const struct picture *p, const struct album *album, const char *end,
			 char *buf, size_t n)
{
	snprintf(buf, n, "%s/%s.%s", album->dir, p->name, end);
	return buf;
}

int picture_draw(struct picture *p, struct album *album)
{
	static const char *const ends[] = {"svg", "png"};
	char data[4400], path[4400], script[4400];
	int ret = view_data_file(p->script, script, sizeof(script), album->why, album->n);

	clean(p->title);
	clean(p->subtitle);
	clean(p->foot);
	picture_file(p, album, "csv", data, sizeof(data));
	for (int i = 0; !ret && i < 2; i++) {
		picture_file(p, album, ends[i], path, sizeof(path));
		ret = draw(p, album, script, data, path, ends[i]);
	}
	album->made += !ret;
	return ret;
}
