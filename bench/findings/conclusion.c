// SPDX-License-Identifier: MIT
/* One sentence, made only from rows that ran. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "document/read.h"
#include "views/views.h"

/*
 * The pairs that readers ask about: the barrier that a driver needs before a
 * doorbell, and the full one that is often taken instead.  The first pair of
 * which both ran speaks for the machine.
 */
static const struct {
	const char *stores, *full;
} pairs[] = {
	{ "sfence", "mfence" },
	{ "dmb_oshst", "dsb_sy" },
	{ "lwsync", "sync" },
};

struct sentence {
	char *at;
	size_t room;
};

static void __attribute__((format(printf, 2, 3))) add(struct sentence *s, const char *format, ...)
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

static double figure(const struct view_matrix *m, const char *barrier, size_t condition)
{
	for (size_t b = 0; b < m->n_barriers; b++) {
		const struct view_row *cell;

		if (strcmp(m->barriers[b], barrier))
			continue;
		cell = view_cell(m, b, condition);
		return cell && cell->ran ? cell->ns_min : NAN;
	}
	return NAN;
}

/* Behind the most plain stores, where next is timed; n_conditions if there is none. */
static size_t deepest(const struct view_matrix *m, enum view_next next)
{
	size_t found = m->n_conditions;

	for (size_t c = 0; c < m->n_conditions; c++)
		if (m->conditions[c].next == next && !strcmp(m->conditions[c].stores, "plain"))
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
static const char *delay_text(const struct view_matrix *m, const char *barrier, size_t condition,
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
static void add_place(struct sentence *s, const struct view_row *sample)
{
	if (strcmp(sample->memory, "wb"))
		add(s, ", %s as %s", sample->target, sample->memory);
}

static bool add_idle(struct sentence *s, const struct view_matrix *m, const char *barrier)
{
	double ns = m->n_conditions && !m->conditions[0].behind ? figure(m, barrier, 0) : NAN;
	char time[32];

	if (isfinite(ns))
		add(s, ": %s costs %s idle", barrier, time_text(ns, time, sizeof(time)));
	return isfinite(ns);
}

static bool add_behind(struct sentence *s, const struct view_matrix *m, const char *stores,
		       const char *full, const char *before)
{
	size_t load = deepest(m, VIEW_LOAD), store = deepest(m, VIEW_STORE);
	double a, b, c;
	char time[3][32];

	if (load == m->n_conditions)
		return false;
	a = figure(m, full, load);
	b = figure(m, stores, load);
	c = store < m->n_conditions ? figure(m, stores, store) : NAN;
	if (!isfinite(a) || !isfinite(b))
		return false;
	add(s, "%sbehind %ld %sstores %s holds the next load up by %s, %s by %s", before,
	    m->conditions[load].behind, strcmp(m->memory, "wb") ? "" : "missing ", full,
	    delay_text(m, full, load, time[0], 32), stores,
	    delay_text(m, stores, load, time[1], 32));
	if (isfinite(c) && m->conditions[store].behind == m->conditions[load].behind)
		add(s, " (and the next store by %s)", delay_text(m, stores, store, time[2], 32));
	return true;
}

static bool add_pair(struct sentence *s, const struct view_matrix *m, size_t pair)
{
	bool idle = add_idle(s, m, pairs[pair].stores);

	return add_behind(s, m, pairs[pair].stores, pairs[pair].full, idle ? "; " : ": ") || idle;
}

/* ---- write combining ---- */

#define MOST_NAMES 6

static void add_buffers(struct sentence *s, const struct view_combine *c)
{
	char fits[32], beyond[32];

	time_text(c->ns_fits, fits, sizeof(fits));
	if (!c->most_lines)
		return;
	if (c->beyond)
		add(s, "%ld lines filled in turn still combine (%s a line), %ld do not (%s)",
		    c->fits, fits, c->beyond, time_text(c->ns_beyond, beyond, sizeof(beyond)));
	else
		add(s, "up to %ld lines filled in turn combine (%s a line)", c->fits, fits);
}

static void add_partial(struct sentence *s, const struct view_combine *c, const char *before)
{
	char partial[32], whole[32];

	if (!isfinite(c->partial) || !isfinite(c->whole))
		return;
	add(s, "%swith %s behind it a partial line costs %s, a whole one %s", before, c->pushed_by,
	    time_text(c->partial, partial, sizeof(partial)),
	    time_text(c->whole, whole, sizeof(whole)));
}

/* Time is left out: its figure has the wait in it, which hides what it did. */
static bool may_drain(const struct view_combine *c, const struct view_row *row)
{
	return view_combines(c, row) && row->ran &&
	       (!strcmp(row->between, "barrier") || !strcmp(row->between, "store"));
}

/* "sfence, mfence and 3 more"; how many there are. */
static unsigned add_names(struct sentence *s, const struct view_combine *c, bool drained,
			  const char *before)
{
	unsigned n = 0;

	for (size_t r = 0; r < c->view->n; r++) {
		const struct view_row *row = &c->view->rows[r];

		if (!may_drain(c, row) || view_drained(c, row) != drained)
			continue;
		if (n++ < MOST_NAMES)
			add(s, "%s%s", n == 1 ? before : ", ", view_between_text(row));
	}
	if (n > MOST_NAMES)
		add(s, " and %u more", n - MOST_NAMES);
	return n;
}

static void add_drains(struct sentence *s, const struct view_combine *c, const char *before)
{
	char head[64];

	if (!isfinite(c->nothing))
		return;
	snprintf(head, sizeof(head), "%sa half-filled line is pushed out by ", before);
	if (add_names(s, c, true, head))
		add_names(s, c, false, ", not by ");
}

/* The first kind of store that ran speaks for the machine. */
static bool add_combining(struct sentence *s, const struct view *view)
{
	const char *begin = s->at;
	struct view_combine c;
	bool said = false;

	for (size_t i = 0; !said && !view_combine_open(&c, view, i); i++) {
		add_buffers(s, &c);
		add_partial(s, &c, s->at > begin ? "; " : "");
		add_drains(s, &c, s->at > begin ? "; " : "");
		said = s->at > begin;
	}
	return said;
}

const char *view_combine_sentence(const struct view *view, char *buf, size_t n)
{
	struct sentence s = {buf, n};
	const char head[] = "Write combining: ";

	*buf = '\0';
	/* As for barriers: an emulator has no buffers of its own. */
	if (view->emulated)
		return buf;
	add(&s, "%s", head);
	if (add_combining(&s, view))
		add(&s, ".");
	else
		*buf = '\0';
	return buf;
}

/* ---- copies ---- */

static bool add_duels(struct sentence *s, const struct view *view)
{
	unsigned ahead, tied, behind;
	struct view_copies c;
	bool said = false;

	for (size_t i = 0; !said && !view_copies_open(&c, view, i); i++) {
		said = view_duels(&c, &ahead, &tied, &behind);
		if (said)
			add_place(s, c.sample);
		if (said)
			add(s,
			    ": beside the best other copy that may be ranked with it "
			    "fencepost_copy_toio is ahead in %u cases, tied in %u, behind in %u",
			    ahead, tied, behind);
		view_copies_close(&c);
	}
	return said;
}

bool view_concludes_combine(const struct view *view)
{
	struct sentence nowhere = {(char[1]){0}, 1};

	return !view_has_barriers(view) && !add_duels(&nowhere, view);
}

/* No barrier that we have words for: how much of it ran. */
static void add_count(struct sentence *s, const struct view *view)
{
	size_t ran = 0;

	for (size_t i = 0; i < view->n; i++)
		ran += view->rows[i].ran;
	add(s, ": %zu of %zu rows ran", ran, view->n);
}

static bool conclude_barriers(struct sentence *s, const struct view *view)
{
	struct view_matrix m;
	bool said = false;

	if (view_matrix_open(&m, view, 0))
		return false;
	add_place(s, m.sample);
	for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]) && !said; p++)
		said = add_pair(s, &m, p);
	view_matrix_close(&m);
	return said;
}

