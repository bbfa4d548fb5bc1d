// SPDX-License-Identifier: MIT
#include "views.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "quote.h"

#define LABEL_WIDTH 18
#define CELL_WIDTH  7
#define GAP	    2

/* Every member of a row, in the order in which they are documented. */
static const char *const fields[] = {
	"family", "kernel", "barrier", "slot", "recipe", "target", "memory", "stage1", "effective",
	"verified_by", "bytes", "offset", "lines", "threads", "stores", "device_safe", "status",
	"reason", "ns_min", "ns_p50", "ns_p99", "ns_block_min", "cycles_min", "cycles_p50",
	"cycles_p99", "samples_kept", "samples_dropped", "counters"
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

struct text {
	FILE *to;
	bool colour;
	int width;
};

enum ink { BOLD = 1, DIM = 2, RED = 31, YELLOW = 33 };

static void ink(const struct text *t, enum ink which)
{
	if (t->colour)
		fprintf(t->to, "\033[%dm", (int)which);
}

static void plain(const struct text *t)
{
	if (t->colour)
		fputs("\033[0m", t->to);
}

/* A terminal obeys control characters; what comes from outside may not have any. */
static void put_clean(FILE *to, const char *text, int length)
{
	for (int i = 0; i < length; i++)
		fputc((unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i], to);
}

static const char *clean(char *text)
{
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	return text;
}

static int word_length(const char *text)
{
	return (int)strcspn(text, " \n\t");
}

/* Breaks at blanks; the first line has its left part already, of indent columns. */
static void wrapped(const struct text *t, const char *text, int indent)
{
	int column = indent;

	for (text += strspn(text, " \n\t"); *text; text += strspn(text, " \n\t")) {
		int length = word_length(text);

		if (column > indent && column + 1 + length > t->width) {
			fprintf(t->to, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', t->to);
			column++;
		}
		put_clean(t->to, text, length);
		text += length;
		column += length;
	}
	fputc('\n', t->to);
}

static void labelled(const struct text *t, const char *label, const char *text)
{
	ink(t, DIM);
	fprintf(t->to, "%-9s ", label);
	plain(t);
	wrapped(t, text, 10);
}

/* ---- the machine ---- */

static void machine_line(const struct text *t, const struct view *view)
{
	const json_t *topology = json_object_get(view->own, "topology");
	const char *hypervisor = view_text(view->own, "hypervisor");
	double cores = view_number(topology, "cores");
	char cpu[160], line[512], count[40] = "";

	if (isfinite(cores))
		snprintf(count, sizeof(count), ", %.0f core%s", cores, cores == 1 ? "" : "s");
	snprintf(line, sizeof(line), "%s, %s%s, microcode %s, %s%s",
		 view_cpu(view, cpu, sizeof(cpu)), view_text(topology, "architecture"), count,
		 view_text(view->own, "microcode"),
		 strcmp(hypervisor, "none") ? "guest of " : "bare metal",
		 strcmp(hypervisor, "none") ? hypervisor : "");
	labelled(t, "machine", line);
}

static void run_line(const struct text *t, const struct view *view)
{
	double cpu = view_number(json_object_get(view->own, "pinning"), "cpu");
	char line[512], seed[32], pinned[32] = "not pinned";

	if (isfinite(cpu))
		snprintf(pinned, sizeof(pinned), "pinned to CPU %.0f", cpu);
	view_seed(view, seed, sizeof(seed));
	snprintf(line, sizeof(line), "Linux %s, %s%s%s, evidence: %s",
		 view_text(view->own, "kernel"), pinned, *seed ? ", seed " : "", seed,
		 view_text(view->own, "evidence"));
	labelled(t, "run", line);
}

static void memory_lines(const struct text *t, const struct view *view)
{
	const struct view_row *row;
	char line[512], attribute[320];

	for (size_t i = 0; (row = view_place(view, i)); i++) {
		snprintf(line, sizeof(line), "%s on %s: %s", row->memory, row->target,
			 view_attribute(row, attribute, sizeof(attribute)));
		labelled(t, "memory", line);
	}
}

static void notice(const struct text *t, const char *text)
{
	ink(t, BOLD);
	ink(t, RED);
	fprintf(t->to, "%s\n", text);
	plain(t);
}

static void header(const struct text *t, const struct view *view)
{
	if (view->emulated)
		notice(t, view_emulated_notice);
	if (view->partial)
		notice(t, "PARTIAL: the run was interrupted");
	machine_line(t, view);
	run_line(t, view);
	memory_lines(t, view);
}

/* ---- family barrier: a matrix ---- */

static bool is_idle(const struct view_condition *c)
{
	return !c->behind;
}

static size_t group_end(const struct view_matrix *m, size_t begin)
{
	size_t end = begin + 1;

	while (end < m->n_conditions && view_same_group(&m->conditions[begin], &m->conditions[end]))
		end++;
	return end;
}

static bool group_ran(const struct view_matrix *m, size_t begin)
{
	for (size_t c = begin; c < group_end(m, begin); c++)
		if (m->conditions[c].ran)
			return true;
	return false;
}

/* Idle has a second column, for cycles. */
static int group_columns(const struct view_matrix *m, size_t begin)
{
	return is_idle(&m->conditions[begin]) ? 2 : (int)(group_end(m, begin) - begin);
}

/* The two lines above a group. */
static void group_titles(const struct view_condition *c, char titles[2][64])
{
	bool idle = is_idle(c);

	snprintf(titles[0], 64, "%s", idle ? "" : c->kernel);
	snprintf(titles[1], 64, "%s", c->next == VIEW_LOAD ? "then load" : "then store");
	if (idle)
		snprintf(titles[1], 64, "idle");
	clean(titles[0]);
}

static int group_width(const struct view_matrix *m, size_t begin)
{
	int width = group_columns(m, begin) * CELL_WIDTH;
	char titles[2][64];

	group_titles(&m->conditions[begin], titles);
	for (int i = 0; i < 2; i++)
		if (width < (int)strlen(titles[i]))
			width = (int)strlen(titles[i]);
	return GAP + width;
}

/* Which groups go side by side: as many as fit, and never two flavours of stores. */
static size_t block_end(const struct text *t, const struct view_matrix *m, size_t begin)
{
	int used = LABEL_WIDTH;
	const char *stores = "";
	size_t g = begin;

	while (g < m->n_conditions) {
		const char *here = m->conditions[g].stores;
		int width = group_ran(m, g) ? group_width(m, g) : 0;

		if (*stores && strcmp(stores, here))
			break;
		if (width && used > LABEL_WIDTH && used + width > t->width)
			break;
		used += width;
		if (*here)
			stores = here;
		g = group_end(m, g);
	}
	return g;
}

static void block_heads(const struct text *t, const struct view_matrix *m, size_t begin, size_t end)
{
	char titles[2][64];

	for (int line = 0; line < 2; line++) {
		fprintf(t->to, "%-*s", LABEL_WIDTH, "");
		for (size_t g = begin; g < end; g = group_end(m, g)) {
			if (!group_ran(m, g))
				continue;
			group_titles(&m->conditions[g], titles);
			fprintf(t->to, "%*s", group_width(m, g), titles[line]);
		}
		fputc('\n', t->to);
	}
	fprintf(t->to, "%-*s", LABEL_WIDTH, "barrier");
}

static void column_heads(const struct text *t, const struct view_matrix *m, size_t begin)
{
	int pad = group_width(m, begin) - group_columns(m, begin) * CELL_WIDTH;
	char head[32];

	fprintf(t->to, "%*s", pad, "");
	if (is_idle(&m->conditions[begin])) {
		fprintf(t->to, "%*s%*s", CELL_WIDTH, "ns", CELL_WIDTH, "cycles");
		return;
	}
	for (size_t c = begin; c < group_end(m, begin); c++) {
		snprintf(head, sizeof(head), "x%ld", m->conditions[c].behind);
		fprintf(t->to, "%*s", CELL_WIDTH, head);
	}
}

/* What stands where there is no figure. */
static const char *no_figure(const struct view_row *row)
{
	if (!row)
		return "";
	return !strcmp(row->status, "unsupported") ? "n/a" : row->status;
}

static void put_cell(const struct text *t, const struct view_row *row, double value)
{
	bool ran = row && row->ran;
	char number[32];

	if (row && !ran)
		ink(t, !strcmp(row->status, "failed") ? RED : DIM);
	fprintf(t->to, "%*s", CELL_WIDTH,
		ran ? view_short(value, number, sizeof(number)) : no_figure(row));
	if (row && !ran)
		plain(t);
}

static void group_cells(const struct text *t, const struct view_matrix *m, size_t barrier,
			size_t begin)
{
	int pad = group_width(m, begin) - group_columns(m, begin) * CELL_WIDTH;

	fprintf(t->to, "%*s", pad, "");
	for (size_t c = begin; c < group_end(m, begin); c++) {
		const struct view_row *row = view_cell(m, barrier, c);

		put_cell(t, row, row ? row->ns_min : NAN);
		if (is_idle(&m->conditions[begin]))
			put_cell(t, row && row->ran ? row : NULL, row ? row->cycles_min : NAN);
	}
}

static void block_row(const struct text *t, const struct view_matrix *m, size_t b, size_t begin,
		      size_t end)
{
	bool base = !strcmp(m->barriers[b], "none");
	char label[64];

	snprintf(label, sizeof(label), "%.40s%s", m->barriers[b], base ? " (base)" : "");
	if (base)
		ink(t, DIM);
	fprintf(t->to, "%-*s", LABEL_WIDTH, clean(label));
	for (size_t g = begin; g < end; g = group_end(m, g))
		if (group_ran(m, g))
			group_cells(t, m, b, g);
	if (base)
		plain(t);
	fputc('\n', t->to);
}

static bool block_ran(const struct view_matrix *m, size_t begin, size_t end)
{
	for (size_t g = begin; g < end; g = group_end(m, g))
		if (group_ran(m, g))
			return true;
	return false;
}

/* The base has no idle row of its own: without figures it would be an empty line. */
static bool row_in_block(const struct view_matrix *m, size_t b, size_t begin, size_t end)
{
	for (size_t c = begin; c < end; c++)
		if (view_cell(m, b, c))
			return true;
	return false;
}

static void block(const struct text *t, const struct view_matrix *m, size_t begin, size_t end)
{
	const char *stores = m->conditions[end - 1].stores;
	bool idle = is_idle(&m->conditions[begin]);
	char heading[160];

	if (!block_ran(m, begin, end))
		return;
	fputc('\n', t->to);
	ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Barriers on %.60s, %.20s: %s%s%s%s; minimum, ns",
		 m->target, m->memory, idle ? "idle" : "", idle && *stores ? " and " : "",
		 *stores ? "behind " : "", view_stores_text(stores, m->memory));
	fprintf(t->to, "%s\n", clean(heading));
	plain(t);
	block_heads(t, m, begin, end);
	for (size_t g = begin; g < end; g = group_end(m, g))
		if (group_ran(m, g))
			column_heads(t, m, g);
	fputc('\n', t->to);
	for (size_t b = 0; b < m->n_barriers; b++)
		if (row_in_block(m, b, begin, end))
			block_row(t, m, b, begin, end);
}

static void matrices(const struct text *t, const struct view *view)
{
	struct view_matrix m;
	bool any = false;

	for (size_t i = 0; !view_matrix_open(&m, view, i); i++) {
		for (size_t c = 0, end; c < m.n_conditions; c = end) {
			end = block_end(t, &m, c);
			block(t, &m, c, end);
		}
		any |= m.n_conditions > 1;
		view_matrix_close(&m);
	}
	if (!any)
		return;
	ink(t, DIM);
	wrapped(t,
		"base: the stores and the next access without a barrier. Below it: what the barrier "
		"adds to that. xN: behind N stores; to cached memory, stores that miss.",
		0);
	plain(t);
}

/* ---- family copy: a matrix for each class, kernels down, shapes across ---- */

#define COPY_CELL 8
#define COPY_PAIR (GAP + 2 * COPY_CELL)

static const char *class_text(const struct view_copies *c, enum view_class class)
{
	bool cached = !strcmp(c->memory, "wb");

	switch (class) {
	case VIEW_RANKED:
		return cached ? "device-safe, non-temporal or direct stores, ranked"
			      : "device-safe, ranked";
	case VIEW_YARDSTICK:
		return cached ? "plain cached stores, yardsticks, not ranked" : "fills, not ranked";
	case VIEW_UNSAFE:
		return "NOT DEVICE-SAFE, not ranked";
	case VIEW_KERNEL:
		return "the kernel's own, run by it, not ranked";
	default:
		return "reads, not ranked";
	}
}

static bool kernel_ran(const struct view_copies *c, size_t kernel)
{
	return isfinite(c->kernels[kernel].score);
}

static bool class_ran(const struct view_copies *c, enum view_class class)
{
	for (size_t k = 0; k < c->n_kernels; k++)
		if (c->kernels[k].class == class && kernel_ran(c, k))
			return true;
	return false;
}

/* "64", "64 x1", "100+3", "1024/4": what is not as usual stands behind the size. */
static void shape_text(const struct view_copies *c, size_t shape, char *buf, size_t n)
{
	const struct view_shape *s = &c->shapes[shape];

	snprintf(buf, n, "%ld", s->bytes);
	if (s->offset)
		snprintf(buf + strlen(buf), n - strlen(buf), "+%ld", s->offset);
	if (s->every)
		snprintf(buf + strlen(buf), n - strlen(buf), "/%ld", s->every);
	if (!s->offset && !s->every && !view_is_plain_shape(c, shape))
		snprintf(buf + strlen(buf), n - strlen(buf), " x%ld", s->lines);
}

static int label_width(const struct view_copies *c)
{
	size_t width = LABEL_WIDTH;

	for (size_t k = 0; k < c->n_kernels; k++)
		if (kernel_ran(c, k) && strlen(c->kernels[k].id) > width)
			width = strlen(c->kernels[k].id);
	return width < 30 ? (int)width : 30;
}

/* What stands behind the copies of a class: the kernel has its own name for it. */
static const char *fence_text(const struct view_copies *c, enum view_class class)
{
	if (class == VIEW_KERNEL)
		return "wmb";
	return *c->barrier ? c->barrier : "fence";
}

static void copy_heads(const struct text *t, const struct view_copies *c, enum view_class class,
		       size_t begin, size_t end)
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
		fprintf(t->to, "%*s%*s", GAP + COPY_CELL, "alone", COPY_CELL, clean(head));
	fputc('\n', t->to);
}

