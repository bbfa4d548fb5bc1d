// SPDX-License-Identifier: MIT
/* Which pictures there are, and what stands around them. */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "views/picture.h"

const char *view_plot_name(const char *what, const char *target, const char *memory, char *buf,
			   size_t n)
{
	snprintf(buf, n, "%s-%s-%s", what, target, memory);
	for (char *c = buf; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			*c = '_';
	return buf;
}

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

/* The data file's error, in words. */
static int data_error(int ret, const char *data, char *why, size_t n)
{
	snprintf(why, n, "%.400s can't be written: %s", data, strerror(-ret));
	return ret == -ENOENT ? -ENOTDIR : ret;
}

static int plot_heat(const struct view *view, const struct view_matrix *m, const char *dir,
		     char *why, size_t n)
{
	struct picture p = {.script = "heatmap.gp", .mode = "heat", .detail = ""};
	char data[4400];
	int ret;

	view_plot_name("barrier", m->target, m->memory, p.name, sizeof(p.name));
	ret = plot_write_heat(plot_file(&p, dir, "csv", data, sizeof(data)), view, m);
	if (ret)
		return data_error(ret, data, why, n);
	say_place(&p, view, m->sample, "What a barrier adds, in ns");
	snprintf(p.foot, sizeof(p.foot),
		 "Minimum. xN: behind N stores (to cached memory: that miss), then the next load or "
		 "store. Grey: the base, without a barrier. n/a: this CPU lacks it.");
	return plot_draw(&p, view, dir, why, n);
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
	ret = plot_write_copies(plot_file(&p, dir, "csv", data, sizeof(data)), view, c, choices);
	if (ret == -ENODATA)
		return ret;
	if (ret)
		return data_error(ret, data, why, n);
	say_place(&p, view, c->sample, bandwidth ? "Bytes a copy moves" : "What a copy takes");
	say_copies(&p, c, choices);
	return plot_draw(&p, view, dir, why, n);
}

static int plot_combines(const struct view *view, const struct view_combine *all, size_t kinds,
			 const char *dir, char *why, size_t n)
{
	struct picture p = {.script = "curves.gp", .mode = "combine"};
	char data[4400];
	int ret;

	view_plot_name("combine", all[0].sample->target, all[0].sample->memory, p.name,
		       sizeof(p.name));
	ret = plot_write_combines(plot_file(&p, dir, "csv", data, sizeof(data)), all, kinds);
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
	return plot_draw(&p, view, dir, why, n);
}

/* The base alone has no colour. */
static bool any_barrier_ran(const struct view_matrix *m)
{
	for (size_t i = 0; i < m->n_barriers * m->n_conditions; i++)
		if (m->cells[i] && m->cells[i]->ran && strcmp(m->cells[i]->barrier, "none"))
			return true;
	return false;
}

/* A folder that is used again keeps no picture of what this run did not measure. */
static void remove_old(const char *dir)
{
	static const char *const whats[] = {"barrier", "copy-time", "copy-bandwidth", "combine"};
	static const char *const ends[] = {"svg", "png", "csv"};
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
		if (any_barrier_ran(&m)) {
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

		plot_choose(&c, true, &choices[0]);
		plot_choose(&c, false, &choices[1]);
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
