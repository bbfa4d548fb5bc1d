/* SPDX-License-Identifier: MIT */
/* The C interface of Google Benchmark: what is asked for is in the JSON and in the counts. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
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
	__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
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
	/* Google Benchmark also stops when five times as much has passed for others, too. */
	tap_ok(number(0, "iterations") * number(0, "cpu_time") >= 0.02e9 * 0.99 ||
		       number(0, "iterations") * number(0, "real_time") >= 5 * 0.02e9 * 0.99, "is kept");
	tap_ok(number(1, "iterations") * number(1, "cpu_time") < 0.02e9, "the default is shorter");
}

struct pauses {
	int bad;
	double whole, paused; /* ns */
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int pause_each(struct gbench_state *state, void *user)
{
	struct pauses *p = user;
	double begun = now_ns();

	while (gbench_next(state)) {
		usleep(2000);
		p->bad += gbench_pause(state) != 0;
		p->paused -= now_ns();
		p->bad += gbench_pause(state) != -EINVAL;
		usleep(20000);
		p->paused += now_ns();
		if (gbench_done(state) < gbench_max(state))
			p->bad += gbench_resume(state) != 0;
	}
	p->whole = now_ns() - begun;
	return 0;
}

static void test_pause(void)
{
	struct pauses p = { 0 };
	struct gbench_benchmark *b = gbench_add("pause", pause_each, &p);

	gbench_set_iterations(b, 3);
	gbench_set_clock(b, GBENCH_REAL_TIME);
	tap_is_int(run(NULL), 0, "run with pauses, the last one not ended");
	tap_is_int(p.bad, 0, "pause and resume answer well");
	tap_ok(number(0, "real_time") >= 2e6, "what is done before a pause is timed");
	tap_ok(3 * number(0, "real_time") <= p.whole - p.paused, "what is done in it is not");
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

/* ---- Ranges ---- */

static void values_are(const int64_t *values, int n, const char *want, const char *what)
{
	char got[200] = "";
	size_t used = 0;

	for (int i = 0; i < n && used < sizeof(got); i++)
		used += (size_t)snprintf(got + used, sizeof(got) - used, "%s%lld", i ? " " : "",
					 (long long)values[i]);
	tap_is_str(got, want, "%s", what);
}

/* Of all rows, in order, what follows "range/". */
static void arguments_are(const char *want, const char *what)
{
	char got[400] = "";

	for (size_t i = 0; i < rows(); i++) {
		const char *name = text(i, "name");

		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s", i ? " " : "",
			 (int)strcspn(name + 6, "i") - 1, name + 6);
	}
	tap_is_str(got, want, "%s", what);
}

static void test_ranges(void)
{
	static const struct {
		int64_t first, last, multiplier;
		const char *want;
	} cases[] = {
		{ 8, 64, 2, "8 16 32 64" },
		{ 1, 1000, 10, "1 10 100 1000" },
		{ 5, 100, 8, "5 8 64 100" },
		{ 0, 5, 2, "0 1 2 4 5" },
		{ 0, 0, 2, "0" },
		{ 1, 1, 2, "1" },
		{ 1, 2, 2, "1 2" },
		{ 7, 9, 1000, "7 9" },
		{ INT64_MAX - 1, INT64_MAX, 2, "9223372036854775806 9223372036854775807" },
		{ 3, INT64_MAX, INT64_MAX, "3 9223372036854775807" },
	};
	int64_t values[100];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		values_are(values,
			   gbench_range(cases[i].first, cases[i].last, cases[i].multiplier, values, 100),
			   cases[i].want, "a range");
	tap_is_int(gbench_range(0, INT64_MAX, 2, values, 100), 65, "the longest range");
	values_are(values, gbench_dense_range(-4, 4, 4, values, 100), "-4 0 4", "a dense range");
	values_are(values, gbench_dense_range(1, 9, 3, values, 100), "1 4 7", "that misses its last");
	values_are(values, gbench_dense_range(INT64_MIN, INT64_MAX, INT64_MAX, values, 100),
		   "-9223372036854775808 -1 9223372036854775806", "as wide as can be");
	tap_is_int(gbench_dense_range(1, GBENCH_MAX_TUPLES, 1, NULL, 0), GBENCH_MAX_TUPLES, "counted");
	values[1] = -7;
	tap_is_int(gbench_range(1, 8, 2, values, 1), 4, "what has no room is counted");
	tap_ok(values[0] == 1 && values[1] == -7, "and not stored");
}

static void test_bad_ranges(void)
{
	int64_t value;

	tap_is_int(gbench_range(-1, 8, 2, &value, 1), -EINVAL, "a first below 0");
	tap_is_int(gbench_range(9, 8, 2, &value, 1), -EINVAL, "a last below the first");
	tap_is_int(gbench_range(1, 8, 1, &value, 1), -EINVAL, "a multiplier of 1");
	tap_is_int(gbench_range(1, 8, 2, NULL, 1), -EINVAL, "room nowhere");
	tap_is_int(gbench_dense_range(9, 8, 1, &value, 1), -EINVAL, "dense, a last below the first");
	tap_is_int(gbench_dense_range(1, 8, 0, &value, 1), -EINVAL, "a step of 0");
	tap_is_int(gbench_dense_range(1, 8, 1, NULL, 1), -EINVAL, "dense, room nowhere");
	tap_is_int(gbench_dense_range(INT64_MIN, INT64_MAX, 1, NULL, 0), -EINVAL, "2^64 values");
}

static void test_added_ranges(void)
{
	struct gbench_benchmark *b = once("range", loop, NULL);

	tap_is_int(gbench_add_range(b, 64, 4096, 8), 0, "a range is added");
	tap_is_int(gbench_add_dense_range(b, -1, 1, 1), 0, "and a dense one");
	tap_is_int(gbench_add_args(b, &(int64_t){ 9 }, 1), 0, "and a tuple");
	tap_is_int(gbench_add_range(b, 9, 8, 2), -EINVAL, "a bad one is not");
	tap_is_int(gbench_add_dense_range(b, 1, 8, -1), -EINVAL, "nor a bad dense one");
	tap_is_int(gbench_add_dense_range(b, 1, GBENCH_MAX_TUPLES, 1), -EINVAL, "nor too much");
	tap_is_int(gbench_add_range(NULL, 1, 8, 2), -EINVAL, "nor to nothing");
	tap_is_int(gbench_add_dense_range(NULL, 1, 8, 1), -EINVAL, "dense neither");
	tap_is_int(run(NULL), 0, "run");
	arguments_are("64 512 4096 -1 0 1 9", "a run each value");
	gbench_clear();
	b = once("range", loop, NULL);
	gbench_add_args(b, (int64_t[]){ 1, 2 }, 2);
	tap_is_int(gbench_add_range(b, 1, 8, 2), -EINVAL, "a range beside pairs");
	tap_is_int(gbench_add_dense_range(b, 1, 8, 1), -EINVAL, "a dense one beside pairs");
}

static void test_products(void)
{
	static const int64_t bytes[] = { 64, 4096 }, offsets[] = { 0, 1, 63 };
	static const char *const names[] = { "a", "b", "c" };
	static int64_t many[GBENCH_MAX_TUPLES];
	const struct gbench_list lists[] = { { bytes, 2 }, { offsets, 3 }, { many, 0 } };
	const struct gbench_list large[] = { { many, GBENCH_MAX_TUPLES }, { bytes, 2 } };
	const struct gbench_list nowhere[] = { { NULL, 2 } };
	struct gbench_benchmark *b = once("range", loop, NULL);

	tap_is_int(gbench_add_product(b, lists, 2), 0, "a product of two lists");
	tap_is_int(gbench_add_product(b, lists, 1), -EINVAL, "of one, beside pairs");
	tap_is_int(gbench_add_product(b, large, 2), -EINVAL, "too much");
	tap_is_int(run(NULL), 0, "run");
	arguments_are("64/0 4096/0 64/1 4096/1 64/63 4096/63", "each pair, the first value fastest");
	b = once("range", loop, NULL);
	tap_is_int(gbench_add_product(b, lists, 3), -EINVAL, "a list that is empty");
	tap_is_int(gbench_add_product(b, nowhere, 1), -EINVAL, "a list that is nowhere");
	tap_is_int(gbench_add_product(b, NULL, 1), -EINVAL, "no lists");
	tap_is_int(gbench_add_product(b, lists, 0), -EINVAL, "none of them");
	tap_is_int(gbench_add_product(NULL, lists, 2), -EINVAL, "no benchmark");
	gbench_set_arg_names(b, names, 3);
	tap_is_int(gbench_add_product(b, lists, 2), -EINVAL, "two lists for three names");
	tap_is_int(gbench_add_product(b, large, 1), -EINVAL, "one list for three names");
}

/* ---- Threads ---- */

static void test_thread_range(void)
{
	struct gbench_benchmark *b = once("range", loop, NULL);

	gbench_add_dense_range(b, 1, 2, 1);
	tap_is_int(gbench_set_thread_range(b, 0, 2, 2), -EINVAL, "from 0 threads");
	tap_is_int(gbench_set_thread_range(b, 2, 1, 2), -EINVAL, "from 2 to 1");
	tap_is_int(gbench_set_thread_range(b, 1, 2, 1), -EINVAL, "times 1");
	tap_is_int(gbench_set_thread_range(b, 1, GBENCH_MAX_THREADS + 1, 2), -EINVAL, "too many");
	tap_is_int(gbench_set_thread_range(NULL, 1, 2, 2), -EINVAL, "of nothing");
	tap_is_int(gbench_set_threads(b, GBENCH_MAX_THREADS + 1), -EINVAL, "too many threads");
	tap_is_int(gbench_set_thread_range(b, 1, 3, 2), 0, "a range of threads");
	tap_is_int(run("/[12]/.*threads:[13]"), 0, "run");
	counts_are(4, 0, 0, 2, "each tuple and number of threads");
	tap_is_str(text(1, "name"), "range/1/iterations:1/threads:3", "the number is in the name");
	tap_is_int(gbench_set_threads(b, 2), 0, "a number in place of the range");
	tap_is_int(run(NULL), 0, "run");
	counts_are(2, 0, 0, 0, "one number of threads");
}

#ifdef __SANITIZE_ADDRESS__
static const bool address_space_is_taken = true;
#else
static const bool address_space_is_taken;
#endif

/* In a process of its own, with address space for a few threads only. */
static int run_short_of_threads(void)
{
	struct rlimit limit = { 1 << 28, 1 << 28 };
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		struct gbench_result none;

		gbench_set_threads(once("many", loop, NULL), 200);
		_exit(setrlimit(RLIMIT_AS, &limit) || gbench_run(NULL, &none) != -EAGAIN);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void test_too_many_threads(void)
{
	if (address_space_is_taken)
		tap_skip("a sanitizer needs all of the address space");
	else if (getenv("FENCEPOST_EMULATED"))
		tap_skip("qemu-user does not take the limit on address space for its own threads");
	else
		tap_is_int(run_short_of_threads(), 0, "more threads than there are are an error");
}

/* ---- Set-up and tear-down ---- */

struct apart {
	int set_ups, tear_downs, calls, wrong; /* of a run; errors */
	int64_t argument, iterations, done;
	int set_up_rc, tear_down_rc;
	const char *skip;
};

static int set_up(struct gbench_state *state, void *user)
{
	struct apart *a = user;

	a->wrong += a->set_ups != a->tear_downs || gbench_thread(state) != 0;
	a->wrong += gbench_set_seconds(state, 1) != -EINVAL || gbench_pause(state) != -EINVAL;
	a->wrong += gbench_resume(state) != -EINVAL || gbench_done(state) != 0;
	a->wrong += gbench_set_complexity_n(state, 1) != -EINVAL;
	a->set_ups++;
	a->argument = gbench_arg(state, 0);
	a->iterations = gbench_max(state);
	if (a->skip)
		return gbench_skip(state, a->skip);
	usleep(20000);
	return a->set_up_rc;
}

static int tear_down(struct gbench_state *state, void *user)
{
	struct apart *a = user;

	a->wrong += a->set_ups != ++a->tear_downs;
	a->done = gbench_done(state);
	usleep(20000);
	return a->tear_down_rc;
}

static int between(struct gbench_state *state, void *user)
{
	struct apart *a = user;

	__atomic_add_fetch(&a->calls, 1, __ATOMIC_SEQ_CST);
	if (a->set_ups != a->tear_downs + 1)
		return -EPROTO;
	return loop(state, NULL);
}

static struct gbench_benchmark *add_apart(const char *name, struct apart *a)
{
	struct gbench_benchmark *b = gbench_add(name, between, a);

	gbench_set_callbacks(b, set_up, tear_down);
	gbench_add_args(b, &(int64_t){ 42 }, 1);
	gbench_set_clock(b, GBENCH_REAL_TIME);
	return b;
}

static void test_set_up(void)
{
	struct apart a = { 0 }, plain = { .set_ups = 1 };
	struct gbench_benchmark *b = add_apart("range", &a);

	gbench_set_iterations(b, 3);
	gbench_set_repetitions(b, 2);
	tap_is_int(gbench_set_callbacks(NULL, set_up, NULL), -EINVAL, "set-up of nothing");
	b = add_apart("plain", &plain);
	tap_is_int(gbench_set_callbacks(b, NULL, NULL), 0, "no set-up after all");
	tap_is_int(run(NULL), 0, "run with set-up and tear-down");
	counts_are(2, 0, 0, 0, "set-up");
	tap_ok(a.set_ups == 2 && a.tear_downs == 2 && a.calls == 2, "one each repetition");
	tap_is_int(a.wrong, 0, "in turn, and what needs a loop is refused");
	tap_ok(a.argument == 42 && a.iterations == 3 && a.done == 3, "arguments and iterations are told");
	tap_ok(number(0, "real_time") < 5e6, "neither is timed");
	tap_is_int(plain.tear_downs, 0, "none is called where none was asked for");
}

static void test_set_up_with_threads(void)
{
	struct apart a = { 0 };
	struct gbench_benchmark *b = add_apart("threads", &a);

	gbench_set_threads(b, 4);
	gbench_set_min_time(b, 1e-3);
	gbench_set_iterations(gbench_add("next", loop, NULL), 1);
	tap_is_int(run(NULL), 0, "run with set-up in four threads");
	counts_are(2, 0, 0, 0, "set-up with threads");
	tap_ok(a.set_ups > 1 && a.set_ups == a.tear_downs, "one each run, also while searching");
	tap_ok(a.calls == 4 * a.set_ups && !a.wrong, "and not one each thread");
}

static int loop_in_set_up(struct gbench_state *state, void *user)
{
	(void)user;
	return gbench_next(state) ? -EPROTO : 0;
}

static int ask_too_much(struct gbench_state *state, void *user)
{
	(void)user;
	gbench_arg(state, 1);
	return 0;
}

static void test_failing_set_up(void)
{
	struct apart fails = { .set_up_rc = -ENODEV }, skips = { .skip = "no such BAR" };
	struct apart late = { .tear_down_rc = -EIO }, odd = { .set_up_rc = 7 };
	struct apart *all[] = { &fails, &skips, &late, &odd };
	size_t n = sizeof(all) / sizeof(*all);

	for (size_t i = 0; i < 2 * n; i++) {
		struct gbench_benchmark *b = add_apart("range", all[i % n]);

		gbench_set_threads(b, i < n ? 1 : 3);
		gbench_set_repetitions(b, i < n ? 2 : 1);
	}
	gbench_set_callbacks(once("range", loop, NULL), loop_in_set_up, NULL);
	gbench_set_callbacks(once("range", loop, NULL), NULL, loop_in_set_up);
	gbench_set_callbacks(once("range", loop, NULL), ask_too_much, NULL);
	once("range", loop, NULL);
	tap_is_int(run(NULL), 0, "run with set-ups that fail");
	counts_are(1, 9, 2, 0, "failing set-ups");
	tap_ok(!fails.calls && !skips.calls && !odd.calls, "the callback is not called then");
	tap_ok(!fails.tear_downs && !skips.tear_downs, "nor is the tear-down");
	tap_is_int(fails.set_ups, 2, "nor the set-up once more for a later repetition");
	tap_ok(late.calls == 4 && late.tear_downs == 2, "a failing tear-down comes after it");
	tap_is_str(text(0, "error_message"), strerror(ENODEV), "the set-up's error is the run's");
	tap_is_str(text(2, "error_message"), "no such BAR", "so is its reason");
	tap_is_str(text(4, "error_message"), strerror(EIO), "and the tear-down's error");
	tap_is_str(text(6, "error_message"), "returned 7", "and what is no -errno");
	tap_is_str(text(rows() - 4, "error_message"), "a loop in a set-up or tear-down", "a loop there");
	tap_is_str(text(rows() - 3, "error_message"), "a loop in a set-up or tear-down", "and there");
	tap_is_str(text(rows() - 2, "error_message"),
		   "argument 1 of 0 was asked for, counted from 0", "no such argument");
}

static void test_tear_down_after_failure(void)
{
	struct apart a = { 0 };

	a.set_ups = 1; /* between() fails: it finds them ahead by two */
	gbench_set_threads(add_apart("range", &a), 2);
	tap_is_int(run(NULL), 0, "run with a callback that fails");
	counts_are(0, 1, 0, 0, "a failing callback between the two");
	tap_is_int(a.tear_downs, 1, "the tear-down is called all the same");
}

/* ---- Complexity ---- */

struct growth {
	double (*time)(double n);
	bool silent; /* does not tell N */
	int64_t ok;  /* skips above it; 0: never */
};

static double constant(double n)
{
	(void)n;
	return 5e-6;
}

static double logarithmic(double n)
{
	return 2e-6 * log2(n);
}

static double linear(double n)
{
	return 2e-6 * n;
}

static double linear_logarithmic(double n)
{
	return 1e-6 * n * log2(n);
}

static double quadratic(double n)
{
	return 3e-9 * n * n;
}

static double cubic(double n)
{
	return 3e-12 * n * n * n;
}

static double no_time(double n)
{
	(void)n;
	return 0;
}

static int grow(struct gbench_state *state, void *user)
{
	const struct growth *growth = user;
	int64_t n = gbench_arg(state, 0);

	if (growth->ok && n > growth->ok)
		return gbench_skip(state, "too large");
	while (gbench_next(state))
		gbench_set_seconds(state, growth->time((double)n));
	return growth->silent ? 0 : gbench_set_complexity_n(state, n);
}

static struct gbench_benchmark *add_growth(const char *name, struct growth *growth,
					   enum gbench_complexity complexity)
{
	struct gbench_benchmark *b = once(name, grow, growth);

	gbench_set_clock(b, GBENCH_MANUAL_TIME);
	gbench_add_range(b, 2, 512, 4);
	tap_is_int(gbench_set_complexity(b, complexity), 0, "a complexity");
	return b;
}

static void test_complexity(void)
{
	static struct growth cases[] = {
		{ .time = constant },		{ .time = logarithmic }, { .time = linear },
		{ .time = linear_logarithmic }, { .time = quadratic },	 { .time = cubic },
	};
	static const char *const big_o[] = { "(1)", "lgN", "N", "NlgN", "N^2", "N^3" };
	static const double coefficients[] = { 5e3, 2e3, 2e3, 1e3, 3, 3e-3 };

	for (int i = 0; i < 12; i++) {
		struct gbench_benchmark *b = add_growth(
			"growth", &cases[i % 6], i < 6 ? GBENCH_O_AUTO : (enum gbench_complexity)(i - 6));

		gbench_set_repetitions(b, i < 6 ? 1 : 2);
		tap_is_int(run(NULL), 0, "run a time of %s", big_o[i % 6]);
		tap_is_str(text(rows() - 2, "big_o"), big_o[i % 6], "it is found");
		tap_ok(is_near(number(rows() - 2, "real_coefficient"), coefficients[i % 6]),
		       "and its coefficient, in ns");
		tap_ok(number(rows() - 1, "rms") >= 0, "and the error");
		gbench_clear();
	}
}

static void test_complexity_rows(void)
{
	static struct growth grows = { .time = linear }, is_constant = { .time = constant },
			     partly = { .time = linear, .ok = 8 };
	struct gbench_benchmark *b = add_growth("growth", &grows, GBENCH_O_N);

	gbench_set_unit(b, GBENCH_MS);
	add_growth("other", &is_constant, GBENCH_O_N);
	gbench_set_threads(add_growth("partly", &partly, GBENCH_O_N), 2);
	once("last", loop, NULL);
	tap_is_int(run(NULL), 0, "run three with a complexity");
	counts_are(6 + 6 + 2 + 1, 0, 4, 0, "with a complexity");
	tap_is_int(rows(), 6 + 2 + 6 + 2 + 6 + 2 + 1, "each has two rows more");
	tap_is_str(text(6, "name"), "growth/iterations:1/manual_time_BigO", "after its last");
	tap_is_str(text(7, "name"), "growth/iterations:1/manual_time_RMS", "by such names");
	tap_ok(is_near(number(6, "real_coefficient"), 2e-3), "in its unit");
	tap_is_str(text(6, "time_unit"), "ms", "which is named");
	tap_ok(number(15, "rms") > 0.1, "a bad fit has an error");
	tap_ok(is_near(number(rows() - 3, "real_coefficient"), number(16, "real_time") / 2),
	       "N is not that of all threads");
}

static void test_no_complexity(void)
{
	static struct growth silent = { .time = linear, .silent = true }, none = { .time = linear, .ok = 1 },
			     one = { .time = linear, .ok = 2 }, still = { .time = no_time };
	struct gbench_benchmark *b = gbench_add("bad", loop, NULL);

	tap_is_int(gbench_set_complexity(b, (enum gbench_complexity)7), -EINVAL, "an unknown one");
	tap_is_int(gbench_set_complexity(NULL, GBENCH_O_N), -EINVAL, "of nothing");
	gbench_clear();
	add_growth("silent", &silent, GBENCH_O_AUTO);
	add_growth("none", &none, GBENCH_O_AUTO);
	add_growth("one", &one, GBENCH_O_AUTO);
	add_growth("still", &still, GBENCH_O_AUTO);
	tap_is_int(run(NULL), 0, "run what has no complexity");
	counts_are(7, 6, 11, 0, "no complexity");
	tap_is_int(rows(), 24, "and gets no rows for it");
	tap_is_str(text(0, "error_message"), "set no N for its complexity", "an N not told is named");
}

static int reject_n(struct gbench_state *state, void *user)
{
	*(int *)user += gbench_set_complexity_n(state, 0) != -EINVAL;
	return loop(state, NULL);
}

static void test_bad_complexity_n(void)
{
	int wrong = 0;

	once("n", reject_n, &wrong);
	tap_is_int(run(NULL), 0, "run");
	tap_is_int(wrong, 0, "an N of 0");
}

/* ---- Statistics ---- */

static int longer(struct gbench_state *state, void *user)
{
	double seconds = 1e-3 * ++*(int *)user;

	return manual(state, &seconds);
}

static struct gbench_benchmark *add_longer(int *run_of_all, int repetitions)
{
	struct gbench_benchmark *b = once("longer", longer, run_of_all);

	gbench_set_clock(b, GBENCH_MANUAL_TIME);
	gbench_set_repetitions(b, repetitions);
	return b;
}

static void test_statistics(void)
{
	int n = 0;
	struct gbench_benchmark *b = add_longer(&n, 3);

	tap_is_int(gbench_set_statistics(b, 1 << 2), -EINVAL, "an unknown statistic");
	tap_is_int(gbench_set_statistics(NULL, GBENCH_MINIMUM), -EINVAL, "of nothing");
	tap_is_int(gbench_set_statistics(b, GBENCH_MINIMUM | GBENCH_MAXIMUM), 0, "the extremes");
	tap_is_int(run(NULL), 0, "run");
	tap_is_int(rows(), 9, "two rows more");
	tap_is_str(text(7, "aggregate_name"), "min", "the least");
	tap_ok(is_near(number(7, "real_time"), 1e6), "time");
	tap_is_str(text(8, "aggregate_name"), "max", "the greatest");
	tap_ok(is_near(number(8, "real_time"), 3e6), "time");
}

static void test_aggregates_only(void)
{
	struct nth fails = { .fail = 2 };
	int n = 0;
	struct gbench_benchmark *b = add_longer(&n, 3);

	tap_is_int(gbench_set_aggregates_only(NULL, true), -EINVAL, "nothing");
	tap_is_int(gbench_set_aggregates_only(b, true), 0, "statistics alone");
	gbench_set_aggregates_only(add_longer(&n, 1), true);
	b = once("fails", differ, &fails);
	gbench_set_repetitions(b, 2);
	gbench_set_aggregates_only(b, true);
	tap_is_int(run(NULL), 0, "run");
	counts_are(2, 1, 0, 0, "statistics alone");
	tap_is_int(rows(), 4 + 1 + 2, "a single run and one that failed have rows all the same");
	tap_is_str(text(0, "aggregate_name"), "mean", "the others only statistics");
	tap_is_str(text(6, "error_message"), strerror(ENODEV), "a failure is not left out");
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
		test_thread_range,
		test_too_many_threads,
		test_ranges,
		test_bad_ranges,
		test_added_ranges,
		test_products,
		test_set_up,
		test_set_up_with_threads,
		test_failing_set_up,
		test_tear_down_after_failure,
		test_complexity,
		test_complexity_rows,
		test_no_complexity,
		test_bad_complexity_n,
		test_statistics,
		test_aggregates_only,
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
