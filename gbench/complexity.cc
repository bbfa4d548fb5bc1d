// SPDX-License-Identifier: MIT
/*
 * complexity.cc - fits the times of a benchmark to a function of its N.
 */
#include "internal.h"

namespace gbench
{
namespace
{
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
				       benchmark::oNLogN, benchmark::oNSquared,
				       benchmark::oNCubed };

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
}
