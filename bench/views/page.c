// SPDX-License-Identifier: MIT
/* report.html: one file with everything in it, from the template report.html.in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/quote.h"
#include "findings/trust.h"
#include "views/family.h"
#include "views/number.h"
#include "views/views.h"

static void title(const struct page *p)
{
	char cpu[160];

	fp_put_html(p->to, doc_cpu(p->doc, cpu, sizeof(cpu)));
	fputs(p->doc->emulated ? ", emulated: what runs" : ": what its barriers and copies cost",
	      p->to);
}

static void date(const struct page *p)
{
	fp_put_html(p->to, doc_text(p->doc->context, "date"));
}

static void notice(const struct page *p)
{
	if (p->doc->emulated)
		fprintf(p->to,
			"<section class=\"notice\">%s. They show that the code runs, never "
			"what it costs.</section>\n",
			view_emulated_notice);
	if (p->doc->partial)
		fputs("<section class=\"notice\">PARTIAL: the run was interrupted; what had been "
		      "finished is here.</section>\n",
		      p->to);
}

static void conclusion(const struct page *p)
{
	char line[1024];

	fp_put_html(p->to, view_conclusion(p->doc, line, sizeof(line)));
	for (const struct view_family *const *f = view_families; *f; f++) {
		if (!*view_sentence(*f, p->doc, line, sizeof(line)))
			continue;
		fputs("<br>", p->to);
		fp_put_html(p->to, line);
	}
}

static void warnings(const struct page *p)
{
	const json_t *array = json_object_get(p->doc->own, "warnings"), *warning;
	size_t i;

	if (!json_array_size(array))
		return;
	fputs("<section class=\"warnings\"><h2>Warnings</h2><ul>\n", p->to);
	json_array_foreach(array, i, warning)
	{
		const char *text = json_string_value(warning);

		fputs("<li>", p->to);
		fp_put_html(p->to, text ? text : "");
		fputs("</li>\n", p->to);
	}
	fputs("</ul></section>\n", p->to);
}

static void fact(const struct page *p, const char *name, const char *text)
{
	if (!*text)
		return;
	fprintf(p->to, "<div><dt>%s</dt><dd>", name);
	fp_put_html(p->to, text);
	fputs("</dd></div>\n", p->to);
}

static void fact_number(const struct page *p, const char *name, const json_t *object,
			const char *key)
{
	char number[40];
	double value = doc_number(object, key);

	if (isfinite(value))
		fact(p, name, view_exact(value, number, sizeof(number)));
}

static void memory_facts(const struct page *p)
{
	const struct doc_row *row;
	char text[400], attribute[320];

	for (size_t i = 0; (row = doc_mapping(p->doc, NULL, i)); i++) {
		snprintf(text, sizeof(text), "%.30s on %.40s: %s", row->memory, row->target,
			 doc_attribute(row, attribute, sizeof(attribute)));
		fact(p, "memory", text);
	}
}

static void mapping_facts(const struct page *p)
{
	const json_t *target = json_object_get(p->doc->own, "target"), *mapping;
	size_t i;

	json_array_foreach(json_object_get(target, "mappings"), i, mapping)
		fact(p, "pages", doc_text(mapping, "pages"));
	fact_number(p, "outstanding stores, measured", target, "outstanding_stores");
}

static void machine(const struct page *p)
{
	const json_t *own = p->doc->own, *topology = json_object_get(own, "topology");
	const json_t *pinning = json_object_get(own, "pinning");
	char cpu[160], seed[32], trust[1024];

	fact(p, "CPU", doc_cpu(p->doc, cpu, sizeof(cpu)));
	fact(p, "architecture", doc_text(topology, "architecture"));
	fact(p, "microcode", doc_text(own, "microcode"));
	fact_number(p, "cores", topology, "cores");
	fact_number(p, "hardware threads", topology, "pus");
	fact_number(p, "NUMA nodes", topology, "numa_nodes");
	fact(p, "hypervisor", doc_text(own, "hypervisor"));
	fact(p, "kernel", doc_text(own, "kernel"));
	fact(p, "evidence", doc_text(own, "evidence"));
	fact_number(p, "pinned to CPU", pinning, "cpu");
	fact(p, "chosen as", doc_text(pinning, "how"));
	memory_facts(p);
	mapping_facts(p);
	fact(p, "harness", finding_harness(p->doc, trust, sizeof(trust)));
	fact(p, "check", finding_published(p->doc, trust, sizeof(trust)));
	fact(p, "compiler", doc_text(own, "compiler"));
	fact(p, "compiler flags", doc_text(own, "flags"));
	fact(p, "options", doc_text(p->doc->context, "options"));
	fact(p, "seed", doc_seed(p->doc, seed, sizeof(seed)));
	fact(p, "machine id", doc_text(own, "machine_id"));
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

static bool figure(const struct page *p, const char *what, const struct doc_row *mapping)
{
	char name[128], file[PICTURE_FILE], *svg;

	picture_name(what, mapping, name, sizeof(name));
	snprintf(file, sizeof(file), "%s.svg", name);
	svg = view_read(p->plots, file);
	if (!svg)
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

static void section(const struct page *p, const struct view_family *family)
{
	const struct doc_row *mapping;
	bool any = false;

	fprintf(p->to, "<section class=\"pictures\"><h2>%s</h2>\n", family->heading);
	for (size_t i = 0; (mapping = doc_mapping(p->doc, NULL, i)); i++)
		for (const char *const *what = family->pictures; *what; what++)
			any |= figure(p, *what, mapping);
	if (!any)
		fputs("<p>No picture: nothing of it ran, or gnuplot is not installed.</p>\n",
		      p->to);
	if (family->more)
		family->more(p);
	fputs("</section>\n", p->to);
}

static void figures(const struct page *p)
{
	for (const struct view_family *const *f = view_families; *f; f++)
		if ((*f)->heading && doc_mapping(p->doc, (*f)->name, 0))
			section(p, *f);
}

static void reasons(const struct page *p)
{
	bool headed = false;

	for (size_t i = 0; i < p->doc->n; i++) {
		const struct doc_row *row = &p->doc->rows[i];
		const char *what;
		size_t n = finding_reason_group(p->doc, i, &what);

		if (!n)
			continue;
		if (!headed)
			fputs("<section class=\"reasons\"><h2>What did not run, and why</h2><ul>\n",
			      p->to);
		headed = true;
		fputs("<li><code>", p->to);
		fp_put_html(p->to, what);
		fprintf(p->to, "</code> %zu row%s, ", n, n == 1 ? "" : "s");
		fp_put_html(p->to, row->status);
		fputs(": ", p->to);
		fp_put_html(p->to, row->reason);
		fputs("</li>\n", p->to);
	}
	if (headed)
		fputs("</ul></section>\n", p->to);
}

void page_cell(const struct page *p, const char *text)
{
	fputs("<td data-v=\"", p->to);
	fp_put_html(p->to, text);
	fputs("\">", p->to);
	fp_put_html(p->to, text);
	fputs("</td>", p->to);
}

static void status_cell(const struct page *p, const struct doc_row *row)
{
	fputs("<td data-v=\"", p->to);
	fp_put_html(p->to, row->status);
	fputs("\"><span class=\"", p->to);
	fp_put_html(p->to, row->status);
	fputs("\">", p->to);
	fp_put_html(p->to, row->status);
	fputs("</span>", p->to);
	if (*row->reason) {
		fputs("<span class=\"why\">", p->to);
		fp_put_html(p->to, row->reason);
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
	for (size_t i = 0; i < p->doc->n; i++) {
		const struct doc_row *row = &p->doc->rows[i];
		const char *label = doc_text(row->run, "label");

		fputs("<tr><td class=\"name\">", p->to);
		fp_put_html(p->to, row->name);
		if (*label) {
			fputs(" <span class=\"base\">(", p->to);
			fp_put_html(p->to, label);
			fputs(")</span>", p->to);
		}
		fputs("</td>", p->to);
		page_cell(p, row->family);
		page_cell(p, row->stores);
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
	{"@TITLE@", title},	      {"@DATE@", date},		{"@NOTICE@", notice},
	{"@CONCLUSION@", conclusion}, {"@WARNINGS@", warnings}, {"@MACHINE@", machine},
	{"@FIGURES@", figures},	      {"@REASONS@", reasons},	{"@ROWS@", rows},
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

static int write_page(const struct page *page, int folder, const char *template)
{
	struct page p = *page;
	struct fp_file file;
	int ret = fp_file_open_at(&file, folder, "report.html");

	if (ret)
		return ret;
	p.to = file.stream;
	fill(&p, template);
	return fp_file_commit(&file);
}

int view_page_write(const struct doc *doc, int folder, int plots, const char *name, char *why,
		    size_t n)
{
	const struct page page = {.doc = doc, .plots = plots};
	char path[4400], *template = NULL;
	size_t bytes;
	int ret = view_data_file("report.html.in", path, sizeof(path), why, n);

	if (ret)
		return ret;
	ret = fp_file_read(path, &template, &bytes);
	if (!ret) {
		snprintf(path, sizeof(path), "%s/report.html", name);
		ret = write_page(&page, folder, template);
	}
	if (ret)
		snprintf(why, n, "%.400s: %s", path, strerror(-ret));
	free(template);
	return ret;
}
