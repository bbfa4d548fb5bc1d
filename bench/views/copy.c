// SPDX-License-Identifier: MIT
/* Family copy: a matrix for each class, copies down, shapes across; ours beside the best other. */
#include "findings/copies.h"

#include <math.h>
#include <string.h>

#include "base/quote.h"
#include "views/curves.h"
#include "views/family.h"
#include "views/number.h"

#define COPY_CELL 8
#define COPY_PAIR (GAP + 2 * COPY_CELL)

static const char *class_text(const struct finding_copies *c, enum finding_class class)
{
	bool cached = c->sample->is_ram;

	switch (class) {
	case FINDING_RANKED:
		return cached ? "device-safe, non-temporal or direct stores, ranked"
			      : "device-safe, ranked";
	case FINDING_YARDSTICK:
		return cached ? "plain cached stores, yardsticks, not ranked" : "fills, not ranked";
	case FINDING_UNSAFE:
		return "NOT DEVICE-SAFE, not ranked";
	case FINDING_KERNEL:
		return "the kernel's own, run by it, not ranked";
	default:
		return "reads, not ranked";
	}
}

static bool kernel_ran(const struct finding_copies *c, size_t kernel)
{
	return isfinite(c->kernels[kernel].score);
}

static bool class_ran(const struct finding_copies *c, enum finding_class class)
{
	for (size_t k = 0; k < c->n_kernels; k++)
		if (c->kernels[k].class == class && kernel_ran(c, k))
			return true;
	return false;
}

/* "64", "64 x1", "100+3", "1024/4": what is not as usual stands behind the size. */
static void shape_text(const struct finding_copies *c, size_t shape, char *buf, size_t n)
{
	const struct finding_shape *s = &c->shapes[shape];

	snprintf(buf, n, "%ld", s->bytes);
	if (s->offset)
		snprintf(buf + strlen(buf), n - strlen(buf), "+%ld", s->offset);
	if (s->every)
		snprintf(buf + strlen(buf), n - strlen(buf), "/%ld", s->every);
	if (!s->offset && !s->every && !finding_is_plain_shape(c, shape))
		snprintf(buf + strlen(buf), n - strlen(buf), " x%ld", s->lines);
}

static int label_width(const struct finding_copies *c)
{
	size_t width = LABEL_WIDTH;

	for (size_t k = 0; k < c->n_kernels; k++)
		if (kernel_ran(c, k) && strlen(c->kernels[k].id) > width)
			width = strlen(c->kernels[k].id);
	return width < 30 ? (int)width : 30;
}

/* What stands behind the copies of a class: the kernel has its own name for it. */
static const char *fence_text(const struct finding_copies *c, enum finding_class class)
{
	if (class == FINDING_KERNEL)
		return "wmb";
	return *c->barrier ? c->barrier : "fence";
}

static void copy_heads(const struct text *t, const struct finding_copies *c,
		       enum finding_class class, size_t begin, size_t end)
{
	char head[64];

	fprintf(t->to, "%-*s", label_width(c), "bytes");
	for (size_t s = begin; s < end; s++) {
		shape_text(c, s, head, sizeof(head));
		fprintf(t->to, "%*s", COPY_PAIR, head);
	}
	snprintf(head, sizeof(head), "+%.7s", fence_text(c, class));
	fprintf(t->to, "\n%-*s", label_width(c), "copy");
	for (size_t s = begin; s < end; s++)
		fprintf(t->to, "%*s%*s", GAP + COPY_CELL, "alone", COPY_CELL, fp_blank(head));
	fputc('\n', t->to);
}

/* A figure that may not be ranked is not shown among those that are. */
static void copy_cell(const struct text *t, const struct doc_row *row, enum finding_class class,
		      int width)
{
	if (row && row->ran && finding_class_of(row) != class) {
		fprintf(t->to, "%*.*s", width, CELL_WIDTH, row->stores);
		return;
	}
	fprintf(t->to, "%*s", width - CELL_WIDTH, "");
	text_cell(t, row, row ? row->ns_min : NAN);
}

