// SPDX-License-Identifier: MIT
#include "views/family.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char view_emulated_notice[] = "EMULATED: these times are not results";

const char *view_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

double view_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* What follows "/key:" in the name, or NULL. */
static const char *find_axis(const char *name, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/'))
		if (!strncmp(at + 1, key, length) && at[1 + length] == ':')
			return at + length + 2;
	return NULL;
}

static long axis(const char *name, const char *key)
{
	const char *value = find_axis(name, key);

	return value ? strtol(value, NULL, 10) : 0;
}

/* "/behind:8/next:load": the axes of a row are in its name alone. */
static void read_axes(struct view_row *row)
{
	const char *next = find_axis(row->name, "next"), *between = find_axis(row->name, "between");

	row->behind = axis(row->name, "behind");
	row->bytes = axis(row->name, "bytes");
	row->lines = axis(row->name, "lines");
	row->offset = axis(row->name, "offset");
	row->every = axis(row->name, "every");
	row->between = between ? between : "";
	row->locked = find_axis(row->name, "lock");
	if (next)
		row->next = !strncmp(next, "load", 4) ? VIEW_LOAD : VIEW_STORE;
}

static void read_figures(struct view_row *row)
{
	const json_t *from = row->ran ? row->own : NULL;

	row->ns_min = view_number(from, "ns_min");
	row->ns_p50 = view_number(from, "ns_p50");
	row->ns_p99 = view_number(from, "ns_p99");
	row->ns_block_min = view_number(from, "ns_block_min");
	row->cycles_min = view_number(from, "cycles_min");
}

static struct view_row read_row(const json_t *run)
{
	const json_t *own = json_object_get(run, "fencepost");
	struct view_row row = {
		.run = run,
		.own = own,
		.name = view_text(run, "name"),
		.family = view_text(own, "family"),
		.kernel = view_text(own, "kernel"),
		.barrier = view_text(own, "barrier"),
		.target = view_text(own, "target"),
		.memory = view_text(own, "memory"),
		.stores = view_text(own, "stores"),
		.status = view_text(own, "status"),
		.reason = view_text(own, "reason"),
	};

	row.ran = !strcmp(row.status, "ran");
	row.device_safe = json_is_true(json_object_get(own, "device_safe"));
	read_axes(&row);
	read_figures(&row);
	return row;
}

int view_open(struct view *view, const json_t *root)
{
	const json_t *runs = json_object_get(root, "benchmarks"), *run;
	size_t i;

	memset(view, 0, sizeof(*view));
	if (!json_is_array(runs))
		return -EINVAL;
	view->rows = calloc(json_array_size(runs) + 1, sizeof(*view->rows));
	if (!view->rows)
		return -ENOMEM;
	json_array_foreach(runs, i, run)
		if (json_object_get(run, "fencepost"))
			view->rows[view->n++] = read_row(run);
	view->context = json_object_get(root, "context");
	view->own = json_object_get(view->context, "fencepost");
	view->emulated = !strcmp(view_text(view->own, "evidence"), "emulated");
	view->partial = json_is_true(json_object_get(view->own, "partial"));
	return 0;
}

void view_close(struct view *view)
{
	free(view->rows);
	memset(view, 0, sizeof(*view));
}

bool view_is_of(const struct view_row *row, const char *family)
{
	return !family || !strcmp(row->family, family);
}

bool view_same_place(const struct view_row *a, const struct view_row *b)
{
	return !strcmp(a->target, b->target) && !strcmp(a->memory, b->memory);
}

const struct view_row *view_find_place(const struct view *view, const char *family, size_t i)
{
	for (size_t r = 0; r < view->n; r++) {
		bool seen = !view_is_of(&view->rows[r], family);

		for (size_t before = 0; before < r && !seen; before++)
			seen = view_is_of(&view->rows[before], family) &&
			       view_same_place(&view->rows[before], &view->rows[r]);
		if (!seen && !i--)
			return &view->rows[r];
	}
	return NULL;
}

bool view_ran_at(const struct view_row *row)
{
	return row && row->ran && isfinite(row->ns_min);
}

const struct view_row *view_place(const struct view *view, size_t i)
{
	return view_find_place(view, NULL, i);
}

static bool same_reason(const struct view_row *a, const struct view_row *b)
{
	return !b->ran && !strcmp(a->status, b->status) && !strcmp(a->reason, b->reason);
}

size_t view_reason_group(const struct view *view, size_t i, const char **what)
{
	const struct view_row *row = &view->rows[i];
	bool one_barrier = true, one_kernel = true;
	size_t n = 0;

	if (row->ran)
		return 0;
	for (size_t r = 0; r < view->n; r++) {
		const struct view_row *other = &view->rows[r];

		if (!same_reason(row, other))
			continue;
		if (r < i)
			return 0;
		one_barrier &= !strcmp(row->barrier, other->barrier);
		one_kernel &= !strcmp(row->kernel, other->kernel);
		n++;
	}
	*what = n == 1 ? row->name : "";
	if (n > 1 && one_barrier)
		*what = row->barrier;
	else if (n > 1 && one_kernel)
		*what = row->kernel;
	return n;
}

const char *view_cpu(const struct view *view, char *buf, size_t n)
{
	const json_t *topology = json_object_get(view->own, "topology");
	const char *model = view_text(topology, "model");
	const char *micro = view_text(topology, "microarchitecture");

	snprintf(buf, n, "%s", *model ? model : "CPU of unknown model");
	if (*micro && strcmp(micro, "unknown"))
		snprintf(buf + strlen(buf), n - strlen(buf), " (%s)", micro);
	return buf;
}

const char *view_attribute(const struct view_row *row, char *buf, size_t n)
{
	const char *effective = view_text(row->own, "effective");
	const char *stage1 = view_text(row->own, "stage1");
	const char *by = view_text(row->own, "verified_by");

	snprintf(buf, n, "%s", *stage1 ? stage1 : *effective ? effective : "unknown");
	if (*stage1 && *effective && strcmp(effective, stage1))
		snprintf(buf + strlen(buf), n - strlen(buf), ", effective %s", effective);
	snprintf(buf + strlen(buf), n - strlen(buf), *by ? ", verified (%s)" : ", not verified",
		 by);
	return buf;
}

const char *view_seed(const struct view *view, char *buf, size_t n)
{
	const json_t *seed = json_object_get(view->context, "seed");

	if (json_is_integer(seed))
		snprintf(buf, n, "%lld", (long long)json_integer_value(seed));
	else
		snprintf(buf, n, "%s", view_text(view->context, "seed"));
	return buf;
}

const char *view_short(double value, char *buf, size_t n)
{
	double size = fabs(value);

	if (!isfinite(value))
		snprintf(buf, n, "%s", "");
	else if (size < 0.005)
		snprintf(buf, n, "0.00");
	else
		snprintf(buf, n, "%.*f", size < 9.995 ? 2 : size < 99.95 ? 1 : 0, value);
	return buf;
}

const char *view_exact(double value, char *buf, size_t n)
{
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(buf, n, "%.*g", digits, value);
		if (strtod(buf, NULL) == value)
			break;
	}
	return buf;
}
