// SPDX-License-Identifier: MIT
/*
 * gbench.cc - Google Benchmark behind a C interface.
 *
 * Settings are kept here and handed over only by gbench_run(): what Google
 * Benchmark would abort on (two clocks, tuples of different lengths, a time
 * beside a number of iterations) is found before, and a second run starts from
 * the same list.
 *
 * Skipped or failed travels through the library as the first byte of the error
 * message, which is taken off again before anything is reported: 1.7 knows only
 * "error occurred", and later versions write other names into the JSON.
 *
 * Set-up, tear-down, the fit of the complexity and leaving out repetitions are
 * done here, not by the library: its set-up gets no pointer and can't fail, and
 * the fit ends the program where no run went well or one did not tell its size.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "gbench.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <condition_variable>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

struct gbench_benchmark {
	std::string name;
	gbench_fn *fn;
	void *user;
	std::vector<std::string> arg_names;
	std::vector<std::vector<int64_t>> args;
	enum gbench_clock clock = GBENCH_CPU_TIME;
	enum gbench_unit unit = GBENCH_NS;
	int64_t iterations = 0; /* 0 here and below: not set */
	int repetitions = 0;
	double min_time = 0;
	std::vector<int> threads; /* empty: not set */
	gbench_fn *set_up = nullptr;
	gbench_fn *tear_down = nullptr;
	bool has_complexity = false;
	enum gbench_complexity complexity = GBENCH_O_AUTO;
	unsigned statistics = 0;
	bool aggregates_only = false;
};

namespace
{
/* APART: set-up and tear-down, which have no loop. */
enum phase { FRESH, RUNNING, PAUSED, ENDED, REPORTED, APART };
}

struct gbench_state {
	benchmark::State &st;
	const gbench_benchmark &benchmark;
	phase now = FRESH;
	bool timed = false; /* gbench_set_seconds() was called */
	bool sized = false; /* gbench_set_complexity_n() was */
	int64_t lent = 0;   /* iterations that the library had left when last asked; */
	int64_t left = 0;   /* of those, not yet taken; 0 unless the loop is running */
};

namespace
{
using run_t = benchmark::BenchmarkReporter::Run;

constexpr char SKIP_TAG = '\1';
constexpr char FAIL_TAG = '\2';

std::vector<std::unique_ptr<gbench_benchmark>> added;
std::map<std::string, std::string> context;
std::atomic<bool> busy;

/*
 * What the calls for one benchmark and tuple have in common.  The library
 * aborts when repetitions differ in their iterations or in a counter's flags,
 * so that it must not come to that.
 */
struct {
	std::mutex lock;
	struct count {
		int64_t asked, done;
	};
	std::vector<count> last; /* call of each thread */
	std::map<std::string, int> flags;
	std::string error; /* the first, with its tag */
	const gbench_benchmark *benchmark;
} common;

/* Where the threads of one call of the callback wait for its set-up. */
struct {
	std::mutex lock;
	std::condition_variable ready;
	bool is_ready, is_up;
	int left;
} gate;

/* Runs @f; an exception becomes its -errno, since a C frame can't be unwound. */
template <typename F> int border(F &&f) noexcept
{
	try {
		return f();
	} catch (const std::bad_alloc &) {
		return -ENOMEM;
	} catch (...) {
		return -EIO;
	}
}

/* The JSON reporter escapes only these of the control characters. */
std::string clean(const char *text)
{
	std::string out(text);

	for (char &c : out)
		if (static_cast<unsigned char>(c) < ' ' && !strchr("\b\f\n\r\t", c))
			c = '?';
	return out;
}

/* ---- One call of a callback ---- */

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

std::string earlier_error()
{
	std::lock_guard<std::mutex> held(common.lock);

	return common.error;
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
__attribute__((format(printf, 2, 3))) void blame(gbench_state &s, const char *fmt, ...) noexcept
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	report(s, FAIL_TAG, text);
}

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

/* ---- Reporting ---- */

#ifdef GBENCH_HAVE_SKIPPED
bool errored(const run_t &run)
{
	return run.skipped != benchmark::internal::NotSkipped;
}

std::string &message(run_t &run)
{
	return run.skip_message;
}
#else
bool errored(const run_t &run)
{
	return run.error_occurred;
}

std::string &message(run_t &run)
{
	return run.error_message;
}
#endif

enum gbench_status take_status(run_t &run)
{
	if (!errored(run))
		return GBENCH_RAN;
	std::string &text = message(run);
	char tag = text.empty() ? '\0' : text[0];

