// SPDX-License-Identifier: MIT
/*
 * Heat maps: barriers down, conditions across.  Curves: copies by size, write
 * combining by lines and bytes.  What is drawn is first written to a CSV file,
 * which stays beside the picture: gnuplot gets no other figure.  In an SVG each
 * point says what it is when the pointer is on it, without any script.
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

const char *view_plot_name(const char *what, const char *target, const char *memory, char *buf,
			   size_t n)
{
	snprintf(buf, n, "%s-%s-%s", what, target, memory);
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
static void write_cell(FILE *to, const struct view *view, const struct view_row *row,
		       const struct view_condition *c, double x, double y)
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
	fprintf(to, ",%zu\n", (size_t)(row - view->rows));
}

static void write_cells(FILE *to, const struct view *view, const struct view_matrix *m,
			const double *at)
{
	fputs("# cells: x,y,ns,shade,kind,text,row,condition,point\n", to);
	for (size_t b = 0; b < m->n_barriers; b++)
		for (size_t c = 0; c < m->n_conditions; c++)
			if (at[c] >= 0 && view_cell(m, b, c))
				write_cell(to, view, view_cell(m, b, c), &m->conditions[c], at[c],
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

static int write_heat(const char *path, const struct view *view, const struct view_matrix *m)
{
	double width, *at = place_columns(m, &width);
	struct fp_file file;
	int ret;

	if (!at)
		return -ENOMEM;
	ret = fp_file_open(&file, path);
	if (ret)
		goto out;
	write_cells(file.stream, view, m, at);
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

/* ---- curves ---- */

#define MOST_SERIES 5 /* in a panel, each with two lines */

/* Numbered from the results, so that a point can be found again in the SVG. */
static void write_point(FILE *to, const struct view *view, const struct view_row *row, long x)
{
	char exact[40];

	fprintf(to, "%ld,%s,%zu,", x, view_exact(row->ns_min, exact, sizeof(exact)),
		(size_t)(row - view->rows));
	put(to, row->name);
	fputc('\n', to);
}

/* gnuplot counts blocks by two empty lines: one without points needs a line all the same. */
static void begin_series(FILE *to, const char *name, const char *what)
{
	fputs("\n\n", to);
	put(to, name);
	fputc(',', to);
	put(to, what);
	fputs("\nNaN,NaN,NaN,\"\"\n", to);
}

static void write_panels(FILE *to, size_t first, size_t second, long mark)
{
	fprintf(to,
		"# series in each panel, buffers found; then a block a series: x,ns,point,row\n"
		"%zu,%zu,%ld\n",
		first, second, mark);
}

/* What is drawn of one class, and how much is left for the table. */
struct choice {
	size_t kernels[MOST_SERIES], n, left_out;
};

static bool is_chosen(const struct choice *choice, size_t kernel)
{
	for (size_t i = 0; i < choice->n; i++)
		if (choice->kernels[i] == kernel)
			return true;
	return false;
}

/* 0: ours; 1: the kernel's newest; 2: all others. */
static int telling(const struct view_copies *c, size_t kernel)
{
	const char *id = c->kernels[kernel].id, newest[] = "memcpy_toio@";

	if (!strcmp(id, "fencepost_copy_toio"))
		return 0;
	if (strncmp(id, newest, strlen(newest)))
		return 2;
	for (size_t k = 0; k < c->n_kernels; k++)
		if (!strncmp(c->kernels[k].id, newest, strlen(newest)) &&
		    strverscmp(c->kernels[k].id, id) > 0)
			return 2;
	return 1;
}

static bool tells_more(const struct view_copies *c, size_t a, size_t b)
{
	int difference = telling(c, a) - telling(c, b);

	return difference ? difference < 0 : c->kernels[a].score < c->kernels[b].score;
}

/* A read or a fill says nothing about copies. */
static bool is_copy(const struct view_copies *c, size_t kernel)
{
	return isfinite(c->kernels[kernel].score) && c->kernels[kernel].class != VIEW_READS &&
	       !strstr(c->kernels[kernel].id, "memset");
}

/* The most telling first, then the quickest on the whole. */
static void choose(const struct view_copies *c, bool ranked, struct choice *choice)
{
	memset(choice, 0, sizeof(*choice));
	for (size_t wanted = 0; wanted < c->n_kernels; wanted++) {
		size_t best = c->n_kernels;

		for (size_t k = 0; k < c->n_kernels; k++) {
			if (!is_copy(c, k) || (c->kernels[k].class == VIEW_RANKED) != ranked ||
			    is_chosen(choice, k))
				continue;
			choice->left_out += !wanted;
			if (best == c->n_kernels || tells_more(c, k, best))
				best = k;
		}
		if (best == c->n_kernels || choice->n == MOST_SERIES)
			break;
		choice->kernels[choice->n++] = best;
	}
	choice->left_out -= choice->n;
}

