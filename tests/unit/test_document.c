// SPDX-License-Identifier: MIT
/* The reader finds in results.json what is there, and nothing where there is nothing. */
#include <errno.h>

#include "document/read.h"
#include "unit/fixture.h"

static const struct doc_row *row_of(const struct doc *doc, const char *name)
{
	for (size_t i = 0; i < doc->n; i++)
		if (!strcmp(doc->rows[i].name, name))
			return &doc->rows[i];
	return NULL;
}

static void test_rows(const struct doc *doc, const json_t *root)
{
	const struct doc_row *row = row_of(doc, "barrier/idle/sfence/wb");

	tap_is_int((long long)doc->n,
		   (long long)json_array_size(json_object_get(root, "benchmarks")),
		   "every row is read");
	if (!tap_ok(row, "a row is found by its name"))
		return;
	tap_is_str(row->family, "barrier", "its family");
	tap_is_str(row->kernel, "idle", "what is timed");
	tap_is_str(row->stores, "", "no stores are an empty text");
	tap_ok(row->ran && row->ns_min == 1.5 && row->cycles_min == 6, "its figures");
	row = row_of(doc, "barrier/store8/xchg/wb/behind:1/next:load");
	tap_ok(row && !row->ran && isnan(row->ns_min), "a row that failed has none");
	tap_ok(row && strstr(row->reason, "killed by SIGILL"), "but a reason");
	tap_is_str(doc_architecture(doc), "x86_64", "the architecture");
}

static void test_axes(const struct doc *doc)
{
	const struct doc_row *row = row_of(doc, "barrier/store8/sfence/wb/behind:64/next:load");

	if (!tap_ok(row, "a row with axes"))
		return;
	tap_is_int(doc_axis(row, "behind"), 64, "a number");
	tap_is_str(doc_axis_text(row, "next"), "load", "a word");
	tap_is_int(doc_axis(row, "next"), 0, "a word is no number");
	tap_is_str(doc_axis_text(row, "behind"), "", "a number is no word");
	tap_is_int(doc_axis(row, "bytes"), 0, "an axis that it has not");
	row = row_of(doc, "barrier/idle/sfence/wb");
	tap_is_int(doc_axis(row, "behind"), 0, "a row without axes has none");
	tap_is_str(doc_axis_text(row, "next"), "", "of either kind");
}

/* All axes are in the names, too, in their order: the fixture is as the program writes it. */
static void test_names(const struct doc *doc)
{
	size_t wrong = 0;

	for (size_t i = 0; i < doc->n; i++) {
		const struct doc_row *row = &doc->rows[i];
		char name[256], axis[64];
		const char *key;
		json_t *value;

		snprintf(name, sizeof(name), "%s/%s/%s/%s", row->family, row->kernel, row->barrier,
			 row->memory);
		json_object_foreach((json_t *)row->axes, key, value)
		{
			const char *text = doc_axis_text(row, key);

			snprintf(axis, sizeof(axis), "%ld", doc_axis(row, key));
			snprintf(name + strlen(name), sizeof(name) - strlen(name), "/%s:%s", key,
				 *text ? text : axis);
		}
		wrong += strcmp(name, row->name) != 0;
	}
	tap_is_int((long long)wrong, 0, "names are made of axes");
}

static json_t *mapping(json_t *root)
{
	json_t *target = json_object_get(own_context(root), "target");

	return json_array_get(json_object_get(target, "mappings"), 0);
}

static bool first_is_ram(const json_t *root)
{
	struct doc doc;
	bool is_ram = !doc_open(&doc, root) && doc.rows[0].is_ram;

	doc_close(&doc);
	return is_ram;
}

static void test_ram(void)
{
	json_t *root = load_fixture();

	tap_ok(first_is_ram(root), "RAM is what its mapping says");
	json_object_set_new(mapping(root), "memory", json_string("wc"));
	tap_ok(!first_is_ram(root), "another memory type is another mapping");
	json_object_set_new(mapping(root), "memory", json_string("wb"));
	json_object_set_new(mapping(root), "target", json_string("0000:00:04.0-bar2"));
	tap_ok(!first_is_ram(root), "so is another target");
	json_object_set_new(mapping(root), "target", json_string("ram"));
	json_object_set_new(mapping(root), "ram", json_false());
	tap_ok(!first_is_ram(root), "and a mapping may not be RAM");
	json_decref(root);
}

static void test_places(const struct doc *doc)
{
	tap_ok(doc_mapping(doc, NULL, 0) == &doc->rows[0], "the first mapping is the first row's");
	tap_ok(!doc_mapping(doc, NULL, 1), "there is one");
	tap_is_str(doc_mapping(doc, "combine", 0)->family, "combine", "of a family");
	tap_ok(!doc_mapping(doc, "nothing", 0), "a family that is not there has none");
}

static void test_no_results(void)
{
	json_t *empty = json_object(), *bare = json_pack("{s:[{s:s}]}", "benchmarks", "name", "x");
	struct doc doc;

	tap_is_int(doc_open(&doc, empty), -EINVAL, "an object without rows is no results.json");
	tap_is_int(doc_open(&doc, bare), 0, "Google Benchmark's rows alone can be read");
	tap_is_int((long long)doc.n, 0, "and none of them is ours");
	doc_close(&doc);
	json_decref(empty);
	json_decref(bare);
}

int main(void)
{
	json_t *root = load_fixture();
	struct doc doc;

	if (!tap_ok(root && !doc_open(&doc, root), "the fixture can be read"))
		return tap_done();
	test_rows(&doc, root);
	test_axes(&doc);
	test_names(&doc);
	test_ram();
	test_places(&doc);
	test_no_results();
	doc_close(&doc);
	json_decref(root);
	return tap_done();
}
