// SPDX-License-Identifier: MIT
/*
 * state.cc - one call of a callback, as the callback sees it: its loop, what it
 * asks for and what it tells.
 */
#include "internal.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace gbench
{
namespace
{
/* How many iterations this call has to end with; 0: any number. */
int64_t expected(const gbench_state &s)
{
	auto &last = common.last[s.st.thread_index()];

	return last.asked == s.st.max_iterations ? last.done : 0;
}

/* Makes an unfinished loop count as many iterations as the repetition before. */
void pad(gbench_state &s)
{
	int64_t max = s.st.max_iterations;
	int64_t unspent = max - s.st.iterations();

	if (s.benchmark.repetitions > 1 && unspent > 0)
		s.st.KeepRunningBatch(unspent + std::max(expected(s), max) - max);
	s.lent = s.left = 0;
}

void keep_error(const std::string &text)
{
	std::lock_guard<std::mutex> held(common.lock);

	if (common.error.empty())
		common.error = text;
}

/* What a set-up or tear-down reports is told to the library by the threads of the loop. */
void fail(gbench_state &s, const std::string &text)
{
	if (s.now != APART)
		pad(s);
	keep_error(text);
	if (s.now != APART)
		s.st.SkipWithError(text.c_str());
}

}

int report(gbench_state &s, char tag, const char *reason) noexcept
{
	if (s.now == REPORTED)
		return -EALREADY;
	int rc = border([&] {
		fail(s, tag + clean(reason));
		return 0;
	});
	/* Short enough for a std::string to hold without memory of its own. */
	if (rc)
		border([&] {
			fail(s, "\2out of memory");
			return 0;
		});
	s.now = REPORTED;
	return rc;
}

/* For what can only be a mistake in the callback. */
void blame(gbench_state &s, const char *fmt, ...) noexcept
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	report(s, FAIL_TAG, text);
}

namespace
{
/*
 * A round of a running loop is taken from the iterations that the library still
 * has to give, without calling it; this tells it how many were taken.
 */
void settle(gbench_state &s)
{
	int64_t taken = s.lent - s.left;

	s.lent = s.left = 0;
	if (taken)
		s.st.KeepRunningBatch(taken);
}

/* Whether a round of @n, if it is the last, ends where the repetition before did. */
bool agrees(gbench_state &s, int64_t n)
{
	int64_t want = expected(s);
	int64_t done = gbench_done(&s);
	int64_t unspent = gbench_max(&s) - done;

	if (s.benchmark.repetitions < 2 || !want || n < unspent)
		return true;
	if (unspent > 0)
		done += n;
	if (done != want)
		blame(s, "did %lld iterations, but %lld in the repetition before",
		      static_cast<long long>(done), static_cast<long long>(want));
	return done == want;
}

bool step(gbench_state &s, int64_t n)
{
	if (!agrees(s, n))
		return false;
	if (s.now == PAUSED)
		s.st.ResumeTiming();
	settle(s);
	bool more = s.st.KeepRunningBatch(n);

	s.now = more ? RUNNING : ENDED;
	if (more)
		s.lent = s.left = std::max<int64_t>(0, s.st.max_iterations - s.st.iterations());
	return more;
}

/* All that is not the next round of a running loop. */
bool step_slowly(gbench_state &s, int64_t n) noexcept
{
	if (s.now == ENDED || s.now == REPORTED)
		return false;
	if (s.now == APART) {
		blame(s, "a loop in a set-up or tear-down");
		return false;
	}
	if (n < 1) {
		blame(s, "a batch of %lld iterations", static_cast<long long>(n));
		return false;
	}
	int more = border([&] { return step(s, n); });

	if (more < 0)
		blame(s, "the loop: %s", strerror(-more));
	return more > 0;
}

int set_counter(gbench_state &s, const std::string &name, const benchmark::Counter &counter)
{
	std::lock_guard<std::mutex> held(common.lock);

	if (common.flags.emplace(name, counter.flags).first->second != counter.flags)
		return -EINVAL;
	s.st.counters[name] = counter;
	return 0;
}

int map_counter_flags(unsigned flags)
{
	using benchmark::Counter;

	return (flags & GBENCH_RATE ? Counter::kIsRate : 0) |
	       (flags & GBENCH_PER_THREAD ? Counter::kAvgThreads : 0) |
	       (flags & GBENCH_EACH_ITERATION ? Counter::kIsIterationInvariant : 0) |
	       (flags & GBENCH_PER_ITERATION ? Counter::kAvgIterations : 0) |
	       (flags & GBENCH_INVERT ? static_cast<int>(Counter::kInvert) : 0);
}
}
}

