// SPDX-License-Identifier: MIT
/*
 * Each memory type on each BAR: what its page-table entries say, and that bytes
 * written come back; types side by side in one BAR.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define PAT_LIST "/sys/kernel/debug/x86/pat_memtype_list"

static const uint32_t types[] = { FENCEPOST_WC, FENCEPOST_UC, FENCEPOST_DEVICE };

static void check_attribute(int fd, const void *p, size_t length, uint32_t memory,
			    const char *where)
{
	struct fencepost_mapping mapping;
	int err = bar_populate(fd, p, length, &mapping);

	tap_is_int(err, 0, "%s as %s: pages come in without an access", where,
		   bar_memory_name(memory));
	if (err)
		return;
	tap_is_int(mapping.memory, memory, "%s as %s: it says so", where, bar_memory_name(memory));
	tap_is_str(fp_attribute_name(mapping.stage1), fp_attribute_name(bar_expected(memory)),
		   "%s as %s: page-table entries (%03llx)", where, bar_memory_name(memory),
		   (unsigned long long)(mapping.entry & 0xfff));
	tap_is_str(fp_attribute_name(mapping.effective), "unknown: stage 2",
		   "%s as %s: a guest does not know what is effective", where,
		   bar_memory_name(memory));
	tap_is_int(mapping.entry & 0x0000fffffffff000ULL & -(uint64_t)bar_page(), 0,
		   "%s as %s: no physical address gets out", where, bar_memory_name(memory));
}

/* Every page gets words of its own; they come back after all are written. */
static bool keeps_bytes(volatile uint64_t *p, size_t length, uint64_t seed)
{
	size_t step = bar_page() / sizeof(*p), n = length / sizeof(*p);

	for (size_t i = 0; i < n; i += step)
		p[i] = seed + i;
	for (size_t i = 0; i < n; i += step)
		if (p[i] != seed + i)
			return false;
	return true;
}

static void one_type(const char *variable, int number, uint32_t memory)
{
	int fd = bar_open(variable, number);
	struct fencepost_info info;
	void *p;

	if (!tap_ok(fd >= 0, "%s BAR %d opens", variable, number))
		return;
	tap_is_int(bar_info(fd, &info), 0, "%s BAR %d has information", variable, number);
	p = bar_take(fd, 0, info.bytes, memory);
	check_attribute(fd, p, info.bytes, memory, variable);
	tap_ok(keeps_bytes(p, info.bytes, 0x1234567800000000u + memory),
	       "%s as %s keeps what is written", variable, bar_memory_name(memory));
	munmap(p, info.bytes);
	close(fd);
}

static void side_by_side(void)
{
	int fd = bar_open(BAR_CMB);
	volatile uint32_t *p[3];

	for (int i = 0; i < 3; i++) {
		p[i] = bar_take(fd, (uint64_t)i * BAR_MIB, BAR_MIB, types[i]);
		check_attribute(fd, (void *)p[i], BAR_MIB, types[i], "side by side");
	}
	for (uint32_t i = 0; i < 3; i++)
		p[i][0] = p[i][BAR_MIB / 4 - 1] = 0xabc0 + i;
	for (uint32_t i = 0; i < 3; i++)
		tap_ok(p[i][0] == 0xabc0 + i && p[i][BAR_MIB / 4 - 1] == 0xabc0 + i,
		       "side by side: the %s range has its own bytes", bar_memory_name(types[i]));
	close(fd);
	/* The mappings live on, and so do the ranges. */
	for (uint32_t i = 0; i < 3; i++) {
		tap_ok(p[i][0] == 0xabc0 + i, "a %s mapping outlives its file descriptor",
		       bar_memory_name(types[i]));
		munmap((void *)p[i], BAR_MIB);
	}
}

/* Where BAR 2 begins, as sysfs says: a line "START END FLAGS" each. */
static unsigned long long bar_start(void)
{
	unsigned long long start = 0;
	char path[160], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/resource", bar_sysfs("LAB_CMB"));
	f = fopen(path, "re");
	for (int i = 0; f && i <= 2 && fgets(line, sizeof(line), f); i++)
		if (i == 2)
			start = strtoull(line, NULL, 16);
	if (f)
		fclose(f);
	return start;
}

/* Of "PAT: [mem 0xSTART-0xEND] TYPE" the type of just this range; "none". */
static const char *pat_type(unsigned long long start, unsigned long long bytes)
{
	static char type[32];
	FILE *f = fopen(PAT_LIST, "re");
	unsigned long long from, to;
	char line[128];

	strcpy(type, "none");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "PAT: [mem %llx-%llx]", &from, &to) == 2 && from == start &&
		    to == start + bytes)
			sscanf(line, "%*[^]]] %31s", type);
	if (f)
		fclose(f);
	return type;
}

/* A range has the type that its pages' entries have, and none when nobody has it. */
static void pat_agrees(void)
{
	static const char *const names[] = { "write-combining", "uncached-minus",
					     "uncached-minus" };
	unsigned long long start = bar_start();
	int fd = bar_open(BAR_CMB);
	void *p[3];

	for (int i = 0; i < 3; i++) {
		p[i] = bar_take(fd, (uint64_t)i * BAR_MIB, BAR_MIB, types[i]);
		check_attribute(fd, p[i], BAR_MIB, types[i], "with pat_memtype_list");
	}
	for (unsigned i = 0; i < 3; i++)
		tap_is_str(pat_type(start + i * BAR_MIB, BAR_MIB), names[i],
			   "pat_memtype_list has the %s range", bar_memory_name(types[i]));
	for (int i = 0; i < 3; i++)
		munmap(p[i], BAR_MIB);
	close(fd);
	for (unsigned i = 0; i < 3; i++)
		tap_is_str(pat_type(start + i * BAR_MIB, BAR_MIB), "none",
			   "and no more when the %s range is gone", bar_memory_name(types[i]));
}

int main(void)
{
	for (int i = 0; i < 3; i++) {
		one_type("LAB_CMB", 2, types[i]);
		one_type("LAB_SHM", 2, types[i]);
	}
	side_by_side();
	if (access(PAT_LIST, R_OK))
		tap_skip("this kernel has no pat_memtype_list");
	else
		pat_agrees();
	return tap_done();
}
