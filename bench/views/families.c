// SPDX-License-Identifier: MIT
/* Who shows what: the table of families, and the one sentence that they come to. */
#include "views/family.h"

#include <string.h>

const struct view_family *const view_families[] = {&view_barrier, &view_copy, &view_combine, NULL};

const struct view_family *view_shown_by(const struct doc_row *row)
{
	for (const struct view_family *const *f = view_families; *f; f++)
		if (doc_is_of(row, (*f)->name))
			return (*f)->shows && !(*f)->shows(row) ? NULL : *f;
	return NULL;
}

/* The family that has the conclusion; NULL: none has anything to say. */
static const struct view_family *speak(struct sentence *s, const struct doc *doc)
{
	struct sentence before = *s;

	for (const struct view_family *const *f = view_families; *f; f++) {
		if ((*f)->conclude && (*f)->conclude(s, doc))
			return *f;
		*s = before;
	}
	return NULL;
}

/* No barrier that we have words for. */
static void add_count(struct sentence *s, const struct doc *doc)
{
	size_t ran = 0;

	for (size_t i = 0; i < doc->n; i++)
		ran += doc->rows[i].ran;
	sentence_add(s, ": %zu of %zu rows ran", ran, doc->n);
}

const char *view_conclusion(const struct doc *doc, char *buf, size_t n)
{
	struct sentence s = {buf, n};
	const char *begin;
	char cpu[160];

	sentence_add(&s, "%s%s %s", doc->partial ? "Interrupted: partial results. " : "",
		     doc->emulated ? "On an emulated" : "On this", doc_cpu(doc, cpu, sizeof(cpu)));
	begin = s.at;
	/* An emulator's times would be taken for the CPU's. */
	if (!doc->emulated)
		speak(&s, doc);
	if (s.at == begin)
		add_count(&s, doc);
	if (doc->emulated)
		sentence_add(&s, "; emulation shows what runs, never what it costs");
	sentence_add(&s, ".");
	return buf;
}

const char *view_sentence(const struct view_family *family, const struct doc *doc, char *buf,
			  size_t n)
{
	struct sentence unseen = {buf, n};

	if (!family->sentence || speak(&unseen, doc) == family) {
		*buf = '\0';
		return buf;
	}
	return family->sentence(doc, buf, n);
}