	if (tag == SKIP_TAG || tag == FAIL_TAG)
		text.erase(0, 1);
	return tag == SKIP_TAG ? GBENCH_SKIPPED : GBENCH_FAILED;
}

void shorten(benchmark::BenchmarkName &name)
{
	name.min_time.clear();
	name.min_warmup_time.clear();
	name.iterations.clear();
	name.repetitions.clear();
	name.time_type.clear();
	name.threads.clear();
}

/* JSON has no infinity and no NaN, but the library writes both. */
void drop_undefined(benchmark::UserCounters &counters)
{
	for (auto it = counters.begin(); it != counters.end();)
		it = std::isfinite(it->second.value) ? std::next(it) : counters.erase(it);
}

bool defined(const run_t &run)
{
	return std::isfinite(run.GetAdjustedRealTime()) && std::isfinite(run.GetAdjustedCPUTime());
}

/* ---- Complexity ---- */

struct sample {
	double n, real, cpu; /* seconds an iteration */
};

struct fit {
	benchmark::BigO curve;
	double coefficient, rms; /* seconds; a part of the mean */
};

double value_of(benchmark::BigO curve, double n)
{
	switch (curve) {
	case benchmark::oLogN:
		return std::log2(n);
	case benchmark::oN:
		return n;
	case benchmark::oNLogN:
		return n * std::log2(n);
	case benchmark::oNSquared:
		return n * n;
	case benchmark::oNCubed:
		return n * n * n;
	default:
		return 1;
	}
}

/* Least squares of time = coefficient * curve(n). */
fit fit_to(benchmark::BigO curve, const std::vector<sample> &samples, double sample::*time)
{
	double products = 0, squares = 0, sum = 0, errors = 0;
	double count = static_cast<double>(samples.size());

	for (const sample &it : samples) {
		double x = value_of(curve, it.n);

		products += it.*time * x;
		squares += x * x;
		sum += it.*time;
	}
	double coefficient = products / squares;

	for (const sample &it : samples) {
		double error = it.*time - coefficient * value_of(curve, it.n);

		errors += error * error;
	}
	return { curve, coefficient, std::sqrt(errors / count) / (sum / count) };
}

/* In the order of enum gbench_complexity; what fits as well as one before does not replace it. */
constexpr benchmark::BigO curves[] = { benchmark::o1,	  benchmark::oLogN,	benchmark::oN,
				       benchmark::oNLogN, benchmark::oNSquared, benchmark::oNCubed };

fit best_fit(const std::vector<sample> &samples, double sample::*time)
{
	fit best = fit_to(curves[0], samples, time);

	for (benchmark::BigO curve : curves) {
		fit next = fit_to(curve, samples, time);

		/* Not so where the best is undefined. */
		if (!(best.rms <= next.rms))
			best = next;
	}
	return best;
}

/* The clock that was chosen decides for both. */
benchmark::BigO choose_curve(const gbench_benchmark &b, const std::vector<sample> &samples)
{
	if (b.complexity != GBENCH_O_AUTO)
		return curves[b.complexity];
	return best_fit(samples, b.clock == GBENCH_CPU_TIME ? &sample::cpu : &sample::real).curve;
}

/* Samples of one number of threads, and a run to take the name from. */
struct family {
	run_t first;
	std::vector<sample> samples;
};

run_t fit_row(const family &f, const char *name, benchmark::BigO curve)
{
	run_t row;

	row.run_name = f.first.run_name;
	row.run_name.args.clear();
	row.family_index = f.first.family_index;
	row.per_family_instance_index = f.first.per_family_instance_index;
	row.run_type = run_t::RT_Aggregate;
	row.aggregate_name = name;
	row.repetitions = f.first.repetitions;
	row.repetition_index = run_t::no_repetition_index;
	row.threads = f.first.threads;
	row.time_unit = f.first.time_unit;
	row.iterations = 0; /* not to be divided by */
	row.complexity = curve;
	return row;
}

/* As the library's own: the coefficient as a time, and the error as a part of the mean. */
std::vector<run_t> fit_rows(const family &f, const gbench_benchmark &b)
{
	benchmark::BigO curve = choose_curve(b, f.samples);
	fit real = fit_to(curve, f.samples, &sample::real);
	fit cpu = fit_to(curve, f.samples, &sample::cpu);
	run_t big_o = fit_row(f, "BigO", curve), rms = fit_row(f, "RMS", curve);
	/* Times are multiplied by it when they are written, but this is none. */
	double unit = benchmark::GetTimeUnitMultiplier(rms.time_unit);

	big_o.report_big_o = rms.report_rms = true;
	big_o.real_accumulated_time = real.coefficient;
	big_o.cpu_accumulated_time = cpu.coefficient;
	rms.aggregate_unit = benchmark::kPercentage;
	rms.real_accumulated_time = real.rms / unit;
	rms.cpu_accumulated_time = cpu.rms / unit;
	if (!defined(big_o) || !defined(rms))
		return {};
	return { big_o, rms };
}

/* ---- The reporter ---- */

/* Counts, cleans, and hands on to the library's own reporter, into memory. */
class reporter : public benchmark::BenchmarkReporter
{
    public:
	reporter(const gbench_options &options, gbench_result &result);
	bool ReportContext(const Context &c) override;
	void ReportRuns(const std::vector<run_t> &runs) override;
	void Finalize() override;
	void complete();
	std::string output() const;
	bool filter_is_bad() const;

