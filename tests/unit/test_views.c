// SPDX-License-Identifier: MIT
/* What pictures and page show is what results.json says: every figure, every reason, nothing else.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/quote.h"
#include "unit/fixture.h"
#include "unit/scratch.h"

#define PLOT "plots/barrier-ram-wb"

/* The pictures of the fixture; the first is the heat map, the others are curves. */
static const char *const pictures_made[] = {PLOT, "plots/copy-time-ram-wb",
					    "plots/copy-bandwidth-ram-wb", "plots/combine-ram-wb"};
#define PICTURES (sizeof(pictures_made) / sizeof(pictures_made[0]))

static char folder[SCRATCH_PATH];

static char *slurp(const char *name)
{
	char path[256], *text;
	size_t bytes;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return fp_file_read(path, &text, &bytes) ? NULL : text;
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

	json_array_foreach(json_object_get(root, "benchmarks"), i, run) n +=
		did_run(run) &&
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
	static const char *const keys[] = {"ns_min", "ns_p50", "ns_p99", "cycles_min"};
	char *text = slurp("report.html");
	const char *at = text ? strstr(text, "<tbody>") : NULL;
	size_t rows, wrong = 0, figures = 0;
	json_t *run;

	tap_ok(at, "the report is there");
	json_array_foreach(json_object_get(root, "benchmarks"), rows, run) for (int k = 0;
										k < 4 && at; k++)
	{
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

static int write_views_to(const char *path, const json_t *root, struct fp_views_result *result)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = fp_views_write(root, fd, path, result);

	close(fd);
	return ret;
}

static int write_views(const json_t *root, struct fp_views_result *result)
{
	int ret = write_views_to(folder, root, result);

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
	conclude(root, line, sizeof(line));
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

static void test_hostile(bool pictures)
{
	json_t *root = make_hostile();
	struct fp_views_result result;
	char *page, *svg;

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
	tap_ok(!strncmp(conclude(root, line, sizeof(line)), "Interrupted", 11),
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
	tap_is_int(write_views_to(folder, root, &result), -ENOENT, "without gnuplot");
	setenv("PATH", path, 1);
	tap_is_str(result.why, "gnuplot is not installed", "it says why");
	page = slurp("report.html");
	tap_ok(page && strstr(page, "737 ns"), "and the report is written");
	free(page);
	setenv("FENCEPOST_DATADIR", "/nonexistent", 1);
	tap_is_int(write_views_to(folder, root, &result), -ENOPKG, "without our own files");
	tap_ok(strstr(result.why, "FENCEPOST_DATADIR"), "it says what to do");
	setenv("FENCEPOST_DATADIR", data, 1);
	tap_is_int(fp_views_write(root, -1, "nowhere", &result), -EBADF, "without a folder");
	tap_ok(strstr(result.why, "nowhere/plots"), "it says which");
	tap_is_int((long long)(leftovers("") + leftovers("plots")), 0, "no temporary file is left");
	free(path);
	free(data);
}

/* ---- names ---- */

/* What gnuplot, a shell, printf or a terminal would take for something else. */
static const char *const names[] = {
	"|id>owned;", "<touch owned;", "~",	"$HOME", "-d",	    "a\nb",  "\"'", "`touch owned`",
	"%s%n",	      "back\\slash",	"*",	"#",	 "\xc3\xa9\xe2\x82\xac", "\xff\033",
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	return n;
}

/* With what is in it: a level of folders below it. */
static void remove_all(const char *path)
{
	char command[] = "exec rm -rf -- \"$FENCEPOST_REMOVE\"";

	setenv("FENCEPOST_REMOVE", path, 1);
	tap_is_int(system(command), 0, "it can be removed");
}

/* The heat map is enough. */
static json_t *only_barriers(void)
{
	json_t *root = load_fixture(), *runs = json_object_get(root, "benchmarks");

	for (size_t i = json_array_size(runs); i--;)
		if (strncmp(json_string_value(json_object_get(json_array_get(runs, i), "name")),
			    "barrier/", 8))
			json_array_remove(runs, i);
	return root;
}

/* By a name relative to where we are, as a user gives it; nothing else is made there. */
static void test_name(const json_t *root, const char *name, bool pictures)
{
	struct fp_views_result result;
	char seen[64], path[300];
	int ret;

	fp_visible(name, seen, sizeof(seen));
	mkdir(name, 0777);
	ret = write_views_to(name, root, &result);
	tap_is_int(ret, pictures ? 0 : -ENOENT, "%s: views are written", seen);
	if (ret && pictures)
		printf("# %s\n", fp_visible(result.why, path, sizeof(path)));
	snprintf(path, sizeof(path), "%s/plots", name);
	tap_is_int((long long)count_entries(path), pictures ? 3 : 1, "%s: into it", seen);
	tap_is_int((long long)count_entries("."), 1, "%s: and nowhere else", seen);
	remove_all(name);
}

/* Where our own files are is a user's name, too. */
static void test_data_name(const json_t *root, bool pictures)
{
	static const char copy[] = "|touch owned;'\"$x";
	struct fp_views_result result;
	char *data = strdup(getenv("FENCEPOST_DATADIR"));

	setenv("FENCEPOST_COPY", copy, 1);
	if (system("exec cp -R -- \"$FENCEPOST_DATADIR\" \"$FENCEPOST_COPY\"") || mkdir("to", 0777))
		tap_ok(false, "a folder of that name");
	setenv("FENCEPOST_DATADIR", copy, 1);
	tap_is_int(write_views_to("to", root, &result), pictures ? 0 : -ENOENT,
		   "our own files in a folder of such a name");
	setenv("FENCEPOST_DATADIR", data, 1);
	tap_is_int((long long)count_entries("."), 2, "nothing else is made");
	remove_all(copy);
	remove_all("to");
	free(data);
}

/* ---- texts ---- */

/* What gnuplot writes itself, where it is put as a text; and what turns and controls. */
static const char forged[] = "onmousemove=\"gnuplot_svg.showHypertext(evt,'point 0'"
			     "<title> </title> "
			     "</svg><title>x</title> {/Symbol a} @x `touch owned` \\n %d | \033 "
			     "\xc2\x9b 1m \xe2\x80\xae";

/* Firmware, kernel and hypervisor say what they like; so does who names a target. */
static json_t *make_forged(void)
{
	json_t *root = only_barriers(), *own = own_context(root), *run, *mapping;
	static const char *const members[] = {"hypervisor", "kernel", "microcode", "machine_id",
					      "compiler"};
	size_t i;

	json_object_set_new(json_object_get(own, "topology"), "model", json_string(forged));
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_object_set_new(own, members[i], json_string(forged));
	json_object_set_new(json_object_get(root, "context"), "options", json_string(forged));
	json_object_set_new(json_object_get(root, "context"), "date", json_string(forged));
	json_array_foreach(json_object_get(json_object_get(own, "target"), "mappings"), i, mapping)
		json_object_set_new(mapping, "target", json_string(forged));
	json_array_foreach(json_object_get(root, "benchmarks"), i, run)
		json_object_set_new(json_object_get(run, "fencepost"), "target",
				    json_string(forged));
	return root;
}

/* Nothing in it that is obeyed, but for its own lines and tabs. */
static bool is_seen(const char *text)
{
	bool shown = true;

	for (size_t bytes; text && *text && shown; text += bytes) {
		bytes = fp_character(text, &shown);
		shown |= *text == '\n' || *text == '\t';
	}
	return text && shown;
}

static size_t count_texts(const char *text, const char *what)
{
	size_t n = 0;

	for (; text && (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* The only picture below names/to. */
static char *slurp_svg(void)
{
	DIR *dir = opendir("to/plots");
	struct dirent *entry;
	char *text = NULL, path[300];
	size_t bytes;

	while (dir && (entry = readdir(dir)))
		if (strstr(entry->d_name, ".svg")) {
			snprintf(path, sizeof(path), "to/plots/%s", entry->d_name);
			fp_file_read(path, &text, &bytes);
		}
	if (dir)
		closedir(dir);
	return text;
}

static void test_forged(bool pictures)
{
	json_t *root = make_forged(), *well = only_barriers();
	struct fp_views_result result;
	char *page, *svg, *svg_well;

	mkdir("to", 0777);
	write_views_to("to", well, &result);
	svg_well = slurp_svg();
	remove_all("to");
	mkdir("to", 0777);
	tap_is_int(write_views_to("to", root, &result), pictures ? 0 : -ENOENT,
		   "forged texts: the views are written");
	tap_is_int((long long)count_entries("."), 1, "forged texts: nothing else is made");
	svg = slurp_svg();
	page = slurp("names/to/report.html");
	tap_ok(is_seen(page), "forged texts: nothing in the page is obeyed");
	tap_is_int((long long)count_texts(page, "</svg>"), pictures,
		   "forged texts: one picture in it");
	if (pictures) {
		tap_ok(is_seen(svg), "forged texts: nothing in the picture is obeyed");
		tap_is_int((long long)count_texts(svg, "class=\"point\"><title>"),
			   (long long)count_texts(svg_well, "class=\"point\"><title>"),
			   "forged texts: all its hints are ours");
		tap_is_int((long long)count_texts(svg, "<title>"),
			   (long long)count_texts(svg_well, "<title>"),
			   "forged texts: and all its titles");
		tap_is_int((long long)count_texts(svg, "</svg>"), 1, "forged texts: it ends once");
		tap_ok(strstr(svg, "@x `touch owned` \\n %d |"), "forged texts: they are shown");
		tap_ok(!system("! command -v xmllint >/dev/null || xmllint --noout to/plots/*.svg"),
		       "forged texts: the picture is XML");
	}
	free(page);
	free(svg);
	free(svg_well);
	remove_all("to");
	json_decref(well);
	json_decref(root);
}

static void test_names(bool pictures)
{
	json_t *root = only_barriers();
	char before[4096], scratch[300], longest[256];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	snprintf(scratch, sizeof(scratch), "%s/names", folder);
	mkdir(scratch, 0777);
	if (!getcwd(before, sizeof(before)) || chdir(scratch))
		tap_ok(false, "a folder to go to");
	for (size_t i = 0; i < NAMES; i++)
		test_name(root, names[i], pictures);
	test_name(root, longest, pictures);
	test_data_name(root, pictures);
	test_forged(pictures);
	if (chdir(before))
		tap_ok(false, "and back");
	tap_is_int(rmdir(scratch), 0, "names: nothing is left");
	json_decref(root);
}

/* ---- what is there already ---- */

static void test_others(void)
{
	json_t *root = only_barriers();
	struct fp_views_result result;
	char path[300], victim[300], *text;
	size_t bytes;

	snprintf(victim, sizeof(victim), "%s/victim", folder);
	mkdir(victim, 0777);
	snprintf(path, sizeof(path), "%s/own", folder);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/own/plots", folder);
	tap_is_int(symlink("../victim", path), 0, "plots is a link to a folder of others");
	snprintf(path, sizeof(path), "%s/own", folder);
	tap_is_int(write_views_to(path, root, &result), -ENOTDIR, "it is not followed");
	tap_is_int((long long)count_entries(victim), 0, "nothing is written there");
	snprintf(path, sizeof(path), "%s/own/plots", folder);
	unlink(path);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/own/plots/barrier-mine-wb.svg", folder);
	fclose(fopen(path, "w"));
	snprintf(victim, sizeof(victim), "%s/victim/file", folder);
	fclose(fopen(victim, "w"));
	snprintf(path, sizeof(path), "%s/own/plots/barrier-ram-wb.csv", folder);
	tap_is_int(symlink(victim, path), 0, "a picture's data is a link to a file of others");
	snprintf(path, sizeof(path), "%s/own", folder);
	write_views_to(path, root, &result);
	tap_ok(!fp_file_read(victim, &text, &bytes) && !bytes, "it is not written to");
	free(text);
	snprintf(path, sizeof(path), "%s/own/plots/barrier-mine-wb.svg", folder);
	tap_is_int(access(path, F_OK), 0, "a file that is not ours stays");
	snprintf(path, sizeof(path), "%s/own", folder);
	remove_all(path);
	snprintf(path, sizeof(path), "%s/victim", folder);
	remove_all(path);
	json_decref(root);
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
	const char *srcdir = getenv("srcdir");
	char data[4200], *real = realpath(srcdir ? srcdir : ".", NULL);
	json_t *root;
	bool pictures;

	/* Some of what is tested is so in another folder. */
	setenv("srcdir", real, 1);
	snprintf(data, sizeof(data), "%s/plots", real);
	setenv("FENCEPOST_DATADIR", data, 1);
	free(real);
	root = load_fixture();
	if (!tap_ok(root && scratch_folder(folder), "the fixture can be read"))
		return tap_done();
	pictures = test_views(root);
	test_emulated(pictures);
	test_hostile(pictures);
	test_partial();
	test_bad_input(root);
	test_names(pictures);
	test_others();
	clean_up();
	json_decref(root);
	return tap_done();
}
