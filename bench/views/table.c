// SPDX-License-Identifier: MIT
#include "views/views.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "views/text.h"

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
	text_labelled(t, "machine", line);
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
	text_labelled(t, "run", line);
}

static void memory_lines(const struct text *t, const struct view *view)
{
	const struct view_row *row;
	char line[512], attribute[320];

	for (size_t i = 0; (row = view_place(view, i)); i++) {
		snprintf(line, sizeof(line), "%s on %s: %s", row->memory, row->target,
			 view_attribute(row, attribute, sizeof(attribute)));
		text_labelled(t, "memory", line);
	}
}

static void notice(const struct text *t, const char *text)
{
	text_ink(t, BOLD);
	text_ink(t, RED);
	fprintf(t->to, "%s\n", text);
	text_plain(t);
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
	char number[32], label[128], *target;

	snprintf(label, sizeof(label), "%s", name ? name + 1 : row->name);
	/* The heading has it. */
	target = strstr(label, "/target:");
	if (target)
		*target = '\0';
	fprintf(t->to, "%-34s", text_clean(label));
	for (int i = 0; i < 4; i++)
		fprintf(t->to, "%10s", list_figure(figures[i], number, sizeof(number)));
	fputc('\n', t->to);
}

static void list(const struct text *t, const struct view *view, size_t first)
{
	const struct view_row *like = &view->rows[first];
	char heading[200], place[96];

	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Family %.40s: %s%s", like->family,
		 view_place_text(like, place, sizeof(place)),
		 *like->stores ? view_stores_text(like->stores, like->memory)
			       : "loads, locks and others");
	fprintf(t->to, "%s\n", text_clean(heading));
	text_plain(t);
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
		text_ink(t, !strcmp(view->rows[i].status, "failed") ? RED : DIM);
		snprintf(line, sizeof(line), "%s%s%s (%zu row%s): %s", view->rows[i].status,
			 *what ? " " : "", what, n, n == 1 ? "" : "s", view->rows[i].reason);
		text_wrapped(t, line, 0);
		text_plain(t);
	}
}

static void trust(const struct text *t, const struct view *view)
{
	char line[1024];

	fputc('\n', t->to);
	if (*view_harness(view, line, sizeof(line)))
		text_labelled(t, "harness", line);
	if (*view_published(view, line, sizeof(line)))
		text_labelled(t, "check", line);
}

static void warnings(const struct text *t, const struct view *view)
{
	const json_t *array = json_object_get(view->own, "warnings"), *warning;
	size_t i;

	if (json_array_size(array))
		fputc('\n', t->to);
	json_array_foreach(array, i, warning) {
		const char *text = json_string_value(warning);

		text_ink(t, YELLOW);
		fputs("warning: ", t->to);
		text_wrapped(t, text ? text : "", 9);
		text_plain(t);
	}
}

static void conclusion(const struct text *t, const json_t *root)
{
	char line[1024];

	fp_conclusion(root, line, sizeof(line));
	fputc('\n', t->to);
	text_ink(t, BOLD);
	/* One line, whatever the width: others look for it. */
	fprintf(t->to, "%s\n", text_clean(line));
	text_plain(t);
}

static void write_text(const json_t *root, const struct view *view, const struct text *t)
{
	header(t, view);
	text_barriers(t, view);
	text_copies(t, view);
	text_combines(t, view);
	for (size_t i = 0; i < view->n; i++)
		if (first_of_list(view, i))
			list(t, view, i);
	reasons(t, view);
	trust(t, view);
	warnings(t, view);
	conclusion(t, root);
}

static int write_markdown(FILE *to, const json_t *root, const struct view *view)
{
	char line[1024];
	int ret;

	if (view->emulated)
		fprintf(to, "**%s**\n\n", view_emulated_notice);
	fp_put_markdown(to, fp_conclusion(root, line, sizeof(line)));
	fputs("\n\n", to);
	ret = view_lines_write(to, view, FP_MARKDOWN);
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
		ret = view_lines_write(to, &view, FP_CSV);
	else if (format == FP_MARKDOWN)
		ret = write_markdown(to, root, &view);
	else
		write_text(root, &view, &(struct text){ to, colour, width < 40 ? 40 : width });
	view_close(&view);
	return ret ? ret : ferror(to) ? -EIO : 0;
}
