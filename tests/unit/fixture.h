/* SPDX-License-Identifier: MIT */
/* fixture.h - results.json of a synthetic machine, and what tests ask of results. */
#ifndef FENCEPOST_FIXTURE_H
#define FENCEPOST_FIXTURE_H

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "views/family.h"
#include "views/views.h"

/* What nobody may take for markup, a command or a row's end. */
static const char hostile[] = "<script>alert(\"x\")</script>, a|b\n`id` \033[31m'q' & $(id) @ROWS@";

static inline json_t *load_fixture(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4200];

	snprintf(path, sizeof(path), "%s/tests/fixtures/results-x86_64.json",
		 srcdir ? srcdir : ".");
	return json_load_file(path, 0, NULL);
}

static inline json_t *own_context(json_t *root)
{
	return json_object_get(json_object_get(root, "context"), "fencepost");
}

static inline json_t *find_row(const json_t *root, const char *name)
{
	json_t *run;
	size_t i;

	json_array_foreach(
		json_object_get(root, "benchmarks"), i,
		run) if (!strcmp(json_string_value(json_object_get(run, "name")), name)) return run;
	return NULL;
}

static inline bool did_run(const json_t *run)
{
	const json_t *own = json_object_get(run, "fencepost");

	return !strcmp(json_string_value(json_object_get(own, "status")), "ran");
}

/* NAN if absent. */
static inline double figure(const json_t *run, const char *key)
{
	const json_t *value = json_object_get(json_object_get(run, "fencepost"), key);

	return value ? json_number_value(value) : NAN;
}

static inline bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* One sentence that the data supports; returns buf. */
static inline const char *conclude(const json_t *root, char *buf, size_t n)
{
	struct doc doc;

	if (doc_open(&doc, root)) {
		snprintf(buf, n, "Not a results.json.");
		return buf;
	}
	view_conclusion(&doc, buf, n);
	doc_close(&doc);
	return buf;
}

/* As the program would print it; free() it. */
static inline char *print(const json_t *root, enum fp_format format, int width)
{
	/* Not on the stack: gcc 12 would take what is returned for a pointer to it. */
	static char *text;
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);

	tap_is_int(fp_table_write(root, to, format, false, width), 0, "format %d is written",
		   (int)format);
	fclose(to);
	return text;
}

/* The line that begins with head, up to its end, into buf. */
static inline const char *find_line(const char *text, const char *head, char *buf, size_t n)
{
	const char *at = text;

	*buf = '\0';
	while (at && strncmp(at, head, strlen(head))) {
		at = strchr(at, '\n');
		at += at != NULL;
	}
	if (at)
		snprintf(buf, n, "%.*s", (int)strcspn(at, "\n"), at);
	return buf;
}

static inline void make_hostile_kernel(json_t *root, const char *name, const char *key)
{
	json_object_set_new(json_object_get(find_row(root, name), "fencepost"), key,
			    json_string(hostile));
}

/* The fixture with that text wherever text comes from outside. */
static inline json_t *make_hostile(void)
{
	json_t *root = load_fixture(), *run, *own = own_context(root);
	size_t i;

	json_object_set_new(json_object_get(own, "topology"), "model", json_string(hostile));
	json_array_append_new(json_object_get(own, "warnings"), json_string(hostile));
	json_object_set_new(own, "flags", json_string(hostile));
	json_array_foreach(json_object_get(root, "benchmarks"), i, run)
	{
		json_t *row = json_object_get(run, "fencepost");

		json_object_set_new(row, "verified_by", json_string(hostile));
		if (json_object_get(row, "reason"))
			json_object_set_new(row, "reason", json_string(hostile));
	}
	json_object_set_new(run = json_array_get(json_object_get(root, "benchmarks"), 0), "name",
			    json_string(hostile));
	json_object_set_new(json_object_get(run, "fencepost"), "barrier", json_string(hostile));
	/* A copy's and a store's names are in pictures and blocks of their own. */
	make_hostile_kernel(root, "copy/avx512_nt/none/wb/bytes:64/lines:256/offset:0", "kernel");
	make_hostile_kernel(root, "copy/avx512_nt/sfence/wb/bytes:64/lines:256/offset:0",
			    "barrier");
	make_hostile_kernel(root, "combine/movnti8/none/wb/lines:1", "kernel");
	make_hostile_kernel(root, "combine/movnti8/mfence/wb/between:barrier", "barrier");
	return root;
}

#endif
