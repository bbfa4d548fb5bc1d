// SPDX-License-Identifier: MIT
#include "commands/catalogue.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "memory/memory.h"

#define COLUMNS(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct word {
	unsigned bit;
	const char *text;
};

static const struct word does_words[] = {
	{ FP_ORDERED, "ordered" }, { FP_PUSHED_OUT, "pushed out" }, { FP_COMPLETED, "completed" },
	{ 0, NULL } };
static const struct word seen_words[] = {
	{ FP_THIS_CPU, "this CPU" }, { FP_OTHER_CPUS, "other CPUs" }, { FP_DEVICE, "device" },
	{ 0, NULL } };
static const char *const barrier_kinds[FP_KINDS] = {
	[FP_FENCE] = "fence", [FP_RELEASE_STORE] = "release_store",
	[FP_ACQUIRE_LOAD] = "acquire_load", [FP_RMW] = "rmw", [FP_LINE_FLUSH] = "line_flush" };
static const char *const access_kinds[] = { [FP_LOAD] = "load", [FP_STORE] = "store" };

static void set(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, json_string(text));
}

static void set_words(json_t *o, const char *key, const struct word *words, unsigned bits)
{
	char text[64] = "";

	for (; words->text; words++)
		if (bits & words->bit) {
			strcat(text, *text ? ", " : "");
			strcat(text, words->text);
		}
	set(o, key, *text ? text : "nothing");
}

static void set_memory(json_t *o, unsigned memory)
{
	char text[FP_MEMORY_LIST];

	set(o, "memory", memory ? fp_memory_list(memory, text) : "nothing");
}

/* names: NULL for none. */
static void set_names(json_t *o, const char *const *names)
{
	json_t *text = json_string("");

	for (size_t i = 0; names && names[i]; i++) {
		json_t *before = text;

		text = json_sprintf("%s%s%s", json_string_value(before), i ? "; " : "", names[i]);
		json_decref(before);
	}
	json_object_set_new(o, "names", text);
}

/* What rows of all kinds have; instruction: NULL if it is none. */
struct fp_entry {
	const char *id, *instruction, *feature;
	const char *const *names; /* NULL: none */
	const void *row;
};

static bool barrier_at(const struct fp_arch_tables *t, size_t i, struct fp_entry *e)
{
	const struct fp_barrier *b = &t->barriers[i];

	if (i < t->n_barriers)
		*e = (struct fp_entry){ b->id, b->text, b->feature, b->names, b };
	return i < t->n_barriers;
}

static void describe_barrier(json_t *o, const void *row)
{
	const struct fp_barrier *b = row;

	set(o, "kind", barrier_kinds[b->kind]);
	set_words(o, "does", does_words, b->does);
	set_words(o, "seen_by", seen_words, b->seen_by);
	set_memory(o, b->memory);
	set(o, "orders", b->orders);
	set(o, "does_not", b->does_not);
	set(o, "source", b->source);
	set_names(o, b->names);
}

static bool access_at(const struct fp_arch_tables *t, size_t i, struct fp_entry *e)
{
	const struct fp_access *a = &t->accesses[i];

	if (i < t->n_accesses)
		*e = (struct fp_entry){ a->id, a->text, a->feature, NULL, a };
	return i < t->n_accesses;
}

static void describe_access(json_t *o, const void *row)
{
	const struct fp_access *a = row;

	set(o, "kind", access_kinds[a->kind]);
	set(o, "flavour", fp_flavours[a->flavour]);
	json_object_set_new(o, "bytes", json_integer(a->width));
	set_memory(o, a->memory);
	set(o, "note", a->note);
	set(o, "source", a->source);
}

static bool lock_at(const struct fp_arch_tables *t, size_t i, struct fp_entry *e)
{
	const struct fp_lock *l = &t->locks[i];

	if (i < t->n_locks)
		*e = (struct fp_entry){ l->id, l->text, l->feature, l->names, l };
	return i < t->n_locks;
}

static void describe_lock(json_t *o, const void *row)
{
	const struct fp_lock *l = row;

	set(o, "unlock", l->unlock_text);
	set(o, "contains", l->contains);
	set(o, "does_not", l->does_not);
	set(o, "source", l->source);
	set_names(o, l->names);
}

static bool copy_at(const struct fp_arch_tables *t, size_t i, struct fp_entry *e)
{
	const struct fp_copy *c = &t->copies[i];

	if (i < t->n_copies)
		*e = (struct fp_entry){ c->id, NULL, c->feature, c->names, c };
	return i < t->n_copies;
}

static void describe_copy(json_t *o, const void *row)
{
	static const char *const directions[] = { [FP_COPY_TO] = "to", [FP_COPY_FROM] = "from",
						  [FP_COPY_SET] = "set" };
	const struct fp_copy *c = row;

	set(o, "direction", directions[c->direction]);
	set(o, "stores", fp_flavours[c->stores]);
	set(o, "device_safe", c->device_safe ? "yes" : "no");
	set(o, "in_kernel", c->in_kernel ? "yes" : "no");
	json_object_set_new(o, "unit", json_integer(c->unit));
	json_object_set_new(o, "align", json_integer(c->align));
	set(o, "note", c->note);
	set(o, "source", c->source);
	set_names(o, c->names);
}

