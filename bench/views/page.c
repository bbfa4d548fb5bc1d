// SPDX-License-Identifier: MIT
/* report.html: one file with everything in it, from the template report.html.in. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "views/family.h"
#include "views/views.h"

struct page {
	FILE *to;
	const json_t *root;
	const struct view *view;
	const char *dir;
};

/* What comes from outside is text, never markup. */
static void put(FILE *to, const char *text)
{
	static const char *const entities[] = {
		['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;", ['\''] = "&#39;"
	};

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		const char *entity =
			c < sizeof(entities) / sizeof(entities[0]) ? entities[c] : NULL;

		if (entity)
			fputs(entity, to);
		else
			fputc(c < ' ' ? ' ' : c, to);
	}
}

static void title(const struct page *p)
{
	char cpu[160];

	put(p->to, view_cpu(p->view, cpu, sizeof(cpu)));
	fputs(p->view->emulated ? ", emulated: what runs" : ": what its barriers and copies cost",
	      p->to);
}

static void date(const struct page *p)
{
	put(p->to, view_text(p->view->context, "date"));
}

static void notice(const struct page *p)
{
	if (p->view->emulated)
		fprintf(p->to,
			"<section class=\"notice\">%s. They show that the code runs, never "
			"what it costs.</section>\n",
			view_emulated_notice);
	if (p->view->partial)
		fputs("<section class=\"notice\">PARTIAL: the run was interrupted; what had been "
		      "finished is here.</section>\n",
		      p->to);
}

static void conclusion(const struct page *p)
{
	char line[1024];

	put(p->to, fp_conclusion(p->root, line, sizeof(line)));
	if (view_concludes_combine(p->view) || !*view_combine_sentence(p->view, line, sizeof(line)))
		return;
	fputs("<br>", p->to);
	put(p->to, line);
}

static void warnings(const struct page *p)
{
	const json_t *array = json_object_get(p->view->own, "warnings"), *warning;
	size_t i;

	if (!json_array_size(array))
		return;
	fputs("<section class=\"warnings\"><h2>Warnings</h2><ul>\n", p->to);
	json_array_foreach(array, i, warning) {
		const char *text = json_string_value(warning);

		fputs("<li>", p->to);
		put(p->to, text ? text : "");
		fputs("</li>\n", p->to);
	}
	fputs("</ul></section>\n", p->to);
}

static void fact(const struct page *p, const char *name, const char *text)
{
	if (!*text)
		return;
	fprintf(p->to, "<div><dt>%s</dt><dd>", name);
	put(p->to, text);
	fputs("</dd></div>\n", p->to);
}

static void fact_number(const struct page *p, const char *name, const json_t *object,
			const char *key)
{
	char number[40];
	double value = view_number(object, key);

	if (isfinite(value))
		fact(p, name, view_exact(value, number, sizeof(number)));
}

static void memory_facts(const struct page *p)
{
	const struct view_row *row;
	char text[400], attribute[320];

	for (size_t i = 0; (row = view_place(p->view, i)); i++) {
		snprintf(text, sizeof(text), "%.30s on %.40s: %s", row->memory, row->target,
			 view_attribute(row, attribute, sizeof(attribute)));
		fact(p, "memory", text);
	}
}

static void mapping_facts(const struct page *p)
{
	const json_t *target = json_object_get(p->view->own, "target"), *mapping;
	size_t i;

	json_array_foreach(json_object_get(target, "mappings"), i, mapping)
		fact(p, "pages", view_text(mapping, "pages"));
	fact_number(p, "outstanding stores, measured", target, "outstanding_stores");
}

static void machine(const struct page *p)
{
	const json_t *own = p->view->own, *topology = json_object_get(own, "topology");
	const json_t *pinning = json_object_get(own, "pinning");
	char cpu[160], seed[32], trust[1024];

	fact(p, "CPU", view_cpu(p->view, cpu, sizeof(cpu)));
	fact(p, "architecture", view_text(topology, "architecture"));
	fact(p, "microcode", view_text(own, "microcode"));
	fact_number(p, "cores", topology, "cores");
	fact_number(p, "hardware threads", topology, "pus");
	fact_number(p, "NUMA nodes", topology, "numa_nodes");
	fact(p, "hypervisor", view_text(own, "hypervisor"));
	fact(p, "kernel", view_text(own, "kernel"));
	fact(p, "evidence", view_text(own, "evidence"));
	fact_number(p, "pinned to CPU", pinning, "cpu");
	fact(p, "chosen as", view_text(pinning, "how"));
	memory_facts(p);
	mapping_facts(p);
	fact(p, "harness", view_harness(p->view, trust, sizeof(trust)));
	fact(p, "check", view_published(p->view, trust, sizeof(trust)));
	fact(p, "compiler", view_text(own, "compiler"));
	fact(p, "compiler flags", view_text(own, "flags"));
	fact(p, "options", view_text(p->view->context, "options"));
	fact(p, "seed", view_seed(p->view, seed, sizeof(seed)));
	fact(p, "machine id", view_text(own, "machine_id"));
}

