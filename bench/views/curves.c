// SPDX-License-Identifier: MIT
/* The data of curves, as curves.gp reads it. */
#include "views/curves.h"

#include <errno.h>

#include "views/number.h"

/* Numbered from the results, so that a point can be found again in the SVG. */
void curves_point(FILE *to, const struct doc *doc, const struct doc_row *row, long x)
{
	char exact[40];

	fprintf(to, "%ld,%s,%zu,", x, view_exact(row->ns_min, exact, sizeof(exact)),
		(size_t)(row - doc->rows));
	picture_put(to, row->name);
	fputc('\n', to);
}

/* gnuplot counts blocks by two empty lines: one without points needs a line all the same. */
void curves_series(FILE *to, const char *name, const char *what)
{
	fputs("\n\n", to);
	picture_put(to, name);
	fputc(',', to);
	picture_put(to, what);
	fputs("\nNaN,NaN,NaN,\"\"\n", to);
}

void curves_begin(FILE *to, size_t first, size_t second, long mark)
{
	fprintf(to,
		"# series in each panel, buffers found; then a block a series: x,ns,point,row\n"
		"%zu,%zu,%ld\n",
		first, second, mark);
}

#define FEWEST_POINTS 2 /* in a panel: fewer are no curve, and have no range to be drawn in */

void curves_count(struct panel *panel, bool dashed, unsigned points)
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
int curves_commit(struct fp_file *file, const struct panel panels[2])
{
	if (!can_be_drawn(&panels[0]) || !can_be_drawn(&panels[1]) ||
	    !(panels[0].series[0] + panels[1].series[0])) {
		fp_file_abandon(file);
		return -ENODATA;
	}
	return fp_file_commit(file);
}

int curves_no_data(const struct album *album, int err, const char *file)
{
	return err == -ENODATA ? 0 : picture_no_file(album, err, file);
}

/*
 * Curves of a few points, or of a run that was interrupted, may have nothing to
 * be drawn: then there is no picture of them, and why says so.
 */
int curves_draw(struct picture *p, struct album *album)
{
	int ret = picture_draw(p, album);

	return ret == -EIO || ret == -ENODATA ? 0 : ret;
}