    private:
	run_t take(run_t run, enum gbench_status &worst);
	void tell(const run_t &run, enum gbench_status status);
	void count(enum gbench_status worst);
	void collect(const std::vector<run_t> &runs);
	void report_fits();

	const gbench_options &options_;
	gbench_result &result_;
	std::unique_ptr<benchmark::BenchmarkReporter> inner_;
	std::ostringstream out_, err_;
	std::map<int, family> fits_; /* by threads, of fitted_ */
	const gbench_benchmark *fitted_ = nullptr;
	bool begun_ = false;
};

std::unique_ptr<benchmark::BenchmarkReporter> make_inner(enum gbench_format format)
{
	using benchmark::ConsoleReporter;

	if (format == GBENCH_JSON)
		return std::make_unique<benchmark::JSONReporter>();
	if (format == GBENCH_CONSOLE)
		return std::make_unique<ConsoleReporter>(ConsoleReporter::OO_None);
	return nullptr;
}

reporter::reporter(const gbench_options &options, gbench_result &result)
	: options_(options), result_(result), inner_(make_inner(options.format))
{
	/* Streams hide a lack of memory unless told not to. */
	out_.exceptions(std::ios::badbit);
	SetOutputStream(&out_);
	SetErrorStream(&err_);
	if (inner_) {
		inner_->SetOutputStream(&out_);
		inner_->SetErrorStream(&err_);
	}
}

bool reporter::ReportContext(const Context &c)
{
	begun_ = true;
	return !inner_ || inner_->ReportContext(c);
}

void reporter::tell(const run_t &run, enum gbench_status status)
{
	if (!options_.notify)
		return;
	std::string name = run.benchmark_name();
	run_t copy = run;
	double n = run.iterations ? static_cast<double>(run.iterations) : 1;
	gbench_report told = {};

	told.name = name.c_str();
	told.repetition = run.repetition_index;
	told.status = status;
	told.reason = message(copy).c_str();
	told.iterations = run.iterations;
	told.real_seconds = run.real_accumulated_time / n;
	told.cpu_seconds = run.cpu_accumulated_time / n;
	options_.notify(&told, options_.notify_user);
}

void reporter::count(enum gbench_status worst)
{
	result_.run += worst == GBENCH_RAN;
	result_.skipped += worst == GBENCH_SKIPPED;
	result_.failed += worst == GBENCH_FAILED;
}

/* Once all runs of a benchmark are there: when the next one comes, or the end. */
void reporter::report_fits()
{
	for (const auto &fit : fits_)
		if (inner_ && fit.second.samples.size() > 1)
			inner_->ReportRuns(fit_rows(fit.second, *fitted_));
	fits_.clear();
}

void reporter::collect(const std::vector<run_t> &runs)
{
	if (fitted_ != common.benchmark)
		report_fits();
	fitted_ = common.benchmark;
	for (const run_t &run : runs) {
		if (!fitted_->has_complexity || errored(run) || !run.iterations)
			continue;
		family &f = fits_[static_cast<int>(run.threads)];
		double iterations = static_cast<double>(run.iterations);

		if (f.samples.empty())
			f.first = run;
		/* The library adds up what the threads set. */
		f.samples.push_back({ static_cast<double>(run.complexity_n) / run.threads,
				      run.real_accumulated_time / iterations,
				      run.cpu_accumulated_time / iterations });
	}
}

run_t reporter::take(run_t run, enum gbench_status &worst)
{
	enum gbench_status status = take_status(run);

	worst = std::max(worst, status);
	drop_undefined(run.counters);
	if (options_.short_names)
		shorten(run.run_name);
	if (run.run_type == run_t::RT_Iteration)
		tell(run, status);
	return run;
}

/* Gets all repetitions of one benchmark and tuple at once, then their statistics. */
void reporter::ReportRuns(const std::vector<run_t> &runs)
{
	std::vector<run_t> kept;
	enum gbench_status worst = GBENCH_RAN;
	bool measured = !runs.empty() && runs.front().run_type == run_t::RT_Iteration;

	for (const run_t &run : runs)
		kept.push_back(take(run, worst));
	kept.erase(std::remove_if(kept.begin(), kept.end(), [](const run_t &r) { return !defined(r); }),
		   kept.end());
	if (measured) {
		count(worst);
		collect(kept);
		start_afresh(common.last.size());
		if (fitted_->aggregates_only && worst == GBENCH_RAN && runs.size() > 1)
			kept.clear();
	}
	if (inner_ && !kept.empty())
		inner_->ReportRuns(kept);
}

void reporter::Finalize()
{
	report_fits();
	if (inner_)
		inner_->Finalize();
}

/* The library leaves the reporter alone when nothing matches; a reader expects JSON. */
void reporter::complete()
{
	if (begun_ || !inner_)
		return;
	Context c;

	c.name_field_width = 10;
	ReportContext(c);
	Finalize();
}

std::string reporter::output() const
{
	return out_.str();
}

/* There is no other sign of it: the library writes a line and returns 0. */
bool reporter::filter_is_bad() const
{
	return !begun_ && err_.str().find("Could not compile") != std::string::npos;
}

/* ---- Handing over to the library ---- */

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
	static const benchmark::TimeUnit units[] = { benchmark::kNanosecond, benchmark::kMicrosecond,
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

int run(const gbench_options &options, gbench_result &result)
{
	size_t total = 0, threads = most_threads();
	int rc = try_threads(threads);

	if (rc)
		return rc;
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

int add(gbench_benchmark *&b, const char *name, gbench_fn *fn, void *user)
{
	auto fresh = std::make_unique<gbench_benchmark>();

	fresh->name = clean(name);
	fresh->fn = fn;
	fresh->user = user;
	b = fresh.get();
	added.push_back(std::move(fresh));
	return 0;
}

/* Whether tuples of @length fit what is there already. */
bool takes(const gbench_benchmark *b, size_t length)
{
	return b && length && (b->args.empty() || b->args.front().size() == length) &&
	       (b->arg_names.empty() || b->arg_names.size() == length);
}

int append(gbench_benchmark &b, std::vector<std::vector<int64_t>> &&tuples)
{
	if (tuples.size() > GBENCH_MAX_TUPLES - b.args.size())
		return -EINVAL;
	b.args.insert(b.args.end(), tuples.begin(), tuples.end());
	return 0;
}

/* Calls @f with each value; returns how many there are. */
template <typename F> int each_in_range(int64_t first, int64_t last, int64_t multiplier, F &&f)
{
	int n = 1;

	f(first);
	for (int64_t power = 1; power < last; power *= multiplier) {
		if (power > first) {
			f(power);
			n++;
		}
		if (power > last / multiplier)
			break;
	}
	if (last > first) {
		f(last);
		n++;
	}
	return n;
}

template <typename F> int each_in_dense_range(int64_t first, int64_t last, int64_t step, F &&f)
{
	/* Of unsigned numbers the difference always fits. */
	uint64_t steps = (static_cast<uint64_t>(last) - static_cast<uint64_t>(first)) /
			 static_cast<uint64_t>(step);

	if (steps >= GBENCH_MAX_TUPLES)
		return -EINVAL;
	for (uint64_t i = 0; i <= steps; i++)
		f(static_cast<int64_t>(static_cast<uint64_t>(first) +
				       i * static_cast<uint64_t>(step)));
	return static_cast<int>(steps + 1);
}

bool range_is_good(int64_t first, int64_t last, int64_t multiplier)
{
	return first >= 0 && first <= last && multiplier >= 2;
}

/* Stores what has room. */
struct store {
	int64_t *values;
	size_t room, n = 0;

	void operator()(int64_t value)
	{
		if (n < room)
			values[n] = value;
		n++;
	}
};

/* How many tuples the lists make; 0: none, or too many. */
size_t product_size(const gbench_list *lists, size_t n)
{
	size_t total = 1;

	for (size_t i = 0; i < n; i++) {
		if (!lists[i].values || !lists[i].n || lists[i].n > GBENCH_MAX_TUPLES / total)
			return 0;
		total *= lists[i].n;
	}
	return total;
}

int append_product(gbench_benchmark &b, const gbench_list *lists, size_t n, size_t total)
{
	std::vector<std::vector<int64_t>> tuples(total);

	for (size_t i = 0; i < total; i++) {
		size_t rest = i;

		for (size_t j = 0; j < n; j++) {
			tuples[i].push_back(lists[j].values[rest % lists[j].n]);
			rest /= lists[j].n;
		}
	}
	return append(b, std::move(tuples));
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

/* ---- The border: C calls these ---- */

struct gbench_benchmark *gbench_add(const char *name, gbench_fn *fn, void *user) noexcept
{
	gbench_benchmark *b = nullptr;
	int rc = 0;

	if (!name || !*name || !fn || !strncmp(name, "DISABLED_", strlen("DISABLED_")))
		rc = -EINVAL;
	else if (busy)
		rc = -EBUSY;
	else
		rc = border([&] { return add(b, name, fn, user); });
	if (!rc)
		return b;
	errno = -rc;
	return nullptr;
}

int gbench_set_arg_names(struct gbench_benchmark *b, const char *const *names, size_t n) noexcept
{
	if (!b || !names || !n || (!b->args.empty() && b->args.front().size() != n))
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (!names[i])
			return -EINVAL;
	return border([&] {
		std::vector<std::string> copy;

		for (size_t i = 0; i < n; i++)
			copy.push_back(clean(names[i]));
		b->arg_names = std::move(copy);
		return 0;
	});
}

int gbench_add_args(struct gbench_benchmark *b, const int64_t *args, size_t n) noexcept
{
	if (!args || !takes(b, n))
		return -EINVAL;
	return border([&] { return append(*b, { std::vector<int64_t>(args, args + n) }); });
}

int gbench_range(int64_t first, int64_t last, int64_t multiplier, int64_t *values,
		 size_t room) noexcept
{
	if (!range_is_good(first, last, multiplier) || (!values && room))
		return -EINVAL;
	return each_in_range(first, last, multiplier, store{ values, room });
}

int gbench_dense_range(int64_t first, int64_t last, int64_t step, int64_t *values,
		       size_t room) noexcept
{
	if (first > last || step < 1 || (!values && room))
		return -EINVAL;
	return each_in_dense_range(first, last, step, store{ values, room });
}

int gbench_add_range(struct gbench_benchmark *b, int64_t first, int64_t last,
		     int64_t multiplier) noexcept
{
	if (!takes(b, 1) || !range_is_good(first, last, multiplier))
		return -EINVAL;
	return border([&] {
		std::vector<std::vector<int64_t>> tuples;

		each_in_range(first, last, multiplier, [&](int64_t n) { tuples.push_back({ n }); });
		return append(*b, std::move(tuples));
	});
}

int gbench_add_dense_range(struct gbench_benchmark *b, int64_t first, int64_t last,
			   int64_t step) noexcept
{
	if (!takes(b, 1) || first > last || step < 1)
		return -EINVAL;
	return border([&] {
		std::vector<std::vector<int64_t>> tuples;
		int n = each_in_dense_range(first, last, step,
					    [&](int64_t i) { tuples.push_back({ i }); });

		return n < 0 ? n : append(*b, std::move(tuples));
	});
}

int gbench_add_product(struct gbench_benchmark *b, const struct gbench_list *lists,
		       size_t n) noexcept
{
	size_t total = lists && takes(b, n) ? product_size(lists, n) : 0;

	if (!total)
		return -EINVAL;
	return border([&] { return append_product(*b, lists, n, total); });
}

int gbench_set_clock(struct gbench_benchmark *b, enum gbench_clock clock) noexcept
{
	if (!b || clock < GBENCH_CPU_TIME || clock > GBENCH_MANUAL_TIME)
		return -EINVAL;
	b->clock = clock;
	return 0;
}

int gbench_set_iterations(struct gbench_benchmark *b, int64_t n) noexcept
{
	if (!b || n < 1 || b->min_time > 0)
		return -EINVAL;
	b->iterations = n;
	return 0;
}

int gbench_set_min_time(struct gbench_benchmark *b, double seconds) noexcept
{
	if (!b || !std::isfinite(seconds) || seconds <= 0 || b->iterations)
		return -EINVAL;
	b->min_time = seconds;
	return 0;
}

int gbench_set_repetitions(struct gbench_benchmark *b, int n) noexcept
{
	if (!b || n < 1)
		return -EINVAL;
	b->repetitions = n;
	return 0;
}

int gbench_set_threads(struct gbench_benchmark *b, int n) noexcept
{
	return gbench_set_thread_range(b, n, n, 2);
}

int gbench_set_thread_range(struct gbench_benchmark *b, int first, int last,
			    int multiplier) noexcept
{
	if (!b || first < 1 || last > GBENCH_MAX_THREADS || !range_is_good(first, last, multiplier))
		return -EINVAL;
	return border([&] {
		std::vector<int> counts;

		each_in_range(first, last, multiplier,
			      [&](int64_t n) { counts.push_back(static_cast<int>(n)); });
		b->threads = std::move(counts);
		return 0;
	});
}

int gbench_set_callbacks(struct gbench_benchmark *b, gbench_fn *set_up,
			 gbench_fn *tear_down) noexcept
{
	if (!b)
		return -EINVAL;
	b->set_up = set_up;
	b->tear_down = tear_down;
	return 0;
}

int gbench_set_complexity(struct gbench_benchmark *b, enum gbench_complexity complexity) noexcept
{
	if (!b || complexity < GBENCH_O_1 || complexity > GBENCH_O_AUTO)
		return -EINVAL;
	b->has_complexity = true;
	b->complexity = complexity;
	return 0;
}

int gbench_set_statistics(struct gbench_benchmark *b, unsigned statistics) noexcept
{
	if (!b || (statistics & ~GBENCH_STATISTICS))
		return -EINVAL;
	b->statistics = statistics;
	return 0;
}

int gbench_set_aggregates_only(struct gbench_benchmark *b, bool only) noexcept
{
	if (!b)
		return -EINVAL;
	b->aggregates_only = only;
	return 0;
}

int gbench_set_unit(struct gbench_benchmark *b, enum gbench_unit unit) noexcept
{
	if (!b || unit < GBENCH_NS || unit > GBENCH_S)
		return -EINVAL;
	b->unit = unit;
	return 0;
}

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
	if (busy.exchange(true))
		return -EBUSY;
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