const struct fp_catalogue fp_catalogues[] = {
	{ "barriers", COLUMNS("architecture", "id", "instruction", "kind", "does", "memory",
				"here"),
	  true, barrier_at, describe_barrier },
	{ "accesses", COLUMNS("architecture", "id", "kind", "flavour", "bytes", "memory",
				"here"),
	  false, access_at, describe_access },
	{ "locks", COLUMNS("architecture", "id", "contains", "here"),
	  true, lock_at, describe_lock },
	{ "copies", COLUMNS("architecture", "id", "direction", "stores", "device_safe",
			      "in_kernel", "here"),
	  true, copy_at, describe_copy },
	{ NULL, NULL, false, NULL, NULL },
};

static json_t *object(size_t arch, const struct fp_catalogue *list, const struct fp_entry *e)
{
	const char *lacks = arch == fp_native.id ? fp_arch_lacks(e->feature)
						 : "another architecture";
	json_t *o = json_object();

	set(o, "architecture", fp_arch_tables[arch].name);
	set(o, "id", e->id);
	if (e->instruction)
		set(o, "instruction", *e->instruction ? e->instruction : "(none)");
	set(o, "here", lacks ? lacks : "yes");
	list->describe(o, e->row);
	return o;
}

/* "kernel:wmb then the store" is known as "kernel:wmb" and as "wmb". */
static bool is_called(const char *const *names, const char *name)
{
	for (; *names; names++) {
		const char *bare = strchr(*names, ':');
		size_t length = strcspn(*names, " ");

		if (strlen(name) == length && !strncmp(*names, name, length))
			return true;
		if (!bare++)
			continue;
		length = strcspn(bare, " ");
		if (strlen(name) == length && !strncmp(bare, name, length))
			return true;
	}
	return false;
}

static bool goes_by(const struct fp_entry *e, const char *name)
{
	return !strcmp(e->id, name) || (e->names && is_called(e->names, name));
}

/* name: NULL for all. */
static void add(json_t *array, const struct fp_catalogue *list, size_t arch, const char *name)
{
	struct fp_entry e;

	for (size_t i = 0; list->at(&fp_arch_tables[arch], i, &e); i++)
		if (!name || goes_by(&e, name))
			json_array_append_new(array, object(arch, list, &e));
}

json_t *fp_catalogue_rows(const struct fp_catalogue *list)
{
	json_t *array = json_array();

	for (size_t arch = 0; arch < FP_ARCHES; arch++)
		add(array, list, arch, NULL);
	return array;
}

json_t *fp_catalogue_find(const char *name)
{
	json_t *array = json_array();

	for (size_t arch = 0; arch < FP_ARCHES; arch++)
		for (const struct fp_catalogue *list = fp_catalogues; list->name; list++)
			if (list->is_called)
				add(array, list, arch, name);
	return array;
}

static bool has_id(const struct fp_arch_tables *t, const char *id)
{
	struct fp_entry e;

	for (const struct fp_catalogue *list = fp_catalogues; list->name; list++)
		for (size_t i = 0; list->at(t, i, &e); i++)
			if (!strcmp(e.id, id))
				return true;
	return false;
}

/* "arm64, ppc64le": the architectures that have a row of that id; "" if none has. */
static void owners_of(const char *id, char *buf, size_t n)
{
	*buf = '\0';
	for (size_t arch = 0; arch < FP_ARCHES; arch++)
		if (has_id(&fp_arch_tables[arch], id))
			snprintf(buf + strlen(buf), n - strlen(buf), "%s%s", *buf ? ", " : "",
				 fp_arch_tables[arch].name);
}

static bool elsewhere(const char *id, char *buf, size_t n)
{
	const char *here = fp_arch_tables[fp_native.id].name;
	char owners[64];

	owners_of(id, owners, sizeof(owners));
	if (!*owners || strstr(owners, here))
		return false;
	snprintf(buf, n, "%s is a row of %s; this is %s", id, owners, here);
	return true;
}

/* The text is a regular expression or a row's name: a backslash is no part of an id. */
static void plain_text(const char *text, char *buf, size_t n)
{
	size_t length = 0;

	for (; text && *text && length < n - 1; text++)
		if (*text != '\\')
			buf[length++] = *text;
	buf[length] = '\0';
}

bool fp_catalogue_elsewhere(const char *text, char *buf, size_t n)
{
	static const char of_ids[] = "abcdefghijklmnopqrstuvwxyz0123456789_@.";
	char plain[512], id[64];
	int length;

	plain_text(text, plain, sizeof(plain));
	for (const char *at = plain; at += strcspn(at, of_ids), *at; at += length) {
		length = (int)strspn(at, of_ids);
		snprintf(id, sizeof(id), "%.*s", length, at);
		/* "st64b.*" */
		if (id[strlen(id) - 1] == '.')
			id[strlen(id) - 1] = '\0';
		if (elsewhere(id, buf, n))
			return true;
	}
	return false;
}
