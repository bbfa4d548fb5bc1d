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
	int threads = 0;
	double min_time = 0;
};

namespace
{
enum phase { FRESH, RUNNING, PAUSED, ENDED, REPORTED };
}

struct gbench_state {
	benchmark::State &st;
	const gbench_benchmark &benchmark;
	phase now = FRESH;
	bool timed = false; /* gbench_set_seconds() was called */
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
} common;

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

int report(gbench_state &s, char tag, const char *reason) noexcept
{
	if (s.now == REPORTED)
		return -EALREADY;
	int rc = border([&] {
		std::string text = tag + clean(reason);

		pad(s);
		keep_error(text);
		s.st.SkipWithError(text.c_str());
		return 0;
	});
	/* Short enough for a std::string to hold without memory of its own. */
	if (rc)
		border([&] {
			s.st.SkipWithError("\2out of memory");
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
	if (n < 1) {
		blame(s, "a batch of %lld iterations", static_cast<long long>(n));
		return false;
	}
	int more = border([&] { return step(s, n); });

	if (more < 0)
		blame(s, "the loop: %s", strerror(-more));
	return more > 0;
}

/* Takes a callback's return for what it is; the library aborts on an unfinished loop. */
void conclude(gbench_state &s, int rc) noexcept
{
	if (s.now == REPORTED)
		return;
	if (rc < 0 && rc > -4096)
		report(s, FAIL_TAG, strerror(-rc));
	else if (rc)
		blame(s, "returned %d", rc);
	else if (s.now != ENDED)
		blame(s, "returned after %lld of %lld iterations, with the loop not at its end",
		      static_cast<long long>(gbench_done(&s)),
		      static_cast<long long>(gbench_max(&s)));
	else if (s.benchmark.clock == GBENCH_MANUAL_TIME && !s.timed)
		blame(s, "set no manual time");
}

void call(benchmark::State &st, const gbench_benchmark &b) noexcept
{
	gbench_state s{ st, b };

	border([&] {
		/* A failure is not measured away by the repetitions after it. */
		std::string earlier = earlier_error();

		if (!earlier.empty())
			report(s, earlier[0], earlier.c_str() + 1);
		return 0;
	});
	if (s.now != REPORTED)
		conclude(s, border([&] { return b.fn(&s, b.user); }));
	common.last[st.thread_index()] = { st.max_iterations, st.iterations() };
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
	void tell(const run_t &run, enum gbench_status status);
	void count(enum gbench_status worst);

	const gbench_options &options_;
	gbench_result &result_;
	std::unique_ptr<benchmark::BenchmarkReporter> inner_;
	std::ostringstream out_, err_;
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

/* Gets all repetitions of one benchmark and tuple at once, then their statistics. */
void reporter::ReportRuns(const std::vector<run_t> &runs)
{
	std::vector<run_t> kept;
	enum gbench_status worst = GBENCH_RAN;
	bool measured = false;

	for (run_t run : runs) {
		enum gbench_status status = take_status(run);

		worst = std::max(worst, status);
		drop_undefined(run.counters);
		if (options_.short_names)
			shorten(run.run_name);
		if (run.run_type == run_t::RT_Iteration) {
			measured = true;
			tell(run, status);
		}
		if (defined(run))
			kept.push_back(std::move(run));
	}
	if (measured) {
		count(worst);
		start_afresh(common.last.size());
	}
	if (inner_)
		inner_->ReportRuns(kept);
}

void reporter::Finalize()
{
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
	if (b.threads)
		theirs->Threads(b.threads);
	return b.args.empty() ? 1 : b.args.size();
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

int run(const gbench_options &options, gbench_result &result)
{
	size_t total = 0, threads = 1;

	set_context(options);
	benchmark::ClearRegisteredBenchmarks();
	for (const auto &b : added) {
		total += enlist(*b);
		threads = std::max<size_t>(threads, b->threads);
	}
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
	if (!b || !args || !n || (!b->args.empty() && b->args.front().size() != n) ||
	    (!b->arg_names.empty() && b->arg_names.size() != n))
		return -EINVAL;
	return border([&] {
		b->args.emplace_back(args, args + n);
		return 0;
	});
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
	if (!b || n < 1)
		return -EINVAL;
	b->threads = n;
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
	if (!std::isfinite(seconds) || seconds < 0)
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
