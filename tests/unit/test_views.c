// SPDX-License-Identifier: MIT
/* What readers see is what results.json says: every figure, every reason, nothing else. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "tap.h"
#include "views/views.h"

#define PLOT "plots/barrier-ram-wb"

static const char hostile[] = "<script>alert(\"x\")</script>, a|b\n`id` \033[31m'q' & $(id) @ROWS@";
static char folder[] = "/tmp/fencepost-views-XXXXXX";

static json_t *load_fixture(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4200];

	snprintf(path, sizeof(path), "%s/tests/fixtures/results-x86_64.json",
		 srcdir ? srcdir : ".");
	return json_load_file(path, 0, NULL);
}

static json_t *own_context(json_t *root)
{
	return json_object_get(json_object_get(root, "context"), "fencepost");
}

static json_t *find_row(const json_t *root, const char *name)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(root, "benchmarks"), i, run)
		if (!strcmp(json_string_value(json_object_get(run, "name")), name))
			return run;
	return NULL;
}

static bool did_run(const json_t *run)
{
	const json_t *own = json_object_get(run, "fencepost");

	return !strcmp(json_string_value(json_object_get(own, "status")), "ran");
}

/* NAN if absent. */
static double figure(const json_t *run, const char *key)
{
	const json_t *value = json_object_get(json_object_get(run, "fencepost"), key);

	return value ? json_number_value(value) : NAN;
}

static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static char *print(const json_t *root, enum fp_format format, int width)
{
	char *text = NULL;
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);

	tap_is_int(fp_table_write(root, to, format, false, width), 0, "format %d is written",
		   (int)format);
	fclose(to);
	return text;
}

static char *slurp(const char *name)
{
	char path[256], *text;
	size_t bytes;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return fp_file_read(path, &text, &bytes) ? NULL : text;
}

/* ---- conclusion and text ---- */

static void test_conclusion(const json_t *root)
{
	char line[512];

	tap_is_str(
		fp_conclusion(root, line, sizeof(line)),
		"On this Fixture CPU (synthetic): sfence costs 1.5 ns idle; behind 64 missing stores "
		"mfence holds the next load up by 1.9 us, sfence by nothing measurable (and the next store by "
		"737 ns).",
		"the conclusion says what the fixture says");
	fp_conclusion(root, line, 20);
	tap_is_int((long long)strlen(line), 19, "a short buffer is not overrun");
}

/* The last line is the conclusion, which stays in one piece. */
static bool fits(const char *text, size_t width)
{
	const char *last = strstr(text, "\nOn this ");
	bool good = last;

	for (const char *line = text; good && line < last; line += strcspn(line, "\n") + 1)
		good = strcspn(line, "\n") <= width;
	return good;
}