/* A figure that may not be ranked is not shown among those that are. */
static void copy_cell(const struct text *t, const struct view_row *row, enum view_class class,
		      int width)
{
	if (row && row->ran && view_class_of(row) != class) {
		fprintf(t->to, "%*.*s", width, CELL_WIDTH, row->stores);
		return;
	}
	fprintf(t->to, "%*s", width - CELL_WIDTH, "");
	put_cell(t, row, row ? row->ns_min : NAN);
}

static void copy_line(const struct text *t, const struct view_copies *c, size_t kernel,
		      size_t begin, size_t end)
{
	enum view_class class = c->kernels[kernel].class;
	char label[64];

	snprintf(label, sizeof(label), "%.30s", c->kernels[kernel].id);
	fprintf(t->to, "%-*s", label_width(c), clean(label));
	for (size_t s = begin; s < end; s++) {
		copy_cell(t, view_copy(c, kernel, s, false), class, GAP + COPY_CELL);
		copy_cell(t, view_copy(c, kernel, s, true), class, COPY_CELL);
	}
	fputc('\n', t->to);
}

static void copy_class(const struct text *t, const struct view_copies *c, enum view_class class)
{
	int room = (t->width - label_width(c)) / COPY_PAIR;
	size_t fit = room > 1 ? (size_t)room : 1;
	char heading[200];

	if (!class_ran(c, class))
		return;
	fputc('\n', t->to);
	ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Copies to %.60s, %.20s: %s; minimum, ns", c->target,
		 c->memory, class_text(c, class));
	wrapped(t, clean(heading), 0);
	plain(t);
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

