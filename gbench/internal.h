/* SPDX-License-Identifier: MIT */
/*
 * internal.h - Google Benchmark behind a C interface: what its files share.
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
#ifndef GBENCH_INTERNAL_H
#define GBENCH_INTERNAL_H

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "gbench.h"

#include <benchmark/benchmark.h>

#include <cerrno>
#include <cmath>
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
	double min_time = 0;
	std::vector<int> threads; /* empty: not set */
	gbench_fn *set_up = nullptr;
	gbench_fn *tear_down = nullptr;
	bool has_complexity = false;
	enum gbench_complexity complexity = GBENCH_O_AUTO;
	unsigned statistics = 0;
	bool aggregates_only = false;
};

namespace gbench
{
/* APART: set-up and tear-down, which have no loop. */
enum phase { FRESH, RUNNING, PAUSED, ENDED, REPORTED, APART };
}

struct gbench_state {
	benchmark::State &st;
	const gbench_benchmark &benchmark;
	gbench::phase now = gbench::FRESH;
	bool timed = false; /* gbench_set_seconds() was called */
	bool sized = false; /* gbench_set_complexity_n() was */
	int64_t lent = 0;   /* iterations that the library had left when last asked; */
	int64_t left = 0;   /* of those, not yet taken; 0 unless the loop is running */
};

namespace gbench
{
using run_t = benchmark::BenchmarkReporter::Run;

constexpr char SKIP_TAG = '\1';
constexpr char FAIL_TAG = '\2';

extern std::vector<std::unique_ptr<gbench_benchmark>> added;

/*
 * Whether gbench_run() runs.  Its threads only read it: it is set before they
 * start, and cleared when they have ended.  So it need not be atomic, which for
 * a byte not every CPU can do without a library.
 */
extern bool busy;

/*
 * What the calls for one benchmark and tuple have in common.  The library
 * aborts when repetitions differ in their iterations or in a counter's flags,
 * so that it must not come to that.
 */
struct shared {
	std::mutex lock;
	struct count {
		int64_t asked, done;
	};
	std::vector<count> last; /* call of each thread */
	std::map<std::string, int> flags;
	std::string error; /* the first, with its tag */
	const gbench_benchmark *benchmark;
};
extern shared common;

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

/* Control characters that JSON can't carry become '?'. */
std::string clean(const char *text);

/* ---- state.cc: one call of a callback, as the callback sees it ---- */

/* Skips or fails, by the tag; -EALREADY when that has been done. */
int report(gbench_state &s, char tag, const char *reason) noexcept;
void blame(gbench_state &s, const char *fmt, ...) noexcept __attribute__((format(printf, 2, 3)));

/* ---- call.cc: the same, as the library sees it ---- */

void call(benchmark::State &st, const gbench_benchmark &b) noexcept;
void start_afresh(size_t threads);

/* ---- complexity.cc ---- */

struct sample {
	double n, real, cpu; /* seconds an iteration */
};

/* Samples of one number of threads, and a run to take the name from. */
struct family {
	run_t first;
	std::vector<sample> samples;
};

/* The two rows of a fit; none where it is undefined. */
std::vector<run_t> fit_rows(const family &f, const gbench_benchmark &b);

inline bool defined(const run_t &run)
{
	return std::isfinite(run.GetAdjustedRealTime()) && std::isfinite(run.GetAdjustedCPUTime());
}

/* ---- reporter.cc ---- */

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
}

#endif
