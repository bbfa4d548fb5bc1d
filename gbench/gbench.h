/* SPDX-License-Identifier: MIT */
/*
 * gbench.h - Google Benchmark from C.
 *
 *	static int copy(struct gbench_state *state, void *user)
 *	{
 *		size_t bytes = (size_t)gbench_arg(state, 0);
 *		struct buffers *b = user;
 *
 *		while (gbench_next(state))
 *			memcpy(b->to, b->from, bytes);
 *		return gbench_set_bytes(state, gbench_done(state) * (int64_t)bytes);
 *	}
 *
 * Add benchmarks, run them, read the counts, free the output.  Nothing here
 * prints, exits or aborts: what Google Benchmark answers with an abort (a
 * callback that leaves its loop early, a pause outside the loop) is an error of
 * that one run.  No C++ exception leaves this interface.
 *
 * Functions that return int return 0 or -errno: -EINVAL for an argument outside
 * its stated range, -ENOMEM when memory is short, -EIO when the C++ library
 * fails in some other way.  Strings are UTF-8 and copied; control characters
 * that JSON can't carry become '?'.
 *
 * Not thread-safe, but that the functions of a state may be called from the
 * thread to which that state was given.  Programs that use this interface leave
 * Google Benchmark's own registry and flags alone: gbench_run() sets both, also
 * against BENCHMARK_* in the environment.
 *
 * Link with what "pkg-config --libs --static gbench" prints; a C compiler will do.
 */
#ifndef GBENCH_H
#define GBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define GBENCH_NOEXCEPT noexcept
#else
#define GBENCH_NOEXCEPT
#endif

struct gbench_benchmark; /* one name and callback; lives until gbench_clear() */
struct gbench_state;	 /* one call of a callback; gone when it returns */

/*
 * Runs one benchmark: calls gbench_next() or gbench_next_batch() until it
 * returns false.  Called several times while the number of iterations is being
 * looked for, unless gbench_set_iterations() fixed it: prepare what is dear
 * outside.
 *
 * Returns 0, or -errno for a failed run whose reason is the text of that errno
 * (after gbench_skip() or gbench_fail() their reason stays).  To return 0
 * before the loop has ended is a failure too.
 */
typedef int gbench_fn(struct gbench_state *state, void *user);

/*
 * Keeps the compiler from dropping the work that led to @value, a number or a
 * pointer, and from moving stores to memory past this point.
 */
#define gbench_keep(value) __asm__ volatile("" : : "r,m"(value) : "memory")

/* ---- Benchmarks: before gbench_run() ---- */

/*
 * Adds a benchmark.  They run in the order in which they were added; a name may
 * be added any number of times.  @user is handed to @fn and not looked at.
 *
 * NULL with errno EINVAL: @name or @fn is NULL, @name is empty or starts with
 * "DISABLED_" (which Google Benchmark passes over silently); EBUSY: called from
 * a callback; ENOMEM; EIO.
 */
struct gbench_benchmark *gbench_add(const char *name, gbench_fn *fn, void *user) GBENCH_NOEXCEPT;

/*
 * Names of the arguments: "name/bytes:64" in place of "name/64".  @n has to
 * equal the length of the tuples; without tuples the names are unused.
 */
int gbench_set_arg_names(struct gbench_benchmark *benchmark, const char *const *names,
			 size_t n) GBENCH_NOEXCEPT;

/*
 * Adds one tuple of @n arguments, at least 1: the benchmark runs once for each
 * tuple.  -EINVAL also when its length differs from the first tuple's.
 */
int gbench_add_args(struct gbench_benchmark *benchmark, const int64_t *args,
		    size_t n) GBENCH_NOEXCEPT;

/* Tuples that one benchmark can have; more are -EINVAL, and none of them is added. */
#define GBENCH_MAX_TUPLES 65536

/*
 * Adds a tuple of one argument for @first, for each power of @multiplier
 * between the two, and for @last: 8, 2 and 64 are 8, 16, 32, 64.
 * 0 <= @first <= @last, @multiplier >= 2.
 */
int gbench_add_range(struct gbench_benchmark *benchmark, int64_t first, int64_t last,
		     int64_t multiplier) GBENCH_NOEXCEPT;

/*
 * The same for @first, @first + @step, and so on up to @last; that itself only
 * if a step leads there.  @first <= @last, @step >= 1.
 */
