// SPDX-License-Identifier: MIT
#include "findings/conclusion.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arch.h"
#include "base/words.h"
#include "findings/combine.h"
#include "findings/copies.h"
#include "findings/matrix.h"

/* Of the architecture that the results are of; NULL if it is none of ours. */
static const struct fp_arch_tables *find_architecture(const struct doc *doc)
{
	for (size_t arch = 0; arch < FP_ARCHES; arch++)
		if (!strcmp(fp_arch_tables[arch].name, doc_architecture(doc)))
			return &fp_arch_tables[arch];
	return NULL;
}

void sentence_add(struct sentence *s, const char *format, ...)
{
	va_list args;
	size_t step;
	int used;

	va_start(args, format);
	used = vsnprintf(s->at, s->room, format, args);
	va_end(args);
	step = used < 0 ? 0 : (size_t)used;
	if (step >= s->room)
		step = s->room - 1;
	s->at += step;
	s->room -= step;
}

static double figure(const struct finding_matrix *m, const char *barrier, size_t condition)
{
	for (size_t b = 0; b < m->n_barriers; b++) {
		const struct doc_row *cell;

		if (strcmp(m->barriers[b], barrier))
			continue;
		cell = finding_cell(m, b, condition);
		return cell && cell->ran ? cell->ns_min : NAN;
	}
	return NAN;
}

/* Behind the most plain stores, where next is timed; n_conditions if there is none. */
static size_t deepest(const struct finding_matrix *m, const char *next)
{
	size_t found = m->n_conditions;

	for (size_t c = 0; c < m->n_conditions; c++)
		if (!strcmp(m->conditions[c].next, next) &&
		    !strcmp(m->conditions[c].stores, fp_flavours[FP_PLAIN]))
			found = c;
	return found;
}

/* A difference below zero is noise around nothing. */
static const char *time_text(double ns, char *buf, size_t n)
{
	if (ns < 0)
		ns = 0;
	if (ns >= 999.5)
		snprintf(buf, n, "%.1f us", ns / 1000);
	else
		snprintf(buf, n, "%.*f ns", ns >= 99.95 ? 0 : ns < 0.995 && ns > 0.05 ? 2 : 1, ns);
	return buf;
}

#define NOISE 0.02 /* of the base: less does not stand out of it from run to run */

/* The figure is a difference to the row without a barrier. */
static const char *delay_text(const struct finding_matrix *m, const char *barrier, size_t condition,
			      char *buf, size_t n)
{
	double ns = figure(m, barrier, condition), base = figure(m, "none", condition);

	if (isfinite(base) && fabs(ns) <= NOISE * base)
		snprintf(buf, n, "nothing measurable");
	else
		time_text(ns, buf, n);
	return buf;
}

/* RAM goes without saying. */
static void add_mapping(struct sentence *s, const struct doc_row *sample)
{
	if (!sample->is_ram)
		sentence_add(s, ", %s as %s", sample->target, sample->memory);
}

static bool add_idle(struct sentence *s, const struct finding_matrix *m, const char *barrier)
{
	double ns = m->n_conditions && !m->conditions[0].behind ? figure(m, barrier, 0) : NAN;
	char time[32];

	if (isfinite(ns))
		sentence_add(s, ": %s costs %s idle", barrier, time_text(ns, time, sizeof(time)));
	return isfinite(ns);
}

static bool add_behind(struct sentence *s, const struct finding_matrix *m, const char *stores,
		       const char *full, const char *before)
{
	size_t load = deepest(m, "load"), store = deepest(m, "store");
	double a, b, c;
	char time[3][32];

	if (load == m->n_conditions)
		return false;
	a = figure(m, full, load);
	b = figure(m, stores, load);
	c = store < m->n_conditions ? figure(m, stores, store) : NAN;
	if (!isfinite(a) || !isfinite(b))
		return false;
	sentence_add(s, "%sbehind %ld %sstores %s holds the next load up by %s, %s by %s", before,
		     m->conditions[load].behind, m->sample->is_ram ? "missing " : "", full,
		     delay_text(m, full, load, time[0], 32), stores,
		     delay_text(m, stores, load, time[1], 32));
	if (isfinite(c) && m->conditions[store].behind == m->conditions[load].behind)
		sentence_add(s, " (and the next store by %s)",
			     delay_text(m, stores, store, time[2], 32));
	return true;
}

/* The pair that readers ask about: what a driver needs, and what is often taken instead. */
static bool add_pair(struct sentence *s, const struct finding_matrix *m,
		     const struct fp_arch_tables *arch)
{
	bool idle = add_idle(s, m, arch->before_doorbell);

	return add_behind(s, m, arch->before_doorbell, arch->full, idle ? "; " : ": ") || idle;
}

