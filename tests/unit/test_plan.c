// SPDX-License-Identifier: MIT
/* Rows, their names, and what filters keep. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "families/families.h"
#include "tap.h"

static struct fp_plan make_for(enum fp_scope scope, unsigned outstanding, size_t region_bytes)
{
	struct fp_plan plan = { .scope = scope };
	struct fp_profile profile = { .outstanding = outstanding, .cpus = 2,
				      .region_bytes = region_bytes,
				      .region_lines = fp_visited_lines(region_bytes),
				      .is_ram = true };

	for (size_t i = 0; fp_families[i]; i++)
		fp_families[i]->plan(&plan, FP_WB, &profile);
	for (size_t i = 0; i < plan.n; i++)
		plan.rows[i].at[FP_AT_PAYLOAD].mapping = 0;
	return plan;
}

static struct fp_plan make(enum fp_scope scope, unsigned outstanding)
{
	return make_for(scope, outstanding, 0);
}

/* Of a copy; 0 for all others. */
static long long bytes_of(const struct fp_row *row)
{
	const struct fp_value *bytes = fp_value_find(&row->axes, "bytes");

	return bytes && !strcmp(row->family->name, "copy") ? bytes->number : 0;
}

/* Rows of threads want CPUs; one that is there twice will do. */
static void use_cpus(struct fp_workbench *bench)
{
	cpu_set_t allowed;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE && bench->n_cpus < 2; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			bench->cpus[bench->n_cpus++] = cpu;
	if (bench->n_cpus == 1)
		bench->cpus[bench->n_cpus++] = bench->cpus[0];
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
	return fp_plan_find(plan, name);
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

/* Refused in one line, at once, and with all rows still there. */
static void refuses(struct fp_plan *plan, const char *text, const char *what, const char *wanted)
{
	clock_t begin = clock();
	size_t all = plan->n;
	char why[384] = "";

	tap_now("%s", what);
	tap_is_int(fp_plan_filter(plan, text, NULL, why, sizeof(why)), -EINVAL, "%s: refused",
		   what);
	tap_ok(strstr(why, wanted) && !strchr(why, '\n'), "%s: says why: %s", what, why);
	tap_is_int((long long)plan->n, (long long)all, "%s: drops no row", what);
	tap_ok(clock() - begin < 2 * CLOCKS_PER_SEC, "%s: takes no time", what);
}

/* Where a bound is missing this ends the test, not the machine; sanitizers take all there is. */
static void bound_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
	struct rlimit limit;

	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = limit.rlim_max < 2ul << 30 ? limit.rlim_max : 2ul << 30;
	setrlimit(RLIMIT_AS, &limit);
#endif
}

