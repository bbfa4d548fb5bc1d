/* SPDX-License-Identifier: MIT */
/* What goes wrong, or is left out, is said of that run, and ends no program. */
#include "run.h"

static int skip_afterwards(struct gbench_state *state, void *user)
{
	loop(state, user);
	return gbench_skip(state, "every sample was dropped");
}

static int fail_inside(struct gbench_state *state, void *user)
{
	(void)user;
	while (gbench_next(state))
		gbench_fail(state, "a byte \"differs\"");
	return 0;
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
		tap_is_int(run(NULL), 0, "%d iterations, repetitions that differ",
			   (int)iterations[i / n]);
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

int main(int argc, char **argv)
{
	static void (*const tests[])(void) = {
		test_skip_and_fail,
		test_repetitions_that_differ,
		test_early_returns,
		test_repetitions,
		test_statistics,
		test_aggregates_only,
	};

	(void)argc;
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argv);
}