bool finding_conclude_barriers(struct sentence *s, const struct doc *doc)
{
	const struct fp_arch_tables *arch = find_architecture(doc);
	struct sentence before = *s;
	struct finding_matrix m;

	if (!finding_has_barriers(doc))
		return false;
	if (!arch || finding_matrix_open(&m, doc, 0))
		return true;
	add_mapping(s, m.sample);
	if (!add_pair(s, &m, arch))
		*s = before;
	finding_matrix_close(&m);
	return true;
}

/* ---- write combining ---- */

#define MOST_NAMES 6

static void add_buffers(struct sentence *s, const struct finding_combine *c)
{
	char fits[32], beyond[32];

	time_text(c->ns_fits, fits, sizeof(fits));
	if (!c->most_lines)
		return;
	if (c->beyond)
		sentence_add(
			s, "%ld lines filled in turn still combine (%s a line), %ld do not (%s)",
			c->fits, fits, c->beyond, time_text(c->ns_beyond, beyond, sizeof(beyond)));
	else
		sentence_add(s, "up to %ld lines filled in turn combine (%s a line)", c->fits,
			     fits);
}

static void add_partial(struct sentence *s, const struct finding_combine *c, const char *before)
{
	char partial[32], whole[32];

	if (!isfinite(c->partial) || !isfinite(c->whole))
		return;
	sentence_add(s, "%swith %s behind it a partial line costs %s, a whole one %s", before,
		     c->pushed_by, time_text(c->partial, partial, sizeof(partial)),
		     time_text(c->whole, whole, sizeof(whole)));
}

/* Time is left out: its figure has the wait in it, which hides what it did. */
static bool may_drain(const struct finding_combine *c, const struct doc_row *row)
{
	return finding_combines(c, row) && row->ran &&
	       (!strcmp(doc_axis_text(row, "between"), "barrier") ||
		!strcmp(doc_axis_text(row, "between"), "store"));
}

/* "sfence, mfence and 3 more"; how many there are. */
static unsigned add_names(struct sentence *s, const struct finding_combine *c, bool drained,
			  const char *before)
{
	unsigned n = 0;

	for (size_t r = 0; r < c->doc->n; r++) {
		const struct doc_row *row = &c->doc->rows[r];

		if (!may_drain(c, row) || finding_drained(c, row) != drained)
			continue;
		if (n++ < MOST_NAMES)
			sentence_add(s, "%s%s", n == 1 ? before : ", ", finding_between_text(row));
	}
	if (n > MOST_NAMES)
		sentence_add(s, " and %u more", n - MOST_NAMES);
	return n;
}

static void add_drains(struct sentence *s, const struct finding_combine *c, const char *before)
{
	char head[64];

	if (!isfinite(c->nothing))
		return;
	snprintf(head, sizeof(head), "%sa half-filled line is pushed out by ", before);
	if (add_names(s, c, true, head))
		add_names(s, c, false, ", not by ");
}

/* The first kind of store that ran speaks for the machine. */
static bool add_combining(struct sentence *s, const struct doc *doc)
{
	const char *begin = s->at;
	struct finding_combine c;
	bool said = false;

	for (size_t i = 0; !said && !finding_combine_open(&c, doc, i); i++) {
		add_buffers(s, &c);
		add_partial(s, &c, s->at > begin ? "; " : "");
		add_drains(s, &c, s->at > begin ? "; " : "");
		said = s->at > begin;
	}
	return said;
}

const char *finding_combine_sentence(const struct doc *doc, char *buf, size_t n)
{
	struct sentence s = {buf, n};
	const char head[] = "Write combining: ";

	*buf = '\0';
	/* As for barriers: an emulator has no buffers of its own. */
	if (doc->emulated)
		return buf;
	sentence_add(&s, "%s", head);
	if (add_combining(&s, doc))
		sentence_add(&s, ".");
	else
		*buf = '\0';
	return buf;
}

bool finding_conclude_combine(struct sentence *s, const struct doc *doc)
{
	struct finding_combine c;

	if (finding_combine_open(&c, doc, 0))
		return false;
	add_mapping(s, c.sample);
	sentence_add(s, ", write combining: ");
	return add_combining(s, doc);
}

/* ---- copies ---- */

bool finding_conclude_copies(struct sentence *s, const struct doc *doc)
{
	unsigned ahead, tied, behind;
	struct finding_copies c;
	bool said = false;

	for (size_t i = 0; !said && !finding_copies_open(&c, doc, i); i++) {
		said = finding_duels(&c, &ahead, &tied, &behind);
		if (said) {
			add_mapping(s, c.sample);
			sentence_add(s,
				     ": beside the best other copy that may be ranked with it "
				     "fencepost_copy_toio is ahead in %u cases, tied in %u, behind "
				     "in %u",
				     ahead, tied, behind);
		}
		finding_copies_close(&c);
	}
	return said;
}
