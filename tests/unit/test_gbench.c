/* SPDX-License-Identifier: MIT */
/* The C interface of Google Benchmark: what is asked for is in the JSON and in the counts. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gbench.h"
#include "tap.h"

/* ---- The last run, and what it wrote ---- */

static struct gbench_result result;
static json_t *json;
static long to_stdout; /* bytes that came there during the run */

static void forget(void)
{
	json_decref(json);
	json = NULL;
	free(result.output);
	result.output = NULL;
}

/* Runs with stdout in a file, to see what is written there. */
static int run_options(const struct gbench_options *options)
{
	FILE *file = tmpfile();
	int saved = dup(STDOUT_FILENO);
	struct stat st = { 0 };
	int rc;

	forget();
	dup2(fileno(file), STDOUT_FILENO);
	rc = gbench_run(options, &result);
	fflush(NULL);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	fstat(fileno(file), &st);
	to_stdout = st.st_size;
	fclose(file);
	return rc;
}

static int run(const char *filter)
{
	struct gbench_options options = {
		.filter = filter,
		.format = GBENCH_JSON,
		.min_time = 1e-3,
	};
	json_error_t error;
	int rc = run_options(&options);

	if (rc)
		return rc;
	json = json_loadb(result.output, result.output_bytes, 0, &error);
	if (!json)
		printf("# %s, line %d\n%s\n", error.text, error.line, result.output);
	return json ? 0 : -EBADMSG;
}

static json_t *row(size_t i)
{
	return json_array_get(json_object_get(json, "benchmarks"), i);
}

static size_t rows(void)
{
	return json_array_size(json_object_get(json, "benchmarks"));
}

static const char *text(size_t i, const char *key)
{
	return json_string_value(json_object_get(row(i), key));
}

