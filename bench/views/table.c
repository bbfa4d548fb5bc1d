// SPDX-License-Identifier: MIT
#include "views/views.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "findings/trust.h"
#include "views/family.h"
#include "views/lines.h"
#include "views/number.h"

/* ---- the machine ---- */

static void machine_line(const struct text *t, const struct doc *doc)
{
	const json_t *topology = json_object_get(doc->own, "topology");
	const char *hypervisor = doc_text(doc->own, "hypervisor");
	double cores = doc_number(topology, "cores");
	char cpu[160], line[512], count[40] = "";

	if (isfinite(cores))
		snprintf(count, sizeof(count), ", %.0f core%s", cores, cores == 1 ? "" : "s");
	snprintf(line, sizeof(line), "%s, %s%s, microcode %s, %s%s", doc_cpu(doc, cpu, sizeof(cpu)),
		 doc_text(topology, "architecture"), count, doc_text(doc->own, "microcode"),
		 strcmp(hypervisor, "none") ? "guest of " : "bare metal",
		 strcmp(hypervisor, "none") ? hypervisor : "");
	text_labelled(t, "machine", line);
}

static void run_line(const struct text *t, const struct doc *doc)
{
	double cpu = doc_number(json_object_get(doc->own, "pinning"), "cpu");
	char line[512], seed[32], pinned[32] = "not pinned";

	if (isfinite(cpu))
		snprintf(pinned, sizeof(pinned), "pinned to CPU %.0f", cpu);
	doc_seed(doc, seed, sizeof(seed));
	snprintf(line, sizeof(line), "Linux %s, %s%s%s, evidence: %s", doc_text(doc->own, "kernel"),
		 pinned, *seed ? ", seed " : "", seed, doc_text(doc->own, "evidence"));
	text_labelled(t, "run", line);
}

