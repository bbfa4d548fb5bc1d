// SPDX-License-Identifier: MIT
/* What is printed is what results.json says: every figure, every reason, nothing else. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "unit/fixture.h"

/* ---- text ---- */

/* The last line is the conclusion, which stays in one piece. */
static bool fits(const char *text, size_t width)
{
	const char *last = strstr(text, "\nOn this ");
	size_t rest = last ? strlen(last) : 0;
	bool good = last;

	for (; good && strlen(text) > rest; text += strcspn(text, "\n") + 1)
		good = strcspn(text, "\n") <= width;
	return good;
}

static void test_text(const json_t *root)
{
	static const int widths[] = {80, 100, 120};
	char *text;

	for (int i = 0; i < 3; i++) {
		text = print(root, FP_TEXT, widths[i]);
		tap_ok(fits(text, (size_t)widths[i]), "the table fits %d columns", widths[i]);
		free(text);
	}
	text = print(root, FP_TEXT, 120);
	tap_ok(strstr(text, "Fixture CPU (synthetic)"), "it names the CPU");
	tap_ok(strstr(text, "seed 42, evidence: hardware"), "it has seed and evidence");
	tap_ok(strstr(text, "unsupported serialize (10 rows): this CPU lacks SERIALIZE"),
	       "unsupported rows are named once, with the reason");
	tap_ok(strstr(text,
		      "failed barrier/store8/xchg/wb/behind:1/next:load (1 row): killed by SIGILL"),
	       "so are failed ones");
	tap_ok(strstr(text, "warning: no huge pages"), "warnings are shown");
	tap_ok(strstr(text, "plain cached stores") && strstr(text, "non-temporal stores"),
	       "flavours of stores stand apart");
	tap_ok(!strstr(text, "EMULATED") && !strchr(text, '\033'), "no notice and no colour");
	free(text);
}

static void test_copies(const json_t *root)
{
	static const char *const headings[] = {
		"Copies to ram, wb: device-safe, non-temporal or direct stores, ranked",
		"Copies to ram, wb: plain cached stores, yardsticks, not ranked",
		"Copies to ram, wb: NOT DEVICE-SAFE, not ranked",
		"Copies to ram, wb: reads, not ranked",
	};
	char *text = print(root, FP_TEXT, 160), line[256];
	const char *blocks[5] = {NULL}, *at = text;

	for (int i = 0; i < 4; i++)
		at = blocks[i] = at ? strstr(at, headings[i]) : NULL;
	if (!tap_ok(blocks[3], "four blocks of copies, in this order"))
		goto out;
	tap_is_str(find_line(blocks[0], "fencepost_copy_toio", line, sizeof(line)),
		   "fencepost_copy_toio      1.00     176      2.50     175      26.5     190      "
		   "24.0     200               900      2700    2860",
		   "ours comes first, alone and with the barrier");
	at = strstr(blocks[0], "words8");
	tap_ok(at > blocks[1] && at < blocks[2], "a plain copy is among the yardsticks only");
	at = strstr(blocks[0], "glibc_memcpy");
	tap_ok(at > blocks[2] && at < blocks[3], "glibc's is marked as not safe");
	at = strstr(blocks[0], "memcpy_fromio");
	tap_ok(at > blocks[3], "a read is apart");
	tap_ok(!strstr(blocks[0], "\nmovdir64b"), "what did not run has no line");
out:
	free(text);
}

/* ---- one line a row ---- */

/* The next field of RFC 4180 text into buf; *end is what ended it: ',' or '\n' or 0. */
static const char *csv_field(const char *at, char *buf, size_t n, char *end)
{
	bool quoted = *at == '"';
	size_t used = 0;

	at += quoted;
	for (; *at; at++) {
		if (quoted && at[0] == '"' && at[1] == '"')
			at++;
		else if (quoted ? *at == '"' : *at == ',' || *at == '\r')
			break;
		if (used + 1 < n)
			buf[used++] = *at;
	}
	buf[used] = '\0';
	at += quoted;
	*end = *at == '\r' ? '\n' : *at;
	return *at == '\r' ? at + 2 : at + (*at != 0);
}