static void versus_line(const struct text *t, const struct view_copies *c, size_t shape,
			bool fenced)
{
	struct view_duel duel;
	char size[64], behind[64], ours[32], best[32], kernel[64];
	double ratio;

	if (!view_duel(c, shape, fenced, &duel))
		return;
	shape_text(c, shape, size, sizeof(size));
	snprintf(behind, sizeof(behind), "%.7s", fenced ? duel.ours->barrier : "alone");
	snprintf(kernel, sizeof(kernel), "%.28s", duel.best->kernel);
	ratio = duel.ours->ns_block_min / duel.best->ns_block_min;
	fprintf(t->to, "%-9s %-7s %8s %8s  %-28s", size, clean(behind),
		view_short(duel.ours->ns_block_min, ours, sizeof(ours)),
		view_short(duel.best->ns_block_min, best, sizeof(best)), clean(kernel));
	if (duel.best->ns_block_min > 0)
		fprintf(t->to, " %5.2f", ratio);
	else
		fprintf(t->to, " %5s", "");
	if (!strcmp(duel.verdict, "behind"))
		ink(t, RED);
	fprintf(t->to, "  %s\n", duel.verdict);
	plain(t);
}

static void versus(const struct text *t, const struct view_copies *c)
{
	unsigned ahead, tied, behind;
	char line[256];

	if (!view_duels(c, &ahead, &tied, &behind))
		return;
	fputc('\n', t->to);
	ink(t, BOLD);
	snprintf(line, sizeof(line),
		 "Versus, %.60s, %.20s: fencepost_copy_toio beside the best other ranked copy; "
		 "median of the blocks' minima, ns",
		 c->target, c->memory);
	wrapped(t, clean(line), 0);
	plain(t);
	fprintf(t->to, "%-9s %-7s %8s %8s  %-28s %5s  %s\n", "bytes", "with", "ours", "best", "by",
		"ratio", "verdict");
	for (size_t i = 0; i < c->n_shapes * 2; i++)
		versus_line(t, c, i / 2, i % 2);
	snprintf(
		line, sizeof(line),
		"Ahead %u, tied %u, behind %u of %u. Tied: within 0.2 ns or 2 %%. Yardsticks above "
		"are not ranked: plain stores to cached memory end in a cache.",
		ahead, tied, behind, ahead + tied + behind);
	ink(t, DIM);
	wrapped(t, line, 0);
	plain(t);
}

