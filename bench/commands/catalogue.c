// SPDX-License-Identifier: MIT
#include "commands/catalogue.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/quote.h"
#include "memory/memory.h"

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
static const char *const kinds[FP_KINDS] = {
	[FP_FENCE] = "fence", [FP_RELEASE_STORE] = "release_store",
	[FP_ACQUIRE_LOAD] = "acquire_load", [FP_RMW] = "rmw", [FP_LINE_FLUSH] = "line_flush" };
static const char *const access_kinds[] = { [FP_LOAD] = "load", [FP_STORE] = "store" };
static const char *const flavours[] = {
	[FP_PLAIN] = "plain", [FP_NONTEMPORAL] = "nontemporal", [FP_DIRECT] = "direct",
	[FP_EXCLUSIVE] = "exclusive" };

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

static void set_names(json_t *o, const char *const *names)
{
	char text[2048] = "";

	for (; *names && strlen(text) + strlen(*names) + 3 < sizeof(text); names++) {
		strcat(text, *text ? "; " : "");
		strcat(text, *names);
	}
	set(o, "names", text);
}

/* The columns that all kinds of rows begin with. */
static json_t *start(size_t arch, const char *id, const char *text, const char *feature)
{
	bool own = arch == fp_native.id;
	const char *lacks = own ? fp_arch_lacks(feature) : "another architecture";
	json_t *o = json_object();

	set(o, "architecture", fp_arch_tables[arch].name);
	set(o, "id", id);
	set(o, "instruction", *text ? text : "(none)");
	set(o, "here", lacks ? lacks : "yes");
	return o;
}

static json_t *barrier(size_t arch, const struct fp_barrier *b)
{
	json_t *o = start(arch, b->id, b->text, b->feature);

	set(o, "kind", kinds[b->kind]);
	set_words(o, "does", does_words, b->does);
	set_words(o, "seen_by", seen_words, b->seen_by);
	set_memory(o, b->memory);
	set(o, "orders", b->orders);
	set(o, "does_not", b->does_not);
	set(o, "source", b->source);
	set_names(o, b->names);
	return o;
}

static json_t *access_row(size_t arch, const struct fp_access *a)
{
	json_t *o = start(arch, a->id, a->text, a->feature);

	set(o, "kind", access_kinds[a->kind]);
	set(o, "flavour", flavours[a->flavour]);
	json_object_set_new(o, "bytes", json_integer(a->width));
	set_memory(o, a->memory);
	set(o, "note", a->note);
	set(o, "source", a->source);
	return o;
}

static json_t *lock_row(size_t arch, const struct fp_lock *l)
{
	json_t *o = start(arch, l->id, l->text, l->feature);

	set(o, "unlock", l->unlock_text);
	set(o, "contains", l->contains);
	set(o, "does_not", l->does_not);
	set(o, "source", l->source);
	set_names(o, l->names);
	return o;
}