/* Returns how many points it has. */
static unsigned write_copy(FILE *to, const struct view *view, const struct view_copies *c,
			   size_t kernel, bool fenced)
{
	unsigned points = 0;
	char name[80];

	snprintf(name, sizeof(name), "%.40s%s", c->kernels[kernel].id,
		 c->kernels[kernel].class == VIEW_UNSAFE ? " (not device-safe)" : "");
	begin_series(to, name, fenced ? c->barrier : "alone");
	for (size_t s = 0; s < c->n_shapes; s++) {
		const struct view_row *row = view_copy(c, kernel, s, fenced);

		if (view_is_plain_shape(c, s) && row && row->ran && isfinite(row->ns_min) &&
		    view_class_of(row) == c->kernels[kernel].class) {
			write_point(to, view, row, row->bytes);
			points++;
		}
	}
	return points;
}

#define FEWEST_POINTS 2 /* in a panel: fewer are no curve, and have no range to be drawn in */

/* Solid and dashed series of a panel and their points; one without series stays empty. */
struct panel {
	unsigned series[2], points[2];
};

static void count_series(struct panel *panel, bool dashed, unsigned points)
{
	panel->series[dashed]++;
	panel->points[dashed] += points;
}

static bool can_be_drawn(const struct panel *panel)
{
	if (!panel->series[0] && !panel->series[1])
		return true;
	for (int dashed = 0; dashed < 2; dashed++)
		if (panel->series[dashed] && !panel->points[dashed])
			return false;
	return panel->points[0] + panel->points[1] >= FEWEST_POINTS;
}

/*
 * -ENODATA where a panel has too few points, or none that is solid or dashed:
 * gnuplot draws nothing then.
 */
static int commit_curves(struct fp_file *file, const struct panel panels[2])
{
	if (!can_be_drawn(&panels[0]) || !can_be_drawn(&panels[1]) ||
	    !(panels[0].series[0] + panels[1].series[0])) {
		fp_file_abandon(file);
		return -ENODATA;
	}
	return fp_file_commit(file);
}

static int write_copies(const char *path, const struct view *view, const struct view_copies *c,
			const struct choice choices[2])
{
	struct panel panels[2] = {0};
	struct fp_file file;
	int ret = fp_file_open(&file, path);

	if (ret)
		return ret;
	write_panels(file.stream, choices[0].n, choices[1].n, 0);
	for (int panel = 0; panel < 2; panel++)
		for (size_t i = 0; i < choices[panel].n * 2; i++)
			count_series(&panels[panel], i % 2,
				     write_copy(file.stream, view, c,
						choices[panel].kernels[i / 2], i % 2));
	return commit_curves(&file, panels);
}

static bool is_lines(const struct view_row *row)
{
	return row->lines;
}

static bool is_up(const struct view_row *row)
{
	return row->bytes && strstr(row->name, "/order:up");
}

static bool is_down(const struct view_row *row)
{
	return row->bytes && strstr(row->name, "/order:down");
}

/* Rows of one block, as they come: the plan has them in ascending order. */
static unsigned write_combine(FILE *to, const struct view_combine *c, const char *what,
			      bool (*belongs)(const struct view_row *row))
{
	unsigned points = 0;

	begin_series(to, c->sample->kernel, what);
	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (view_combines(c, row) && belongs(row) && row->ran && isfinite(row->ns_min)) {
			write_point(to, c->view, row, row->lines ? row->lines : row->bytes);
			points++;
		}
	}
	return points;
}

static int write_combines(const char *path, const struct view_combine *all, size_t n)
{
	struct panel panels[2] = {0};
	struct fp_file file;
	int ret = fp_file_open(&file, path);

	if (ret)
		return ret;
	/* An emulator has no buffers to be found. */
	write_panels(file.stream, n, n, all[0].beyond && !all[0].view->emulated ? all[0].fits : 0);
	for (size_t i = 0; i < n; i++)
		count_series(&panels[0], false,
			     write_combine(file.stream, &all[i], "lines in turn", is_lines));
	for (size_t i = 0; i < n; i++) {
		count_series(&panels[1], false,
			     write_combine(file.stream, &all[i], "upwards", is_up));
		count_series(&panels[1], true,
			     write_combine(file.stream, &all[i], "downwards", is_down));
	}
	return commit_curves(&file, panels);
}

/* ---- gnuplot ---- */

struct picture {
	char title[256], subtitle[640], notice[128], foot[320], name[128];
	const char *script;	   /* of ours */
	const char *mode, *detail; /* see curves.gp */
};