static void test_text(const json_t *root)
{
	static const int widths[] = { 80, 100, 120 };
	char *text;

	for (int i = 0; i < 3; i++) {
		text = print(root, FP_TEXT, widths[i]);
		tap_ok(fits(text, (size_t)widths[i]), "the table fits %d columns", widths[i]);
		free(text);
	}
	text = print(root, FP_TEXT, 120);
	tap_ok(strstr(text, "Fixture CPU (synthetic)"), "it names the CPU");
	tap_ok(strstr(text, "seed 42, evidence: hardware"), "it has seed and evidence");
	tap_ok(strstr(text, "unsupported serialize (9 rows): this CPU lacks SERIALIZE"),
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

static bool same_member(const json_t *value, const char *text)
{
	json_t *parsed;
	bool equal;

	if (!value)
		return !*text;
	if (json_is_string(value))
		return !strcmp(json_string_value(value), text);
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
	json_array_foreach(json_object_get(root, "benchmarks"), rows, run) {
		const json_t *own = json_object_get(run, "fencepost");

		for (size_t c = 0; c < columns; c++) {
			at = csv_field(at, field, sizeof(field), &end);
			wrong += !same_member(json_object_get(c ? own : run, names[c]), field);
			members += c && *field;
			wrong += end != (c + 1 < columns ? ',' : '\n');
		}
		members -= json_object_size(own);
	}
	tap_is_int((long long)columns, 28, "csv (%s): name and 27 members", what);
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
		wrong += bars(line) != 29;
	tap_is_int((long long)rows,
		   (long long)json_array_size(json_object_get(root, "benchmarks")) + 2,
		   "markdown (%s): a line a row, and two of names", what);
	tap_is_int((long long)wrong, 0, "markdown (%s): each has 28 cells", what);
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

/* ---- pictures ---- */

/* x,y,ns,shade,kind,"text","row",...: whether the row's figure is that of the results. */
static bool right_cell(const json_t *root, const char *line)
{
	char name[128] = "";
	double ns = NAN;
	const json_t *run;

	if (sscanf(line, "%*f,%*f,%lf,%*f,%*d,\"%*[^\"]\",\"%127[^\"]\"", &ns, name) != 2)
		return false;
	run = find_row(root, name);
	return run && same(ns, figure(run, "ns_min"));
}

static size_t ran_barriers(const json_t *root)
{
	json_t *run;
	size_t i, n = 0;

	json_array_foreach(json_object_get(root, "benchmarks"), i, run)
		n += did_run(run) &&
		     !strncmp(json_string_value(json_object_get(run, "name")), "barrier/", 8);
	return n;
}

static void test_plot_data(const json_t *root)
{
	char *text = slurp(PLOT ".csv");
	size_t cells = 0, wrong = 0, figures = 0;

	tap_ok(text, "the plotted figures are beside the picture");
	for (char *line = text ? strchr(text, '\n') : NULL; line && line[1] != '\n';
	     line = strchr(line + 1, '\n')) {
		wrong += !right_cell(root, line + 1);
		figures += !strstr(line + 1, "NaN") ||
			   strstr(line + 1, "NaN") > strchr(line + 1, '\n');
		cells++;
	}
	tap_is_int((long long)wrong, 0, "each plotted figure is in the results");
	tap_is_int((long long)figures, (long long)ran_barriers(root),
		   "each barrier row that ran is plotted, no other is (%zu cells)", cells);
	free(text);
}

static bool starts(const char *name, const char *magic)
{
	char *text = slurp(name);
	bool good = text && !strncmp(text, magic, strlen(magic));

	free(text);
	return good;
}

static void test_pictures(void)
{
	char *svg = slurp(PLOT ".svg");

	tap_ok(svg && strstr(svg, "Fixture CPU (synthetic)"), "the picture names the CPU");
	tap_ok(svg && strstr(svg, "verified (anonymous memory"), "and the verified attribute");
	tap_ok(svg && strstr(svg, "evidence: hardware"), "and the evidence");
	tap_ok(svg && strstr(svg, ">n/a<") && strstr(svg, ">1903<"), "its text is text");
	tap_ok(starts(PLOT ".png", "\x89PNG"), "the PNG is a PNG");
	free(svg);
}

/* ---- the report ---- */

static double cell_value(const char **at)
{
	static const char key[] = "<td class=\"n\" data-v=\"";
	double value = NAN;

	*at = strstr(*at, key);
	if (!*at)
		return INFINITY;
	*at += strlen(key);
	if (**at != '"')
		value = strtod(*at, NULL);
	return value;
}

static void test_report(const json_t *root)
{
	static const char *const keys[] = { "ns_min", "ns_p50", "ns_p99", "cycles_min" };
	char *text = slurp("report.html");
	const char *at = text ? strstr(text, "<tbody>") : NULL;
	size_t rows, wrong = 0, figures = 0;
	json_t *run;

	tap_ok(at, "the report is there");
	json_array_foreach(json_object_get(root, "benchmarks"), rows, run)
		for (int k = 0; k < 4 && at; k++) {
			double value = cell_value(&at);

			wrong += !same(value, did_run(run) ? figure(run, keys[k]) : NAN);
			figures += isfinite(value);
		}
	tap_ok(at && isinf(cell_value(&at)), "it has a row for each of the results, no more");
	tap_is_int((long long)wrong, 0, "each of its %zu figures is in the results", figures);
	tap_ok(text && strstr(text, "this CPU lacks SERIALIZE"), "reasons are shown");
	tap_ok(text && strstr(text, "737 ns"), "so is the conclusion");
	tap_ok(text && !strstr(text, "@ROWS@") && !strstr(text, "@TITLE@"),
	       "no placeholder is left");
	tap_ok(text && !strstr(text, "src=") && !strstr(text, "@import") &&
		       !strstr(text, "url(http"),
	       "nothing is loaded from elsewhere");
	free(text);
}

/* ---- all of it ---- */

static int write_views(const json_t *root, struct fp_views_result *result)
{
	int ret = fp_views_write(root, folder, result);

	if (ret)
		printf("# %s\n", result->why);
	return ret;
}

static size_t leftovers(const char *under)
{
	char path[256];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", folder, under);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] == '.' && strcmp(entry->d_name, ".") &&
		     strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	return n;
}

/* Whether pictures can be made here. */
static bool test_views(const json_t *root)
{
	struct fp_views_result result;
	int ret = write_views(root, &result);

	if (ret == -ENOENT) {
		tap_skip("gnuplot is not installed");
	} else {
		tap_is_int(ret, 0, "pictures and report are written");
		tap_is_int(result.pictures, 1, "one heat map");
		test_pictures();
	}
	test_plot_data(root);
	test_report(root);
	tap_is_int((long long)(leftovers("") + leftovers("plots")), 0, "no temporary file is left");
	return !ret;
}

static void test_emulated(bool pictures)
{
	json_t *root = load_fixture();
	struct fp_views_result result;
	char *text, *page, *svg, line[512];

	json_object_set_new(own_context(root), "evidence", json_string("emulated"));
	fp_conclusion(root, line, sizeof(line));
	tap_ok(!strstr(line, " ns") && !strstr(line, " us") && strstr(line, "emulated"),
	       "emulated: no time in the conclusion");
	text = print(root, FP_TEXT, 100);
	tap_ok(!strncmp(text, "EMULATED: these times are not results", 37),
	       "emulated: the table says so first");
	write_views(root, &result);
	page = slurp("report.html");
	tap_ok(page && strstr(page, "EMULATED: these times are not results"),
	       "emulated: so does the page");
	svg = slurp(PLOT ".svg");
	if (pictures)
		tap_ok(svg && strstr(svg, "emulated: not a timing result"),
		       "emulated: and the picture");
	free(svg);
	free(page);
	free(text);
	json_decref(root);
}

static json_t *make_hostile(void)
{
	json_t *root = load_fixture(), *run, *own = own_context(root);
	size_t i;

	json_object_set_new(json_object_get(own, "topology"), "model", json_string(hostile));
	json_array_append_new(json_object_get(own, "warnings"), json_string(hostile));
	json_object_set_new(own, "flags", json_string(hostile));
	json_array_foreach(json_object_get(root, "benchmarks"), i, run) {
		json_t *row = json_object_get(run, "fencepost");

		json_object_set_new(row, "verified_by", json_string(hostile));
		if (json_object_get(row, "reason"))
			json_object_set_new(row, "reason", json_string(hostile));
	}
	json_object_set_new(run = json_array_get(json_object_get(root, "benchmarks"), 0), "name",
			    json_string(hostile));
	json_object_set_new(json_object_get(run, "fencepost"), "barrier", json_string(hostile));
	return root;
}

static void test_hostile(bool pictures)
{
	json_t *root = make_hostile();
	struct fp_views_result result;
	char *text, *page, *svg;

	test_csv(root, "hostile");
	test_markdown(root, "hostile");
	text = print(root, FP_TEXT, 100);
	tap_ok(!strchr(text, '\033'), "hostile: no escape code reaches the terminal");
	tap_is_int(write_views(root, &result), pictures ? 0 : -ENOENT,
		   "hostile: the views are written");
	page = slurp("report.html");
	tap_ok(page && !strstr(page, "<script>alert"), "hostile: no script in the page");
	tap_ok(page && strstr(page, "&lt;script&gt;alert(&quot;x&quot;)"), "hostile: but its text");
	svg = slurp(PLOT ".svg");
	tap_ok(svg && !strstr(svg, "<script"), "hostile: no script in the picture");
	tap_ok(svg && !strstr(svg, "uid="), "hostile: nothing was run by gnuplot");
	free(svg);
	free(page);
	free(text);
	json_decref(root);
}

static void test_partial(void)
{
	json_t *root = load_fixture();
	char *text, line[512];

	json_object_set_new(own_context(root), "partial", json_true());
	json_array_clear(json_object_get(root, "benchmarks"));
	text = print(root, FP_TEXT, 100);
	tap_ok(strstr(text, "PARTIAL"), "partial results say so");
	tap_ok(!strncmp(fp_conclusion(root, line, sizeof(line)), "Interrupted", 11),
	       "in the conclusion too");
	tap_ok(strstr(line, "0 of 0 rows ran"), "which is there without any row");
	free(text);
	json_decref(root);
}

static void test_bad_input(const json_t *root)
{
	struct fp_views_result result;
	json_t *empty = json_object();
	char *path = strdup(getenv("PATH")), *data = strdup(getenv("FENCEPOST_DATADIR")), *page;

	tap_is_int(fp_table_write(empty, stdout, FP_TEXT, false, 80), -EINVAL, "no results.json");
	json_decref(empty);
	setenv("PATH", "/nonexistent", 1);
	tap_is_int(fp_views_write(root, folder, &result), -ENOENT, "without gnuplot");
	setenv("PATH", path, 1);
	tap_is_str(result.why, "gnuplot is not installed", "it says why");
	page = slurp("report.html");
	tap_ok(page && strstr(page, "737 ns"), "and the report is written");
	free(page);
	setenv("FENCEPOST_DATADIR", "/nonexistent", 1);
	tap_is_int(fp_views_write(root, folder, &result), -ENOPKG, "without our own files");
	tap_ok(strstr(result.why, "FENCEPOST_DATADIR"), "it says what to do");
	setenv("FENCEPOST_DATADIR", data, 1);
	tap_is_int(fp_views_write(root, "/nonexistent", &result), -ENOTDIR, "without a folder");
	tap_is_int(fp_views_write(root, "/dev/null", &result), -ENOTDIR, "into what is no folder");
	tap_is_int((long long)(leftovers("") + leftovers("plots")), 0, "no temporary file is left");
	free(path);
	free(data);
}

static void clean_up(void)
{
	static const char *const names[] = { PLOT ".csv", PLOT ".svg", PLOT ".png", "report.html" };
	char path[256];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/plots", folder);
	rmdir(path);
	tap_is_int(rmdir(folder), 0, "nothing else was written");
}

int main(void)
{
	json_t *root = load_fixture();
	const char *srcdir = getenv("srcdir");
	char data[4200];
	bool pictures;

	snprintf(data, sizeof(data), "%s/plots", srcdir ? srcdir : ".");
	setenv("FENCEPOST_DATADIR", data, 1);
	if (!tap_ok(root && mkdtemp(folder), "the fixture can be read"))
		return tap_done();
	test_conclusion(root);
	test_text(root);
	test_csv(root, "fixture");
	test_markdown(root, "fixture");
	test_json(root);
	pictures = test_views(root);
	test_emulated(pictures);
	test_hostile(pictures);
	test_partial();
	test_bad_input(root);
	clean_up();
	json_decref(root);
	return tap_done();
}
