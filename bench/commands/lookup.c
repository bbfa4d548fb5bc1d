// SPDX-License-Identifier: MIT
/* --list, --api, --show: nothing here measures a row. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "commands/catalogue.h"
#include "work/disassemble.h"
#include "base/message.h"
#include "commands/session.h"

static int finish(json_t *objects, const char *const *columns, enum fp_format format)
{
	int err = objects ? fp_catalogue_write(objects, columns, stdout, format) : -ENOMEM;

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
		json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:s}", "target", place->name,
						       "by_default", place->by_default ? "yes" : "no",
						       "what", what, "usable", usable));
	}
	fp_places_free(&places);
	return array;
}

int fp_lookup_list(const struct fp_options *o)
{
	static const char *const family[] = { "family", "summary", NULL };
	static const char *const target[] = { "target", "by_default", "what", "usable", NULL };
	static const char *const barrier[] = { "architecture", "id", "instruction", "kind", "does",
					       "memory", "here", NULL };
	static const char *const access[] = { "architecture", "id", "kind", "flavour", "bytes",
					      "memory", "here", NULL };
	static const char *const copy[] = { "architecture", "id", "direction", "stores",
					    "device_safe", "in_kernel", "here", NULL };
	static const char *const lock[] = { "architecture", "id", "contains", "here", NULL };

	switch (o->list) {
	case FP_LIST_FAMILIES:
		return finish(families(), family, o->format);
	case FP_LIST_TARGETS:
		return finish(targets(), target, o->format);
	case FP_LIST_BARRIERS:
		return finish(fp_catalogue_barriers(), barrier, o->format);
	case FP_LIST_ACCESSES:
		return finish(fp_catalogue_accesses(), access, o->format);
	case FP_LIST_COPIES:
		return finish(fp_catalogue_copies(), copy, o->format);
	case FP_LIST_LOCKS:
		return finish(fp_catalogue_locks(), lock, o->format);
	case FP_LIST_ROWS:
	case FP_LIST_NONE:
		break;
	}
	return FP_EXIT_USAGE;
}

int fp_lookup_rows(struct fp_session *s)
{
	static const char *const columns[] = { "row", "status", "reason", NULL };
	json_t *array = json_array();

	for (size_t i = 0; i < s->plan.n; i++) {
		const struct fp_row *row = &s->plan.rows[i];
		bool can_run = row->status == FP_RAN;

		json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "row", row->name, "status",
						       can_run ? "can run" : "unsupported",
						       "reason", row->reason));
	}
	return finish(array, columns, s->options->format);
}

int fp_lookup_api(const struct fp_options *o)
{
	json_t *found = fp_catalogue_find(o->api);
	int err;

	if (!json_array_size(found)) {
		json_decref(found);
		fp_error("--api %s: no barrier, lock or copy goes by that name; see --list barriers "
			 "--format markdown", o->api);
		return FP_EXIT_USAGE;
	}
	err = o->format == FP_TEXT ? fp_catalogue_write_long(found, stdout)
				   : fp_catalogue_write(found, NULL, stdout, o->format);
	json_decref(found);
	return err ? FP_EXIT_OUTPUT : 0;
}

static struct fp_row *find_row(struct fp_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!strcmp(plan->rows[i].name, name))
			return &plan->rows[i];
	return NULL;
}

/*
 * A copy is a function of this program: its dynamic symbol says how long it is.
 * What it calls is not followed.
 */
static int show_copy(const struct fp_copying *copying)
{
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;
	void *code;

	memcpy(&code, &copying->copy, sizeof(code));
	if (!dladdr1(code, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol ||
	    !symbol->st_size)
		return -ENOENT;
	printf("# the function %s, called once an operation%s\n", info.dli_sname,
	       copying->barrier ? ", with the barrier behind it" : "");
	return fp_disassemble(code, symbol->st_size, stdout);
}

static const char *base_text(const struct fp_layout *layout)
{
	if (!layout->has_base)
		return "";
	return layout->copies ? ", less the same loop around a function that does nothing"
			      : ", less the same without the barrier";
}

static int show(struct fp_session *s, const struct fp_row *row)
{
	struct fp_bench *bench = &s->places.benches[row->mapping < 0 ? 0 : row->mapping];
	struct fp_layout layout = { .operations = 1 };
	const void *code;
	size_t bytes;
	int err;

	if (row->run) {
		printf("# %s\n# the kernel runs it: its code is the kernel's own\n", row->name);
		return 0;
	}
	err = row->family->lay(row, bench, &layout);
	if (err)
		return err;
	printf("# %s\n# %.0f operations a loop, %u lines a loop%s%s%s\n", row->name,
	       layout.operations, layout.lines,
	       layout.evicted_lines ? ", evicted before each batch" : "",
	       base_text(&layout),
	       row->status == FP_UNSUPPORTED ? "; it can't run here" : "");
	if (row->reason[0])
		printf("# %s\n", row->reason);
	if (layout.copies)
		return show_copy(&bench->copying);
	code = fp_sequence_code(bench->measured, &bytes);
	return fp_disassemble(code, bytes, stdout);
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
	const struct fp_row *row = find_row(&s->plan, name);
	int err;

	if (!row)
		return refuse_row(name);
	err = show(s, row);
	if (err)
		fp_error("--show %s: %s", name, strerror(-err));
	return err ? FP_EXIT_ROW_FAILED : 0;
}
