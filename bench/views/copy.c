// SPDX-License-Identifier: MIT
/* Family copy: a matrix for each class, copies down, shapes across; ours beside the best other. */
#include "views/text.h"

#include <math.h>
#include <string.h>

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
		fprintf(t->to, "%*s%*s", GAP + COPY_CELL, "alone", COPY_CELL, text_clean(head));
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
	text_cell(t, row, row ? row->ns_min : NAN);
}

static void copy_line(const struct text *t, const struct view_copies *c, size_t kernel,
		      size_t begin, size_t end)
{
	enum view_class class = c->kernels[kernel].class;
	char label[64];

	snprintf(label, sizeof(label), "%.30s", c->kernels[kernel].id);
	fprintf(t->to, "%-*s", label_width(c), text_clean(label));
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
	text_ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Copies to %.60s, %.20s: %s; minimum, ns", c->target,
		 c->memory, class_text(c, class));
	text_wrapped(t, text_clean(heading), 0);
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
	fprintf(t->to, "%-9s %-7s %8s %8s  %-28s", size, text_clean(behind),
		view_short(duel.ours->ns_block_min, ours, sizeof(ours)),
		view_short(duel.best->ns_block_min, best, sizeof(best)), text_clean(kernel));
	if (duel.best->ns_block_min > 0)
		fprintf(t->to, " %5.2f", ratio);
	else
		fprintf(t->to, " %5s", "");
	if (!strcmp(duel.verdict, "behind"))
		text_ink(t, RED);
	fprintf(t->to, "  %s\n", duel.verdict);
	text_plain(t);
}

static void versus(const struct text *t, const struct view_copies *c)
{
	unsigned ahead, tied, behind;
	char line[256];

	if (!view_duels(c, &ahead, &tied, &behind))
		return;
	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(line, sizeof(line),
		 "Versus, %.60s, %.20s: fencepost_copy_toio beside the best other ranked copy; "
		 "median of the blocks' minima, ns",
		 c->target, c->memory);
	text_wrapped(t, text_clean(line), 0);
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

void text_copies(const struct text *t, const struct view *view)
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
	text_ink(t, DIM);
	text_wrapped(
		t,
		"+barrier: copy and barrier together. 64 x1: over and over to the same line; "
		"100+3: 3 "
		"bytes into a line; 1024/4: the barrier behind every 4 lines, not only the last.",
		0);
	text_plain(t);
}
