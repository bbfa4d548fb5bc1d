/* SPDX-License-Identifier: MIT */
/* Threads, and what is called before and after them. */
#include <sys/resource.h>
#include <sys/wait.h>

#include "run.h"

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
	tap_ok(a.argument == 42 && a.iterations == 3 && a.done == 3,
	       "arguments and iterations are told");
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
	tap_is_str(text(rows() - 4, "error_message"), "a loop in a set-up or tear-down",
		   "a loop there");
	tap_is_str(text(rows() - 3, "error_message"), "a loop in a set-up or tear-down",
		   "and there");
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

int main(int argc, char **argv)
{
	static void (*const tests[])(void) = {
		test_threads,
		test_thread_range,
		test_too_many_threads,
		test_set_up,
		test_set_up_with_threads,
		test_failing_set_up,
		test_tear_down_after_failure,
	};

	(void)argc;
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argv);
}
