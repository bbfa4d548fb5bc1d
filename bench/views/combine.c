// SPDX-License-Identifier: MIT
/* Family combine: a block for each kind of store, and curves of all kinds in one picture. */
#include "findings/combine.h"

#include <string.h>

#include "base/quote.h"
#include "views/curves.h"
#include "views/family.h"
#include "views/number.h"

/* Figures of one kind, which pick() chooses, with what is varied above them. */
static void combine_figures(const struct text *t, const struct finding_combine *c,
			    const char *const labels[2], long (*pick)(const struct doc_row *row))
{
	size_t fit = (size_t)(t->width - LABEL_WIDTH) / CELL_WIDTH, r = 0;

	while (r < c->doc->n) {
		size_t end, n;

		for (int line = 0; line < 2; line++) {
			for (end = r, n = 0; end < c->doc->n && n < fit; end++) {
				const struct doc_row *row = &c->doc->rows[end];

				if (!finding_combines(c, row) || !row->ran || !pick(row))
					continue;
				if (!n++)
					fprintf(t->to, "%-*s", LABEL_WIDTH, labels[line]);
				if (line)
					text_cell(t, row, row->ns_min);
				else
					fprintf(t->to, "%*ld", CELL_WIDTH, pick(row));
			}
			if (n)
				fputc('\n', t->to);
		}
		r = end;
	}
}

static long pick_lines(const struct doc_row *row)
{
	return doc_axis(row, "lines");
}

/* The bytes of a line that is filled in this order. */
static long pick_bytes(const struct doc_row *row, const char *order)
{
	return strcmp(doc_axis_text(row, "order"), order) ? 0 : doc_axis(row, "bytes");
}

static long pick_up(const struct doc_row *row)
{
	return pick_bytes(row, "up");
}

static long pick_down(const struct doc_row *row)
{
	return pick_bytes(row, "down");
}

static void combine_between(const struct text *t, const struct finding_combine *c)
{
	char line[1200] = "", number[32];

	for (size_t r = 0; r < c->doc->n; r++) {
		const struct doc_row *row = &c->doc->rows[r];

		if (!finding_combines(c, row) || !row->ran || !*finding_between_text(row))
			continue;
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%.40s %s",
			 *line ? ", " : "", finding_between_text(row),
			 view_short(row->ns_min, number, sizeof(number)));
	}
	if (!*line)
		return;
	fprintf(t->to, "%-*s", LABEL_WIDTH, "between halves");
	text_wrapped(t, line, LABEL_WIDTH);
}

static void combine_repeat(const struct text *t, const struct finding_combine *c)
{
	char number[32];

	for (size_t r = 0; r < c->doc->n; r++) {
		const struct doc_row *row = &c->doc->rows[r];

		if (finding_combines(c, row) && row->ran && *doc_axis_text(row, "repeat"))
			fprintf(t->to, "%-*s%*s\n", LABEL_WIDTH, "same line again", CELL_WIDTH,
				view_short(row->ns_min, number, sizeof(number)));
	}
}

static bool combine_ran(const struct finding_combine *c)
{
	for (size_t r = 0; r < c->doc->n; r++)
		if (finding_combines(c, &c->doc->rows[r]) && c->doc->rows[r].ran)
			return true;
	return false;
}

static void combine_block(const struct text *t, const struct finding_combine *c)
{
	static const char *const lines[] = {"lines in turn", ""};
	static const char *const up[] = {"bytes, upwards", ""};
	static const char *const down[] = {"bytes, downwards", ""};
	char heading[200];

	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(heading, sizeof(heading),
		 "Write combining on %.60s, %.20s: %.40s; minimum, ns a line", c->sample->target,
		 c->sample->memory, c->sample->kernel);
	text_wrapped(t, fp_blank(heading), 0);
	text_plain(t);
	combine_figures(t, c, lines, pick_lines);
	combine_figures(t, c, up, pick_up);
	combine_figures(t, c, down, pick_down);
	combine_between(t, c);
	combine_repeat(t, c);
}

static void text_combines(const struct text *t, const struct doc *doc)
{
	struct finding_combine c;

	for (size_t i = 0; !finding_combine_open(&c, doc, i); i++)
		if (combine_ran(&c))
			combine_block(t, &c);
}

/* ---- curves ---- */

/* Rows of one block, as they come: the plan has them in ascending order. */
static unsigned write_curve(FILE *to, const struct finding_combine *c, const char *what,
			    long (*pick)(const struct doc_row *row))
{
	unsigned points = 0;

	curves_series(to, c->sample->kernel, what);
	for (size_t r = 0; r < c->doc->n; r++) {
		const struct doc_row *row = &c->doc->rows[r];

		if (finding_combines(c, row) && pick(row) && doc_ran_at(row)) {
			curves_point(to, c->doc, row, pick(row));
			points++;
		}
	}
	return points;
}

static int write_combines(int folder, const char *name, const struct finding_combine *all, size_t n)
{
	struct panel panels[2] = {0};
	struct fp_file file;
	int ret = fp_file_open_at(&file, folder, name);

	if (ret)
		return ret;
	/* An emulator has no buffers to be found. */
	curves_begin(file.stream, n, n, all[0].beyond && !all[0].doc->emulated ? all[0].fits : 0);
	for (size_t i = 0; i < n; i++)
		curves_count(&panels[0], false,
			     write_curve(file.stream, &all[i], "lines in turn", pick_lines));
	for (size_t i = 0; i < n; i++) {
		curves_count(&panels[1], false,
			     write_curve(file.stream, &all[i], "upwards", pick_up));
		curves_count(&panels[1], true,
			     write_curve(file.stream, &all[i], "downwards", pick_down));
	}
	return curves_commit(&file, panels);
}

static int draw_kinds(struct album *album, const struct finding_combine *all, size_t kinds)
{
	struct picture p = {.script = "curves.gp", .mode = "combine"};
	char data[PICTURE_FILE];
	int ret;

	picture_name("combine", all[0].sample, p.name, sizeof(p.name));
	ret = write_combines(album->folder, picture_file(&p, "csv", data), all, kinds);
	if (ret)
		return curves_no_data(album, ret, data);
	picture_say(&p, album, all[0].sample, "Write combining");
	snprintf(p.detail, sizeof(p.detail), "%s", all[0].pushed_by);
	snprintf(p.foot, sizeof(p.foot),
		 "Minimum. Above: lines filled word by word in turn. Below: a line filled in part, "
		 "then %.20s; solid: upwards, dashed: downwards.",
		 *p.detail ? p.detail : "a barrier");
	return curves_draw(&p, album);
}

/* All kinds of stores of one mapping in one picture; they follow each other in the results. */
static int draw_combines(struct album *album)
{
	struct finding_combine all[MOST_SERIES], next;
	size_t i = 0, kinds = 0;
	int ret = 0;

	while (!ret) {
		bool more = !finding_combine_open(&next, album->doc, i++);

		if (kinds && (!more || !doc_same_mapping(all[0].sample, next.sample))) {
			ret = draw_kinds(album, all, kinds);
			kinds = 0;
		}
		if (!more)
			break;
		if (kinds < MOST_SERIES && (next.most_lines || next.line_bytes))
			all[kinds++] = next;
	}
	return ret;
}

const struct view_family view_combine = {
	.name = "combine",
	.text = text_combines,
	.heading = "How stores are collected into lines",
	.pictures = {"combine"},
	.draw = draw_combines,
	.conclude = finding_conclude_combine,
	.sentence = finding_combine_sentence,
};
