// SPDX-License-Identifier: MIT
/*
 * arguments.cc - arguments and numbers of threads: one by one, and by ranges.
 */
#include "internal.h"

namespace gbench
{
namespace
{
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
}
}

using namespace gbench;

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
