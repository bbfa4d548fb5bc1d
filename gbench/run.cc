// SPDX-License-Identifier: MIT
/*
 * run.cc - hands all that was added over to the library, and runs it.
 */
#include "internal.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <system_error>
#include <thread>

namespace gbench
{
bool busy;

namespace
{
std::map<std::string, std::string> context;

std::string min_time_flag(double seconds)
{
	char text[64];

#ifdef GBENCH_HAVE_MIN_TIME_SUFFIX
	snprintf(text, sizeof(text), "--benchmark_min_time=%.9gs", seconds);
#else
	snprintf(text, sizeof(text), "--benchmark_min_time=%.9g", seconds);
#endif
	return text;
}

/*
 * Every flag that the environment could have set otherwise.  A flag that a
 * version does not know stays in the vector, which nobody looks at.
 */
void set_flags(const gbench_options &options)
{
	std::vector<std::string> flags = {
		min_time_flag(options.min_time > 0 ? options.min_time : 0.5),
		"--benchmark_list_tests=false",
		"--benchmark_dry_run=false",
		"--benchmark_min_warmup_time=0",
		"--benchmark_repetitions=1",
		"--benchmark_enable_random_interleaving=false",
		"--benchmark_report_aggregates_only=false",
		"--benchmark_display_aggregates_only=false",
		"--benchmark_format=console",
		"--benchmark_out_format=json",
		"--benchmark_out=",
		"--benchmark_color=false",
		"--benchmark_counters_tabular=false",
		"--benchmark_perf_counters=",
		"--benchmark_time_unit=ns",
		"--v=0",
	};
	std::vector<char *> argv = { program_invocation_name };

	for (std::string &flag : flags)
		argv.push_back(&flag[0]);
	int argc = static_cast<int>(argv.size());
	argv.push_back(nullptr);
	benchmark::Initialize(&argc, argv.data());
}

/*
 * AddCustomContext() refuses a second value for a key, and Shutdown() leaves a
 * dangling pointer behind; the map itself is public in all versions.
 */
void set_context(const gbench_options &options)
{
	std::map<std::string, std::string> *&theirs = benchmark::internal::GetGlobalContext();

	if (!theirs)
		theirs = new std::map<std::string, std::string>();
	theirs->clear();
	set_flags(options);
	for (const auto &kv : context)
		(*theirs)[kv.first] = kv.second;
}

benchmark::TimeUnit unit_of(enum gbench_unit unit)
{
	static const benchmark::TimeUnit units[] = { benchmark::kNanosecond,
						     benchmark::kMicrosecond,
						     benchmark::kMillisecond, benchmark::kSecond };

	return units[unit];
}

double least(const std::vector<double> &values)
{
	return *std::min_element(values.begin(), values.end());
}

double greatest(const std::vector<double> &values)
{
	return *std::max_element(values.begin(), values.end());
}

/* Returns how many runs it makes, not counting repetitions. */
size_t enlist(const gbench_benchmark &b)
{
	auto *theirs = benchmark::RegisterBenchmark(
		b.name.c_str(), [&b](benchmark::State &st) { call(st, b); });

	theirs->Unit(unit_of(b.unit));
	for (const auto &tuple : b.args)
		theirs->Args(tuple);
	/* Names without arguments would make it a benchmark that never runs. */
	if (!b.args.empty() && !b.arg_names.empty())
		theirs->ArgNames(b.arg_names);
	if (b.clock == GBENCH_REAL_TIME)
		theirs->UseRealTime();
	if (b.clock == GBENCH_MANUAL_TIME)
		theirs->UseManualTime();
	if (b.iterations)
		theirs->Iterations(b.iterations);
	if (b.min_time > 0)
		theirs->MinTime(b.min_time);
	if (b.repetitions)
		theirs->Repetitions(b.repetitions);
	for (int threads : b.threads)
		theirs->Threads(threads);
	if (b.statistics & GBENCH_MINIMUM)
		theirs->ComputeStatistics("min", least);
	if (b.statistics & GBENCH_MAXIMUM)
		theirs->ComputeStatistics("max", greatest);
	return std::max<size_t>(b.args.size(), 1) * std::max<size_t>(b.threads.size(), 1);
}

int hand_back(const std::string &text, gbench_result &result)
{
	result.output = static_cast<char *>(malloc(text.size() + 1));
	if (!result.output)
		return -ENOMEM;
	memcpy(result.output, text.c_str(), text.size() + 1);
	result.output_bytes = text.size();
	return 0;
}

size_t most_threads()
{
	int most = 1;

	for (const auto &b : added)
		for (int threads : b->threads)
			most = std::max(most, threads);
	return static_cast<size_t>(most);
}

/* The library ends the program when it can't start its threads. */
int try_threads(size_t n)
{
	std::vector<std::thread> started;
	std::mutex lock;
	int rc = 0;

	started.reserve(n);
	lock.lock();
	try {
		while (started.size() + 1 < n)
			started.emplace_back([&] { std::lock_guard<std::mutex> held(lock); });
	} catch (const std::system_error &) {
		rc = -EAGAIN;
	}
	lock.unlock();
	for (std::thread &thread : started)
		thread.join();
	return rc;
}

/*
 * The library looks at the machine once.  It tells the terminal of each file that it
 * misses; in the context it says what it does not know.
 */
void look_at_machine()
{
	std::streambuf *real = std::cerr.rdbuf(nullptr);

	benchmark::CPUInfo::Get();
	std::cerr.rdbuf(real);
}

int run(const gbench_options &options, gbench_result &result)
{
	size_t total = 0, threads = most_threads();
	int rc = try_threads(threads);

	if (rc)
		return rc;
	look_at_machine();
	set_context(options);
	benchmark::ClearRegisteredBenchmarks();
	for (const auto &b : added)
		total += enlist(*b);
	start_afresh(threads);
	reporter rep(options, result);
	size_t matched = benchmark::RunSpecifiedBenchmarks(
		&rep, options.filter && *options.filter ? options.filter : "all");
	if (rep.filter_is_bad())
		return -EINVAL;
	result.unmatched = total - matched;
	rep.complete();
	return options.format == GBENCH_NO_OUTPUT ? 0 : hand_back(rep.output(), result);
}

bool options_are_good(const gbench_options &o)
{
	return o.format >= GBENCH_NO_OUTPUT && o.format <= GBENCH_JSON &&
	       std::isfinite(o.min_time) && o.min_time >= 0;
}
}
}

using namespace gbench;

int gbench_context(const char *key, const char *value) noexcept
{
	if (!key || !*key || !value)
		return -EINVAL;
	return border([&] {
		context[clean(key)] = clean(value);
		return 0;
	});
}

int gbench_run(const struct gbench_options *options, struct gbench_result *result) noexcept
{
	static const gbench_options defaults = {};
	const gbench_options &o = options ? *options : defaults;

	if (!result)
		return -EINVAL;
	*result = {};
	if (!options_are_good(o))
		return -EINVAL;
	if (busy)
		return -EBUSY;
	busy = true;
	int rc = border([&] { return run(o, *result); });

	/* The library's copies point into our list. */
	border([] {
		benchmark::ClearRegisteredBenchmarks();
		return 0;
	});
	busy = false;
	if (rc)
		*result = {};
	return rc;
}

int gbench_clear(void) noexcept
{
	if (busy)
		return -EBUSY;
	added.clear();
	context.clear();
	return 0;
}