using namespace gbench;

bool gbench_next(struct gbench_state *s) noexcept
{
	return gbench_next_batch(s, 1);
}

bool gbench_next_batch(struct gbench_state *s, int64_t n) noexcept
{
	/* From 1 to what is left, in one comparison. */
	if (__builtin_expect(static_cast<uint64_t>(n) - 1 < static_cast<uint64_t>(s->left), true)) {
		s->left -= n;
		return true;
	}
	return step_slowly(*s, n);
}

int64_t gbench_done(const struct gbench_state *s) noexcept
{
	return s->st.iterations() + s->lent - s->left;
}

int64_t gbench_max(const struct gbench_state *s) noexcept
{
	return s->st.max_iterations;
}

int64_t gbench_arg(struct gbench_state *s, size_t index) noexcept
{
	size_t n = s->benchmark.args.empty() ? 0 : s->benchmark.args.front().size();

	if (index < n)
		return s->st.range(index);
	blame(*s, "argument %zu of %zu was asked for, counted from 0", index, n);
	return 0;
}

int gbench_thread(const struct gbench_state *s) noexcept
{
	return s->st.thread_index();
}

int gbench_threads(const struct gbench_state *s) noexcept
{
	return s->st.threads();
}

int gbench_set_seconds(struct gbench_state *s, double seconds) noexcept
{
	if (!std::isfinite(seconds) || seconds < 0 || s->now == APART)
		return -EINVAL;
	s->st.SetIterationTime(seconds);
	s->timed = true;
	return 0;
}

int gbench_pause(struct gbench_state *s) noexcept
{
	if (s->now != RUNNING)
		return -EINVAL;
	return border([&] {
		/* The next round is not to be taken without ending the pause. */
		s->lent -= s->left;
		s->left = 0;
		s->st.PauseTiming();
		s->now = PAUSED;
		return 0;
	});
}

int gbench_resume(struct gbench_state *s) noexcept
{
	if (s->now != PAUSED)
		return -EINVAL;
	return border([&] {
		s->st.ResumeTiming();
		s->now = RUNNING;
		return 0;
	});
}

int gbench_set_counter(struct gbench_state *s, const char *name, double value,
		       unsigned flags) noexcept
{
	using benchmark::Counter;

	if (!name || !*name || !std::isfinite(value) || (flags & ~GBENCH_COUNTER_FLAGS))
		return -EINVAL;
	return border([&] {
		auto theirs = static_cast<Counter::Flags>(map_counter_flags(flags));

		return set_counter(*s, clean(name), Counter(value, theirs));
	});
}

int gbench_set_complexity_n(struct gbench_state *s, int64_t n) noexcept
{
	if (n < 1 || s->now == APART)
		return -EINVAL;
	s->st.SetComplexityN(n);
	s->sized = true;
	return 0;
}

int gbench_set_items(struct gbench_state *s, int64_t items) noexcept
{
	using benchmark::Counter;

	if (items < 0)
		return -EINVAL;
	return border([&] {
		return set_counter(*s, "items_per_second",
				   Counter(static_cast<double>(items), Counter::kIsRate));
	});
}

int gbench_set_bytes(struct gbench_state *s, int64_t bytes) noexcept
{
	using benchmark::Counter;

	if (bytes < 0)
		return -EINVAL;
	return border([&] {
		return set_counter(*s, "bytes_per_second",
				   Counter(static_cast<double>(bytes), Counter::kIsRate,
					   Counter::kIs1024));
	});
}

int gbench_set_label(struct gbench_state *s, const char *label) noexcept
{
	if (!label)
		return -EINVAL;
	return border([&] {
		s->st.SetLabel(clean(label).c_str());
		return 0;
	});
}

int gbench_skip(struct gbench_state *s, const char *reason) noexcept
{
	return reason ? report(*s, SKIP_TAG, reason) : -EINVAL;
}

int gbench_fail(struct gbench_state *s, const char *reason) noexcept
{
	return reason ? report(*s, FAIL_TAG, reason) : -EINVAL;
}