static json_t *copy_row(size_t arch, const struct fp_copy *c)
{
	static const char *const directions[] = { [FP_COPY_TO] = "to", [FP_COPY_FROM] = "from",
						  [FP_COPY_SET] = "set" };
	static const char *const none[] = { NULL };
	bool own = arch == fp_native.id;
	const char *lacks = own ? fp_arch_lacks(c->feature) : "another architecture";
	json_t *o = json_object();

	set(o, "architecture", fp_arch_tables[arch].name);
	set(o, "id", c->id);
	set(o, "here", lacks ? lacks : "yes");
	set(o, "direction", directions[c->direction]);
	set(o, "stores", flavours[c->stores]);
	set(o, "device_safe", c->device_safe ? "yes" : "no");
	set(o, "in_kernel", c->in_kernel ? "yes" : "no");
	json_object_set_new(o, "unit", json_integer(c->unit));
	json_object_set_new(o, "align", json_integer(c->align));
	set(o, "note", c->note);
	set(o, "source", c->source);
	set_names(o, c->names ? c->names : none);
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

/* name: NULL for all. */
static void add_barriers(json_t *array, size_t arch, const char *name)
{
	const struct fp_arch_tables *t = &fp_arch_tables[arch];

	for (size_t i = 0; i < t->n_barriers; i++)
		if (!name || !strcmp(t->barriers[i].id, name) ||
		    is_called(t->barriers[i].names, name))
			json_array_append_new(array, barrier(arch, &t->barriers[i]));
}

static void add_locks(json_t *array, size_t arch, const char *name)
{
	const struct fp_arch_tables *t = &fp_arch_tables[arch];

	for (size_t i = 0; i < t->n_locks; i++)
		if (!name || !strcmp(t->locks[i].id, name) || is_called(t->locks[i].names, name))
			json_array_append_new(array, lock_row(arch, &t->locks[i]));
}

json_t *fp_catalogue_barriers(void)
{
	json_t *array = json_array();

	for (size_t arch = 0; arch < FP_ARCHES; arch++)
		add_barriers(array, arch, NULL);
	return array;
}

json_t *fp_catalogue_locks(void)
{
	json_t *array = json_array();

	for (size_t arch = 0; arch < FP_ARCHES; arch++)
		add_locks(array, arch, NULL);
	return array;
}

static void add_copies(json_t *array, size_t arch, const char *name)
{
	const struct fp_arch_tables *t = &fp_arch_tables[arch];

	for (size_t i = 0; i < t->n_copies; i++)
		if (!name || !strcmp(t->copies[i].id, name) ||
		    (t->copies[i].names && is_called(t->copies[i].names, name)))
			json_array_append_new(array, copy_row(arch, &t->copies[i]));
}

json_t *fp_catalogue_copies(void)
{
	json_t *array = json_array();

	for (size_t arch = 0; arch < FP_ARCHES; arch++)
		add_copies(array, arch, NULL);
	return array;
}

static bool has_id(const struct fp_arch_tables *t, const char *id)
{
	for (size_t i = 0; i < t->n_barriers; i++)
		if (!strcmp(t->barriers[i].id, id))
			return true;
	for (size_t i = 0; i < t->n_accesses; i++)
		if (!strcmp(t->accesses[i].id, id))
			return true;
	for (size_t i = 0; i < t->n_copies; i++)
		if (!strcmp(t->copies[i].id, id))
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

json_t *fp_catalogue_accesses(void)
{
	json_t *array = json_array();

	for (size_t arch = 0; arch < FP_ARCHES; arch++)
		for (size_t i = 0; i < fp_arch_tables[arch].n_accesses; i++)
			json_array_append_new(array,
				access_row(arch, &fp_arch_tables[arch].accesses[i]));
	return array;
}

json_t *fp_catalogue_find(const char *name)
{
	json_t *array = json_array();

	for (size_t arch = 0; arch < FP_ARCHES; arch++) {
		add_barriers(array, arch, name);
		add_locks(array, arch, name);
		add_copies(array, arch, name);
	}
	return array;
}

static const char *text_of(const json_t *value, char number[24])
{
	if (json_is_integer(value)) {
		snprintf(number, 24, "%lld", (long long)json_integer_value(value));
		return number;
	}
	return json_is_string(value) ? json_string_value(value) : "";
}

static void write_columns(const json_t *objects, const char *const *columns, FILE *to)
{
	char number[24];
	size_t i, widths[16] = { 0 }, n = 0;
	json_t *o;

	while (columns[n])
		n++;
	for (size_t c = 0; c < n; c++) {
		widths[c] = strlen(columns[c]);
		json_array_foreach(objects, i, o) {
			size_t w = strlen(text_of(json_object_get(o, columns[c]), number));

			if (w > widths[c])
				widths[c] = w;
		}
		fprintf(to, c + 1 < n ? "%-*s  " : "%-*s\n", c + 1 < n ? (int)widths[c] : 0,
			columns[c]);
	}
	json_array_foreach(objects, i, o)
		for (size_t c = 0; c < n; c++)
			fprintf(to, c + 1 < n ? "%-*s  " : "%-*s\n", c + 1 < n ? (int)widths[c] : 0,
				text_of(json_object_get(o, columns[c]), number));
}

/* One line of a table: the members of o, or their names where there is no o. */
static void write_line(const json_t *first, const json_t *o, FILE *to, bool markdown)
{
	const char *key, *separator = "";
	json_t *value;
	char number[24];

	fputs(markdown ? "| " : "", to);
	json_object_foreach((json_t *)first, key, value) {
		fputs(separator, to);
		(markdown ? fp_put_markdown : fp_put_csv)(
			to, o ? text_of(json_object_get(o, key), number) : key);
		separator = markdown ? " | " : ",";
	}
	fputs(markdown ? " |\n" : "\r\n", to);
}

/* Every member of every object; the first object has all of them. */
static void write_members(const json_t *objects, FILE *to, bool markdown)
{
	const json_t *first = json_array_get(objects, 0), *o;
	size_t i;

	write_line(first, NULL, to, markdown);
	fputs(markdown ? "|" : "", to);
	for (i = 0; markdown && i < json_object_size(first); i++)
		fputs(" --- |", to);
	fputs(markdown ? "\n" : "", to);
	json_array_foreach(objects, i, o)
		write_line(first, o, to, markdown);
}

int fp_catalogue_write(const json_t *objects, const char *const *columns, FILE *to,
		       enum fp_format format)
{
	switch (format) {
	case FP_TEXT:
		write_columns(objects, columns, to);
		break;
	case FP_MARKDOWN:
	case FP_CSV:
		write_members(objects, to, format == FP_MARKDOWN);
		break;
	case FP_JSON:
		if (json_dumpf(objects, to, JSON_INDENT(1)))
			return -EIO;
		fputc('\n', to);
		break;
	}
	return ferror(to) ? -EIO : 0;
}

#define KEY_WIDTH   13
#define VALUE_WIDTH 84

/* Breaks at spaces; what follows stands below the first line. */
static void write_wrapped(const char *key, const char *text, FILE *to)
{
	fprintf(to, "%-*s ", KEY_WIDTH, key);
	while (strlen(text) > VALUE_WIDTH) {
		int n = VALUE_WIDTH;

		while (n > 1 && text[n] != ' ')
			n--;
		if (text[n] != ' ')
			n = (int)strcspn(text, " ");
		fprintf(to, "%.*s\n%-*s ", n, text, KEY_WIDTH, "");
		text += n;
		text += *text == ' ';
	}
	fprintf(to, "%s\n", text);
}

int fp_catalogue_write_long(const json_t *objects, FILE *to)
{
	const char *key;
	char number[24];
	json_t *o, *value;
	size_t i;

	json_array_foreach(objects, i, o) {
		fputs(i ? "\n" : "", to);
		json_object_foreach(o, key, value)
			write_wrapped(key, text_of(value, number), to);
	}
	return ferror(to) ? -EIO : 0;
}