static void copies(const struct text *t, const struct view *view)
{
	struct view_copies c;
	bool any = false, here;

	for (size_t i = 0; !view_copies_open(&c, view, i); i++) {
		here = false;
		for (int class = 0; class < VIEW_CLASSES; class ++) {
			here |= class_ran(&c, class);
			copy_class(t, &c, class);
		}
		any |= here;
		/* An emulator's times say nothing about who is ahead. */
		if (!view->emulated)
			versus(t, &c);
		view_copies_close(&c);
	}
	if (!any)
		return;
	fputc('\n', t->to);
	ink(t, DIM);
	wrapped(t,
		"+barrier: copy and barrier together. 64 x1: over and over to the same line; "
		"100+3: 3 "
		"bytes into a line; 1024/4: the barrier behind every 4 lines, not only the last.",
		0);
	plain(t);
}

/* ---- family combine: a block for each kind of store ---- */

/* Figures of one kind, which pick() chooses, with what is varied above them. */
static void combine_figures(const struct text *t, const struct view_combine *c,
			    const char *const labels[2], long (*pick)(const struct view_row *row))
{
	size_t fit = (size_t)(t->width - LABEL_WIDTH) / CELL_WIDTH, r = 0;

	while (r < c->view->n) {
		size_t end, n;

		for (int line = 0; line < 2; line++) {
			for (end = r, n = 0; end < c->view->n && n < fit; end++) {
				const struct view_row *row = &c->view->rows[end];

				if (!view_combines(c, row) || !row->ran || !pick(row))
					continue;
				if (!n++)
					fprintf(t->to, "%-*s", LABEL_WIDTH, labels[line]);
				if (line)
					put_cell(t, row, row->ns_min);
				else
					fprintf(t->to, "%*ld", CELL_WIDTH, pick(row));
			}
			if (n)
				fputc('\n', t->to);
		}
		r = end;
	}
}

