/* SPDX-License-Identifier: MIT */
/* Arguments, one by one and by ranges: they are in the name, and reach the callback. */
#include "run.h"

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
			   gbench_range(cases[i].first, cases[i].last, cases[i].multiplier, values,
					100),
			   cases[i].want, "a range");
	tap_is_int(gbench_range(0, INT64_MAX, 2, values, 100), 65, "the longest range");
	values_are(values, gbench_dense_range(-4, 4, 4, values, 100), "-4 0 4", "a dense range");
	values_are(values, gbench_dense_range(1, 9, 3, values, 100), "1 4 7",
		   "that misses its last");
	values_are(values, gbench_dense_range(INT64_MIN, INT64_MAX, INT64_MAX, values, 100),
		   "-9223372036854775808 -1 9223372036854775806", "as wide as can be");
	tap_is_int(gbench_dense_range(1, GBENCH_MAX_TUPLES, 1, NULL, 0), GBENCH_MAX_TUPLES,
		   "counted");
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
	tap_is_int(gbench_dense_range(9, 8, 1, &value, 1), -EINVAL,
		   "dense, a last below the first");
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
	arguments_are("64/0 4096/0 64/1 4096/1 64/63 4096/63",
		      "each pair, the first value fastest");
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

int main(int argc, char **argv)
{
	static void (*const tests[])(void) = {
		test_arguments_are_in_the_name,
		test_short_names,
		test_arguments_reach_the_callback,
		test_ranges,
		test_bad_ranges,
		test_added_ranges,
		test_products,
	};

	(void)argc;
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argv);
}
