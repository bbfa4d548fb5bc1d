// SPDX-License-Identifier: MIT
/*
 * settings.cc - the benchmarks, and how each is to be run.
 */
#include "internal.h"

#include <cstring>

namespace gbench
{
std::vector<std::unique_ptr<gbench_benchmark>> added;

/* The JSON reporter escapes only these of the control characters. */
std::string clean(const char *text)
{
	std::string out(text);

	for (char &c : out)
		if (static_cast<unsigned char>(c) < ' ' && !strchr("\b\f\n\r\t", c))
			c = '?';
	return out;
}

namespace
{
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
}
}

using namespace gbench;

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