int gbench_add_dense_range(struct gbench_benchmark *benchmark, int64_t first, int64_t last,
			   int64_t step) GBENCH_NOEXCEPT;

/*
 * Adds a tuple of @n arguments for each combination of a value from each of the
 * @n lists; the first argument changes fastest.  No list is empty.
 */
struct gbench_list {
	const int64_t *values;
	size_t n;
};
int gbench_add_product(struct gbench_benchmark *benchmark, const struct gbench_list *lists,
		       size_t n) GBENCH_NOEXCEPT;

/*
 * The values of such a range, for a list: stores the first @room of them and
 * returns how many there are, with room or not.  @values may be NULL if @room
 * is 0.
 */
int gbench_range(int64_t first, int64_t last, int64_t multiplier, int64_t *values,
		 size_t room) GBENCH_NOEXCEPT;
int gbench_dense_range(int64_t first, int64_t last, int64_t step, int64_t *values,
		       size_t room) GBENCH_NOEXCEPT;

/*
 * The clock that decides how long a benchmark runs and that rates are by.
 * Of the others only GBENCH_MANUAL changes "real_time": to what
 * gbench_set_seconds() was told.
 */
enum gbench_clock {
	GBENCH_CPU_TIME, /* CPU time of the thread; default */
	GBENCH_REAL_TIME,
	GBENCH_MANUAL_TIME,
};
int gbench_set_clock(struct gbench_benchmark *benchmark, enum gbench_clock clock) GBENCH_NOEXCEPT;

/*
 * Exactly @n iterations, at least 1, in one call of the callback.  Excludes
 * gbench_set_min_time(): the later of the two is -EINVAL.
 */
int gbench_set_iterations(struct gbench_benchmark *benchmark, int64_t n) GBENCH_NOEXCEPT;

/* At least that many seconds, over 0; the default is in struct gbench_options. */
int gbench_set_min_time(struct gbench_benchmark *benchmark, double seconds) GBENCH_NOEXCEPT;

/*
 * @n runs, at least 1, one after the other; from 2 on mean, median, stddev and
 * cv follow them.  All repetitions have to do the same number of iterations:
 * one that steps by batches of another size than the one before fails.  After a
 * failed or skipped repetition the rest is not run and carries its reason.
 */
int gbench_set_repetitions(struct gbench_benchmark *benchmark, int n) GBENCH_NOEXCEPT;

/*
 * @n threads, from 1 to GBENCH_MAX_THREADS, which run the callback at the same
 * time and meet at its loop.  Replaces an earlier number or range.
 */
#define GBENCH_MAX_THREADS 4096
int gbench_set_threads(struct gbench_benchmark *benchmark, int n) GBENCH_NOEXCEPT;

/*
 * Runs each tuple once for each of these numbers of threads: @first, the powers
 * of @multiplier between the two, and @last.  1 <= @first <= @last <=
 * GBENCH_MAX_THREADS, @multiplier >= 2.
 */
int gbench_set_thread_range(struct gbench_benchmark *benchmark, int first, int last,
			    int multiplier) GBENCH_NOEXCEPT;

/*
 * Runs @set_up before each call of the callback and @tear_down after it, each
 * once for all threads together and not timed.  NULL: none.  Both get the
 * benchmark's user pointer and a state of their own, without a loop, to ask for
 * arguments, threads and iterations, and to skip or fail: so does to return an
 * error.  Where @set_up does not go well neither callback nor @tear_down is
 * called.  @tear_down is called whatever the callback returned.
 *
 * @set_up runs in the thread that called gbench_run(), which is also the
 * callback's thread 0; @tear_down in the thread that is the last to end.
 */
int gbench_set_callbacks(struct gbench_benchmark *benchmark, gbench_fn *set_up,
			 gbench_fn *tear_down) GBENCH_NOEXCEPT;

/*
 * Fits the time of one iteration to a coefficient times this function of what
 * gbench_set_complexity_n() was told.  Two rows follow the benchmark's last:
 * "name_BigO" with the coefficients in the benchmark's unit, and "name_RMS", the
 * root mean square error as a part of the mean.  There is a fit for each number
 * of threads, over the tuples that ran; with fewer than two runs there is none.
 * GBENCH_O_AUTO takes the function whose error is least by the clock chosen.
 */
