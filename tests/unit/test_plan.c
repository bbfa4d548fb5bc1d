// SPDX-License-Identifier: MIT
/* Rows, their names, and what filters keep. */
#include <errno.h>

#include "family.h"
#include "tap.h"

static struct fp_plan make(enum fp_scope scope, unsigned outstanding)
{
	struct fp_plan plan = { .scope = scope };
	struct fp_profile profile = { outstanding };

	for (size_t i = 0; fp_families[i]; i++)
		fp_families[i]->plan(&plan, FP_WB, &profile);
	return plan;
}

static size_t twice(const struct fp_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->n; i++)
		for (size_t j = 0; j < i; j++)
			count += !strcmp(plan->rows[i].name, plan->rows[j].name);
	return count;
}

static bool is_in(const struct fp_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!strcmp(plan->rows[i].name, name))
			return true;
	return false;
}

static size_t without_reason(const struct fp_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->n; i++)
		count += (plan->rows[i].status == FP_UNSUPPORTED) != !!*plan->rows[i].reason;
	return count;
}

static void test_scopes(void)
{
	struct fp_plan quick = make(FP_QUICK, 100), normal = make(FP_DEFAULT, 100);
	struct fp_plan full = make(FP_FULL, 100);
	size_t found = 0;

	tap_ok(quick.n < normal.n && normal.n < full.n, "quick %zu < default %zu < full %zu rows",
	       quick.n, normal.n, full.n);
	for (size_t i = 0; i < quick.n; i++)
		found += is_in(&full, quick.rows[i].name);
	tap_is_int((long long)found, (long long)quick.n, "full has every row of quick");
	tap_is_int((long long)(twice(&quick) + twice(&normal) + twice(&full)), 0,
		   "no two rows have one name");
	tap_is_int((long long)without_reason(&full), 0,
		   "rows have a reason exactly when they are unsupported");
	tap_ok(is_in(&normal, "barrier/store8/none/wb/behind:1/next:load") &&
	       is_in(&normal, "barrier/store8/none/wb/behind:8/next:store") &&
	       is_in(&normal, "barrier/store8/none/wb/behind:256/next:load"),
	       "behind 1, 8, and twice 100 rounded up to a power of two");
	fp_plan_free(&quick);
	fp_plan_free(&normal);
	fp_plan_free(&full);
}

static void test_filter(void)
{
	struct fp_plan plan = make(FP_DEFAULT, 0);
	size_t all = plan.n, idle;
	char why[64] = "";

	tap_is_int(fp_plan_filter(&plan, NULL, NULL, why, sizeof(why)), 0, "no filter");
	tap_is_int((long long)plan.n, (long long)all, "keeps everything");
	tap_is_int(fp_plan_filter(&plan, "^barrier/idle/", NULL, why, sizeof(why)), 0, "a filter");
	idle = plan.n;
	tap_is_int((long long)idle, (long long)fp_arch_tables[fp_native.id].n_barriers - 1,
		   "keeps the idle barriers");
	tap_is_int(fp_plan_filter(&plan, NULL, "/wb$", why, sizeof(why)), 0, "an exclusion");
	tap_is_int((long long)plan.n, 0, "removes what matches");
	tap_is_int(fp_plan_filter(&plan, "(", NULL, why, sizeof(why)), -EINVAL, "no expression");
	tap_ok(*why, "says why: %s", why);
	fp_plan_free(&plan);
}

/* Each row that can run is laid and runs through its loop once. */
static void test_lay(void)
{
	static _Alignas(1 << 16) char memory[1 << 16];
	struct fp_mapping mapping = { .address = memory, .bytes = sizeof(memory),
				      .requested = FP_WB };
	struct fp_plan plan = make(FP_DEFAULT, 8);
	struct fp_bench bench;
	size_t laid = 0;

	if (!tap_ok(!fp_bench_open(&bench, &mapping, true), "a bench opens"))
		return;
	bench.min_samples = 1;
	for (size_t i = 0; i < plan.n; i++) {
		struct fp_row *row = &plan.rows[i];

		laid += row->status == FP_UNSUPPORTED ||
			(!fp_family_run(row, &bench) && row->samples.n +
			 row->samples.dropped == 1);
	}
	tap_is_int((long long)laid, (long long)plan.n, "every supported row is laid and runs");
	fp_bench_close(&bench);
	fp_plan_free(&plan);
}

int main(void)
{
	test_scopes();
	test_filter();
	test_lay();
	return tap_done();
}
