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

static const uint32_t types[] = { FENCEPOST_WC, FENCEPOST_UC, FENCEPOST_DEVICE };

static void check_attribute(int fd, const void *p, size_t length, uint32_t memory, const char *where)
{
	struct fencepost_mapping mapping;
	int err = bar_populate(fd, p, length, &mapping);

	tap_is_int(err, 0, "%s as %s: pages come in without an access", where,
		   bar_memory_name(memory));
	if (err)
		return;
	tap_is_int(mapping.memory, memory, "%s as %s: it says so", where, bar_memory_name(memory));
	tap_is_str(bar_attribute_name(mapping.stage1), bar_attribute_name(bar_expected(memory)),
		   "%s as %s: page-table entries (%03llx)", where, bar_memory_name(memory),
		   (unsigned long long)(mapping.entry & 0xfff));
	tap_is_str(bar_attribute_name(mapping.effective), "unknown: stage 2",
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
	tap_ok(keeps_bytes(p, info.bytes, 0x1234567800000000u + memory), "%s as %s keeps what is written",
	       variable, bar_memory_name(memory));
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

/* Lines such as "PAT: [mem 0x...-0x...] write-combining". */
static void pat_agrees(void)
{
	static const char list[] = "/sys/kernel/debug/x86/pat_memtype_list";
	int fd = bar_open(BAR_CMB), wc = bar_count_lines(list, "write-combining");
	int uc = bar_count_lines(list, "uncached-minus");

	if (wc < 0) {
		tap_skip("this kernel has no pat_memtype_list");
		close(fd);
		return;
	}
	bar_take(fd, 0, BAR_MIB, FENCEPOST_WC);
	bar_take(fd, BAR_MIB, BAR_MIB, FENCEPOST_UC);
	tap_ok(bar_count_lines(list, "write-combining") > wc, "pat_memtype_list has the WC range");
	tap_ok(bar_count_lines(list, "uncached-minus") > uc, "pat_memtype_list has the UC range");
	close(fd);
}

int main(void)
{
	for (int i = 0; i < 3; i++) {
		one_type("LAB_CMB", 2, types[i]);
		one_type("LAB_SHM", 2, types[i]);
	}
	side_by_side();
	pat_agrees();
	return tap_done();
}