/* Of several families the first has the sentence; the others have theirs beside their figures. */
static bool conclude_family(struct sentence *s, const struct view *view)
{
	struct view_combine c;

	if (view_has_barriers(view))
		return conclude_barriers(s, view);
	if (add_duels(s, view))
		return true;
	if (view_combine_open(&c, view, 0))
		return false;
	add_place(s, c.sample);
	add(s, ", write combining: ");
	return add_combining(s, view);
}

static void conclude(struct sentence *s, const struct view *view)
{
	struct sentence before = *s;

	/* An emulator's times would be taken for the CPU's. */
	if (view->emulated || !conclude_family(s, view)) {
		*s = before;
		add_count(s, view);
	}
	if (view->emulated)
		add(s, "; emulation shows what runs, never what it costs");
	add(s, ".");
}

const char *fp_conclusion(const json_t *root, char *buf, size_t n)
{
	struct sentence s = { buf, n };
	struct view view;
	char cpu[160];

	if (view_open(&view, root)) {
		snprintf(buf, n, "Not a results.json.");
		return buf;
	}
	add(&s, "%s%s %s", view.partial ? "Interrupted: partial results. " : "",
	    view.emulated ? "On an emulated" : "On this", view_cpu(&view, cpu, sizeof(cpu)));
	conclude(&s, &view);
	view_close(&view);
	return buf;
}
