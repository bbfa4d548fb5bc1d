/* SPDX-License-Identifier: MIT */
/* What is asked of a benchmark and its run is in the JSON and in the counts. */
#include <time.h>

#include "run.h"

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

static int loop_100(struct gbench_state *state, void *user)
{
	int64_t *done = user;

	while (gbench_next_batch(state, 100))
		;
	*done = gbench_done(state);
	return 0;
}

static int calls;

static int count_calls(struct gbench_state *state, void *user)
{
	calls++;
	return loop(state, user);
}

static void test_iterations(void)
{
	int64_t done = 0;
	struct gbench_benchmark *b = gbench_add("batch", loop_100, &done);

	gbench_set_iterations(b, 250);
	calls = 0;
	gbench_set_iterations(gbench_add("plain", count_calls, NULL), 1000);
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
		       number(0, "iterations") * number(0, "real_time") >= 5 * 0.02e9 * 0.99,
		       "is kept");
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
	tap_ok(result.output && strstr(result.output, "console/iterations:1"),
	       "it is in the string");
	tap_ok(result.output && strstr(result.output, "'no such instruction'"), "so is the reason");
	tap_ok(result.output && strlen(result.output) == result.output_bytes, "its length is told");
	tap_is_int(to_stdout, 0, "and not on stdout");
	tap_is_int(run_options(NULL), 0, "no options are the default");
	tap_ok(!result.output, "which has no output");
}

int main(int argc, char **argv)
{
	static void (*const tests[])(void) = {
		test_clocks,
		test_manual_time_ends_the_search,
		test_units,
		test_counters,
		test_bad_calls_in_a_callback,
		test_bad_settings,
		test_context,
		test_iterations,
		test_min_time,
		test_pause,
		test_filter,
		test_same_name_many_times,
		test_clear,
		test_notify,
		test_console,
	};

	(void)argc;
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argv);
}