static void copy_line(const struct text *t, const struct finding_copies *c, size_t kernel,
		      size_t begin, size_t end)
{
	enum finding_class class = c->kernels[kernel].class;
	char label[64];

	snprintf(label, sizeof(label), "%.30s", c->kernels[kernel].id);
	fprintf(t->to, "%-*s", label_width(c), fp_blank(label));
	for (size_t s = begin; s < end; s++) {
		copy_cell(t, finding_copy(c, kernel, s, false), class, GAP + COPY_CELL);
		copy_cell(t, finding_copy(c, kernel, s, true), class, COPY_CELL);
	}
	fputc('\n', t->to);
}

static void copy_class(const struct text *t, const struct finding_copies *c,
		       enum finding_class class)
{
	int room = (t->width - label_width(c)) / COPY_PAIR;
	size_t fit = room > 1 ? (size_t)room : 1;
	char heading[200];

	if (!class_ran(c, class))
		return;
	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Copies to %.60s, %.20s: %s; minimum, ns",
		 c->sample->target, c->sample->memory, class_text(c, class));
	text_wrapped(t, fp_blank(heading), 0);
	text_plain(t);
	for (size_t s = 0; s < c->n_shapes; s += fit) {
		size_t end = s + fit < c->n_shapes ? s + fit : c->n_shapes;

		if (s)
			fputc('\n', t->to);
		copy_heads(t, c, class, s, end);
		for (size_t k = 0; k < c->n_kernels; k++)
			if (c->kernels[k].class == class && kernel_ran(c, k))
				copy_line(t, c, k, s, end);
	}
}

static void versus_line(const struct text *t, const struct finding_copies *c, size_t shape,
			bool fenced)
{
	struct finding_duel duel;
	char size[64], behind[64], ours[32], best[32], kernel[64];
	double ratio;

	if (!finding_duel(c, shape, fenced, &duel))
		return;
	shape_text(c, shape, size, sizeof(size));
	snprintf(behind, sizeof(behind), "%.7s", fenced ? duel.ours->barrier : "alone");
	snprintf(kernel, sizeof(kernel), "%.28s", duel.best->kernel);
	ratio = duel.ours->ns_block_min / duel.best->ns_block_min;
	fprintf(t->to, "%-9s %-7s %8s %8s  %-28s", size, fp_blank(behind),
		view_short(duel.ours->ns_block_min, ours, sizeof(ours)),
		view_short(duel.best->ns_block_min, best, sizeof(best)), fp_blank(kernel));
	if (duel.best->ns_block_min > 0)
		fprintf(t->to, " %5.2f", ratio);
	else
		fprintf(t->to, " %5s", "");
	if (!strcmp(duel.verdict, "behind"))
		text_ink(t, RED);
	fprintf(t->to, "  %s\n", duel.verdict);
	text_plain(t);
}

static void versus(const struct text *t, const struct finding_copies *c)
{
	unsigned ahead, tied, behind;
	char line[256];

	if (!finding_duels(c, &ahead, &tied, &behind))
		return;
	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(line, sizeof(line),
		 "Versus, %.60s, %.20s: fencepost_copy_toio beside the best other ranked copy; "
		 "median of the blocks' minima, ns",
		 c->sample->target, c->sample->memory);
	text_wrapped(t, fp_blank(line), 0);
	text_plain(t);
	fprintf(t->to, "%-9s %-7s %8s %8s  %-28s %5s  %s\n", "bytes", "with", "ours", "best", "by",
		"ratio", "verdict");
	for (size_t i = 0; i < c->n_shapes * 2; i++)
		versus_line(t, c, i / 2, i % 2);
	snprintf(
		line, sizeof(line),
		"Ahead %u, tied %u, behind %u of %u. Tied: within 0.2 ns or 2 %%. Yardsticks above "
		"are not ranked: plain stores to cached memory end in a cache.",
		ahead, tied, behind, ahead + tied + behind);
	text_ink(t, DIM);
	text_wrapped(t, line, 0);
	text_plain(t);
}

