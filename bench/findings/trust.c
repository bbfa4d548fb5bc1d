// SPDX-License-Identifier: MIT
/* What a reader can hold the figures against: the harness's own cost, and others' figures. */
#include "findings/trust.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arch.h"
#include "base/words.h"

static const json_t *harness(const struct doc *doc)
{
	return json_object_get(json_object_get(doc->own, "target"), "harness");
}

const char *finding_harness(const struct doc *doc, char *buf, size_t n)
{
	const json_t *h = harness(doc);
	double ns = doc_number(h, "nop_ns"), cycles = doc_number(h, "nop_cycles");
	double known = doc_number(h, "known_cycles"), added = doc_number(h, "added_ns");

	*buf = '\0';
	if (!isfinite(ns))
		return buf;
	snprintf(buf, n, "a nop takes %.4f ns", ns);
	if (isfinite(cycles))
		snprintf(buf + strlen(buf), n - strlen(buf), " (%.3f cycles)", cycles);
	snprintf(buf + strlen(buf), n - strlen(buf), ", the slope between N and 2N of them");
	if (isfinite(known))
		snprintf(buf + strlen(buf), n - strlen(buf),
			 "; published are %.3f cycles: the loop adds %+.4f ns to an operation",
			 known, added);
	return buf;
}

/* An idle barrier's cycles; NAN if it did not run. */
static double idle_cycles(const struct doc *doc, const char *barrier)
{
	for (size_t i = 0; i < doc->n; i++)
		if (doc->rows[i].ran && !strcmp(doc->rows[i].kernel, "idle") &&
		    !strcmp(doc->rows[i].barrier, barrier))
			return doc->rows[i].cycles_min;
	return NAN;
}

const char *finding_published(const struct doc *doc, char *buf, size_t n)
{
	const json_t *published, *one;
	const char *source = "";
	size_t i;

	*buf = '\0';
	published = json_object_get(json_object_get(doc->own, "topology"), "published");
	json_array_foreach(published, i, one)
	{
		double theirs = doc_number(one, "cycles");
		double ours = idle_cycles(doc, doc_text(one, "row"));

		if (!isfinite(ours) || !(theirs > 0))
			continue;
		source = doc_text(one, "source");
		snprintf(buf + strlen(buf), n - strlen(buf), "%s%s %.3g, published %.3g (%+.1f %%)",
			 *buf ? "; " : "idle cycles: ", doc_text(one, "row"), ours, theirs,
			 (ours / theirs - 1) * 100);
	}
	if (*buf)
		snprintf(buf + strlen(buf), n - strlen(buf), ". From %s", source);
	return buf;
}

int finding_flavour_rank(const char *stores)
{
	int rank = 0;

	if (!*stores)
		return 0;
	while (rank <= FP_DIRECT && strcmp(stores, fp_flavours[rank]))
		rank++;
	return rank + 1;
}

const char *finding_stores_text(const char *stores, bool is_ram)
{
	static const char *const texts[] = {"", "plain cached stores", "non-temporal stores",
					    "direct stores", "other stores"};
	int rank = finding_flavour_rank(stores);

	/* No cache takes what is stored to a device. */
	return rank == FP_PLAIN + 1 && !is_ram ? "plain stores" : texts[rank];
}

const char *finding_mapping_text(const struct doc_row *row, char *buf, size_t n)
{
	*buf = '\0';
	if (!row->is_ram)
		snprintf(buf, n, "%.60s as %.20s: ", row->target, row->memory);
	return buf;
}