/* Blanks stand for what no terminal may see. */
static bool same_text(const char *value, const char *text)
{
	char *blank = fp_blank(strdup(value));
	bool same = !strcmp(blank, text);

	free(blank);
	return same;
}

static bool same_member(const json_t *value, const char *text)
{
	json_t *parsed;
	bool equal;

	if (!value)
		return !*text;
	if (json_is_string(value))
		return same_text(json_string_value(value), text);
	if (json_is_number(value))
		return strtod(text, NULL) == json_number_value(value);
	parsed = json_loads(text, JSON_DECODE_ANY, NULL);
	equal = json_equal(parsed, value);
	json_decref(parsed);
	return equal;
}

/* Every member of every row and no other, back from the text. */
static void test_csv(const json_t *root, const char *what)
{
	char *text = print(root, FP_CSV, 80), names[40][32], field[512], end = ',';
	const char *at = text;
	size_t columns = 0, wrong = 0, rows = 0, members = 0;
	json_t *run;

	while (end == ',' && columns < 40)
		at = csv_field(at, names[columns++], sizeof(names[0]), &end);
	json_array_foreach(json_object_get(root, "benchmarks"), rows, run)
	{
		const json_t *own = json_object_get(run, "fencepost");

		for (size_t c = 0; c < columns; c++) {
			at = csv_field(at, field, sizeof(field), &end);
			wrong += !same_member(json_object_get(c ? own : run, names[c]), field);
			members += c && *field;
			wrong += end != (c + 1 < columns ? ',' : '\n');
		}
		members -= json_object_size(own);
	}
	tap_is_int((long long)columns, 30, "csv (%s): name and 29 members", what);
	tap_is_int((long long)wrong, 0, "csv (%s): every field reads back", what);
	tap_is_int((long long)members, 0, "csv (%s): no member is missing", what);
	tap_ok(!*at, "csv (%s): and nothing is left", what);
	free(text);
}

static size_t bars(const char *line)
{
	size_t n = 0;

	for (; *line && *line != '\n'; line++) {
		if (*line == '\\' && line[1])
			line++;
		else
			n += *line == '|';
	}
	return n;
}

static void test_markdown(const json_t *root, const char *what)
{
	char *text = print(root, FP_MARKDOWN, 80);
	const char *line = strstr(text, "| name");
	size_t rows = 0, wrong = 0;

	for (; line && *line; line += strcspn(line, "\n") + 1, rows++)
		wrong += bars(line) != 31;
	tap_is_int((long long)rows,
		   (long long)json_array_size(json_object_get(root, "benchmarks")) + 2,
		   "markdown (%s): a line a row, and two of names", what);
	tap_is_int((long long)wrong, 0, "markdown (%s): each has 30 cells", what);
	tap_ok(!strstr(text, "<script"), "markdown (%s): no markup", what);
	free(text);
}

static void test_json(const json_t *root)
{
	char *text = print(root, FP_JSON, 80);
	json_t *back = json_loads(text, 0, NULL);

	tap_ok(json_equal(root, back), "json is the document itself");
	json_decref(back);
	free(text);
}

static void test_hostile(void)
{
	json_t *root = make_hostile();
	char *text;

	test_csv(root, "hostile");
	test_markdown(root, "hostile");
	text = print(root, FP_TEXT, 100);
	tap_ok(!strchr(text, '\033'), "hostile: no escape code reaches the terminal");
	free(text);
	json_decref(root);
}

int main(void)
{
	json_t *root = load_fixture();

	if (!tap_ok(root, "the fixture can be read"))
		return tap_done();
	test_text(root);
	test_copies(root);
	test_csv(root, "fixture");
	test_markdown(root, "fixture");
	test_json(root);
	test_hostile();
	json_decref(root);
	return tap_done();
}