static void test_bombs(void)
{
	struct fp_plan plan = make(FP_DEFAULT, 0);
	char many[12500 + 1];

	bound_memory();
	memset(many, '(', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	refuses(&plan, many, "12,500 parentheses", "--filter is no regular expression");
	refuses(&plan, many + sizeof(many) - 1 - 3000, "3,000 parentheses", "at byte");
	refuses(&plan, "((a{1,255}){1,255}){1,255}", "repetitions of repetitions", "too large");
	refuses(&plan, "((([a-z/]+)+)+)+[^a-z/_0-9:@]$", "a match without end", "limit exceeded");
	refuses(&plan, "(*UTF)a", "another encoding", "at byte");
	fp_plan_free(&plan);
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

/* A region of a power of two, which ends where a page that faults begins. */
static char *make_region(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = bytes < page ? page : bytes;
	char *all = mmap(NULL, whole + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED || mprotect(all + page, whole, PROT_READ | PROT_WRITE)) {
		puts("Bail out! no memory");
		exit(1);
	}
	return all + page + whole - bytes;
}

/* Laid, and run through its loop: no access outside of the region, or this program ends. */
static bool runs(struct fp_row *row, struct fp_workbench *bench, const struct fp_mapping *mapping)
{
	const struct fp_samples *samples = &row->outcome.samples;

	if (row->status == FP_UNSUPPORTED)
		return true;
	tap_now("%s", row->name);
	return !fp_row_run(row, bench, mapping, 0) && samples->n + samples->dropped >= 1;
}

static void test_lay(size_t bytes, unsigned outstanding, enum fp_scope scope)
{
	struct fp_mapping mapping = { .address = make_region(bytes), .bytes = bytes,
				      .requested = FP_WB, .is_ram = true };
	struct fp_plan plan = make_for(scope, outstanding, bytes);
	struct fp_workbench bench;
	size_t laid = 0;

	if (!tap_ok(!fp_workbench_open(&bench, false), "a workbench opens"))
		return;
	use_cpus(&bench);
	bench.min_samples = 1;
	for (size_t i = 0; i < plan.n; i++)
		laid += runs(&plan.rows[i], &bench, &mapping);
	tap_is_int((long long)laid, (long long)plan.n,
		   "every supported row is laid and runs in a region of %zu bytes", bytes);
	tap_is_int((long long)twice(&plan), 0, "no two rows have one name");
	fp_workbench_close(&bench);
	fp_plan_free(&plan);
}

static bool is_refused(const struct fp_plan *plan, const char *name, const char *why)
{
	const struct fp_row *row = fp_plan_find(plan, name);

	return row && row->status == FP_UNSUPPORTED && strstr(row->reason, why);
}

/* What a mapping has no room for is named; what it has room for stays. */
static void test_small_region(void)
{
	const char *flush = fp_arch_tables[fp_native.id].flush;
	struct fp_plan plan = make_for(FP_FULL, 100, 4096);
	char name[128];

	tap_ok(is_refused(&plan, "copy/bytes/none/wb/bytes:1048576/lines:64/offset:0",
			  "needs 1048576 bytes; the mapping has 4096") ||
		       is_refused(&plan, "copy/bytes/none/wb/bytes:1048576/lines:32/offset:0",
				  "needs 1048576 bytes; the mapping has 4096"),
	       "a copy larger than the mapping is refused");
	snprintf(name, sizeof(name), "barrier/store8/%s/wb/behind:256/next:load", flush);
	tap_ok(is_refused(&plan, name, "the mapping has 4096"),
	       "so are more stores than the mapping has lines");
	for (size_t i = 0; i < plan.n; i++)
		if (bytes_of(&plan.rows[i]) == 4096 &&
		    strstr(plan.rows[i].reason, "the mapping"))
			tap_ok(false, "%s fits: %s", plan.rows[i].name, plan.rows[i].reason);
	fp_plan_free(&plan);
}

/* A row that nobody planned for this mapping is an error, not a write beyond it. */
static void test_too_large(void)
{
	struct fp_mapping mapping = { .address = make_region(65536), .bytes = 65536,
				      .requested = FP_WB, .is_ram = true };
	struct fp_plan plan = make(FP_FULL, 8);
	struct fp_workbench bench;
	size_t errors = 0, large = 0;

	if (fp_workbench_open(&bench, true))
		return;
	bench.min_samples = 1;
	for (size_t i = 0; i < plan.n; i++) {
		struct fp_row *row = &plan.rows[i];

		if (bytes_of(row) <= (long long)mapping.bytes || row->status == FP_UNSUPPORTED)
			continue;
		large++;
		errors += fp_row_run(row, &bench, &mapping, 0) == -EFBIG;
	}
	tap_ok(large && errors == large, "copies that don't fit are an error: %zu of %zu", errors,
	       large);
	fp_workbench_close(&bench);
	fp_plan_free(&plan);
}

int main(void)
{
	test_scopes();
	test_filter();
	test_bombs();
	test_lay(65536, 8, FP_DEFAULT);
	test_lay((size_t)sysconf(_SC_PAGESIZE), 100, FP_FULL);
	test_lay(2048, 100, FP_FULL);
	test_small_region();
	test_too_large();
	return tap_done();
}
