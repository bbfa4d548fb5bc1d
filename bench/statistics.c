// SPDX-License-Identifier: MIT
#include "statistics.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>
#include <string.h>

static struct fp_quantiles quantiles(double *work, const double *values, size_t n)
{
	memcpy(work, values, n * sizeof(*work));
	gsl_sort(work, 1, n);
	return (struct fp_quantiles){
		.min = work[0],
		.p50 = gsl_stats_quantile_from_sorted_data(work, 1, n, 0.50),
		.p99 = gsl_stats_quantile_from_sorted_data(work, 1, n, 0.99),
	};
}

static struct fp_quantiles difference(struct fp_quantiles measured, struct fp_quantiles base)
{
	return (struct fp_quantiles){
		.min = measured.min - base.min,
		.p50 = measured.p50 - base.p50,
		.p99 = measured.p99 - base.p50,
	};
}

/* Each sample by the frequency of its own block: it may change between blocks. */
static size_t to_cycles(const struct fp_samples *s, double *measured, double *base)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->cycles_per_ns[i] <= 0)
			continue;
		measured[n] = s->measured[i] * s->cycles_per_ns[i];
		base[n] = s->base[i] * s->cycles_per_ns[i];
		n++;
	}
	return n;
}

int fp_statistics(const struct fp_samples *s, struct fp_statistics *out)
{
	double *work, *measured, *base;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (!s->n)
		return -ENODATA;
	work = malloc(3 * s->n * sizeof(*work));
	if (!work)
		return -ENOMEM;
	measured = work + s->n;
	base = measured + s->n;
	out->ns = difference(quantiles(work, s->measured, s->n), quantiles(work, s->base, s->n));
	n = to_cycles(s, measured, base);
	out->has_cycles = n > 0;
	if (n)
		out->cycles = difference(quantiles(work, measured, n), quantiles(work, base, n));
	free(work);
	return 0;
}