static long pick_lines(const struct view_row *row)
{
	return row->lines;
}

static long pick_up(const struct view_row *row)
{
	return strstr(row->name, "/order:up") ? row->bytes : 0;
}

static long pick_down(const struct view_row *row)
{
	return strstr(row->name, "/order:down") ? row->bytes : 0;
}

static void combine_between(const struct text *t, const struct view_combine *c)
{
	char line[1200] = "", number[32];

	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (!view_combines(c, row) || !row->ran || !*row->between)
			continue;
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%.40s %s",
			 *line ? ", " : "", view_between_text(row),
			 view_short(row->ns_min, number, sizeof(number)));
	}
	if (!*line)
		return;
	fprintf(t->to, "%-*s", LABEL_WIDTH, "between halves");
	wrapped(t, line, LABEL_WIDTH);
}

static void combine_repeat(const struct text *t, const struct view_combine *c)
{
	char number[32];

	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (view_combines(c, row) && row->ran && strstr(row->name, "/repeat:"))
			fprintf(t->to, "%-*s%*s\n", LABEL_WIDTH, "same line again", CELL_WIDTH,
				view_short(row->ns_min, number, sizeof(number)));
	}
}

static bool combine_ran(const struct view_combine *c)
{
	for (size_t r = 0; r < c->view->n; r++)
		if (view_combines(c, &c->view->rows[r]) && c->view->rows[r].ran)
			return true;
	return false;
}

