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

#include "base/file.h"
#include "tap.h"
#include "document/read.h"
#include "views/views.h"

#define PLOT "plots/barrier-ram-wb"

/* The pictures of the fixture; the first is the heat map, the others are curves. */
static const char *const pictures_made[] = {PLOT, "plots/copy-time-ram-wb",
					    "plots/copy-bandwidth-ram-wb", "plots/combine-ram-wb"};
#define PICTURES (sizeof(pictures_made) / sizeof(pictures_made[0]))

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

/* ---- copies and write combining ---- */

/* The line that begins with head, up to its end, into buf. */
static const char *find_line(const char *text, const char *head, char *buf, size_t n)
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
	tap_is_str(view_verdict(1.2, 1), "tied", "0.2 ns more is a tie");
	tap_is_str(view_verdict(1.21, 1), "behind", "0.21 ns more is not");
	tap_is_str(view_verdict(0.79, 1), "ahead", "0.21 ns less is not either");
	tap_is_str(view_verdict(5.2, 5), "tied", "0.2 ns are one also where 2 %% are less");
	tap_is_str(view_verdict(102, 100), "tied", "2 %% more is a tie");
	tap_is_str(view_verdict(102.1, 100), "behind", "2.1 %% more is not");
	tap_is_str(view_verdict(97.9, 100), "ahead", "2.1 %% less is not either");
}

/* Whatever they cost: rows of this kind have no say. */
static bool any_rival(const json_t *root, const char *kernel)
{
	struct view_copies c;
	struct view_duel duel;
	struct view view;
	bool found = false;

	if (view_open(&view, root))
		return true;
	for (size_t i = 0; !view_copies_open(&c, &view, i); i++) {
		for (size_t s = 0; s < c.n_shapes * 2; s++)
			found |= view_duel(&c, s / 2, s % 2, &duel) &&
				 !strcmp(duel.best->kernel, kernel);
		view_copies_close(&c);
	}
	view_close(&view);
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
	static const char *const keys[] = { "ns_min", "ns_block_min" };
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
	tap_is_str(fp_conclusion(fewer, line, sizeof(line)),
		   "On this Fixture CPU (synthetic): beside the best other copy that may be ranked "
		   "with it fencepost_copy_toio is ahead in 3 cases, tied in 7, behind in 1.",
		   "without barriers copies have the conclusion");
	remove_family(fewer, "copy/fencepost");
	fp_conclusion(fewer, line, sizeof(line));
	tap_ok(strstr(line, sentence + 1), "without either it is write combining");
	text = print(fewer, FP_TEXT, 500);
	tap_ok(!strstr(text, "Write combining: "), "which is then said once");
	free(text);
	json_decref(fewer);
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
	tap_is_int((long long)columns, 29, "csv (%s): name and 28 members", what);
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
		wrong += bars(line) != 30;
	tap_is_int((long long)rows,
		   (long long)json_array_size(json_object_get(root, "benchmarks")) + 2,
		   "markdown (%s): a line a row, and two of names", what);
	tap_is_int((long long)wrong, 0, "markdown (%s): each has 29 cells", what);
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

static char *slurp_picture(size_t picture, const char *end)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", pictures_made[picture], end);
	return slurp(name);
}

/* x,ns,point,"row": a figure of the results, at the place that its row's name says. */
static bool right_point(const json_t *root, const char *line)
{
	char name[128] = "", axis[2][40];
	long x, point;
	double ns = NAN;
	const json_t *run;

	if (sscanf(line, "%ld,%lf,%ld,\"%127[^\"]\"", &x, &ns, &point, name) != 4)
		return false;
	snprintf(axis[0], sizeof(axis[0]), "/bytes:%ld/", x);
	snprintf(axis[1], sizeof(axis[1]), "/lines:%ld", x);
	run = find_row(root, name);
	return run && did_run(run) && ns == figure(run, "ns_min") &&
	       (strstr(name, axis[0]) || strstr(name, axis[1])) && !strstr(name, "/every:") &&
	       !strstr(name, "/lines:1/");
}

/* Of non-temporal or direct stores by a copy that is safe for devices. */
static bool may_be_ranked(const json_t *root, const char *name)
{
	const json_t *own = json_object_get(find_row(root, name), "fencepost");
	const char *stores = json_string_value(json_object_get(own, "stores"));

	return json_is_true(json_object_get(own, "device_safe")) && stores &&
	       strcmp(stores, "plain");
}

struct points {
	size_t n, wrong, series, mixed; /* mixed: in the panel of another class */
};

static struct points read_points(const json_t *root, const char *text, bool copies)
{
	struct points p = {0};
	unsigned first = 0;
	char name[128];

	for (const char *line = text; line && *line; line += strcspn(line, "\n") + 1) {
		if (!p.series && !first)
			sscanf(line, "%u,", &first);
		p.series += *line == '"';
		if (*line < '0' || *line > '9' || !strchr(line, '"') || !p.series)
			continue;
		p.n++;
		p.wrong += !right_point(root, line);
		if (copies && sscanf(line, "%*[^\"]\"%127[^\"]", name) == 1)
			p.mixed += may_be_ranked(root, name) != (p.series <= 2 * first);
	}
	return p;
}