static void memory_lines(const struct text *t, const struct doc *doc)
{
	const struct doc_row *row;
	char line[512], attribute[320];

	for (size_t i = 0; (row = doc_mapping(doc, NULL, i)); i++) {
		snprintf(line, sizeof(line), "%s on %s: %s", row->memory, row->target,
			 doc_attribute(row, attribute, sizeof(attribute)));
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

static void header(const struct text *t, const struct doc *doc)
{
	if (doc->emulated)
		notice(t, view_emulated_notice);
	if (doc->partial)
		notice(t, "PARTIAL: the run was interrupted");
	machine_line(t, doc);
	run_line(t, doc);
	memory_lines(t, doc);
}

/* ---- other families: a list for each flavour of stores ---- */

/* Of one list: the same kind of stores, and RAM with RAM, a BAR's type with its own. */
static bool same_list(const struct doc_row *a, const struct doc_row *b)
{
	return a->ran && b->ran && !view_shown_by(a) && !view_shown_by(b) &&
	       !strcmp(a->family, b->family) && !strcmp(a->stores, b->stores) &&
	       doc_same_mapping(a, b);
}

static bool first_of_list(const struct doc *doc, size_t i)
{
	const struct doc_row *row = &doc->rows[i];

	if (!row->ran || view_shown_by(row))
		return false;
	for (size_t r = 0; r < i; r++)
		if (same_list(&doc->rows[r], row))
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

/* Its name but for what stands in the heading. */
static void list_label(const struct doc_row *row, char *buf, size_t n)
{
	const char *key;
	json_t *value;

	snprintf(buf, n, "%s/%s/%s", row->kernel, row->barrier, row->memory);
	json_object_foreach((json_t *)row->axes, key, value)
	{
		size_t used = strlen(buf);

		if (!strcmp(key, "target"))
			continue;
		if (json_is_string(value))
			snprintf(buf + used, n - used, "/%s:%s", key, json_string_value(value));
		else
			snprintf(buf + used, n - used, "/%s:%" JSON_INTEGER_FORMAT, key,
				 json_integer_value(value));
	}
	fp_blank(buf);
}

static void list_row(const struct text *t, const struct doc_row *row)
{
	const double figures[] = {row->ns_min, row->ns_p50, row->ns_p99, row->cycles_min};
	char number[32], label[128];

	list_label(row, label, sizeof(label));
	fprintf(t->to, "%-34s", label);
	for (int i = 0; i < 4; i++)
		fprintf(t->to, "%10s", list_figure(figures[i], number, sizeof(number)));
	fputc('\n', t->to);
}

static void list(const struct text *t, const struct doc *doc, size_t first)
{
	const struct doc_row *like = &doc->rows[first];
	char heading[200], mapping[96];

	fputc('\n', t->to);
	text_ink(t, BOLD);
	snprintf(heading, sizeof(heading), "Family %.40s: %s%s", like->family,
		 finding_mapping_text(like, mapping, sizeof(mapping)),
		 *like->stores ? finding_stores_text(like->stores, like->is_ram)
			       : "loads, locks and others");
	fprintf(t->to, "%s\n", fp_blank(heading));
	text_plain(t);
	fprintf(t->to, "%-34s%10s%10s%10s%10s\n", "row", "ns min", "p50", "p99", "cycles");
	for (size_t r = first; r < doc->n; r++) {
		const struct doc_row *row = &doc->rows[r];

		if (same_list(row, like))
			list_row(t, row);
	}
}

/* ---- what did not run, and the end ---- */

static void reasons(const struct text *t, const struct doc *doc)
{
	bool headed = false;

	for (size_t i = 0; i < doc->n; i++) {
		const char *what;
		size_t n = finding_reason_group(doc, i, &what);
		char line[512];

		if (!n)
			continue;
		if (!headed)
			fputc('\n', t->to);
		headed = true;
		text_ink(t, !strcmp(doc->rows[i].status, "failed") ? RED : DIM);
		snprintf(line, sizeof(line), "%s%s%s (%zu row%s): %s", doc->rows[i].status,
			 *what ? " " : "", what, n, n == 1 ? "" : "s", doc->rows[i].reason);
		text_wrapped(t, line, 0);
		text_plain(t);
	}
}

static void trust(const struct text *t, const struct doc *doc)
{
	char line[1024];

	fputc('\n', t->to);
	if (*finding_harness(doc, line, sizeof(line)))
		text_labelled(t, "harness", line);
	if (*finding_published(doc, line, sizeof(line)))
		text_labelled(t, "check", line);
}

static void warnings(const struct text *t, const struct doc *doc)
{
	const json_t *array = json_object_get(doc->own, "warnings"), *warning;
	size_t i;

	if (json_array_size(array))
		fputc('\n', t->to);
	json_array_foreach(array, i, warning)
	{
		const char *text = json_string_value(warning);

		text_ink(t, YELLOW);
		fputs("warning: ", t->to);
		text_wrapped(t, text ? text : "", 9);
		text_plain(t);
	}
}

static void conclusion(const struct text *t, const struct doc *doc)
{
	char line[1024];

	view_conclusion(doc, line, sizeof(line));
	fputc('\n', t->to);
	text_ink(t, BOLD);
	/* One line, whatever the width: others look for it. */
	fprintf(t->to, "%s\n", fp_blank(line));
	text_plain(t);
}

static void families(const struct text *t, const struct doc *doc)
{
	char line[1024];

	for (const struct view_family *const *f = view_families; *f; f++) {
		(*f)->text(t, doc);
		if (*view_sentence(*f, doc, line, sizeof(line)))
			text_wrapped(t, line, 0);
	}
	for (size_t i = 0; i < doc->n; i++)
		if (first_of_list(doc, i))
			list(t, doc, i);
}

static void write_text(const struct doc *doc, const struct text *t)
{
	header(t, doc);
	families(t, doc);
	reasons(t, doc);
	trust(t, doc);
	warnings(t, doc);
	conclusion(t, doc);
}

static int write_markdown(FILE *to, const struct doc *doc)
{
	char line[1024];

	if (doc->emulated)
		fprintf(to, "**%s**\n\n", view_emulated_notice);
	fp_put_markdown(to, view_conclusion(doc, line, sizeof(line)));
	fputs("\n\n", to);
	return view_lines_write(to, doc, FP_MARKDOWN);
}

static int write_json(const json_t *root, FILE *to)
{
	int ret = json_dumpf(root, to, FP_JSON_FLAGS) ? -EIO : 0;

	fputc('\n', to);
	return ret;
}

int fp_table_write(const json_t *root, FILE *to, enum fp_format format, bool colour, int width)
{
	struct doc doc;
	int ret = doc_open(&doc, root);

	if (ret)
		return ret;
	if (format == FP_JSON)
		ret = write_json(root, to);
	else if (format == FP_CSV)
		ret = view_lines_write(to, &doc, FP_CSV);
	else if (format == FP_MARKDOWN)
		ret = write_markdown(to, &doc);
	else
		write_text(&doc, &(struct text){to, colour, width < 40 ? 40 : width});
	doc_close(&doc);
	return ret ? ret : ferror(to) ? -EIO : 0;
}