enum gbench_complexity {
	GBENCH_O_1,
	GBENCH_O_LOG_N, /* logarithms are to the base of 2 */
	GBENCH_O_N,
	GBENCH_O_N_LOG_N,
	GBENCH_O_N_SQUARED,
	GBENCH_O_N_CUBED,
	GBENCH_O_AUTO,
};
int gbench_set_complexity(struct gbench_benchmark *benchmark,
			  enum gbench_complexity complexity) GBENCH_NOEXCEPT;

/* Statistics of repetitions beside mean, median, stddev and cv; can be combined. */
enum gbench_statistic {
	GBENCH_MINIMUM = 1 << 0, /* "name_min" */
	GBENCH_MAXIMUM = 1 << 1, /* "name_max" */
};
#define GBENCH_STATISTICS 0x3
int gbench_set_statistics(struct gbench_benchmark *benchmark, unsigned statistics) GBENCH_NOEXCEPT;

/*
 * Whether the output leaves out the repetitions where all of them ran, so that
 * only their statistics are in it.  Counts and notify have them all the same.
 */
int gbench_set_aggregates_only(struct gbench_benchmark *benchmark, bool only) GBENCH_NOEXCEPT;

/* The unit of the reported times of one iteration. */
enum gbench_unit { GBENCH_NS /* default */, GBENCH_US, GBENCH_MS, GBENCH_S };
int gbench_set_unit(struct gbench_benchmark *benchmark, enum gbench_unit unit) GBENCH_NOEXCEPT;

/* ---- State: in a callback ---- */

/*
 * Whether there is one more iteration to do.  The timer starts with the first
 * call and stops with the one that returns false.  Also false, at once, after
 * gbench_skip() and gbench_fail().  A pause ends here.
 */
bool gbench_next(struct gbench_state *state) GBENCH_NOEXCEPT;

/*
 * The same for @n iterations, at least 1 (else the run fails), in one call:
 * what the call costs is then spread over @n.  The last batch runs in full, so
 * that gbench_done() can end up to @n - 1 above gbench_max().
 */
bool gbench_next_batch(struct gbench_state *state, int64_t n) GBENCH_NOEXCEPT;

/* Iterations begun so far; after the loop, iterations done. */
int64_t gbench_done(const struct gbench_state *state) GBENCH_NOEXCEPT;

/* Iterations asked for. */
int64_t gbench_max(const struct gbench_state *state) GBENCH_NOEXCEPT;

/* Argument @index, from 0, of the tuple that runs.  Without one the run fails; 0 is returned. */
int64_t gbench_arg(struct gbench_state *state, size_t index) GBENCH_NOEXCEPT;

/* This thread, from 0, and how many there are. */
int gbench_thread(const struct gbench_state *state) GBENCH_NOEXCEPT;
int gbench_threads(const struct gbench_state *state) GBENCH_NOEXCEPT;

/*
 * Adds @seconds, finite and at least 0, to the manual time: what one iteration,
 * one batch or the whole loop took.  A run by GBENCH_MANUAL_TIME that never
 * calls this fails.  -EINVAL also in a set-up or tear-down.
 */
int gbench_set_seconds(struct gbench_state *state, double seconds) GBENCH_NOEXCEPT;

/*
 * Stops and restarts the timer inside the loop; a pair costs some 200 ns.
 * -EINVAL outside the loop, when paused twice, when resumed without a pause.
 */
int gbench_pause(struct gbench_state *state) GBENCH_NOEXCEPT;
int gbench_resume(struct gbench_state *state) GBENCH_NOEXCEPT;

/* How a counter's value becomes what is reported; flags can be combined. */
enum gbench_counter {
	GBENCH_AS_IS = 0,
	GBENCH_RATE = 1 << 0,		/* divided by the seconds of the clock chosen */
	GBENCH_PER_THREAD = 1 << 1,	/* divided by the number of threads */
	GBENCH_EACH_ITERATION = 1 << 2, /* multiplied by the iterations */
	GBENCH_PER_ITERATION = 1 << 3,	/* divided by the iterations */
	GBENCH_INVERT = 1 << 4,		/* at last, 1 divided by it */
};
#define GBENCH_COUNTER_FLAGS 0x1f

