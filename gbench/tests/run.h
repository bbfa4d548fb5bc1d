/* SPDX-License-Identifier: MIT */
/*
 * run.h - for the tests of libgbench: runs what was added, and reads what it
 * wrote.
 */
#ifndef GBENCH_TESTS_RUN_H
#define GBENCH_TESTS_RUN_H

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gbench/gbench.h"
#include "tap.h"

/* ---- The last run, and what it wrote ---- */

static struct gbench_result result;
static json_t *json;
static long to_stdout; /* bytes that came there during the run */

static inline void forget(void)
{
	json_decref(json);
	json = NULL;
	free(result.output);
	result.output = NULL;
}

/* Runs with stdout in a file, to see what is written there. */
static inline int run_options(const struct gbench_options *options)
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

static inline int run(const char *filter)
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

static inline json_t *row(size_t i)
{
	return json_array_get(json_object_get(json, "benchmarks"), i);
}

static inline size_t rows(void)
{
	return json_array_size(json_object_get(json, "benchmarks"));
}

static inline const char *text(size_t i, const char *key)
{
	return json_string_value(json_object_get(row(i), key));
}

static inline double number(size_t i, const char *key)
{
	json_t *value = json_object_get(row(i), key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static inline bool is_near(double got, double want)
{
	bool good = fabs(got - want) <= 1e-9 * fabs(want);

	if (!good)
		printf("# got %g, want %g\n", got, want);
	return good;
}

static inline void counts_are(size_t ran, size_t failed, size_t skipped, size_t unmatched,
		       const char *what)
{
	char got[100], want[100];

	snprintf(got, sizeof(got), "%zu %zu %zu %zu", result.run, result.failed, result.skipped,
		 result.unmatched);
	snprintf(want, sizeof(want), "%zu %zu %zu %zu", ran, failed, skipped, unmatched);
	tap_is_str(got, want, "run, failed, skipped, unmatched of %s", what);
}

/* ---- Callbacks, and a benchmark of one iteration ---- */

static inline int loop(struct gbench_state *state, void *user)
{
	(void)user;
	while (gbench_next(state))
		;
	return 0;
}

static inline int manual(struct gbench_state *state, void *user)
{
	const double *seconds = user;

	while (gbench_next(state))
		if (seconds)
			gbench_set_seconds(state, *seconds);
	return 0;
}

static inline struct gbench_benchmark *once(const char *name, gbench_fn *fn, void *user)
{
	struct gbench_benchmark *b = gbench_add(name, fn, user);

	gbench_set_iterations(b, 1);
	return b;
}

static inline int skip(struct gbench_state *state, void *user)
{
	int rc = gbench_skip(state, "no such instruction");

	if (user)
		*(bool *)user = !rc && gbench_fail(state, "too late") == -EALREADY &&
				!gbench_next(state) && !gbench_next_batch(state, 10);
	return -EPERM;
}

static inline int count_up(struct gbench_state *state, void *user)
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

/* ---- All tests of a program ---- */

/*
 * What a user has set for other programs must not change ours.  The library
 * reads it before main(): set it and start anew.
 */
static inline void start_in_a_bad_environment(char **argv)
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

/* What one test has added the next one does not see. */
static inline int run_tests(void (*const tests[])(void), size_t n, char **argv)
{
	start_in_a_bad_environment(argv);
	for (size_t i = 0; i < n; i++) {
		tests[i]();
		gbench_clear();
	}
	forget();
	return tap_done();
}

#endif
