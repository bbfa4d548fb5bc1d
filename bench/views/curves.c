// SPDX-License-Identifier: MIT
/* The data of curves: copies by size, write combining by lines and bytes. */
#include "views/picture.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/file.h"

/* Numbered from the results, so that a point can be found again in the SVG. */
static void write_point(FILE *to, const struct view *view, const struct view_row *row, long x)
{
	char exact[40];

	fprintf(to, "%ld,%s,%zu,", x, view_exact(row->ns_min, exact, sizeof(exact)),
		(size_t)(row - view->rows));
	plot_put(to, row->name);
	fputc('\n', to);
}

/* gnuplot counts blocks by two empty lines: one without points needs a line all the same. */
static void begin_series(FILE *to, const char *name, const char *what)
{
	fputs("\n\n", to);
	plot_put(to, name);
	fputc(',', to);
	plot_put(to, what);
	fputs("\nNaN,NaN,NaN,\"\"\n", to);
}

static void write_panels(FILE *to, size_t first, size_t second, long mark)
{
	fprintf(to,
		"# series in each panel, buffers found; then a block a series: x,ns,point,row\n"
		"%zu,%zu,%ld\n",
		first, second, mark);
}

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

void plot_choose(const struct view_copies *c, bool ranked, struct choice *choice)
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

int plot_write_copies(const char *path, const struct view *view, const struct view_copies *c,
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
				     write_copy(file.stream, view, c, choices[panel].kernels[i / 2],
						i % 2));
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

int plot_write_combines(const char *path, const struct view_combine *all, size_t n)
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
