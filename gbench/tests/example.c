/* SPDX-License-Identifier: MIT */
/*
 * Google Benchmark from C in one file: how long memcpy and memmove take, by size.
 *
 *	cc example.c $(pkg-config --cflags --libs --static gbench) && ./a.out [REGEX]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gbench.h>

enum { LARGEST = 65536 };

typedef void *copy_fn(void *to, const void *from, size_t bytes);

struct copy {
	const char *name;
	copy_fn *volatile fn; /* volatile: a call that the compiler can't drop */
};

static char to[LARGEST], from[LARGEST];

/* Not timed. */
static int fill(struct gbench_state *state, void *user)
{
	const struct copy *copy = user;

	if (!copy->fn)
		return gbench_skip(state, "this system has none");
	memset(from, 1, (size_t)gbench_arg(state, 0));
	return 0;
}

static int time_copy(struct gbench_state *state, void *user)
{
	const struct copy *copy = user;
	size_t bytes = (size_t)gbench_arg(state, 0);

	while (gbench_next_batch(state, 100))
		for (int i = 0; i < 100; i++)
			copy->fn(to, from, bytes);
	gbench_set_complexity_n(state, (int64_t)bytes);
	return gbench_set_bytes(state, gbench_done(state) * (int64_t)bytes);
}

static int add(struct copy *copy)
{
	static const char *const names[] = { "bytes" };
	struct gbench_benchmark *b = gbench_add(copy->name, time_copy, copy);
	int rc = b ? gbench_set_arg_names(b, names, 1) : -errno;

	if (!rc)
		rc = gbench_add_range(b, 64, LARGEST, 64);
	if (!rc)
		rc = gbench_set_callbacks(b, fill, NULL);
	if (!rc)
		rc = gbench_set_complexity(b, GBENCH_O_N);
	return rc;
}

int main(int argc, char **argv)
{
	static struct copy copies[] = { { "memcpy", memcpy }, { "memmove", memmove },
					{ "none", NULL } };
	struct gbench_options options = { .format = GBENCH_CONSOLE, .min_time = 0.01 };
	struct gbench_result result = { 0 };
	int rc = 0;

	options.filter = argc > 1 ? argv[1] : NULL;
	for (size_t i = 0; !rc && i < sizeof(copies) / sizeof(*copies); i++)
		rc = add(&copies[i]);
	if (!rc)
		rc = gbench_run(&options, &result);
	if (rc)
		fprintf(stderr, "%s: %s\n", argv[0], strerror(-rc));
	else
		printf("%s%zu ran, %zu skipped, %zu failed, %zu not asked for\n", result.output,
		       result.run, result.skipped, result.failed, result.unmatched);
	free(result.output);
	gbench_clear();
	return rc || result.failed;
}