static void combine_block(const struct text *t, const struct view_combine *c)
{
	static const char *const lines[] = {"lines in turn", ""};
	static const char *const up[] = {"bytes, upwards", ""};
	static const char *const down[] = {"bytes, downwards", ""};
	char heading[200];

	fputc('\n', t->to);
	ink(t, BOLD);
	snprintf(heading, sizeof(heading),
		 "Write combining on %.60s, %.20s: %.40s; minimum, ns a line", c->sample->target,
		 c->sample->memory, c->sample->kernel);
	wrapped(t, clean(heading), 0);
	plain(t);
	combine_figures(t, c, lines, pick_lines);
	combine_figures(t, c, up, pick_up);
	combine_figures(t, c, down, pick_down);
	combine_between(t, c);
	combine_repeat(t, c);
}

static void combining(const struct text *t, const struct view *view)
{
	struct view_combine c;
	char line[1024];

	for (size_t i = 0; !view_combine_open(&c, view, i); i++)
		if (combine_ran(&c))
			combine_block(t, &c);
	if (!view_concludes_combine(view) && *view_combine_sentence(view, line, sizeof(line)))
		wrapped(t, line, 0);
}

/* ---- other families: a list for each flavour of stores ---- */

static bool has_matrix(const struct view_row *row)
{
	return !strcmp(row->family, "barrier") || (!strcmp(row->family, "copy") && !row->locked) ||
	       !strcmp(row->family, "combine");
}

