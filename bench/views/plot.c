// SPDX-License-Identifier: MIT
/*
 * Heat maps: barriers down, conditions across.  What is drawn is first written
 * to a CSV file, which stays beside the picture: gnuplot gets no other figure.
 */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "internal.h"

extern char **environ;

/* Below this there is nothing to tell apart by colour, and no logarithm below zero. */
#define LEAST_SHADE 0.5
/* Between groups of columns, and below the base, in cells. */
#define GROUP_GAP 0.35

const char *view_plot_name(const struct view_matrix *m, char *buf, size_t n)
{
	snprintf(buf, n, "barrier-%s-%s", m->target, m->memory);
	for (char *c = buf; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			*c = '_';
	return buf;
}

/* gnuplot has no way to quote a quote, and a line is a record. */
#define PICTURE_BYTES (512 * 1024) /* more than a picture takes */

static void put(FILE *to, const char *text)
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

static double row_at(const struct view_matrix *m, size_t b)
{
	bool base = !strcmp(m->barriers[0], "none");

	return (double)b + (base && b ? GROUP_GAP : 0);
}

/* Where each condition's column is; conditions in which nothing ran have none: -1. */
static double *place_columns(const struct view_matrix *m, double *width)
{
	double *at = calloc(m->n_conditions, sizeof(*at)), x = 0;
	const struct view_condition *last = NULL;

	for (size_t c = 0; at && c < m->n_conditions; c++) {
		at[c] = -1;
		if (!m->conditions[c].ran)
			continue;
		if (last && !view_same_group(last, &m->conditions[c]))
			x += GROUP_GAP;
		at[c] = x++;
		last = &m->conditions[c];
	}
	*width = x;
	return at;
}

static void condition_text(const struct view_condition *c, char *buf, size_t n)
{
	if (!c->behind)
		snprintf(buf, n, "idle");
	else
		snprintf(buf, n, "%s x%ld next %s", c->kernel, c->behind,
			 c->next == VIEW_LOAD ? "load" : "store");
}

static void cell_text(const struct view_row *row, char *buf, size_t n)
{
	if (row->ran)
		view_short(row->ns_min, buf, n);
	else
		snprintf(buf, n, "%.7s", !strcmp(row->status, "unsupported") ? "n/a" : row->status);
}

/* kind 0: no figure; 1: base, which has no colour; 2: what the barrier adds. */
static void write_cell(FILE *to, const struct view_row *row, const struct view_condition *c,
		       double x, double y)
{
	double shade = row->ran && row->ns_min > LEAST_SHADE ? row->ns_min : LEAST_SHADE;
	int kind = !row->ran ? 0 : strcmp(row->barrier, "none") ? 2 : 1;
	char text[40], exact[40] = "", colour[40], condition[160];

	cell_text(row, text, sizeof(text));
	condition_text(c, condition, sizeof(condition));
	if (row->ran)
		view_exact(row->ns_min, exact, sizeof(exact));
	fprintf(to, "%.2f,%.2f,%s,%s,%d,", x, y, *exact ? exact : "NaN",
		view_exact(shade, colour, sizeof(colour)), kind);
	put(to, text);
	fputc(',', to);
	put(to, row->name);
	fputc(',', to);
	put(to, condition);
	fputc('\n', to);
}

static void write_cells(FILE *to, const struct view_matrix *m, const double *at)
{
	fputs("# cells: x,y,ns,shade,kind,text,row,condition\n", to);
	for (size_t b = 0; b < m->n_barriers; b++)
		for (size_t c = 0; c < m->n_conditions; c++)
			if (at[c] >= 0 && view_cell(m, b, c))
				write_cell(to, view_cell(m, b, c), &m->conditions[c], at[c],
					   row_at(m, b));
}

static void write_labels(FILE *to, const struct view_matrix *m, const double *at)
{
	char text[64];

	fputs("\n\n# barriers: y,text\n", to);
	for (size_t b = 0; b < m->n_barriers; b++) {
		bool base = !strcmp(m->barriers[b], "none");

		fprintf(to, "%.2f,", row_at(m, b));
		put(to, base ? "none: the base" : m->barriers[b]);
		fputc('\n', to);
	}
	fputs("\n\n# columns: x,text\n", to);
	for (size_t c = 0; c < m->n_conditions; c++) {
		if (at[c] < 0)
			continue;
		snprintf(text, sizeof(text), "x%ld", m->conditions[c].behind);
		fprintf(to, "%.2f,", at[c]);
		put(to, m->conditions[c].behind ? text : "");
		fputc('\n', to);
	}
}

static bool same_kernel(const struct view_condition *a, const struct view_condition *b)
{
	return !strcmp(a->kernel, b->kernel);
}

/* Neighbouring columns that are alike, with what stands above them. */
static void write_spans(FILE *to, const struct view_matrix *m, const double *at,
			bool (*alike)(const struct view_condition *, const struct view_condition *),
			const char *(*text)(const struct view_condition *))
{
	for (size_t c = 0, last; c < m->n_conditions; c = last + 1) {
		size_t next = last = c;

		if (at[c] < 0)
			continue;
		for (; next < m->n_conditions && alike(&m->conditions[c], &m->conditions[next]);
		     next++)
			if (at[next] >= 0)
				last = next;
		fprintf(to, "%.2f,%.2f,", at[c], at[last]);
		put(to, text(&m->conditions[c]));
		fputc('\n', to);
	}
}

static const char *next_text(const struct view_condition *c)
{
	if (!c->behind)
		return "idle";
	return c->next == VIEW_LOAD ? "then a load" : "then a store";
}

static const char *kernel_text(const struct view_condition *c)
{
	return c->behind ? c->kernel : "";
}

static int write_data(const char *path, const struct view_matrix *m)
{
	double width, *at = place_columns(m, &width);
	struct fp_file file;
	int ret;

	if (!at)
		return -ENOMEM;
	ret = fp_file_open(&file, path);
	if (ret)
		goto out;
	write_cells(file.stream, m, at);
	write_labels(file.stream, m, at);
	fputs("\n\n# groups: from,to,next\n", file.stream);
	write_spans(file.stream, m, at, view_same_group, next_text);
	fputs("\n\n# kernels: from,to,stores\n", file.stream);
	write_spans(file.stream, m, at, same_kernel, kernel_text);
	fprintf(file.stream, "\n\n# size in cells: width,height\n%.2f,%.2f\n", width,
		row_at(m, m->n_barriers - 1) + 1);
	ret = fp_file_commit(&file);
out:
	free(at);
	return ret;
}

/* ---- gnuplot ---- */

struct picture {
	char title[256], subtitle[640], notice[128], foot[256];
	const char *script, *data;
};

static void say(struct picture *p, const struct view *view, const struct view_matrix *m)
{
	const char *hypervisor = view_text(view->own, "hypervisor");
	char cpu[160], attribute[320];

	snprintf(p->title, sizeof(p->title), "What a barrier adds, in ns: %s",
		 view_cpu(view, cpu, sizeof(cpu)));
	snprintf(p->subtitle, sizeof(p->subtitle),
		 "target %s, memory type %s = %s; evidence: %s%s%s", m->target, m->memory,
		 view_attribute(m->sample, attribute, sizeof(attribute)),
		 view_text(view->own, "evidence"), strcmp(hypervisor, "none") ? ", guest of " : "",
		 strcmp(hypervisor, "none") ? hypervisor : "");
	snprintf(p->notice, sizeof(p->notice), "%s",
		 view->emulated ? "emulated: not a timing result" : "");
	snprintf(p->foot, sizeof(p->foot),
		 "Minimum. xN: behind N stores that miss, then the next "
		 "load or store. Grey: the base, without a barrier. n/a: this CPU lacks it.");
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

static int draw(const struct picture *p, const char *path, const char *terminal, char *why,
		size_t n)
{
	struct fp_file file;
	char said[256];
	int ret = fp_file_open(&file, path);
	const char *const argv[] = { "gnuplot",	  "-d",		  "-c",	    p->script,
				     p->data,	  file.temporary, terminal, p->title,
				     p->subtitle, p->notice,	  p->foot,  NULL };

	if (ret || !file.temporary) {
		snprintf(why, n, "%.400s can't be written: %s", path, strerror(-ret));
		if (!ret)
			fp_file_abandon(&file);
		return ret ? (ret == -ENOENT ? -ENOTDIR : ret) : -EINVAL;
	}
	ret = run(argv, said, sizeof(said));
	if (ret == -ENOENT)
		snprintf(why, n, "gnuplot is not installed");
	else if (!ret && !is_whole(file.temporary, strcmp(terminal, "svg") ? "IEND" : "</svg>"))
		ret = -EIO;
	if (ret && ret != -ENOENT && !has_room(file.temporary)) {
		ret = -ENOSPC;
		snprintf(why, n, "%.400s can't be written (%s)", path, strerror(ENOSPC));
	} else if (ret && ret != -ENOENT) {
		snprintf(why, n, "%.200s: gnuplot could not draw it: %s", path, said);
	}
	if (ret)
		fp_file_abandon(&file);
	else
		ret = fp_file_commit(&file);
	return ret;
}

static int plot(const struct view *view, const struct view_matrix *m, const char *dir, char *why,
		size_t n)
{
	char name[128], data[4400], path[4400], script[4400];
	struct picture p = { .script = script, .data = data };
	int ret = view_data_file("heatmap.gp", script, sizeof(script), why, n);

	if (ret)
		return ret;
	view_plot_name(m, name, sizeof(name));
	snprintf(data, sizeof(data), "%s/%s.csv", dir, name);
	ret = write_data(data, m);
	if (ret) {
		snprintf(why, n, "%.400s can't be written: %s", data, strerror(-ret));
		return ret == -ENOENT ? -ENOTDIR : ret;
	}
	say(&p, view, m);
	clean(p.title);
	clean(p.subtitle);
	snprintf(path, sizeof(path), "%s/%s.svg", dir, name);
	ret = draw(&p, path, "svg", why, n);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "%s/%s.png", dir, name);
	return draw(&p, path, "png", why, n);
}

static bool anything_ran(const struct view_matrix *m)
{
	for (size_t c = 0; c < m->n_conditions; c++)
		if (m->conditions[c].ran)
			return true;
	return false;
}

/* A folder that is used again keeps no picture of what this run did not measure. */
static void remove_old(const char *dir)
{
	static const char *const ends[] = { "svg", "png", "csv" };
	char pattern[4400];
	glob_t found;

	for (size_t e = 0; e < sizeof(ends) / sizeof(ends[0]); e++) {
		snprintf(pattern, sizeof(pattern), "%s/barrier-*.%s", dir, ends[e]);
		if (glob(pattern, 0, NULL, &found))
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
		globfree(&found);
	}
}

int view_plots_write(const struct view *view, const char *dir, unsigned *made, char *why, size_t n)
{
	struct view_matrix m;
	int ret = 0;

	*made = 0;
	remove_old(dir);
	for (size_t i = 0; !ret && !view_matrix_open(&m, view, i); i++) {
		if (anything_ran(&m)) {
			ret = plot(view, &m, dir, why, n);
			*made += !ret;
		}
		view_matrix_close(&m);
	}
	return ret;
}
