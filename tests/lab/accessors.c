// SPDX-License-Identifier: MIT
/*
 * The kernel's own accessors: each puts the right bytes in the right places, or
 * reads them, and no others; behind every barrier, in every section.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define AROUND 64u /* bytes on both sides that must stay */
#define MOST   512u

static const struct {
	const char *name;
	unsigned unit;
	bool loads;
} accesses[FENCEPOST_ACCESSES] = {
	[FENCEPOST_NOTHING] = { "nothing", 0, false },
	[FENCEPOST_MEMCPY_TOIO] = { "memcpy_toio", 1, false },
	[FENCEPOST_MEMCPY_FROMIO] = { "memcpy_fromio", 1, true },
	[FENCEPOST_MEMSET_IO] = { "memset_io", 1, false },
	[FENCEPOST_IOWRITE32_COPY] = { "__iowrite32_copy", 4, false },
	[FENCEPOST_IOWRITE64_COPY] = { "__iowrite64_copy", 8, false },
	[FENCEPOST_IOSUBMIT_CMDS512] = { "iosubmit_cmds512", 64, false },
	[FENCEPOST_MEMCPY] = { "memcpy", 16, false },
	[FENCEPOST_WRITEL] = { "writel", 4, false },
	[FENCEPOST_WRITEQ] = { "writeq", 8, false },
	[FENCEPOST_WRITEL_RELAXED] = { "writel_relaxed", 4, false },
	[FENCEPOST_WRITEQ_RELAXED] = { "writeq_relaxed", 8, false },
	[FENCEPOST_RAW_WRITEL] = { "__raw_writel", 4, false },
	[FENCEPOST_RAW_WRITEQ] = { "__raw_writeq", 8, false },
	[FENCEPOST_READL] = { "readl", 4, true },
	[FENCEPOST_READQ] = { "readq", 8, true },
	[FENCEPOST_READL_RELAXED] = { "readl_relaxed", 4, true },
	[FENCEPOST_READQ_RELAXED] = { "readq_relaxed", 8, true },
	[FENCEPOST_RAW_READL] = { "__raw_readl", 4, true },
	[FENCEPOST_RAW_READQ] = { "__raw_readq", 8, true },
};

static struct fencepost_info info;

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 37 + 11);
}

/* The page as it is before: each byte differs from what is written there. */
static void prepare(volatile unsigned char *bar, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bar[i] = (unsigned char)~pattern(i);
}

/* How many bytes of the page are not as they should be after bytes at offset. */
static unsigned wrong_bytes(const volatile unsigned char *bar, size_t offset, size_t bytes,
			    uint32_t access)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < offset + bytes + AROUND; i++) {
		bool inside = i >= offset && i < offset + bytes;
		unsigned char want = (unsigned char)~pattern(i);

		if (inside)
			want = access == FENCEPOST_MEMSET_IO ? pattern(offset) : pattern(i);
		wrong += bar[i] != want;
	}
	return wrong;
}

static unsigned try_access(int fd, volatile unsigned char *bar, uint64_t at, uint32_t access,
			   size_t offset, size_t bytes)
{
	unsigned char data[MOST];
	uint64_t time = 0;
	struct fencepost_run run = { .offset = at + offset, .places = 1, .bytes = (uint32_t)bytes,
				     .access = access, .loops = 1, .samples = 1,
				     .data = (uintptr_t)data, .times = (uintptr_t)&time };
	unsigned wrong = 0;

	prepare(bar, offset + bytes + AROUND);
	for (size_t i = 0; i < bytes; i++)
		data[i] = accesses[access].loads ? 0 : pattern(offset + i);
	if (bar_run(fd, &run) || !time)
		return MOST;
	if (!accesses[access].loads)
		return wrong_bytes(bar, offset, bytes, access);
	for (size_t i = 0; i < bytes; i++)
		wrong += data[i] != (unsigned char)~pattern(offset + i);
	return wrong + wrong_bytes(bar, offset, 0, access);
}

/* A load of the kernel's takes 1 us at most by its own count, and there is a limit. */
static size_t most_bytes(uint32_t access)
{
	return accesses[access].loads ? 64 : 200;
}