/* From its first tag on, without the picture's title: the page has it, and points have theirs. */
static void put_svg(FILE *to, const char *svg)
{
	const char *begin = strstr(svg, "<svg"), *head, *rest;

	if (!begin)
		return;
	head = strstr(begin, "<title>");
	rest = head ? strstr(head, "</desc>") : NULL;
	if (rest) {
		fwrite(begin, 1, (size_t)(head - begin), to);
		begin = rest + strlen("</desc>");
	}
	fputs(begin, to);
}

/* Pixels, as the picture itself says. */
static int svg_width(const char *svg)
{
	const char *svg_tag = strstr(svg, "<svg"),
		   *width = svg_tag ? strstr(svg_tag, "width=\"") : NULL;

	return width ? atoi(width + strlen("width=\"")) : 0;
}

static bool figure(const struct page *p, const char *what, const struct view_row *place)
{
	char name[128], path[4400], *svg;
	size_t bytes;

	view_plot_name(what, place->target, place->memory, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/plots/%s.svg", p->dir, name);
	if (fp_file_read(path, &svg, &bytes))
		return false;
	fprintf(p->to,
		"<figure style=\"--natural: %dpx\" role=\"img\" "
		"aria-label=\"Picture of the rows below: %s\">",
		svg_width(svg), name);
	put_svg(p->to, svg);
	fputs("</figure>\n", p->to);
	free(svg);
	return true;
}

static void cell(const struct page *p, const char *text);

static void duel_cells(const struct page *p, const struct view_duel *duel, const char *barrier)
{
	char figure[40];

	cell(p, barrier);
	cell(p, view_short(duel->ours->ns_block_min, figure, sizeof(figure)));
	cell(p, view_short(duel->best->ns_block_min, figure, sizeof(figure)));
	cell(p, duel->best->kernel);
	cell(p, duel->verdict);
}

static void duel_row(const struct page *p, const struct view_copies *c, size_t shape, bool fenced)
{
	const struct view_shape *s = &c->shapes[shape];
	struct view_duel duel;

	if (!view_duel(c, shape, fenced, &duel))
		return;
	fprintf(p->to, "<tr><td>%ld", s->bytes);
	if (s->offset)
		fprintf(p->to, ", %ld into a line", s->offset);
	if (s->every)
		fprintf(p->to, ", every %ld lines", s->every);
	if (!s->offset && !s->every && !view_is_plain_shape(c, shape))
		fprintf(p->to, ", to %ld line%s", s->lines, s->lines == 1 ? "" : "s");
	fputs("</td>", p->to);
	duel_cells(p, &duel, fenced ? duel.ours->barrier : "alone");
	fputs("</tr>\n", p->to);
}

static void versus(const struct page *p)
{
	unsigned ahead, tied, behind;
	struct view_copies c;

	for (size_t i = 0; !view_copies_open(&c, p->view, i); i++) {
		if (!p->view->emulated && view_duels(&c, &ahead, &tied, &behind)) {
			fprintf(p->to,
				"<h3>fencepost_copy_toio beside the best other ranked copy: ahead "
				"%u, tied %u, behind %u</h3>\n<div class=\"scroll\"><table "
				"class=\"versus\"><thead><tr><th>bytes</th><th>behind it</th>"
				"<th>ours, ns</th><th>best, ns</th><th>by</th><th>verdict</th>"
				"</tr></thead>\n",
				ahead, tied, behind);
			for (size_t s = 0; s < c.n_shapes * 2; s++)
				duel_row(p, &c, s / 2, s % 2);
			fputs("</table></div>\n<p class=\"small\">Figures are medians of the blocks' "
			      "minima (ns_block_min). Tied: within 0.2 ns or 2 %. On "
			      "cached memory only device-safe non-temporal and direct stores are "
			      "ranked: plain ones end in a cache.</p>\n",
			      p->to);
		}
		view_copies_close(&c);
	}
}

static const struct section {
	const char *family, *heading, *pictures[2];
	void (*more)(const struct page *p);
} sections[] = {
	{"barrier", "What a barrier adds", {"barrier", NULL}, NULL},
	{"copy",
	 "What a copy takes, and the barrier behind it",
	 {"copy-time", "copy-bandwidth"},
	 versus},
	{"combine", "How stores are collected into lines", {"combine", NULL}, NULL},
};

static bool has_family(const struct page *p, const char *family)
{
	for (size_t i = 0; i < p->view->n; i++)
		if (!strcmp(p->view->rows[i].family, family))
			return true;
	return false;
}

static void section(const struct page *p, const struct section *s)
{
	const struct view_row *place;
	bool any = false;

	fprintf(p->to, "<section class=\"pictures\"><h2>%s</h2>\n", s->heading);
	for (size_t i = 0; (place = view_place(p->view, i)); i++)
		for (int k = 0; k < 2 && s->pictures[k]; k++)
			any |= figure(p, s->pictures[k], place);
	if (!any)
		fputs("<p>No picture: nothing of it ran, or gnuplot is not installed.</p>\n",
		      p->to);
	if (s->more)
		s->more(p);
	fputs("</section>\n", p->to);
}

static void figures(const struct page *p)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (has_family(p, sections[i].family))
			section(p, &sections[i]);
}

