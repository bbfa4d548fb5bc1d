// SPDX-License-Identifier: MIT
/*
 * reporter.cc - counts, cleans, and hands on to the library's own reporter.
 */
#include "internal.h"

#include <algorithm>

namespace gbench
{
namespace
{
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

std::unique_ptr<benchmark::BenchmarkReporter> make_inner(enum gbench_format format)
{
	using benchmark::ConsoleReporter;

	if (format == GBENCH_JSON)
		return std::make_unique<benchmark::JSONReporter>();
	if (format == GBENCH_CONSOLE)
		return std::make_unique<ConsoleReporter>(ConsoleReporter::OO_None);
	return nullptr;
}
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
	kept.erase(std::remove_if(kept.begin(), kept.end(),
				  [](const run_t &r) { return !defined(r); }),
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
}
