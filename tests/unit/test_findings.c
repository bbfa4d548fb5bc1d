// SPDX-License-Identifier: MIT
/* What the figures mean: which copy is ahead, what combines, what a reader is told. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "findings/combine.h"
#include "findings/copies.h"
#include "findings/matrix.h"
#include "findings/trust.h"
#include "unit/fixture.h"

static void test_conclusion(const json_t *root)
{
	char line[512];

	tap_is_str(conclude(root, line, sizeof(line)),
		   "On this Fixture CPU (synthetic): sfence costs 1.5 ns idle; behind 64 missing "
		   "stores "
		   "mfence holds the next load up by 1.9 us, sfence by nothing measurable (and the "
		   "next store by "
		   "737 ns).",
		   "the conclusion says what the fixture says");
	conclude(root, line, 20);
	tap_is_int((long long)strlen(line), 19, "a short buffer is not overrun");
}

static void test_versus(const json_t *root)
{
	static const struct {
		const char *head, *line;
	} want[] = {
		{"8         alone",
		 "8         alone       1.00     1.50  movnti8                       0.67  ahead"},
		{"64        sfence",
		 "64        sfence       175      178  avx512_nt                     0.98  tied"},
		{"1024      alone",
		 "1024      alone       24.0     22.0  avx512_nt                     1.09  behind"},
	};
	char *text = print(root, FP_TEXT, 80), line[256];
	const char *begin = strstr(text, "\nVersus, "),
		   *end = strstr(text, "Ahead 3, tied 7, behind 1");

	if (tap_ok(begin && end, "our copy beside every other, with the sum"))
		for (int i = 0; i < 3; i++)
			tap_is_str(find_line(begin, want[i].head, line, sizeof(line)), want[i].line,
				   "versus: %s", want[i].head);
	for (const char *at = begin; at && at < end; at += strcspn(at, "\n") + 1)
		if (!strncmp(at, "words8", 6) || strstr(at, "  words8 ") == at)
			tap_ok(false, "a plain copy is in the ranking");
	free(text);
}

static void test_verdicts(void)
{
	tap_is_str(finding_verdict(1.2, 1), "tied", "0.2 ns more is a tie");
	tap_is_str(finding_verdict(1.21, 1), "behind", "0.21 ns more is not");
	tap_is_str(finding_verdict(0.79, 1), "ahead", "0.21 ns less is not either");
	tap_is_str(finding_verdict(5.2, 5), "tied", "0.2 ns are one also where 2 %% are less");
	tap_is_str(finding_verdict(102, 100), "tied", "2 %% more is a tie");
	tap_is_str(finding_verdict(102.1, 100), "behind", "2.1 %% more is not");
	tap_is_str(finding_verdict(97.9, 100), "ahead", "2.1 %% less is not either");
}

/* Whatever they cost: rows of this kind have no say. */
static bool any_rival(const json_t *root, const char *kernel)
{
	struct finding_copies c;
	struct finding_duel duel;
	struct doc doc;
	bool found = false;

	if (doc_open(&doc, root))
		return true;
	for (size_t i = 0; !finding_copies_open(&c, &doc, i); i++) {
		for (size_t s = 0; s < c.n_shapes * 2; s++)
			found |= finding_duel(&c, s / 2, s % 2, &duel) &&
				 !strcmp(duel.best->kernel, kernel);
		finding_copies_close(&c);
	}
	doc_close(&doc);
	return found;
}

static void set_kernel(json_t *root, const char *kernel, const char *key, json_t *value)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(root, "benchmarks"), i, run)
	{
		json_t *own = json_object_get(run, "fencepost");

		if (!strcmp(json_string_value(json_object_get(own, "kernel")), kernel))
			json_object_set(own, key, value);
	}
	json_decref(value);
}