static void reasons(const struct page *p)
{
	bool headed = false;

	for (size_t i = 0; i < p->view->n; i++) {
		const struct view_row *row = &p->view->rows[i];
		const char *what;
		size_t n = view_reason_group(p->view, i, &what);

		if (!n)
			continue;
		if (!headed)
			fputs("<section class=\"reasons\"><h2>What did not run, and why</h2><ul>\n",
			      p->to);
		headed = true;
		fputs("<li><code>", p->to);
		put(p->to, what);
		fprintf(p->to, "</code> %zu row%s, ", n, n == 1 ? "" : "s");
		put(p->to, row->status);
		fputs(": ", p->to);
		put(p->to, row->reason);
		fputs("</li>\n", p->to);
	}
	if (headed)
		fputs("</ul></section>\n", p->to);
}

static void cell(const struct page *p, const char *text)
{
	fputs("<td data-v=\"", p->to);
	put(p->to, text);
	fputs("\">", p->to);
	put(p->to, text);
	fputs("</td>", p->to);
}

static void status_cell(const struct page *p, const struct view_row *row)
{
	fputs("<td data-v=\"", p->to);
	put(p->to, row->status);
	fputs("\"><span class=\"", p->to);
	put(p->to, row->status);
	fputs("\">", p->to);
	put(p->to, row->status);
	fputs("</span>", p->to);
	if (*row->reason) {
		fputs("<span class=\"why\">", p->to);
		put(p->to, row->reason);
		fputs("</span>", p->to);
	}
	fputs("</td>", p->to);
}

/* Sorted by the whole figure, shown in short. */
static void figure_cell(const struct page *p, double value)
{
	char exact[40] = "", text[40];

	if (isfinite(value))
		view_exact(value, exact, sizeof(exact));
	fprintf(p->to, "<td class=\"n\" data-v=\"%s\">%s</td>", exact,
		view_short(value, text, sizeof(text)));
}

static void rows(const struct page *p)
{
	for (size_t i = 0; i < p->view->n; i++) {
		const struct view_row *row = &p->view->rows[i];
		const char *label = view_text(row->run, "label");

		fputs("<tr><td class=\"name\">", p->to);
		put(p->to, row->name);
		if (*label) {
			fputs(" <span class=\"base\">(", p->to);
			put(p->to, label);
			fputs(")</span>", p->to);
		}
		fputs("</td>", p->to);
		cell(p, row->family);
		cell(p, row->stores);
		status_cell(p, row);
		figure_cell(p, row->ns_min);
		figure_cell(p, row->ns_p50);
		figure_cell(p, row->ns_p99);
		figure_cell(p, row->cycles_min);
		fputs("</tr>\n", p->to);
	}
}

static const struct {
	const char *name;
	void (*put)(const struct page *p);
} parts[] = {
	{ "@TITLE@", title },		{ "@DATE@", date },	    { "@NOTICE@", notice },
	{ "@CONCLUSION@", conclusion }, { "@WARNINGS@", warnings }, { "@MACHINE@", machine },
	{ "@FIGURES@", figures },	{ "@REASONS@", reasons },   { "@ROWS@", rows },
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* The length of the placeholder at text, which is then written; 0 if there is none. */
static size_t part(const struct page *p, const char *text)
{
	for (size_t i = 0; i < PARTS; i++) {
		size_t length = strlen(parts[i].name);

		if (strncmp(text, parts[i].name, length))
			continue;
		parts[i].put(p);
		return length;
	}
	return 0;
}

static void fill(const struct page *p, const char *template)
{
	for (const char *at = template; *at;) {
		size_t plain = strcspn(at, "@"), used;

		fwrite(at, 1, plain, p->to);
		at += plain;
		if (!*at)
			break;
		used = part(p, at);
		if (!used)
			fputc(*at++, p->to);
		at += used;
	}
}

int view_report_write(const json_t *root, const struct view *view, const char *dir, char *why,
		      size_t n)
{
	char path[4400], *template = NULL;
	struct fp_file file;
	size_t bytes;
	int ret = view_data_file("report.html.in", path, sizeof(path), why, n);

	if (ret)
		return ret;
	ret = fp_file_read(path, &template, &bytes);
	if (ret)
		goto out;
	snprintf(path, sizeof(path), "%s/report.html", dir);
	ret = fp_file_open(&file, path);
	if (ret)
		goto out;
	fill(&(struct page){ file.stream, root, view, dir }, template);
	ret = fp_file_commit(&file);
out:
	if (ret)
		snprintf(why, n, "%.400s: %s", path, strerror(-ret));
	free(template);
	return ret;
}