static void say_place(struct picture *p, const struct view *view, const struct view_row *sample,
		      const char *what)
{
	const char *hypervisor = view_text(view->own, "hypervisor");
	char cpu[160], attribute[320];

	snprintf(p->title, sizeof(p->title), "%s: %s", what, view_cpu(view, cpu, sizeof(cpu)));
	snprintf(p->subtitle, sizeof(p->subtitle),
		 "target %s, memory type %s = %s; evidence: %s%s%s", sample->target, sample->memory,
		 view_attribute(sample, attribute, sizeof(attribute)),
		 view_text(view->own, "evidence"), strcmp(hypervisor, "none") ? ", guest of " : "",
		 strcmp(hypervisor, "none") ? hypervisor : "");
	snprintf(p->notice, sizeof(p->notice), "%s",
		 view->emulated ? "emulated: not a timing result" : "");
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

static void put_hint(FILE *to, const struct view *view, const struct view_row *row)
{
	char min[40], p50[40], p99[40];

	if (view->emulated)
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
static const char *put_tag(FILE *to, const char *text, const struct view *view, const char **title)
{
	const char *end;
	size_t point;

	if (!strncmp(text, hint_begin, strlen(hint_begin))) {
		point = strtoul(text + strlen(hint_begin), NULL, 10);
		end = strstr(text, hint_end);
		if (end && point < view->n) {
			fputs("class=\"point\"><title>", to);
			put_hint(to, view, &view->rows[point]);
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
static int put_hints(struct fp_file *file, const struct view *view, const char *title)
{
	char *svg;
	size_t bytes;
	int ret = fp_file_read(file->temporary, &svg, &bytes);

	if (ret)
		return ret;
	if (ftruncate(fileno(file->stream), 0))
		ret = -errno;
	for (const char *at = svg; !ret && *at;)
		at = put_tag(file->stream, at, view, &title);
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

static int draw(const struct picture *p, const struct view *view, const char *script,
		const char *data, const char *path, const char *terminal, char *why, size_t n)
{
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
		ret = put_hints(&file, view, p->title);
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

static const char *file_name(const struct picture *p, const char *dir, const char *end, char *buf,
			     size_t n)
{
	snprintf(buf, n, "%s/%s.%s", dir, p->name, end);
	return buf;
}

/* The data file's error, in words. */
static int data_error(int ret, const char *data, char *why, size_t n)
{
	snprintf(why, n, "%.400s can't be written: %s", data, strerror(-ret));
	return ret == -ENOENT ? -ENOTDIR : ret;
}

/* SVG and PNG from the data file, which is there. */
static int plot(struct picture *p, const struct view *view, const char *dir, char *why, size_t n)
{
	char data[4400], path[4400], script[4400];
	int ret = view_data_file(p->script, script, sizeof(script), why, n);

	if (ret)
		return ret;
	clean(p->title);
	clean(p->subtitle);
	clean(p->foot);
	file_name(p, dir, "csv", data, sizeof(data));
	file_name(p, dir, "svg", path, sizeof(path));
	ret = draw(p, view, script, data, path, "svg", why, n);
	if (ret)
		return ret;
	file_name(p, dir, "png", path, sizeof(path));
	return draw(p, view, script, data, path, "png", why, n);
}

static int plot_heat(const struct view *view, const struct view_matrix *m, const char *dir,
		     char *why, size_t n)
{
	struct picture p = {.script = "heatmap.gp", .mode = "heat", .detail = ""};
	char data[4400];
	int ret;

	view_plot_name("barrier", m->target, m->memory, p.name, sizeof(p.name));
	ret = write_heat(file_name(&p, dir, "csv", data, sizeof(data)), view, m);
	if (ret)
		return data_error(ret, data, why, n);
	say_place(&p, view, m->sample, "What a barrier adds, in ns");
	snprintf(p.foot, sizeof(p.foot),
		 "Minimum. xN: behind N stores (to cached memory: that miss), then the next load or store. Grey: the "
		 "base, without a barrier. n/a: this CPU lacks it.");
	return plot(&p, view, dir, why, n);
}

static void say_copies(struct picture *p, const struct view_copies *c,
		       const struct choice choices[2])
{
	size_t left_out = choices[0].left_out + choices[1].left_out;

	p->detail = c->memory;
	snprintf(p->foot, sizeof(p->foot),
		 "Minimum. Solid: the copy alone; dashed: with %.20s behind it.",
		 *c->barrier ? c->barrier : "the barrier");
	if (left_out)
		snprintf(p->foot + strlen(p->foot), sizeof(p->foot) - strlen(p->foot),
			 " %zu more cop%s in the table only.", left_out,
			 left_out == 1 ? "y is" : "ies are");
}

/*
 * Curves of a few points, or of a run that was interrupted, may have nothing to
 * be drawn: then there is no picture of them, and why says so.
 */
static int or_none(int ret)
{
	return ret == -ENODATA || ret == -EIO ? 0 : ret;
}

static int plot_copies(const struct view *view, const struct view_copies *c,
		       const struct choice choices[2], bool bandwidth, const char *dir, char *why,
		       size_t n)
{
	struct picture p = {.script = "curves.gp", .mode = bandwidth ? "bandwidth" : "time"};
	char data[4400];
	int ret;

	view_plot_name(bandwidth ? "copy-bandwidth" : "copy-time", c->target, c->memory, p.name,
		       sizeof(p.name));
	ret = write_copies(file_name(&p, dir, "csv", data, sizeof(data)), view, c, choices);
	if (ret == -ENODATA)
		return ret;
	if (ret)
		return data_error(ret, data, why, n);
	say_place(&p, view, c->sample, bandwidth ? "Bytes a copy moves" : "What a copy takes");
	say_copies(&p, c, choices);
	return plot(&p, view, dir, why, n);
}

static int plot_combines(const struct view *view, const struct view_combine *all, size_t kinds,
			 const char *dir, char *why, size_t n)
{
	struct picture p = {.script = "curves.gp", .mode = "combine"};
	char data[4400];
	int ret;

	view_plot_name("combine", all[0].sample->target, all[0].sample->memory, p.name,
		       sizeof(p.name));
	ret = write_combines(file_name(&p, dir, "csv", data, sizeof(data)), all, kinds);
	if (ret == -ENODATA)
		return ret;
	if (ret)
		return data_error(ret, data, why, n);
	say_place(&p, view, all[0].sample, "Write combining");
	p.detail = all[0].pushed_by;
	snprintf(p.foot, sizeof(p.foot),
		 "Minimum. Above: lines filled word by word in turn. Below: a line filled in part, "
		 "then %.20s; solid: upwards, dashed: downwards.",
		 *p.detail ? p.detail : "a barrier");
	return plot(&p, view, dir, why, n);
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
	static const char *const whats[] = {"barrier", "copy-time", "copy-bandwidth", "combine"};
	static const char *const ends[] = { "svg", "png", "csv" };
	char pattern[4400];
	glob_t found;

	for (size_t i = 0; i < 4 * 3; i++) {
		snprintf(pattern, sizeof(pattern), "%s/%s-*.%s", dir, whats[i / 3], ends[i % 3]);
		if (glob(pattern, 0, NULL, &found))
			continue;
		for (size_t f = 0; f < found.gl_pathc; f++)
			unlink(found.gl_pathv[f]);
		globfree(&found);
	}
}

static int all_heat(const struct view *view, const char *dir, unsigned *made, char *why, size_t n)
{
	struct view_matrix m;
	int ret = 0;

	for (size_t i = 0; !ret && !view_matrix_open(&m, view, i); i++) {
		if (anything_ran(&m)) {
			ret = plot_heat(view, &m, dir, why, n);
			*made += !ret;
		}
		view_matrix_close(&m);
	}
	return ret;
}

static int all_copies(const struct view *view, const char *dir, unsigned *made, char *why, size_t n)
{
	struct view_copies c;
	int ret = 0;

	for (size_t i = 0; !ret && !view_copies_open(&c, view, i); i++) {
		struct choice choices[2];

		choose(&c, true, &choices[0]);
		choose(&c, false, &choices[1]);
		for (int b = 0; !ret && b < 2 && choices[0].n + choices[1].n; b++) {
			ret = plot_copies(view, &c, choices, b, dir, why, n);
			*made += !ret;
			ret = or_none(ret);
		}
		view_copies_close(&c);
	}
	return ret;
}

static bool same_combine_place(const struct view_combine *a, const struct view_combine *b)
{
	return !strcmp(a->sample->target, b->sample->target) &&
	       !strcmp(a->sample->memory, b->sample->memory);
}

/* All kinds of stores of one place in one picture; they follow each other in the results. */
static int all_combines(const struct view *view, const char *dir, unsigned *made, char *why,
			size_t n)
{
	struct view_combine all[MOST_SERIES], next;
	size_t i = 0, kinds = 0;
	int ret = 0;

	while (!ret) {
		bool more = !view_combine_open(&next, view, i++);

		if (kinds && (!more || !same_combine_place(&all[0], &next))) {
			ret = plot_combines(view, all, kinds, dir, why, n);
			*made += !ret;
			ret = or_none(ret);
			kinds = 0;
		}
		if (!more)
			break;
		if (kinds < MOST_SERIES && (next.most_lines || next.line_bytes))
			all[kinds++] = next;
	}
	return ret;
}

int view_plots_write(const struct view *view, const char *dir, unsigned *made, char *why, size_t n)
{
	int (*const all[])(const struct view *, const char *, unsigned *, char *,
			   size_t) = {all_heat, all_copies, all_combines};
	int ret = 0;

	*made = 0;
	remove_old(dir);
	for (int i = 0; !ret && i < 3; i++)
		ret = all[i](view, dir, made, why, n);
	return ret;
}