/* Of one list: the same kind of stores, and RAM with RAM, a BAR's type with its own. */
static bool same_list(const struct view_row *a, const struct view_row *b)
{
	return a->ran && b->ran && !has_matrix(a) && !has_matrix(b) &&
	       !strcmp(a->family, b->family) && !strcmp(a->stores, b->stores) &&
	       !strcmp(a->target, b->target) && !strcmp(a->memory, b->memory);
}

static bool first_of_list(const struct view *view, size_t i)
{
	const struct view_row *row = &view->rows[i];

	if (!row->ran || has_matrix(row))
		return false;
	for (size_t r = 0; r < i; r++)
		if (same_list(&view->rows[r], row))
			return false;
	return true;
}

/* A nop costs less than a tenth of a nanosecond: a digit more than in the matrix. */
static const char *list_figure(double value, char *buf, size_t n)
{
	if (!(fabs(value) < 1))
		return view_short(value, buf, n);
	snprintf(buf, n, "%.3f", value);
	return buf;
}

static void list_row(const struct text *t, const struct view_row *row)
{
	const char *name = strchr(row->name, '/');
	const double figures[] = { row->ns_min, row->ns_p50, row->ns_p99, row->cycles_min };
	char number[32], label[128];

	snprintf(label, sizeof(label), "%s", name ? name + 1 : row->name);
	fprintf(t->to, "%-34s", clean(label));
	for (int i = 0; i < 4; i++)
		fprintf(t->to, "%10s", list_figure(figures[i], number, sizeof(number)));
	fputc('\n', t->to);
}

static void list(const struct text *t, const struct view *view, size_t first)
{
	const struct view_row *like = &view->rows[first];
	char heading[200], place[96];

	fputc('\n', t->to);
	ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Family %.40s: %s%s", like->family,
		 view_place_text(like, place, sizeof(place)),
		 *like->stores ? view_stores_text(like->stores, like->memory)
			       : "loads, locks and others");
	fprintf(t->to, "%s\n", clean(heading));
	plain(t);
	fprintf(t->to, "%-34s%10s%10s%10s%10s\n", "row", "ns min", "p50", "p99", "cycles");
	for (size_t r = first; r < view->n; r++) {
		const struct view_row *row = &view->rows[r];

		if (same_list(row, like))
			list_row(t, row);
	}
}

/* ---- what did not run, and the end ---- */

static void reasons(const struct text *t, const struct view *view)
{
	bool headed = false;

	for (size_t i = 0; i < view->n; i++) {
		const char *what;
		size_t n = view_reason_group(view, i, &what);
		char line[512];

		if (!n)
			continue;
		if (!headed)
			fputc('\n', t->to);
		headed = true;
		ink(t, !strcmp(view->rows[i].status, "failed") ? RED : DIM);
		snprintf(line, sizeof(line), "%s%s%s (%zu row%s): %s", view->rows[i].status,
			 *what ? " " : "", what, n, n == 1 ? "" : "s", view->rows[i].reason);
		wrapped(t, line, 0);
		plain(t);
	}
}

static void trust(const struct text *t, const struct view *view)
{
	char line[1024];

	fputc('\n', t->to);
	if (*view_harness(view, line, sizeof(line)))
		labelled(t, "harness", line);
	if (*view_published(view, line, sizeof(line)))
		labelled(t, "check", line);
}