static void every_access(int fd, volatile unsigned char *bar, uint64_t at, uint32_t memory)
{
	for (uint32_t access = 1; access < FENCEPOST_ACCESSES; access++) {
		unsigned wrong = 0, unit = accesses[access].unit, step = unit < 4 ? 7 : unit;

		if (!(info.accesses & 1ULL << access))
			continue;
		/* The only one whose place the memory type limits. */
		if (access == FENCEPOST_MEMCPY && memory != FENCEPOST_WC)
			continue;
		for (size_t offset = 64; offset <= 64 + 3 * (size_t)unit; offset += unit)
			for (size_t bytes = unit; bytes <= most_bytes(access); bytes += step)
				wrong += try_access(fd, bar, at, access, offset, bytes);
		tap_is_int(wrong, 0, "%s on %s: bytes that are wrong", accesses[access].name,
			   bar_memory_name(memory));
	}
}

static void one_type(uint32_t memory)
{
	int fd = bar_open(BAR_CMB);
	uint64_t at = memory * BAR_MIB;
	volatile unsigned char *bar = bar_take(fd, at, BAR_MIB, memory);

	every_access(fd, bar, at, memory);
	close(fd);
}

/* Every place gets its bytes, and the next stays free of them. */
static void places(int fd, volatile unsigned char *bar)
{
	unsigned char data[16];
	uint64_t times[3] = { 0 };
	struct fencepost_run run = { .offset = 256, .stride = 128, .places = 5,
				     .bytes = sizeof(data),
				     .access = FENCEPOST_WRITEL, .loops = 3, .samples = 3,
				     .data = (uintptr_t)data, .times = (uintptr_t)times };
	unsigned wrong = 0;

	memset(data, 0xa5, sizeof(data));
	for (size_t i = 0; i < 2048; i++)
		bar[i] = 0;
	tap_is_int(bar_run(fd, &run), 0, "3 loops over 5 places");
	for (size_t i = 0; i < 2048; i++) {
		bool inside = i >= 256 && i < 256 + 3 * 128 && (i - 256) % 128 < sizeof(data);

		wrong += bar[i] != (inside ? 0xa5 : 0);
	}
	tap_is_int(wrong, 0, "each sample begins at the first place: bytes that are wrong");
	tap_ok(times[0] && times[1] && times[2], "each sample has a time");
	run.loops = 5;
	bar_run(fd, &run);
	tap_ok(bar[256 + 4 * 128] == 0xa5 && bar[256 + 5 * 128] == 0,
	       "5 loops reach the fifth place");
}

/* With as many loops as a slow machine may have. */
static int run_loops(int fd, struct fencepost_run run)
{
	int err = bar_run(fd, &run);

	for (; err == -E2BIG && run.loops > 1; err = bar_run(fd, &run))
		run.loops /= 2;
	return err;
}

/* None of them changes what is written. */
static void barriers_and_sections(int fd, volatile unsigned char *bar)
{
	uint32_t data = 0x12345678;
	uint64_t time;

	for (uint32_t barrier = 0; barrier < FENCEPOST_BARRIERS; barrier++)
		for (uint32_t section = 0; section < FENCEPOST_SECTIONS; section++) {
			struct fencepost_run run = { .places = 1, .bytes = 4,
						     .access = FENCEPOST_WRITEL, .barrier = barrier,
						     .section = section, .loops = 8, .samples = 1,
						     .data = (uintptr_t)&data,
						     .times = (uintptr_t)&time };
			volatile uint32_t *word = (volatile uint32_t *)bar;

			if (!(info.barriers & 1u << barrier) || !(info.sections & 1u << section))
				continue;
			*word = 0;
			time = 0;
			tap_ok(!run_loops(fd, run) && *word == data && time,
			       "barrier %u in section %u", barrier, section);
		}
}

int main(void)
{
	int fd = bar_open(BAR_CMB);
	volatile unsigned char *bar;

	if (fd < 0 || bar_info(fd, &info)) {
		puts("Bail out! can't open the BAR");
		return 1;
	}
	tap_is_int(info.abi, FENCEPOST_ABI, "the module's interface is the one of the header");
	for (uint32_t memory = FENCEPOST_WC; memory <= FENCEPOST_DEVICE; memory++)
		one_type(memory);
	close(fd);
	/* Several loops may not take longer than the kernel allows. */
	fd = bar_open(BAR_SHM);
	bar = bar_take(fd, 0, BAR_MIB, FENCEPOST_WC);
	places(fd, bar);
	barriers_and_sections(fd, bar);
	close(fd);
	return tap_done();
}
