// SPDX-License-Identifier: MIT
/* --list, --api, --show: nothing here measures a row. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/objects.h"
#include "base/quote.h"
#include "commands/catalogue.h"
#include "commands/command.h"
#include "base/message.h"
#include "commands/session.h"
#include "families/families.h"

#define COLUMNS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* columns: NULL for each member on a line of its own, where the format is text. */
static int put(const json_t *objects, const char *const *columns, enum fp_format format)
{
	int err = fp_json_refusals() ? -ENOMEM : 0;

	if (!err)
		err = format == FP_TEXT && !columns
			      ? fp_objects_write_long(objects, stdout)
			      : fp_objects_write(objects, columns, stdout, format);
	return err && fp_json_refusals() ? -ENOMEM : err;
}

static int finish(json_t *objects, const char *const *columns, enum fp_format format)
{
	int err = put(objects, columns, format);

	json_decref(objects);
	if (err)
		fp_error("standard output can't be written (%s)", strerror(-err));
	return err ? FP_EXIT_OUTPUT : 0;
}

static json_t *families(void)
{
	json_t *array = json_array();

	for (size_t i = 0; fp_families[i]; i++)
		json_array_append_new(array, json_pack("{s:s, s:s}", "family",
						       fp_families[i]->name, "summary",
						       fp_families[i]->summary));
	return array;
}

static json_t *targets(void)
{
	struct fp_place_list places;
	json_t *array = json_array();

	fp_places_all(&places);
	for (size_t i = 0; i < places.n; i++) {
		struct fp_place *place = &places.all[i];
		char what[128] = "", usable[256] = "";

		place->target->describe(place, what, sizeof(what), usable, sizeof(usable));
		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:s, s:s}", "target", place->name,
						"by_default", place->by_default ? "yes" : "no",
						"what", fp_blank(what), "usable",
						fp_blank(usable)));
	}
	fp_places_free(&places);
	return array;
}

/* Those that are no catalogue. */
static const struct list {
	const char *name;
	const char *const *columns;
	json_t *(*make)(void);
} lists[] = {
	{ FP_LIST_ROWS, NULL, NULL },
	{ "families", COLUMNS("family", "summary"), families },
	{ "targets", COLUMNS("target", "by_default", "what", "usable"), targets },
};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

static const char *list_name(size_t i)
{
	return i < LISTS ? lists[i].name : fp_catalogues[i - LISTS].name;
}

int fp_lookup_list(const struct fp_options *o)
{
	for (size_t i = 0; i < LISTS; i++)
		if (!strcmp(lists[i].name, o->list))
			return finish(lists[i].make(), lists[i].columns, o->format);
	for (const struct fp_catalogue *c = fp_catalogues; c->name; c++)
		if (!strcmp(c->name, o->list))
			return finish(fp_catalogue_rows(c), c->columns, o->format);
	return FP_EXIT_USAGE;
}

int fp_lookup_rows(struct fp_session *s)
{
	static const char *const columns[] = { "row", "status", "reason", NULL };
	json_t *array = json_array();

	for (size_t i = 0; i < s->plan.n; i++) {
		const struct fp_row *row = &s->plan.rows[i];
		bool can_run = row->status == FP_RAN;

		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:s}", "row", row->name, "status",
						can_run ? "can run" : "unsupported",
						"reason", row->reason));
	}
	return finish(array, columns, s->options->format);
}

int fp_lookup_api(const struct fp_options *o)
{
	json_t *found = fp_catalogue_find(o->api);

	if (!json_array_size(found) && !fp_json_refusals()) {
		json_decref(found);
		fp_error("--api %s: no barrier, lock or copy goes by that name; see --list "
			 "barriers --format markdown", o->api);
		return FP_EXIT_USAGE;
	}
	return finish(found, NULL, o->format);
}

/* Its loop, on the mapping that it would run on, or on any. */
static int show(struct fp_session *s, const struct fp_row *row)
{
	struct fp_row shown = *row;
	bool can_run = row->status != FP_UNSUPPORTED;
	char note[sizeof(row->reason) + 32] = "";
	int err;

	if (shown.at[FP_AT_PAYLOAD].mapping < 0)
		shown.at[FP_AT_PAYLOAD].mapping = 0;
	err = fp_row_prepare(&shown, &s->bench, s->places.mappings);
	if (err)
		return err;
	if (!can_run)
		snprintf(note, sizeof(note), "; it can't run here\n# %s", row->reason);
	printf("# %s\n", row->name);
	return row->work.executor->show(&row->work, &s->bench, note, stdout);
}

static int refuse_row(const char *name)
{
	char where[192];

	if (fp_catalogue_elsewhere(name, where, sizeof(where)))
		fp_error("--show %s: %s", name, where);
	else
		fp_error("--show %s: there is no such row; see --list rows --full", name);
	return FP_EXIT_USAGE;
}

int fp_lookup_show(struct fp_session *s, const char *name)
{
	const struct fp_row *row = fp_plan_find(&s->plan, name);
	int err;

	if (!row)
		return refuse_row(name);
	err = show(s, row);
	if (err)
		fp_error("--show %s: %s", name, strerror(-err));
	return err ? FP_EXIT_ROW_FAILED : 0;
}

/* ---- the options ---- */

static int set_list(void *options, const char *name)
{
	struct fp_options *o = options;
	size_t i;

	if (!fp_option_takes(list_name, name ? name : FP_LIST_ROWS, &i))
		return fp_option_refuse("list", name, "list", list_name, "");
	o->list = list_name(i);
	return 0;
}

static int set_api(void *options, const char *name)
{
	struct fp_options *o = options;

	o->api = name;
	return 0;
}

static int set_show(void *options, const char *row)
{
	struct fp_options *o = options;

	o->show = row;
	return 0;
}

const struct fp_option fp_lookup_options[] = {
	{ "list", "[WHAT]", "%s; default: " FP_LIST_ROWS, set_list, list_name },
	{ "api", "NAME", "what a name of a barrier, lock or copy in the kernel, rdma-core, UCX, "
	  "gdrcopy, DPDK, liburcu or SPDK becomes, on every architecture", set_api, NULL },
	{ "show", "ROW", "the machine code that a row times", set_show, NULL },
	{ .name = NULL },
};
