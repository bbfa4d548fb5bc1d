// SPDX-License-Identifier: MIT
/*
 * A device is bound, used and unbound, again and again: nothing is left behind.
 *
 * ROUNDS, or the argument: 400, and 1000 in a kernel that finds mistakes.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define NUMBER  2
#define WINDOWS 4
#define ENOUGH  100 /* rounds of a window: a page each stands out from what others do */

/* In a kernel that is slow, one without an interrupt: to look that up takes half a second. */
static const char *device;

/* Pages that nobody has, with those in the lists that each CPU keeps; -1 if it can't be told. */
static long free_pages(void)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	char line[256];
	long n, sum = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " pages free %ld", &n) == 1 ||
		    sscanf(line, " count: %ld", &n) == 1)
			sum += n + (sum < 0);
	if (f)
		fclose(f);
	return sum;
}

/* After what the kernel can do without is given back, and what the CPUs count is added up. */
static long pages_left(void)
{
	fp_file_put("/proc/sys/vm/drop_caches", "3");
	fp_file_put("/proc/sys/vm/compact_memory", "1");
	fp_file_put("/proc/sys/vm/stat_refresh", "1");
	return free_pages();
}

static int nodes(void)
{
	DIR *folder = opendir("/dev/fencepost");
	int n = 0;

	if (!folder)
		return 0;
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

static uint64_t pages_in(size_t bytes, uint64_t *random)
{
	return (1 + bar_random(random) % (bytes / bar_page())) * bar_page();
}

/* Whether all went well. Sometimes a file, a mapping or both stay until after the device. */
static bool use(uint64_t *random)
{
	uint32_t memory = FENCEPOST_WC + bar_random(random) % 3;
	uint64_t length = pages_in(BAR_MIB / 4, random), offset = pages_in(BAR_MIB / 2, random);
	unsigned last = bar_random(random) % 4;
	int fd = bar_open(device, NUMBER);
	volatile unsigned char *p = bar_take(fd, offset, length, memory);
	struct fencepost_mapping mapping;
	bool good = !bar_populate(fd, (void *)p, length, &mapping) &&
		    mapping.stage1 == bar_expected(memory) && !bar_store_faults(p + length - 8);

	if (!(last & 1))
		close(fd);
	if (!(last & 2))
		munmap((void *)p, length);
	good = !bar_unbind(device) && good;
	if (last & 2) {
		good = bar_load_faults(p) && good;
		munmap((void *)p, length);
	}
	if (last & 1)
		close(fd);
	return good;
}

static uint64_t go_round(uint64_t rounds, uint64_t *random)
{
	uint64_t failed = 0;

	for (uint64_t i = 0; i < rounds; i++)
		failed += bar_bind(device) || !use(random);
	return failed;
}

/* What the device left while nobody has it. */
struct traces {
	int mappings, claims, types, nodes;
};

static struct traces look(void)
{
	return (struct traces){
		.mappings = bar_count_lines("/proc/vmallocinfo", "[fencepost]"),
		.claims = bar_count_lines("/proc/iomem", "fencepost"),
		.types = bar_count_lines("/sys/kernel/debug/x86/pat_memtype_list", "PAT:"),
		.nodes = nodes(),
	};
}

/*
 * Whether a page goes with each round, or with most of them: kmemleak knows of none.  What
 * others use for a while is not gone in each window.  With KASAN, what is freed stays for
 * thousands of pages: other kernels tell.
 */
static void check_memory(const long *gone, uint64_t window)
{
	long least = gone[0];

	for (int i = 1; i < WINDOWS; i++)
		if (gone[i] < least)
			least = gone[i];
	if (bar_is_debug())
		return;
	if (window < ENOUGH) {
		tap_skip("these are too few rounds to see memory go");
		return;
	}
	if (tap_ok(free_pages() > 0 && least <= (long)window / 3, "no memory"))
		return;
	for (int i = 0; i < WINDOWS; i++)
		printf("# %ld pages less after %llu rounds\n", gone[i], (unsigned long long)window);
}

static void check_traces(const struct traces *before, const struct traces *after)
{
	tap_is_int(after->mappings, before->mappings, "no mapping of the kernel's is left");
	tap_is_int(after->claims, before->claims, "no claimed address");
	if (before->types < 0)
		tap_skip("this kernel has no pat_memtype_list");
	else
		tap_is_int(after->types, before->types, "no reserved memory type");
	tap_is_int(after->nodes, before->nodes, "no device node");
}

int main(int argc, char **argv)
{
	uint64_t random = bar_seed(), failed = 0;
	uint64_t rounds = bar_number("ROUNDS", bar_is_debug() ? 1000 : 400), window;
	struct traces before, after;
	long gone[WINDOWS];

	if (argc > 1)
		rounds = strtoull(argv[1], NULL, 0);
	window = (rounds + WINDOWS - 1) / WINDOWS;
	device = bar_is_debug() ? "LAB_SHM" : "LAB_CMB";
	bar_unbind(device);
	before = look();
	/* What the kernel keeps for later is there after some rounds. */
	tap_is_int((long long)go_round(rounds / 10, &random), 0, "%llu rounds",
		   (unsigned long long)rounds / 10);
	for (int i = 0; i < WINDOWS; i++) {
		gone[i] = pages_left();
		failed += go_round(window, &random);
		gone[i] -= pages_left();
	}
	tap_is_int((long long)failed, 0, "%llu rounds of bind, map and unbind",
		   (unsigned long long)window * WINDOWS);
	after = look();
	check_traces(&before, &after);
	check_memory(gone, window);
	tap_is_int(bar_bind(device), 0, "the device is bound again");
	return tap_done();
}
