/* SPDX-License-Identifier: MIT */
/* The fit of the times to a function of N. */
#include "run.h"

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
			"growth", &cases[i % 6],
			i < 6 ? GBENCH_O_AUTO : (enum gbench_complexity)(i - 6));

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
	static struct growth silent = { .time = linear, .silent = true },
			     none = { .time = linear, .ok = 1 },
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
	tap_is_str(text(0, "error_message"), "set no N for its complexity",
		   "an N not told is named");
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

int main(int argc, char **argv)
{
	static void (*const tests[])(void) = {
		test_complexity,
		test_complexity_rows,
		test_no_complexity,
		test_bad_complexity_n,
	};

	(void)argc;
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argv);
}
