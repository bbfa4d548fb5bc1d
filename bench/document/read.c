// SPDX-License-Identifier: MIT
#include "document/read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *doc_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

double doc_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

bool doc_flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

long doc_axis(const struct doc_row *row, const char *key)
{
	return (long)json_integer_value(json_object_get(row->axes, key));
}

const char *doc_axis_text(const struct doc_row *row, const char *key)
{
	return doc_text(row->axes, key);
}

static bool is_of(const struct doc_row *row, const json_t *mapping)
{
	return !strcmp(doc_text(mapping, "target"), row->target) &&
	       !strcmp(doc_text(mapping, "memory"), row->memory);
}

/* Whether the row's mapping is RAM; what was never mapped is not. */
static bool is_ram(const struct doc *doc, const struct doc_row *row)
{
	const json_t *mappings = json_object_get(json_object_get(doc->own, "target"), "mappings");
	const json_t *mapping;
	size_t i;

	json_array_foreach(mappings, i, mapping) {
		if (is_of(row, mapping))
			return doc_flag(mapping, "ram");
	}
	return false;
}

static void read_figures(struct doc_row *row)
{
	const json_t *from = row->ran ? row->own : NULL;

	row->ns_min = doc_number(from, "ns_min");
	row->ns_p50 = doc_number(from, "ns_p50");
	row->ns_p99 = doc_number(from, "ns_p99");
	row->ns_block_min = doc_number(from, "ns_block_min");
	row->cycles_min = doc_number(from, "cycles_min");
}

static struct doc_row read_row(const struct doc *doc, const json_t *run)
{
	const json_t *own = json_object_get(run, "fencepost");
	struct doc_row row = {
		.run = run,
		.own = own,
		.axes = json_object_get(own, "axes"),
		.name = doc_text(run, "name"),
		.family = doc_text(own, "family"),
		.kernel = doc_text(own, "kernel"),
		.barrier = doc_text(own, "barrier"),
		.target = doc_text(own, "target"),
		.memory = doc_text(own, "memory"),
		.stores = doc_text(own, "stores"),
		.status = doc_text(own, "status"),
		.reason = doc_text(own, "reason"),
	};

	row.ran = !strcmp(row.status, "ran");
	row.is_ram = is_ram(doc, &row);
	read_figures(&row);
	return row;
}

int doc_open(struct doc *doc, const json_t *root)
{
	const json_t *runs = json_object_get(root, "benchmarks"), *run;
	size_t i;

	memset(doc, 0, sizeof(*doc));
	if (!json_is_array(runs))
		return -EINVAL;
	doc->rows = calloc(json_array_size(runs) + 1, sizeof(*doc->rows));
	if (!doc->rows)
		return -ENOMEM;
	doc->context = json_object_get(root, "context");
	doc->own = json_object_get(doc->context, "fencepost");
	json_array_foreach(runs, i, run) if (json_object_get(run, "fencepost"))
		doc->rows[doc->n++] = read_row(doc, run);
	doc->emulated = !strcmp(doc_text(doc->own, "evidence"), "emulated");
	doc->partial = doc_flag(doc->own, "partial");
	return 0;
}

void doc_close(struct doc *doc)
{
	free(doc->rows);
	memset(doc, 0, sizeof(*doc));
}

bool doc_is_of(const struct doc_row *row, const char *family)
{
	return !family || !strcmp(row->family, family);
}

bool doc_same_mapping(const struct doc_row *a, const struct doc_row *b)
{
	return !strcmp(a->target, b->target) && !strcmp(a->memory, b->memory);
}

const struct doc_row *doc_mapping(const struct doc *doc, const char *family, size_t i)
{
	for (size_t r = 0; r < doc->n; r++) {
		bool seen = !doc_is_of(&doc->rows[r], family);

		for (size_t before = 0; before < r && !seen; before++)
			seen = doc_is_of(&doc->rows[before], family) &&
			       doc_same_mapping(&doc->rows[before], &doc->rows[r]);
		if (!seen && !i--)
			return &doc->rows[r];
	}
	return NULL;
}

bool doc_ran_at(const struct doc_row *row)
{
	return row && row->ran && isfinite(row->ns_min);
}

const char *doc_cpu(const struct doc *doc, char *buf, size_t n)
{
	const json_t *topology = json_object_get(doc->own, "topology");
	const char *model = doc_text(topology, "model");
	const char *micro = doc_text(topology, "microarchitecture");

	snprintf(buf, n, "%s", *model ? model : "CPU of unknown model");
	if (*micro && strcmp(micro, "unknown"))
		snprintf(buf + strlen(buf), n - strlen(buf), " (%s)", micro);
	return buf;
}

const char *doc_architecture(const struct doc *doc)
{
	return doc_text(json_object_get(doc->own, "topology"), "architecture");
}

const char *doc_attribute(const struct doc_row *row, char *buf, size_t n)
{
	const char *effective = doc_text(row->own, "effective");
	const char *stage1 = doc_text(row->own, "stage1");
	const char *by = doc_text(row->own, "verified_by");

	snprintf(buf, n, "%s", *stage1 ? stage1 : *effective ? effective : "unknown");
	if (*stage1 && *effective && strcmp(effective, stage1))
		snprintf(buf + strlen(buf), n - strlen(buf), ", effective %s", effective);
	snprintf(buf + strlen(buf), n - strlen(buf), *by ? ", verified (%s)" : ", not verified",
		 by);
	return buf;
}

const char *doc_seed(const struct doc *doc, char *buf, size_t n)
{
	const json_t *seed = json_object_get(doc->context, "seed");

	if (json_is_integer(seed))
		snprintf(buf, n, "%lld", (long long)json_integer_value(seed));
	else
		snprintf(buf, n, "%s", doc_text(doc->context, "seed"));
	return buf;
}