/*
 * Sets a counter: a number of that name in the JSON, so take none of the names
 * that are there anyway.  @value is finite; counters of several threads are
 * added up; its flags stay the same in all calls for one benchmark and tuple,
 * or it is -EINVAL.  What becomes infinite or undefined by its flags is not reported.
 */
int gbench_set_counter(struct gbench_state *state, const char *name, double value,
		       unsigned flags) GBENCH_NOEXCEPT;

/*
 * The N that gbench_set_complexity() is about, at least 1 and the same in all
 * threads.  A benchmark with a complexity whose callback does not tell it fails.
 * -EINVAL also in a set-up or tear-down.
 */
int gbench_set_complexity_n(struct gbench_state *state, int64_t n) GBENCH_NOEXCEPT;

/* Items and bytes, at least 0, of all iterations of this call: reported as a rate a second. */
int gbench_set_items(struct gbench_state *state, int64_t items) GBENCH_NOEXCEPT;
int gbench_set_bytes(struct gbench_state *state, int64_t bytes) GBENCH_NOEXCEPT;

/* A text beside the figures. */
int gbench_set_label(struct gbench_state *state, const char *label) GBENCH_NOEXCEPT;

/*
 * Ends the run without a figure: skipped can't be measured here and is well,
 * failed went wrong.  In the JSON both carry error_occurred and error_message.
 * The callback goes on, and its loop ends at the next gbench_next().  The first
 * of them counts, with its reason: -EALREADY later.
 */
int gbench_skip(struct gbench_state *state, const char *reason) GBENCH_NOEXCEPT;
int gbench_fail(struct gbench_state *state, const char *reason) GBENCH_NOEXCEPT;

/* ---- Running ---- */

/* Puts a string into the JSON's "context", in place of an earlier one of that key. */
int gbench_context(const char *key, const char *value) GBENCH_NOEXCEPT;

enum gbench_status { GBENCH_RAN, GBENCH_SKIPPED, GBENCH_FAILED };

/* One run: one repetition of one benchmark with one tuple. */
struct gbench_report {
	const char *name; /* as in the output */
	int64_t repetition; /* from 0 */
	enum gbench_status status;
	const char *reason; /* "" when it ran */
	int64_t iterations;
	double real_seconds; /* of one iteration, by the manual clock if that was chosen; */
	double cpu_seconds;  /* both are 0 unless it ran */
};
typedef void gbench_notify_fn(const struct gbench_report *run, void *user);

enum gbench_format { GBENCH_NO_OUTPUT, GBENCH_CONSOLE, GBENCH_JSON };

/* All zero is the default; so is NULL in gbench_run(). */
struct gbench_options {
	/*
	 * A regular expression found anywhere in the full name, as in
	 * "name/bytes:64/iterations:1/manual_time"; a leading '-' runs what does
	 * not match.  NULL, "" and "all": everything.
	 */
	const char *filter;
	enum gbench_format format;
	double min_time; /* seconds, at least 0; 0: Google Benchmark's 0.5 */
	/* The output names only name and arguments, not how they were run. */
	bool short_names;
	/*
	 * Called for each run, after the last repetition of that benchmark and
	 * tuple; may be NULL.
	 */
	gbench_notify_fn *notify;
	void *notify_user;
};

/*
 * What became of the benchmarks, each counted once a tuple and number of
 * threads: a failed repetition makes it failed, else a skipped one makes it
 * skipped.  The four add up to all that were added.
 */
struct gbench_result {
	size_t run;
	size_t failed;
	size_t skipped;
	size_t unmatched; /* added, but not matched by the filter */
	char *output;	  /* malloc'ed, for free(); NULL with GBENCH_NO_OUTPUT */
	size_t output_bytes; /* without the final NUL */
};

/*
 * Runs what was added, as often as it is called.  JSON output is whole, also
 * when nothing matched.
 *
 * Failed and skipped benchmarks are in the counts, not in the return value.
 * -EINVAL: @result is NULL, an option is out of range, the filter is no regular
 * expression; -EBUSY: called from a callback; -EAGAIN: the system has not so
 * many threads to give; -ENOMEM; -EIO.  After an error @result is all zero.
 */
int gbench_run(const struct gbench_options *options, struct gbench_result *result) GBENCH_NOEXCEPT;

/* Forgets all benchmarks and the context.  -EBUSY when called from a callback. */
int gbench_clear(void) GBENCH_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