static double number(size_t i, const char *key)
{
	json_t *value = json_object_get(row(i), key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool is_near(double got, double want)
{
	bool good = fabs(got - want) <= 1e-9 * fabs(want);

	if (!good)
		printf("# got %g, want %g\n", got, want);
	return good;
}

static void counts_are(size_t ran, size_t failed, size_t skipped, size_t unmatched,
		       const char *what)
{
	char got[100], want[100];

	snprintf(got, sizeof(got), "%zu %zu %zu %zu", result.run, result.failed, result.skipped,
		 result.unmatched);
	snprintf(want, sizeof(want), "%zu %zu %zu %zu", ran, failed, skipped, unmatched);
	tap_is_str(got, want, "run, failed, skipped, unmatched of %s", what);
}

/* ---- Callbacks ---- */

static int calls;

static int loop(struct gbench_state *state, void *user)
{
	(void)user;
	calls++;
	while (gbench_next(state))
		;
	return 0;
}

static int loop_100(struct gbench_state *state, void *user)
{
	int64_t *done = user;

	while (gbench_next_batch(state, 100))
		;
	*done = gbench_done(state);
	return 0;
}

static int manual(struct gbench_state *state, void *user)
{
	const double *seconds = user;

	while (gbench_next(state))
		if (seconds)
			gbench_set_seconds(state, *seconds);
	return 0;
}

static struct gbench_benchmark *once(const char *name, gbench_fn *fn, void *user)
{
	struct gbench_benchmark *b = gbench_add(name, fn, user);

	gbench_set_iterations(b, 1);
	return b;
}

/* ---- Tests ---- */

static void test_arguments_are_in_the_name(void)
{
	static const char *const names[] = { "bytes", "lines" };
	static const int64_t tuples[2][2] = { { 64, 1 }, { 4096, -2 } };
	struct gbench_benchmark *b = once("copy", loop, NULL);

	tap_is_int(gbench_set_arg_names(b, names, 2), 0, "arguments get names");
	tap_is_int(gbench_add_args(b, tuples[0], 2), 0, "a tuple is added");
	tap_is_int(gbench_add_args(b, tuples[1], 2), 0, "and another");
	tap_is_int(gbench_add_args(b, tuples[1], 1), -EINVAL, "but none of another length");
	tap_is_int(gbench_set_arg_names(b, names, 1), -EINVAL, "nor fewer names");
	tap_is_int(run(NULL), 0, "run");
	tap_is_int(rows(), 2, "a run each tuple");
	tap_is_str(text(0, "name"), "copy/bytes:64/lines:1/iterations:1", "the name has both");
	tap_is_str(text(1, "name"), "copy/bytes:4096/lines:-2/iterations:1", "also the second");
	counts_are(2, 0, 0, 0, "two tuples");
	tap_is_int(to_stdout, 0, "nothing goes to stdout");
}

static void test_short_names(void)
{
	struct gbench_options options = { .format = GBENCH_JSON, .short_names = true };
	struct gbench_benchmark *b = once("short", manual, &(double){ 1e-6 });
	static const char *const names[] = { "n" };

	gbench_set_clock(b, GBENCH_MANUAL_TIME);
	gbench_add_args(b, &(int64_t){ 3 }, 1);
	gbench_set_arg_names(b, names, 1);
	tap_is_int(run_options(&options), 0, "run with short names");
	json = json_loads(result.output, 0, NULL);
	tap_is_str(text(0, "name"), "short/n:3", "a short name has arguments and nothing else");
	tap_is_str(text(0, "run_name"), "short/n:3", "so has the run's");
}

static int use_arguments(struct gbench_state *state, void *user)
{
	int64_t *seen = user;

	seen[0] = gbench_arg(state, 0);
	seen[1] = gbench_arg(state, 1);
	return loop(state, NULL);
}

static void test_arguments_reach_the_callback(void)
{
	int64_t seen[2] = { 0 };
	struct gbench_benchmark *b = once("two", use_arguments, seen);

	gbench_add_args(b, (int64_t[]){ 7, -9 }, 2);
	b = once("one", use_arguments, seen);
	gbench_add_args(b, (int64_t[]){ 1 }, 1);
	tap_is_int(run("two"), 0, "run");
	tap_ok(seen[0] == 7 && seen[1] == -9, "the callback gets its arguments");
	tap_is_int(run("one"), 0, "run with one argument too few");
	counts_are(0, 1, 0, 1, "a missing argument");
	tap_is_str(text(0, "error_message"), "argument 1 of 1 was asked for, counted from 0",
		   "a missing argument is named");
}

static void test_clocks(void)
{
	double seconds = 2.5e-3;

	gbench_set_clock(once("real", loop, NULL), GBENCH_REAL_TIME);
	gbench_set_clock(once("manual", manual, &seconds), GBENCH_MANUAL_TIME);
	gbench_set_clock(once("untimed", manual, NULL), GBENCH_MANUAL_TIME);
	tap_is_int(run(NULL), 0, "run");
	tap_is_str(text(0, "name"), "real/iterations:1/real_time", "real time");
	tap_is_str(text(1, "name"), "manual/iterations:1/manual_time", "manual time");
	tap_ok(is_near(number(1, "real_time"), 2.5e6), "a manual time is the one reported");
	tap_is_str(text(2, "error_message"), "set no manual time", "none set is an error");
	counts_are(2, 1, 0, 0, "clocks");
}

static void test_manual_time_ends_the_search(void)
{
	double seconds = 1e-4;
	struct gbench_benchmark *b = gbench_add("manual", manual, &seconds);

	gbench_set_clock(b, GBENCH_MANUAL_TIME);
	tap_is_int(run(NULL), 0, "run without a fixed number of iterations");
	tap_ok(number(0, "iterations") >= 10, "runs for min_time of manual time");
	tap_ok(is_near(number(0, "real_time"), 1e5), "and reports that of one iteration");
}

static void test_units(void)
{
	static const char *const names[] = { "ns", "us", "ms", "s" };
	static const double factor[] = { 1e9, 1e6, 1e3, 1 };
	double seconds = 3e-3;

	for (int i = 0; i < 4; i++) {
		struct gbench_benchmark *b = once(names[i], manual, &seconds);

		gbench_set_clock(b, GBENCH_MANUAL_TIME);
		tap_is_int(gbench_set_unit(b, (enum gbench_unit)i), 0, "unit %s", names[i]);
	}
	run(NULL);
	for (int i = 0; i < 4; i++) {
		tap_is_str(text(i, "time_unit"), names[i], "time_unit is %s", names[i]);
		tap_ok(is_near(number(i, "real_time"), seconds * factor[i]), "in %s", names[i]);
	}
}

static int count_up(struct gbench_state *state, void *user)
{
	(void)user;
	while (gbench_next(state))
		gbench_set_seconds(state, 0.5);
	gbench_set_counter(state, "plain", 12, GBENCH_AS_IS);
	gbench_set_counter(state, "rate", 12, GBENCH_RATE);
	gbench_set_counter(state, "each", 12, GBENCH_EACH_ITERATION);
	gbench_set_counter(state, "per", 12, GBENCH_PER_ITERATION);
	gbench_set_counter(state, "inverse", 12, GBENCH_PER_ITERATION | GBENCH_INVERT);
	gbench_set_counter(state, "thread", 12, GBENCH_PER_THREAD);
	gbench_set_counter(state, "undefined", 0, GBENCH_INVERT);
	gbench_set_items(state, 100);
	gbench_set_bytes(state, 4096);
	return gbench_set_label(state, "a \"label\"\t\\ of\x01 its own");
}

static void test_counters(void)
{
	struct gbench_benchmark *b = gbench_add("count", count_up, NULL);

	gbench_set_clock(b, GBENCH_MANUAL_TIME);
	gbench_set_iterations(b, 4);
	tap_is_int(run(NULL), 0, "run for 4 iterations of half a second");
	tap_ok(is_near(number(0, "iterations"), 4), "iterations are as fixed");
	tap_ok(is_near(number(0, "plain"), 12), "a plain counter");
	tap_ok(is_near(number(0, "rate"), 6), "a rate is by the second");
	tap_ok(is_near(number(0, "each"), 48), "each iteration");
	tap_ok(is_near(number(0, "per"), 3), "per iteration");
	tap_ok(is_near(number(0, "inverse"), 1.0 / 3), "inverted at last");
	tap_ok(is_near(number(0, "items_per_second"), 50), "items a second");
	tap_ok(is_near(number(0, "bytes_per_second"), 2048), "bytes a second");
	tap_is_str(text(0, "label"), "a \"label\"\t\\ of? its own", "the label");
	tap_ok(!json_object_get(row(0), "undefined"), "what JSON can't hold is left out");
}

static int reject(struct gbench_state *state, void *user)
{
	int *wrong = user;

	*wrong += gbench_pause(state) != -EINVAL;
	*wrong += gbench_resume(state) != -EINVAL;
	while (gbench_next(state))
		*wrong += gbench_resume(state) != -EINVAL;
	*wrong += gbench_pause(state) != -EINVAL;
	*wrong += gbench_next(state);
	*wrong += gbench_set_counter(state, "", 1, 0) != -EINVAL;
	*wrong += gbench_set_counter(state, "nan", NAN, 0) != -EINVAL;
	*wrong += gbench_set_counter(state, "flag", 1, 1 << 5) != -EINVAL;
	*wrong += gbench_set_items(state, -1) != -EINVAL;
	*wrong += gbench_set_bytes(state, -1) != -EINVAL;
	*wrong += gbench_set_label(state, NULL) != -EINVAL;
	*wrong += gbench_set_seconds(state, -1) != -EINVAL;
	*wrong += gbench_set_seconds(state, INFINITY) != -EINVAL;
	*wrong += gbench_skip(state, NULL) != -EINVAL;
	*wrong += gbench_fail(state, NULL) != -EINVAL;
	*wrong += gbench_run(NULL, &(struct gbench_result){ 0 }) != -EBUSY;
	*wrong += gbench_clear() != -EBUSY;
	*wrong += gbench_add("nested", loop, NULL) || errno != EBUSY;
	return 0;
}

static void test_bad_calls_in_a_callback(void)
{
	int wrong = 0;

	once("reject", reject, &wrong);
	tap_is_int(run(NULL), 0, "run");
	tap_is_int(wrong, 0, "each bad call says so");
	counts_are(1, 0, 0, 0, "bad calls that were answered");
}

static void test_bad_settings(void)
{
	struct gbench_options options = { .min_time = -1 };
	struct gbench_benchmark *b = gbench_add("settings", loop, NULL);

	errno = 0;
	tap_ok(!gbench_add("", loop, NULL) && errno == EINVAL, "an empty name");
	tap_ok(!gbench_add(NULL, loop, NULL) && errno == EINVAL, "no name");
	tap_ok(!gbench_add("name", NULL, NULL) && errno == EINVAL, "no callback");
	tap_ok(!gbench_add("DISABLED_x", loop, NULL) && errno == EINVAL, "a name that never runs");
	tap_is_int(gbench_set_iterations(b, 0), -EINVAL, "0 iterations");
	tap_is_int(gbench_set_repetitions(b, 0), -EINVAL, "0 repetitions");
	tap_is_int(gbench_set_threads(b, 0), -EINVAL, "0 threads");
	tap_is_int(gbench_set_min_time(b, 0), -EINVAL, "no time");
	tap_is_int(gbench_set_clock(b, (enum gbench_clock)3), -EINVAL, "an unknown clock");
	tap_is_int(gbench_set_unit(b, (enum gbench_unit)4), -EINVAL, "an unknown unit");
	tap_is_int(gbench_add_args(b, NULL, 0), -EINVAL, "an empty tuple");
	tap_is_int(gbench_set_iterations(NULL, 1), -EINVAL, "no benchmark");
	tap_is_int(gbench_set_min_time(b, 1e-3), 0, "a time");
	tap_is_int(gbench_set_iterations(b, 1), -EINVAL, "iterations beside a time");
	tap_is_int(gbench_context("", "x"), -EINVAL, "an empty key");
	tap_is_int(run_options(&options), -EINVAL, "a negative time");
	options = (struct gbench_options){ .format = (enum gbench_format)3 };
	tap_is_int(run_options(&options), -EINVAL, "an unknown format");
	tap_is_int(gbench_run(NULL, NULL), -EINVAL, "no result");
}

static void test_context(void)
{
	json_t *context;

	once("context", loop, NULL);
	tap_is_int(gbench_context("machine", "first"), 0, "context");
	tap_is_int(gbench_context("machine", "se\"cond\x02"), 0, "context in its place");
	run(NULL);
	context = json_object_get(json, "context");
	tap_is_str(json_string_value(json_object_get(context, "machine")), "se\"cond?",
		   "the later one is in the JSON");
	tap_ok(json_is_integer(json_object_get(context, "num_cpus")), "beside the library's own");
	gbench_clear();
	run(NULL);
	context = json_object_get(json, "context");
	tap_ok(context && !json_object_get(context, "machine"), "gbench_clear() clears it");
}

static void test_repetitions(void)
{
	double seconds = 0;
	struct gbench_benchmark *b = once("repeat", manual, &seconds);

	gbench_set_clock(b, GBENCH_MANUAL_TIME);
	tap_is_int(gbench_set_repetitions(b, 3), 0, "3 repetitions");
	tap_is_int(run(NULL), 0, "run: a time of 0, whose cv is undefined, gives valid JSON");
	counts_are(1, 0, 0, 0, "a benchmark counts once, repetitions or not");
	tap_ok(number(2, "repetition_index") == 2 && number(2, "repetitions") == 3, "are numbered");
	tap_is_str(text(3, "aggregate_name"), "mean", "statistics follow");
	tap_is_str(text(4, "aggregate_name"), "median", "the median");
}

static void test_iterations(void)
{
	int64_t done = 0;
	struct gbench_benchmark *b = gbench_add("batch", loop_100, &done);

	gbench_set_iterations(b, 250);
	calls = 0;
	gbench_set_iterations(gbench_add("plain", loop, NULL), 1000);
	run(NULL);
	tap_is_int(done, 300, "a batch runs in full");
	tap_ok(is_near(number(0, "iterations"), 300), "and counts in full");
	tap_is_int(calls, 1, "fixed iterations take one call");
	tap_ok(is_near(number(1, "iterations"), 1000), "of exactly so many");
}

static void test_min_time(void)
{
	struct gbench_benchmark *b = gbench_add("time", loop, NULL);

	gbench_add("default", loop, NULL);
	tap_is_int(gbench_set_min_time(b, 0.02), 0, "its own time");
	run(NULL);
	tap_ok(number(0, "iterations") * number(0, "cpu_time") >= 0.02e9 * 0.99, "is kept");
	tap_ok(number(1, "iterations") * number(1, "cpu_time") < 0.02e9, "the default is shorter");
}

static int pause_each(struct gbench_state *state, void *user)
{
	int *bad = user;

	while (gbench_next(state)) {
		usleep(2000);
		*bad += gbench_pause(state) != 0;
		*bad += gbench_pause(state) != -EINVAL;
		usleep(20000);
		if (gbench_done(state) < gbench_max(state))
			*bad += gbench_resume(state) != 0;
	}
	return 0;
}

static void test_pause(void)
{
	int bad = 0;
	struct gbench_benchmark *b = gbench_add("pause", pause_each, &bad);

	gbench_set_iterations(b, 3);
	gbench_set_clock(b, GBENCH_REAL_TIME);
	tap_is_int(run(NULL), 0, "run with pauses, the last one not ended");
	tap_is_int(bad, 0, "pause and resume answer well");
	tap_ok(number(0, "real_time") >= 2e6, "what is done before a pause is timed");
	tap_ok(number(0, "real_time") < 20e6, "what is done in it is not");
	counts_are(1, 0, 0, 0, "pauses");
}

static int skip(struct gbench_state *state, void *user)
{
	int rc = gbench_skip(state, "no such instruction");

	if (user)
		*(bool *)user = !rc && gbench_fail(state, "too late") == -EALREADY &&
				!gbench_next(state) && !gbench_next_batch(state, 10);
	return -EPERM;
}

struct nth {
	int call, fail, skip, batch; /* which call does what */
};

/* What the library aborts on when repetitions differ in it. */
static int differ(struct gbench_state *state, void *user)
{
	struct nth *nth = user;
	int64_t n = ++nth->call == nth->batch ? 7 : 10;
	int flags = nth->call == nth->batch ? GBENCH_INVERT : GBENCH_RATE;

	if (nth->call == nth->skip)
		return gbench_skip(state, "lukewarm");
	while (gbench_next_batch(state, n))
		if (nth->call == nth->fail)
			return -ENODEV;
	if (gbench_set_counter(state, "x", 1, flags) != (nth->call == nth->batch ? -EINVAL : 0))
		return -EBADF;
	return 0;
}

static int fail_inside(struct gbench_state *state, void *user)
{
	(void)user;
	while (gbench_next(state))
		gbench_fail(state, "a byte \"differs\"");
	return 0;
}

static int skip_afterwards(struct gbench_state *state, void *user)
{
	loop(state, user);
	return gbench_skip(state, "every sample was dropped");
}

static int return_errno(struct gbench_state *state, void *user)
{
	loop(state, NULL);
	return *(int *)user;
}

static void test_skip_and_fail(void)
{
	int no_device = -ENODEV, five = 5;
	bool answered = false;

	once("skip", skip, &answered);
	gbench_add("fail", fail_inside, NULL);
	gbench_set_repetitions(once("late", skip_afterwards, NULL), 2);
	once("errno", return_errno, &no_device);
	once("five", return_errno, &five);
	once("good", loop, NULL);
	tap_is_int(run(NULL), 0, "run");
	counts_are(1, 3, 2, 0, "skips and failures");
	tap_ok(answered, "after a skip there is no loop, and no failure");
	tap_is_str(text(0, "error_message"), "no such instruction", "the first reason stays");
	tap_is_str(text(1, "error_message"), "a byte \"differs\"", "a failure's reason");
	tap_is_str(text(2, "error_message"), "every sample was dropped", "a skip after the loop");
	tap_is_str(text(4, "error_message"), strerror(ENODEV), "an errno's text");
	tap_is_str(text(5, "error_message"), "returned 5", "a value that is no -errno");
	tap_is_int(rows(), 7, "all of them have rows");
	for (size_t i = 0; i < rows(); i++)
		tap_is_int(json_is_true(json_object_get(row(i), "error_occurred")), i < 6,
			   "error_occurred of row %zu", i);
}

static void test_repetitions_that_differ(void)
{
	struct nth cases[] = {
		{ .fail = 1 }, { .fail = 2 },  { .fail = 3 },  { .skip = 1 },	   { .skip = 3 },
		{ .batch = 3 }, { .batch = 4 }, { .fail = -1 }, { .skip = 2, .fail = 3 },
	};
	size_t n = sizeof(cases) / sizeof(*cases);
	static const int64_t iterations[] = { 1, 5, 14, 20, 70 };

	for (size_t i = 0; i < n * 5; i++) {
		struct gbench_benchmark *b = gbench_add("differ", differ, &cases[i % n]);

		gbench_set_iterations(b, iterations[i / n]);
		gbench_set_repetitions(b, 4);
		if (i % n != n - 1)
			continue;
		tap_is_int(run(NULL), 0, "%d iterations, repetitions that differ", (int)iterations[i / n]);
		/* Of 70 both batches make the same number; the flags differ still. */
		if (iterations[i / n] == 70)
			counts_are(3, 3, 3, 0, "the worst repetition");
		else
			counts_are(1, 5, 3, 0, "the worst repetition");
		gbench_clear();
		for (size_t j = 0; j < n; j++)
			cases[j].call = 0;
	}
}

static int never(struct gbench_state *state, void *user)
{
	(void)state;
	(void)user;
	return 0;
}

static int leave(struct gbench_state *state, void *user)
{
	for (int64_t i = 0; i < *(int64_t *)user; i++)
		gbench_next(state);
	return 0;
}

static int leave_paused(struct gbench_state *state, void *user)
{
	(void)user;
	gbench_next(state);
	gbench_pause(state);
	return 0;
}

static int batch_of_none(struct gbench_state *state, void *user)
{
	while (gbench_next_batch(state, *(int64_t *)user))
		*(int64_t *)user = 0;
	return 0;
}

static void test_early_returns(void)
{
	static const char tail[] = " iterations, with the loop not at its end";
	int64_t two = 2, four = 4, none = 0, one = 1;
	char want[100];

	gbench_add("never", never, NULL);
	gbench_set_iterations(gbench_add("two", leave, &two), 4);
	gbench_set_iterations(gbench_add("four", leave, &four), 4);
	once("paused", leave_paused, NULL);
	once("none", batch_of_none, &none);
	gbench_add("then_none", batch_of_none, &one);
	once("alive", loop, NULL);
	tap_is_int(run(NULL), 0, "callbacks that return early don't abort");
	counts_are(1, 6, 0, 0, "early returns");
	snprintf(want, sizeof(want), "returned after 0 of 1%s", tail);
	tap_is_str(text(0, "error_message"), want, "before the loop");
	snprintf(want, sizeof(want), "returned after 2 of 4%s", tail);
	tap_is_str(text(1, "error_message"), want, "within it");
	snprintf(want, sizeof(want), "returned after 4 of 4%s", tail);
	tap_is_str(text(2, "error_message"), want, "in its last iteration");
	snprintf(want, sizeof(want), "returned after 1 of 1%s", tail);
	tap_is_str(text(3, "error_message"), want, "in a pause");
	tap_is_str(text(4, "error_message"), "a batch of 0 iterations", "an empty batch");
	tap_is_str(text(5, "error_message"), "a batch of 0 iterations", "an empty second batch");
}

static void test_filter(void)
{
	static const struct {
		const char *filter;
		size_t ran, unmatched;
	} cases[] = {
		{ NULL, 3, 0 },	 { "", 3, 0 },	    { "all", 3, 0 }, { "^b", 1, 2 },
		{ "-^b", 2, 1 }, { "^(a|c)", 2, 1 }, { "nothing", 0, 3 },
	};

	once("a", loop, NULL);
	once("b", loop, NULL);
	once("c", loop, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *filter = cases[i].filter;

		tap_is_int(run(filter), 0, "filter %s gives JSON", filter ? filter : "NULL");
		counts_are(cases[i].ran, 0, 0, cases[i].unmatched, "the filter");
	}
	tap_ok(json_object_get(json, "context") && !rows(), "also where nothing matches");
	tap_is_int(run("(unclosed"), -EINVAL, "what is no regular expression");
	counts_are(0, 0, 0, 0, "a bad filter");
	tap_ok(!result.output, "leaves no output");
}

static int note_order(struct gbench_state *state, void *user)
{
	static size_t next;

	if (gbench_thread(state) == 0)
		*(size_t *)user = ++next;
	return loop(state, NULL);
}

static void test_same_name_many_times(void)
{
	size_t seen[5] = { 0 };
	bool in_order = true;

	for (size_t i = 0; i < 5; i++)
		once(i == 2 ? "other" : "same", note_order, &seen[i]);
	tap_is_int(run(NULL), 0, "run one name four times");
	for (size_t i = 0; i < 5; i++)
		in_order &= seen[i] == i + 1;
	tap_ok(in_order, "in the order added, the one between them too");
	tap_is_str(text(4, "name"), "same/iterations:1", "and so are their rows");
	counts_are(5, 0, 0, 0, "the same name");
}

static void test_clear(void)
{
	once("before", loop, NULL);
	run(NULL);
	run(NULL);
	counts_are(1, 0, 0, 0, "a second run of the same");
	tap_is_int(gbench_clear(), 0, "clear");
	once("after", loop, NULL);
	tap_is_int(run(NULL), 0, "and run again");
	counts_are(1, 0, 0, 0, "what was added since");
	tap_is_str(text(0, "name"), "after/iterations:1", "and nothing else");
	gbench_clear();
	tap_is_int(run(NULL), 0, "nothing added gives JSON too");
	counts_are(0, 0, 0, 0, "nothing added");
}

static int fail_in_thread_1(struct gbench_state *state, void *user)
{
	(void)user;
	return gbench_thread(state) == 1 ? -EIO : count_up(state, NULL);
}

static void test_threads(void)
{
	struct gbench_benchmark *b = once("both", count_up, NULL);

	gbench_set_clock(b, GBENCH_MANUAL_TIME);
	tap_is_int(gbench_set_threads(b, 2), 0, "two threads");
	gbench_set_threads(once("one", fail_in_thread_1, NULL), 2);
	tap_is_int(run(NULL), 0, "run");
	tap_ok(is_near(number(0, "threads"), 2), "both ran");
	tap_ok(is_near(number(0, "plain"), 24), "their counters add up");
	tap_ok(is_near(number(0, "thread"), 12), "or are shared out");
	tap_is_str(text(1, "error_message"), strerror(EIO), "one failed thread fails the run");
	counts_are(1, 1, 0, 0, "threads");
}

struct notes {
	int n[3];
	char last[100];
	double seconds;
	int64_t repetition;
};

static void take_note(const struct gbench_report *r, void *user)
{
	struct notes *notes = user;

	notes->n[r->status]++;
	if (r->status == GBENCH_RAN) {
		notes->seconds = r->real_seconds;
		notes->repetition = r->repetition;
	} else {
		snprintf(notes->last, sizeof(notes->last), "%s: %s", r->name, r->reason);
	}
}

static void test_notify(void)
{
	struct notes notes = { 0 };
	struct gbench_options options = { .notify = take_note, .notify_user = &notes };
	double seconds = 0.25;
	struct gbench_benchmark *b = once("notify", manual, &seconds);

	gbench_set_clock(b, GBENCH_MANUAL_TIME);
	gbench_set_repetitions(b, 2);
	once("skip", skip, NULL);
	tap_is_int(run_options(&options), 0, "run with a callback a run");
	tap_ok(notes.n[GBENCH_RAN] == 2 && notes.n[GBENCH_SKIPPED] == 1 && !notes.n[GBENCH_FAILED],
	       "it is called for each repetition, and with the status");
	tap_ok(is_near(notes.seconds, 0.25) && notes.repetition == 1, "with time and repetition");
	tap_is_str(notes.last, "skip/iterations:1: no such instruction", "with name and reason");
	tap_ok(!result.output && !result.output_bytes, "without a format there is no output");
	tap_is_int(to_stdout, 0, "nor is there any on stdout");
}

static void test_console(void)
{
	struct gbench_options options = { .format = GBENCH_CONSOLE };

	once("console", loop, NULL);
	once("skip", skip, NULL);
	tap_is_int(run_options(&options), 0, "run for the console");
	tap_ok(result.output && strstr(result.output, "console/iterations:1"), "it is in the string");
	tap_ok(result.output && strstr(result.output, "'no such instruction'"), "so is the reason");
	tap_ok(result.output && strlen(result.output) == result.output_bytes, "its length is told");
	tap_is_int(to_stdout, 0, "and not on stdout");
	tap_is_int(run_options(NULL), 0, "no options are the default");
	tap_ok(!result.output, "which has no output");
}

/*
 * What a user has set for other programs must not change ours.  The library
 * reads it before main(): set it and start anew.
 */
static void start_in_a_bad_environment(char **argv)
{
	static const char *const vars[][2] = {
		{ "BENCHMARK_LIST_TESTS", "true" },  { "BENCHMARK_MIN_TIME", "3" },
		{ "BENCHMARK_REPETITIONS", "3" },    { "BENCHMARK_FORMAT", "xml" },
		{ "BENCHMARK_OUT", "/nowhere/out" }, { "BENCHMARK_TIME_UNIT", "days" },
		{ "BENCHMARK_DRY_RUN", "true" },     { "BENCHMARK_FILTER", "none" },
	};

	if (getenv("BENCHMARK_LIST_TESTS"))
		return;
	for (size_t i = 0; i < sizeof(vars) / sizeof(*vars); i++)
		setenv(vars[i][0], vars[i][1], 1);
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	static void (*const tests[])(void) = {
		test_arguments_are_in_the_name,
		test_short_names,
		test_arguments_reach_the_callback,
		test_clocks,
		test_manual_time_ends_the_search,
		test_units,
		test_counters,
		test_bad_calls_in_a_callback,
		test_bad_settings,
		test_context,
		test_repetitions,
		test_iterations,
		test_min_time,
		test_pause,
		test_skip_and_fail,
		test_repetitions_that_differ,
		test_early_returns,
		test_filter,
		test_same_name_many_times,
		test_clear,
		test_threads,
		test_notify,
		test_console,
	};

	(void)argc;
	start_in_a_bad_environment(argv);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		tests[i]();
		gbench_clear();
	}
	forget();
	return tap_done();
}
