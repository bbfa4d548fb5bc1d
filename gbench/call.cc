// SPDX-License-Identifier: MIT
/*
 * call.cc - one call of a callback, as the library sees it: set-up, callback and
 * tear-down, and what became of them.
 */
#include "internal.h"

#include <condition_variable>
#include <cstring>

namespace gbench
{
shared common;

namespace
{
/* Where the threads of one call of the callback wait for its set-up. */
struct {
	std::mutex lock;
	std::condition_variable ready;
	bool is_ready, is_up;
	int left;
} gate;

std::string earlier_error()
{
	std::lock_guard<std::mutex> held(common.lock);

	return common.error;
}

void conclude_failure(gbench_state &s, int rc) noexcept
{
	if (rc < 0 && rc > -4096)
		report(s, FAIL_TAG, strerror(-rc));
	else
		blame(s, "returned %d", rc);
}

/* Takes a callback's return for what it is; the library aborts on an unfinished loop. */
void conclude(gbench_state &s, int rc) noexcept
{
	if (s.now == REPORTED)
		return;
	if (rc)
		conclude_failure(s, rc);
	else if (s.now != ENDED)
		blame(s, "returned after %lld of %lld iterations, with the loop not at its end",
		      static_cast<long long>(gbench_done(&s)),
		      static_cast<long long>(gbench_max(&s)));
	else if (s.benchmark.clock == GBENCH_MANUAL_TIME && !s.timed)
		blame(s, "set no manual time");
	else if (s.benchmark.has_complexity && !s.sized)
		blame(s, "set no N for its complexity");
}

/* Runs a set-up or tear-down, if there is one; returns whether it went well. */
bool run_apart(const gbench_state &s, gbench_fn *fn) noexcept
{
	gbench_state apart{ s.st, s.benchmark, APART };

	if (!fn)
		return true;
	int rc = border([&] { return fn(&apart, s.benchmark.user); });

	if (rc && apart.now != REPORTED)
		conclude_failure(apart, rc);
	return apart.now != REPORTED;
}

/* A failure is not measured away by the threads and repetitions after it. */
void take_over_error(gbench_state &s) noexcept
{
	border([&] {
		std::string earlier = earlier_error();

		if (!earlier.empty())
			report(s, earlier[0], earlier.c_str() + 1);
		return 0;
	});
}

void enter(gbench_state &s)
{
	std::unique_lock<std::mutex> held(gate.lock);

	if (s.st.thread_index() > 0) {
		gate.ready.wait(held, [] { return gate.is_ready; });
		return;
	}
	common.benchmark = &s.benchmark;
	gate.is_up = earlier_error().empty() && run_apart(s, s.benchmark.set_up);
	gate.is_ready = true;
	gate.ready.notify_all();
}

/*
 * The last thread tears down.  It can't be the first one's part to wait for the
 * others: they may be in the loop, where the library waits for all threads.
 */
void leave(gbench_state &s)
{
	std::lock_guard<std::mutex> held(gate.lock);

	if (++gate.left < s.st.threads())
		return;
	if (gate.is_up)
		run_apart(s, s.benchmark.tear_down);
	gate.is_ready = gate.is_up = false;
	gate.left = 0;
}
}

void call(benchmark::State &st, const gbench_benchmark &b) noexcept
{
	gbench_state s{ st, b };

	enter(s);
	take_over_error(s);
	if (s.now != REPORTED)
		conclude(s, border([&] { return b.fn(&s, b.user); }));
	common.last[st.thread_index()] = { st.max_iterations, st.iterations() };
	leave(s);
	take_over_error(s);
}

/* Between two benchmarks or tuples, when no callback runs. */
void start_afresh(size_t threads)
{
	common.last.assign(threads, {});
	common.flags.clear();
	common.error.clear();
}
}
