// SPDX-License-Identifier: MIT
/*
 * A device is bound, used and unbound, again and again: nothing is left behind.
 *
 * ROUNDS, or the argument: 100, and 1000 in a kernel that finds mistakes.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define NUMBER 2

/* In a kernel that is slow, one without an interrupt: to look that up takes half a second. */
static const char *device;

static long memory_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kib = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
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

int main(int argc, char **argv)
{
	uint64_t random = bar_seed();
	uint64_t rounds = bar_number("ROUNDS", bar_is_debug() ? 1000 : 100);
	struct traces before, after;
	long available;

	if (argc > 1)
		rounds = strtoull(argv[1], NULL, 0);
	device = bar_is_debug() ? "LAB_SHM" : "LAB_CMB";
	bar_unbind(device);
	before = look();
	/* What the kernel keeps for later is there after some rounds. */
	tap_is_int((long long)go_round(rounds / 10, &random), 0, "%llu rounds",
		   (unsigned long long)rounds / 10);
	available = memory_available();
	tap_is_int((long long)go_round(rounds, &random), 0, "%llu rounds of bind, map and unbind",
		   (unsigned long long)rounds);
	available -= memory_available();
	after = look();
	tap_is_int(after.mappings, before.mappings, "no mapping of the kernel's is left");
	tap_is_int(after.claims, before.claims, "no claimed address");
	tap_is_int(after.types, before.types, "no reserved memory type");
	tap_is_int(after.nodes, before.nodes, "no device node");
	/* Less than a page a round: what is smaller, kmemleak finds.  KASAN frees late. */
	if (!tap_ok(available < (long)rounds * 2 + (bar_is_debug() ? 40 : 1) * 1024, "no memory"))
		printf("# %ld KiB less\n", available);
	tap_is_int(bar_bind(device), 0, "the device is bound again");
	return tap_done();
}