static void test_rivals(void)
{
	json_t *root = load_fixture();

	tap_ok(any_rival(root, "avx512_nt"), "non-temporal stores are ranked");
	tap_ok(!any_rival(root, "words8") && !any_rival(root, "memcpy_toio@6.1") &&
		       !any_rival(root, "glibc_memcpy"),
	       "plain stores to cached memory never are");
	set_kernel(root, "words8", "memory", json_string("wc"));
	set_kernel(root, "fencepost_copy_toio", "memory", json_string("wc"));
	tap_ok(any_rival(root, "words8"), "to write-combining memory they are");
	set_kernel(root, "words8", "device_safe", json_false());
	tap_ok(!any_rival(root, "words8"), "but not if they are not safe for devices");
	json_decref(root);
}

/* One lucky batch wins nothing: what most blocks reach does. */
static void test_luck(void)
{
	static const char name[] = "copy/avx512_nt/none/wb/bytes:64/lines:256/offset:0";
	static const char *const keys[] = {"ns_min", "ns_block_min"};
	static const char *const want[] = {
		"64        alone       2.50     2.56  avx512_nt                     0.98  tied",
		"64        alone       2.50     0.25  avx512_nt                    10.00  behind",
	};
	json_t *root = load_fixture();
	char *text, line[256];

	for (int i = 0; i < 2; i++) {
		json_object_set_new(json_object_get(find_row(root, name), "fencepost"), keys[i],
				    json_real(0.25));
		text = print(root, FP_TEXT, 80);
		tap_is_str(find_line(strstr(text, "\nVersus, "), "64        alone", line,
				     sizeof(line)),
			   want[i], "ranked by ns_block_min, %s being low", keys[i]);
		free(text);
	}
	json_decref(root);
}

/* Of three repetitions the second. */
static void test_median(void)
{
	static const char name[] = "copy/avx512_nt/none/wb/bytes:64/lines:256/offset:0";
	json_t *root = load_fixture(), *runs = json_object_get(root, "benchmarks"), *more[2];
	char *text, line[256];

	for (int i = 0; i < 2; i++) {
		more[i] = json_deep_copy(find_row(root, name));
		json_object_set_new(json_object_get(more[i], "fencepost"), "ns_block_min",
				    json_real(i ? 0.5 : 1.5));
		json_array_append_new(runs, more[i]);
	}
	text = print(root, FP_TEXT, 80);
	tap_is_str(
		find_line(strstr(text, "\nVersus, "), "64        alone", line, sizeof(line)),
		"64        alone       2.50     1.50  avx512_nt                     1.67  behind",
		"of repetitions the median counts");
	free(text);
	json_decref(root);
}

static void remove_family(json_t *root, const char *family)
{
	json_t *runs = json_object_get(root, "benchmarks");

	for (size_t i = json_array_size(runs); i--;) {
		const char *name =
			json_string_value(json_object_get(json_array_get(runs, i), "name"));

		if (!strncmp(name, family, strlen(family)))
			json_array_remove(runs, i);
	}
}

static void test_combine(const json_t *root)
{
	static const char sentence[] =
		"rite combining: 16 lines filled in turn still combine (2.5 ns a line), 17 do not "
		"(113 ns); with sfence behind it a partial line costs 280 ns, a whole one 175 ns; "
		"a "
		"half-filled line is pushed out by sfence, mfence, lock_add, not by a plain store, "
		"lfence.";
	char *text = print(root, FP_TEXT, 500), line[1024];
	json_t *fewer = load_fixture();

	tap_ok(strstr(text, "Write combining on ram, wb: movnti8"), "write combining has a block");
	tap_ok(strstr(text, sentence), "with its sentence, where others have the conclusion");
	tap_is_str(find_line(text, "same line again", line, sizeof(line)),
		   "same line again       256", "and the same line over and over");
	free(text);
	remove_family(fewer, "barrier/");
	tap_is_str(conclude(fewer, line, sizeof(line)),
		   "On this Fixture CPU (synthetic): beside the best other copy that may be ranked "
		   "with it fencepost_copy_toio is ahead in 3 cases, tied in 7, behind in 1.",
		   "without barriers copies have the conclusion");
	remove_family(fewer, "copy/fencepost");
	conclude(fewer, line, sizeof(line));
	tap_ok(strstr(line, sentence + 1), "without either it is write combining");
	text = print(fewer, FP_TEXT, 500);
	tap_ok(!strstr(text, "Write combining: "), "which is then said once");
	free(text);
	json_decref(fewer);
}