static void text_copies(const struct text *t, const struct doc *doc)
{
	struct finding_copies c;
	bool any = false, here;

	for (size_t i = 0; !finding_copies_open(&c, doc, i); i++) {
		here = false;
		for (int class = 0; class < FINDING_CLASSES; class ++) {
			here |= class_ran(&c, class);
			copy_class(t, &c, class);
		}
		any |= here;
		/* An emulator's times say nothing about who is ahead. */
		if (!doc->emulated)
			versus(t, &c);
		finding_copies_close(&c);
	}
	if (!any)
		return;
	fputc('\n', t->to);
	text_ink(t, DIM);
	text_wrapped(
		t,
		"+barrier: copy and barrier together. 64 x1: over and over to the same line; "
		"100+3: 3 "
		"bytes into a line; 1024/4: the barrier behind every 4 lines, not only the last.",
		0);
	text_plain(t);
}

/* ---- on the page ---- */

static void duel_cells(const struct page *p, const struct finding_duel *duel, const char *barrier)
{
	char figure[40];

	page_cell(p, barrier);
	page_cell(p, view_short(duel->ours->ns_block_min, figure, sizeof(figure)));
	page_cell(p, view_short(duel->best->ns_block_min, figure, sizeof(figure)));
	page_cell(p, duel->best->kernel);
	page_cell(p, duel->verdict);
}

static void duel_row(const struct page *p, const struct finding_copies *c, size_t shape,
		     bool fenced)
{
	const struct finding_shape *s = &c->shapes[shape];
	struct finding_duel duel;

	if (!finding_duel(c, shape, fenced, &duel))
		return;
	fprintf(p->to, "<tr><td>%ld", s->bytes);
	if (s->offset)
		fprintf(p->to, ", %ld into a line", s->offset);
	if (s->every)
		fprintf(p->to, ", every %ld lines", s->every);
	if (!s->offset && !s->every && !finding_is_plain_shape(c, shape))
		fprintf(p->to, ", to %ld line%s", s->lines, s->lines == 1 ? "" : "s");
	fputs("</td>", p->to);
	duel_cells(p, &duel, fenced ? duel.ours->barrier : "alone");
	fputs("</tr>\n", p->to);
}

static void page_versus(const struct page *p)
{
	unsigned ahead, tied, behind;
	struct finding_copies c;

	for (size_t i = 0; !finding_copies_open(&c, p->doc, i); i++) {
		if (!p->doc->emulated && finding_duels(&c, &ahead, &tied, &behind)) {
			fprintf(p->to,
				"<h3>fencepost_copy_toio beside the best other ranked copy: ahead "
				"%u, tied %u, behind %u</h3>\n<div class=\"scroll\"><table "
				"class=\"versus\"><thead><tr><th>bytes</th><th>behind it</th>"
				"<th>ours, ns</th><th>best, ns</th><th>by</th><th>verdict</th>"
				"</tr></thead>\n",
				ahead, tied, behind);
			for (size_t s = 0; s < c.n_shapes * 2; s++)
				duel_row(p, &c, s / 2, s % 2);
			fputs("</table></div>\n<p class=\"small\">Figures are medians of the "
			      "blocks' "
			      "minima (ns_block_min). Tied: within 0.2 ns or 2 %. On "
			      "cached memory only device-safe non-temporal and direct stores are "
			      "ranked: plain ones end in a cache.</p>\n",
			      p->to);
		}
		finding_copies_close(&c);
	}
}

/* ---- curves ---- */

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
static int telling(const struct finding_copies *c, size_t kernel)
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

static bool tells_more(const struct finding_copies *c, size_t a, size_t b)
{
	int difference = telling(c, a) - telling(c, b);

	return difference ? difference < 0 : c->kernels[a].score < c->kernels[b].score;
}

/* A read or a fill says nothing about copies. */
static bool is_copy(const struct finding_copies *c, size_t kernel)
{
	return isfinite(c->kernels[kernel].score) && c->kernels[kernel].class != FINDING_READS &&
	       !strstr(c->kernels[kernel].id, "memset");
}