/* Each says what its row's name and figure are. */
static size_t count_hints(const json_t *root, const char *svg, size_t *wrong)
{
	static const char head[] = "class=\"point\"><title>";
	char name[128], number[40];
	size_t n = 0;

	*wrong = 0;
	for (const char *at = svg; at && (at = strstr(at, head)); n++) {
		const json_t *run;

		at += strlen(head);
		name[0] = number[0] = '\0';
		sscanf(at, "%127[^ ] %39[^ ]", name, number);
		if (*name)
			name[strlen(name) - 1] = '\0';
		run = find_row(root, name);
		*wrong += !run || (did_run(run) && strtod(number, NULL) != figure(run, "ns_min"));
	}
	return n;
}

/* Behind the data; without gnuplot there is only the first curves' data. */
static void test_curves(const json_t *root, size_t picture)
{
	char *text = slurp_picture(picture, "csv"), *svg = slurp_picture(picture, "svg");
	const char *name = pictures_made[picture];
	bool copies = strstr(name, "copy");
	struct points p = read_points(root, text, copies);
	size_t wrong, hints = count_hints(root, svg, &wrong);

	/* Nine copies by four sizes, alone and fenced; thirteen lines and twice eight partial ones.
	 */
	tap_is_int((long long)p.n, copies ? 9 * 4 * 2 : 13 + 2 * 8, "%s: all points", name);
	tap_is_int((long long)p.wrong, 0, "%s: each plotted figure is in the results", name);
	tap_is_int((long long)p.mixed, 0, "%s: what may not be ranked is in a panel apart", name);
	tap_is_int((long long)hints, (long long)p.n, "%s: each point says what it is", name);
	tap_is_int((long long)wrong, 0, "%s: and says it right", name);
	free(text);
	free(svg);
}

static void test_words(size_t picture)
{
	char *svg = slurp_picture(picture, "svg"), png[64];
	const char *name = pictures_made[picture];

	tap_ok(svg && strstr(svg, "Fixture CPU (synthetic)"), "%s names the CPU", name);
	tap_ok(svg && strstr(svg, "target ram") && strstr(svg, "verified (anonymous memory"),
	       "%s: target and verified attribute", name);
	tap_ok(svg && strstr(svg, "evidence: hardware"), "%s: and the evidence", name);
	tap_ok(svg && !strstr(svg, "<script") && !strstr(svg, "onmouse") &&
		       !strstr(svg, "gnuplot_svg"),
	       "%s needs no script", name);
	snprintf(png, sizeof(png), "%s.png", name);
	tap_ok(starts(png, "\x89PNG"), "%s: the PNG is a PNG", name);
	free(svg);
}

static void test_pictures(const json_t *root)
{
	char *svg = slurp(PLOT ".svg");
	size_t wrong, hints = count_hints(root, svg, &wrong);

	for (size_t i = 0; i < PICTURES; i++) {
		test_words(i);
		if (i)
			test_curves(root, i);
	}
	tap_is_int((long long)wrong, 0, "all %zu hints of the heat map are right", hints);
	tap_ok(hints > 2 * ran_barriers(root), "each cell has one on both sides of its text");

	tap_ok(svg && strstr(svg, ">n/a<") && strstr(svg, ">1903<"), "its text is text");
	free(svg);
	svg = slurp_picture(1, "svg");
	tap_ok(svg && strstr(svg, "1 more copy is in the table only"),
	       "what is left out of the picture is counted");
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
		tap_is_int(result.pictures, PICTURES, "heat map, copies twice, write combining");
		test_pictures(root);
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
	for (size_t i = 0; pictures && i < PICTURES; i++) {
		svg = slurp_picture(i, "svg");
		tap_ok(svg && strstr(svg, "emulated: not a timing result") &&
			       strstr(svg, "<title>emulated: "),
		       "emulated: so does %s, and its hints", pictures_made[i]);
		free(svg);
	}
	tap_ok(!strstr(text, "still combine") && page && !strstr(page, "still combine"),
	       "emulated: nothing is concluded on write combining");
	tap_ok(!strstr(text, "Versus, ") && page && !strstr(page, "class=\"versus\""),
	       "emulated: nobody is ahead of anybody");
	free(page);
	free(text);
	json_decref(root);
}

static void make_hostile_kernel(json_t *root, const char *name, const char *key)
{
	json_object_set_new(json_object_get(find_row(root, name), "fencepost"), key,
			    json_string(hostile));
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
	/* A copy's and a store's names are in pictures and blocks of their own. */
	make_hostile_kernel(root, "copy/avx512_nt/none/wb/bytes:64/lines:256/offset:0", "kernel");
	make_hostile_kernel(root, "copy/avx512_nt/sfence/wb/bytes:64/lines:256/offset:0",
			    "barrier");
	make_hostile_kernel(root, "combine/movnti8/none/wb/lines:1", "kernel");
	make_hostile_kernel(root, "combine/movnti8/mfence/wb/between:barrier", "barrier");
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
	for (size_t i = 0; pictures && i < PICTURES; i++) {
		svg = slurp_picture(i, "svg");
		tap_ok(svg && !strstr(svg, "<script"), "hostile: no script in %s",
		       pictures_made[i]);
		tap_ok(svg && !strstr(svg, "uid="), "hostile: nothing was run by gnuplot");
		free(svg);
	}
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
	static const char *const ends[] = {"csv", "svg", "png"};
	char path[256];

	for (size_t i = 0; i < PICTURES * 3; i++) {
		snprintf(path, sizeof(path), "%s/%s.%s", folder, pictures_made[i / 3], ends[i % 3]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/report.html", folder);
	unlink(path);
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
	test_copies(root);
	test_versus(root);
	test_verdicts();
	test_rivals();
	test_luck();
	test_median();
	test_combine(root);
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