static void test_matrix(const struct doc *doc)
{
	struct finding_matrix m;
	size_t c = 0;

	if (!tap_is_int(finding_matrix_open(&m, doc, 0), 0, "there is a matrix"))
		return;
	tap_is_str(m.barriers[0], "none", "the base comes first");
	tap_is_str(m.barriers[1], "sfence", "then the barrier that is the cheapest when idle");
	tap_is_int(m.conditions[0].behind, 0, "idle is the first condition");
	while (c < m.n_conditions &&
	       (m.conditions[c].behind != 64 || !finding_before_load(&m.conditions[c])))
		c++;
	tap_ok(c < m.n_conditions && finding_cell(&m, 1, c) &&
		       doc_axis(finding_cell(&m, 1, c), "behind") == 64,
	       "a cell is of its column's condition");
	finding_matrix_close(&m);
	tap_is_int(finding_matrix_open(&m, doc, 1), -ENOENT, "and no other one");
}

static void test_buffers(const struct doc *doc)
{
	struct finding_combine c;

	if (!tap_is_int(finding_combine_open(&c, doc, 0), 0, "there are lines that combine"))
		return;
	tap_is_int(c.fits, 16, "as many as the machine has buffers");
	tap_is_int(c.beyond, 17, "and one more does not");
	tap_is_int(c.line_bytes, 64, "a whole line is the longest that was filled");
	tap_ok(c.partial > c.whole, "a part of it costs more than all of it");
	tap_is_int(finding_combine_open(&c, doc, 1), -ENOENT, "by one kind of store only");
}

/* A BAR's stores end in no cache, whatever its memory type is called. */
static void test_places(const struct doc *doc)
{
	struct doc_row row = doc->rows[0];
	char text[128];

	tap_is_str(finding_mapping_text(&row, text, sizeof(text)), "", "RAM goes without saying");
	tap_is_str(finding_stores_text("plain", row.is_ram), "plain cached stores",
		   "plain stores to it are cached");
	row.is_ram = false;
	tap_is_str(finding_mapping_text(&row, text, sizeof(text)),
		   "ram as wb: ", "what is not RAM is named");
	tap_is_str(finding_stores_text("plain", row.is_ram), "plain stores",
		   "and nothing of it is cached");
	tap_is_str(finding_stores_text("odd", true), "other stores", "as are unknown stores");
}

/* The pair of barriers that a conclusion is about is the architecture's. */
static void test_architecture(void)
{
	json_t *root = load_fixture();
	char line[512];

	json_object_set_new(json_object_get(own_context(root), "topology"), "architecture",
			    json_string("arm64"));
	conclude(root, line, sizeof(line));
	tap_ok(!strstr(line, "sfence") && strstr(line, " rows ran"),
	       "another architecture's barriers are not concluded on");
	json_decref(root);
}

int main(void)
{
	json_t *root = load_fixture();
	struct doc doc;

	if (!tap_ok(root && !doc_open(&doc, root), "the fixture can be read"))
		return tap_done();
	test_matrix(&doc);
	test_buffers(&doc);
	test_places(&doc);
	test_conclusion(root);
	test_architecture();
	test_versus(root);
	test_verdicts();
	test_rivals();
	test_luck();
	test_median();
	test_combine(root);
	doc_close(&doc);
	json_decref(root);
	return tap_done();
}