/* The most telling copies first, then the quickest on the whole. */
static void choose(const struct finding_copies *c, bool ranked, struct choice *choice)
{
	memset(choice, 0, sizeof(*choice));
	for (size_t wanted = 0; wanted < c->n_kernels; wanted++) {
		size_t best = c->n_kernels;

		for (size_t k = 0; k < c->n_kernels; k++) {
			if (!is_copy(c, k) || (c->kernels[k].class == FINDING_RANKED) != ranked ||
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
static unsigned write_copy(FILE *to, const struct doc *doc, const struct finding_copies *c,
			   size_t kernel, bool fenced)
{
	unsigned points = 0;
	char name[80];

	snprintf(name, sizeof(name), "%.40s%s", c->kernels[kernel].id,
		 c->kernels[kernel].class == FINDING_UNSAFE ? " (not device-safe)" : "");
	curves_series(to, name, fenced ? c->barrier : "alone");
	for (size_t s = 0; s < c->n_shapes; s++) {
		const struct doc_row *row = finding_copy(c, kernel, s, fenced);

		if (finding_is_plain_shape(c, s) && row && row->ran && isfinite(row->ns_min) &&
		    finding_class_of(row) == c->kernels[kernel].class) {
			curves_point(to, doc, row, c->shapes[s].bytes);
			points++;
		}
	}
	return points;
}

static int write_copies(const struct album *album, const char *name,
			const struct finding_copies *c, const struct choice choices[2])
{
	struct panel panels[2] = {0};
	struct fp_file file;
	int ret = fp_file_open_at(&file, album->folder, name);

	if (ret)
		return ret;
	curves_begin(file.stream, choices[0].n, choices[1].n, 0);
	for (int panel = 0; panel < 2; panel++)
		for (size_t i = 0; i < choices[panel].n * 2; i++)
			curves_count(&panels[panel], i % 2,
				     write_copy(file.stream, album->doc, c,
						choices[panel].kernels[i / 2], i % 2));
	return curves_commit(&file, panels);
}

static void say_copies(struct picture *p, const struct finding_copies *c,
		       const struct choice choices[2])
{
	size_t left_out = choices[0].left_out + choices[1].left_out;

	snprintf(p->detail, sizeof(p->detail), "%s", c->sample->memory);
	snprintf(p->foot, sizeof(p->foot),
		 "Minimum. Solid: the copy alone; dashed: with %.20s behind it.",
		 *c->barrier ? c->barrier : "the barrier");
	if (left_out)
		snprintf(p->foot + strlen(p->foot), sizeof(p->foot) - strlen(p->foot),
			 " %zu more cop%s in the table only.", left_out,
			 left_out == 1 ? "y is" : "ies are");
}

static int draw_copies(struct album *album, const struct finding_copies *c,
		       const struct choice choices[2], bool bandwidth)
{
	struct picture p = {.script = "curves.gp", .mode = bandwidth ? "bandwidth" : "time"};
	char data[PICTURE_FILE];
	int ret;

	picture_name(bandwidth ? "copy-bandwidth" : "copy-time", c->sample, p.name, sizeof(p.name));
	ret = write_copies(album, picture_file(&p, "csv", data), c, choices);
	if (ret)
		return curves_no_data(album, ret, data);
	picture_say(&p, album, c->sample, bandwidth ? "Bytes a copy moves" : "What a copy takes");
	say_copies(&p, c, choices);
	return curves_draw(&p, album);
}

static int draw_all(struct album *album)
{
	struct finding_copies c;
	int ret = 0;

	for (size_t i = 0; !ret && !finding_copies_open(&c, album->doc, i); i++) {
		struct choice choices[2];

		choose(&c, true, &choices[0]);
		choose(&c, false, &choices[1]);
		for (int b = 0; !ret && b < 2 && choices[0].n + choices[1].n; b++)
			ret = draw_copies(album, &c, choices, b);
		finding_copies_close(&c);
	}
	return ret;
}

const struct view_family view_copy = {
	.name = "copy",
	.shows = finding_is_copy,
	.text = text_copies,
	.heading = "What a copy takes, and the barrier behind it",
	.pictures = {"copy-time", "copy-bandwidth"},
	.draw = draw_all,
	.more = page_versus,
	.conclude = finding_conclude_copies,
};
