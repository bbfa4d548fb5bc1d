// SPDX-License-Identifier: MIT
/* What a reader can hold the figures against: the harness's own cost, and others' figures. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "document/read.h"

static const json_t *harness(const struct view *view)
{
	return json_object_get(json_object_get(view->own, "target"), "harness");
}

const char *view_harness(const struct view *view, char *buf, size_t n)
{
	const json_t *h = harness(view);
	double ns = view_number(h, "nop_ns"), cycles = view_number(h, "nop_cycles");
	double known = view_number(h, "known_cycles"), added = view_number(h, "added_ns");

	*buf = '\0';
	if (!isfinite(ns))
		return buf;
	snprintf(buf, n, "a nop takes %.4f ns", ns);
	if (isfinite(cycles))
		snprintf(buf + strlen(buf), n - strlen(buf), " (%.3f cycles)", cycles);
	snprintf(buf + strlen(buf), n - strlen(buf), ", the slope between N and 2N of them");
	if (isfinite(known))
		snprintf(buf + strlen(buf), n - strlen(buf),
			 "; published are %.3f cycles: the loop adds %+.4f ns to an operation", known,
			 added);
	return buf;
}

/* An idle barrier's cycles; NAN if it did not run. */
static double idle_cycles(const struct view *view, const char *barrier)
{
	for (size_t i = 0; i < view->n; i++)
		if (view->rows[i].ran && !strcmp(view->rows[i].kernel, "idle") &&
		    !strcmp(view->rows[i].barrier, barrier))
			return view->rows[i].cycles_min;
	return NAN;
}

const char *view_published(const struct view *view, char *buf, size_t n)
{
	const json_t *published, *one;
	const char *source = "";
	size_t i;

	*buf = '\0';
	published = json_object_get(json_object_get(view->own, "topology"), "published");
	json_array_foreach(published, i, one) {
		double theirs = view_number(one, "cycles");
		double ours = idle_cycles(view, view_text(one, "row"));

		if (!isfinite(ours) || !(theirs > 0))
			continue;
		source = view_text(one, "source");
		snprintf(buf + strlen(buf), n - strlen(buf), "%s%s %.3g, published %.3g (%+.1f %%)",
			 *buf ? "; " : "idle cycles: ", view_text(one, "row"), ours, theirs,
			 (ours / theirs - 1) * 100);
	}
	if (*buf)
		snprintf(buf + strlen(buf), n - strlen(buf), ". From %s", source);
	return buf;
}
