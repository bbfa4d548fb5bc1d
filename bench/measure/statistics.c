// SPDX-License-Identifier: MIT
#include "measure/statistics.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sorts the values. */
static struct fp_quantiles quantiles(double *values, size_t n)
{
	gsl_sort(values, 1, n);
	return (struct fp_quantiles){
		.min = values[0],
		.p50 = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.50),
		.p99 = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.99),
	};
}

static struct fp_quantiles difference(double *measured, double *base, size_t n)
{
	struct fp_quantiles m = quantiles(measured, n), b = quantiles(base, n);

	return (struct fp_quantiles){
		.min = m.min - b.min,
		.p50 = m.p50 - b.p50,
		.p99 = m.p99 - b.p50,
	};
}

static struct fp_quantiles in_ns(const struct fp_samples *s, double *measured, double *base)
{
	for (size_t i = 0; i < s->n; i++) {
		measured[i] = s->all[i].measured;
		base[i] = s->all[i].base;
	}
	return difference(measured, base, s->n);
}

/* Each sample by the frequency of its own block: it may change between blocks. */
static bool in_cycles(const struct fp_samples *s, double *measured, double *base,
		      struct fp_quantiles *cycles)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct fp_sample *one = &s->all[i];

		if (one->cycles_per_ns <= 0)
			continue;
		measured[n] = one->measured * one->cycles_per_ns;
		base[n] = one->base * one->cycles_per_ns;
		n++;
	}
	if (n)
		*cycles = difference(measured, base, n);
	return n > 0;
}

/* Of the block that begins at *at, which then is the next one's beginning. */
static double block_min(const struct fp_samples *s, size_t *at)
{
	unsigned block = s->all[*at].block;
	double measured = INFINITY, base = INFINITY;

	for (; *at < s->n && s->all[*at].block == block; ++*at) {
		measured = fmin(measured, s->all[*at].measured);
		base = fmin(base, s->all[*at].base);
	}
	return measured - base;
}

static double median_of_minima(const struct fp_samples *s, double *minima)
{
	size_t blocks = 0;

	for (size_t at = 0; at < s->n;)
		minima[blocks++] = block_min(s, &at);
	return quantiles(minima, blocks).p50;
}

int fp_statistics(const struct fp_samples *s, struct fp_statistics *out)
{
	double *measured, *base;

	memset(out, 0, sizeof(*out));
	if (!s->n)
		return -ENODATA;
	measured = malloc(2 * s->n * sizeof(*measured));
	if (!measured)
		return -ENOMEM;
	base = measured + s->n;
	out->ns = in_ns(s, measured, base);
	out->ns_block_min = median_of_minima(s, measured);
	out->has_cycles = in_cycles(s, measured, base, &out->cycles);
	free(measured);
	return 0;
}