static void warnings(const struct text *t, const struct view *view)
{
	const json_t *array = json_object_get(view->own, "warnings"), *warning;
	size_t i;

	if (json_array_size(array))
		fputc('\n', t->to);
	json_array_foreach(array, i, warning) {
		const char *text = json_string_value(warning);

		ink(t, YELLOW);
		fputs("warning: ", t->to);
		wrapped(t, text ? text : "", 9);
		plain(t);
	}
}

static void conclusion(const struct text *t, const json_t *root)
{
	char line[1024];

	fp_conclusion(root, line, sizeof(line));
	fputc('\n', t->to);
	ink(t, BOLD);
	/* One line, whatever the width: others look for it. */
	fprintf(t->to, "%s\n", clean(line));
	plain(t);
}

static void write_text(const json_t *root, const struct view *view, const struct text *t)
{
	header(t, view);
	matrices(t, view);
	copies(t, view);
	combining(t, view);
	for (size_t i = 0; i < view->n; i++)
		if (first_of_list(view, i))
			list(t, view, i);
	reasons(t, view);
	trust(t, view);
	warnings(t, view);
	conclusion(t, root);
}

/* ---- one line a row ---- */

/* A member as text; free() it. */
static char *member_text(const json_t *value)
{
	char number[40];

	if (!value)
		return strdup("");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_real(value))
		return strdup(view_exact(json_real_value(value), number, sizeof(number)));
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
}

/* A row's line; no view_row: the line of names. */
struct line_style {
	const char *begin, *between, *end;
	void (*put)(FILE *to, const char *text);
};

static int write_line(FILE *to, const struct line_style *style, const struct view_row *row)
{
	fputs(style->begin, to);
	style->put(to, row ? row->name : "name");
	for (size_t f = 0; f < FIELDS; f++) {
		char *text =
			row ? member_text(json_object_get(row->own, fields[f])) : strdup(fields[f]);

		if (!text)
			return -ENOMEM;
		fputs(style->between, to);
		style->put(to, text);
		free(text);
	}
	fputs(style->end, to);
	return 0;
}

static int write_lines(FILE *to, const struct view *view, enum fp_format format)
{
	static const struct line_style csv = { "", ",", "\r\n", fp_put_csv };
	static const struct line_style markdown = { "| ", " | ", " |\n", fp_put_markdown };
	const struct line_style *style = format == FP_CSV ? &csv : &markdown;
	int ret = write_line(to, style, NULL);

	if (format == FP_MARKDOWN) {
		for (size_t f = 0; f <= FIELDS; f++)
			fputs(f ? "---|" : "|---|", to);
		fputc('\n', to);
	}
	for (size_t r = 0; !ret && r < view->n; r++)
		ret = write_line(to, style, &view->rows[r]);
	return ret;
}

static int write_markdown(FILE *to, const json_t *root, const struct view *view)
{
	char line[1024];
	int ret;

	if (view->emulated)
		fprintf(to, "**%s**\n\n", view_emulated_notice);
	fp_put_markdown(to, fp_conclusion(root, line, sizeof(line)));
	fputs("\n\n", to);
	ret = write_lines(to, view, FP_MARKDOWN);
	return ret;
}

static int write_json(const json_t *root, FILE *to)
{
	int ret = json_dumpf(root, to, FP_JSON_FLAGS) ? -EIO : 0;

	fputc('\n', to);
	return ret;
}

int fp_table_write(const json_t *root, FILE *to, enum fp_format format, bool colour, int width)
{
	struct view view;
	int ret = view_open(&view, root);

	if (ret)
		return ret;
	if (format == FP_JSON)
		ret = write_json(root, to);
	else if (format == FP_CSV)
		ret = write_lines(to, &view, FP_CSV);
	else if (format == FP_MARKDOWN)
		ret = write_markdown(to, root, &view);
	else
		write_text(root, &view, &(struct text){ to, colour, width < 40 ? 40 : width });
	view_close(&view);
	return ret ? ret : ferror(to) ? -EIO : 0;
}
