// SPDX-License-Identifier: MIT
/* What must not be: each refused with the errno of <linux/fencepost.h>, and nothing changed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

static size_t page;
static struct fencepost_info info;

static void ranges(int fd)
{
	const struct {
		const char *what;
		uint64_t offset, length;
		uint32_t memory;
		int err;
	} cases[] = {
		{ "zero length", 0, 0, FENCEPOST_WC, -EINVAL },
		{ "an offset within a page", 8, page, FENCEPOST_WC, -EINVAL },
		{ "a length of half a page", 0, page / 2, FENCEPOST_WC, -EINVAL },
		{ "no memory type", 0, page, 0, -EINVAL },
		{ "an unknown memory type", 0, page, 4, -EINVAL },
		{ "a page beyond the BAR", info.bytes, page, FENCEPOST_WC, -ENXIO },
		{ "one page more than the BAR", 0, info.bytes + page, FENCEPOST_WC, -ENXIO },
		{ "the BAR from its second page on", page, info.bytes, FENCEPOST_UC, -ENXIO },
		{ "a length that wraps", page, -(uint64_t)page, FENCEPOST_WC, -ENXIO },
		{ "an offset that wraps", -(uint64_t)page, page, FENCEPOST_WC, -ENXIO },
	};
	struct fencepost_range range = { .length = page, .memory = FENCEPOST_WC, .reserved = 1 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_is_int(bar_reserve(fd, cases[i].offset, cases[i].length, cases[i].memory),
			   cases[i].err, "reserving %s", cases[i].what);
	tap_ok(ioctl(fd, FENCEPOST_RESERVE, &range) && errno == EINVAL,
	       "reserving with a reserved field that is not zero");
	tap_ok(ioctl(fd, FENCEPOST_RESERVE, NULL) && errno == EFAULT, "reserving by a bad pointer");
	tap_ok(ioctl(fd, _IO(FENCEPOST_IOC_MAGIC, 0x7f)) && errno == ENOTTY, "an unknown ioctl");
}

/* Whoever holds it: the file itself, another one, any pair of types. */
static void overlaps(void)
{
	int first = bar_open(BAR_CMB), second = bar_open(BAR_CMB);

	for (uint32_t held = FENCEPOST_WC; held <= FENCEPOST_DEVICE; held++) {
		uint64_t at = held * 4 * page;

		tap_is_int(bar_reserve(first, at, 2 * page, held), 0, "a %s range",
			   bar_memory_name(held));
		for (uint32_t other = FENCEPOST_WC; other <= FENCEPOST_DEVICE; other++) {
			int want = other == held ? 0 : -EBUSY;

			tap_is_int(bar_reserve(first, at + page, 2 * page, other),
				   other == held ? 0 : -EBUSY, "%s over its end, same file",
				   bar_memory_name(other));
			tap_is_int(bar_reserve(second, at - page, 2 * page, other), want,
				   "%s over its begin, other file", bar_memory_name(other));
		}
		tap_is_int(bar_reserve(second, at + 3 * page, page, held % 3 + 1), 0,
			   "another type next to it");
	}
	close(first);
	tap_is_int(bar_reserve(second, 4 * page, page, FENCEPOST_UC), -EBUSY,
		   "what the second file holds stays when the first is closed");
	close(second);
	second = bar_open(BAR_CMB);
	tap_is_int(bar_reserve(second, 0, info.bytes, FENCEPOST_UC), 0,
		   "closed files hold nothing");
	close(second);
}

static void too_many(void)
{
	int fd = bar_open(BAR_CMB), err = 0, n = 0;

	while (!err && n < 1000) {
		err = bar_reserve(fd, 0, page, FENCEPOST_WC);
		n += !err;
	}
	tap_is_int(n, 64, "64 ranges a BAR");
	tap_is_int(err, -ENOSPC, "one more");
	close(fd);
}

static int try_map(int fd, uint64_t offset, size_t length, int protection, int flags)
{
	void *p = mmap(NULL, length, protection, flags, fd, (off_t)offset);

	if (p == MAP_FAILED)
		return -errno;
	munmap(p, length);
	return 0;
}

static void mappings(int fd)
{
	const int rw = PROT_READ | PROT_WRITE;
	int other = bar_open(BAR_CMB), read_only = open(bar_path(BAR_CMB), O_RDONLY);
	void *p;

	tap_is_int(try_map(fd, 0, page, rw, MAP_SHARED), -ENXIO,
		   "mapping what nobody has reserved");
	bar_reserve(fd, page, 2 * page, FENCEPOST_WC);
	bar_reserve(fd, 3 * page, page, FENCEPOST_UC);
	tap_is_int(try_map(fd, page, 2 * page, rw, MAP_SHARED), 0, "mapping a range");
	tap_is_int(try_map(fd, 2 * page, page, rw, MAP_SHARED), 0, "mapping a part of it");
	tap_is_int(try_map(fd, 0, 2 * page, rw, MAP_SHARED), -ENXIO, "mapping from before it");
	tap_is_int(try_map(fd, page, 3 * page, rw, MAP_SHARED), -ENXIO,
		   "mapping across two ranges");
	tap_is_int(try_map(other, page, page, rw, MAP_SHARED), -ENXIO,
		   "mapping another file's range");
	tap_is_int(try_map(fd, info.bytes, page, rw, MAP_SHARED), -ENXIO, "mapping beyond the BAR");
	tap_is_int(try_map(fd, page, page, rw, MAP_PRIVATE), -EINVAL, "a private mapping");
	tap_is_int(try_map(fd, page, page, PROT_READ, MAP_PRIVATE), -EINVAL,
		   "a private mapping for reading");
	tap_is_int(try_map(fd, page, page, rw | PROT_EXEC, MAP_SHARED), -EPERM,
		   "an executable mapping");
	p = bar_map(fd, page, page);
	tap_ok(mprotect(p, page, PROT_READ | PROT_EXEC) && errno == EACCES,
	       "making a mapping executable");
	munmap(p, page);
	tap_is_int(bar_reserve(read_only, page, page, FENCEPOST_WC), 0,
		   "a range by a file for reading");
	tap_is_int(try_map(read_only, page, page, PROT_READ, MAP_SHARED), 0,
		   "mapping it for reading");
	tap_is_int(try_map(read_only, page, page, rw, MAP_SHARED), -EACCES,
		   "mapping it for writing");
	close(other);
	close(read_only);
}

static void populating(int fd)
{
	struct fencepost_mapping m = { .length = page };
	char *p = bar_map(fd, page, 2 * page);
	static char elsewhere[4];

	tap_is_int(bar_populate(fd, p + 8, page, &m), -EINVAL, "populating from within a page");
	tap_is_int(bar_populate(fd, p, 8, &m), -EINVAL, "populating less than a page");
	tap_is_int(bar_populate(fd, p, 0, &m), -EINVAL, "populating nothing");
	tap_is_int(bar_populate(fd, p, 3 * page, &m), -ENXIO, "populating beyond a mapping");
	tap_is_int(bar_populate(fd, (void *)((uintptr_t)elsewhere & -page), page, &m), -ENXIO,
		   "populating memory that is no BAR");
	tap_is_int(bar_populate(fd, (void *)-page, page, &m), -ENXIO,
		   "populating the kernel's memory");
	m = (struct fencepost_mapping){ .address = (uintptr_t)p, .length = page, .reserved = 1 };
	tap_ok(ioctl(fd, FENCEPOST_POPULATE, &m) && errno == EINVAL && m.stage1 == 0,
	       "populating with a reserved field that is not zero");
	munmap(p, 2 * page);
}

/* Each differs from a run that is well in one field. */
static void runs(int fd)
{
	uint64_t data[512] = { 0 }, times[4];
	const struct fencepost_run good = {
		.offset = page, .stride = 64, .places = 4, .bytes = 64, .loops = 1, .samples = 4,
		.access = FENCEPOST_MEMCPY_TOIO, .data = (uintptr_t)data, .times = (uintptr_t)times,
	};
#define RUN(error, what, ...)                                                                      \
	do {                                                                                       \
		struct fencepost_run run = good;                                                   \
		__VA_ARGS__;                                                                       \
		tap_is_int(bar_run(fd, &run), error, "running %s", what);                          \
	} while (0)
	RUN(0, "a copy");
	RUN(-EINVAL, "with a reserved field that is not zero", run.reserved = 1);
	RUN(-EINVAL, "an unknown access", run.access = FENCEPOST_ACCESSES);
	RUN(-EINVAL, "an unknown barrier", run.barrier = FENCEPOST_BARRIERS);
	RUN(-EINVAL, "an unknown section", run.section = FENCEPOST_SECTIONS);
	RUN(-EINVAL, "at no place", run.places = 0);
	RUN(-EINVAL, "no loops", run.loops = 0);
	RUN(-EINVAL, "no samples", run.samples = 0);
	RUN(-EINVAL, "too many samples", run.samples = FENCEPOST_MAX_SAMPLES + 1);
	RUN(-EINVAL, "a copy of nothing", run.bytes = 0);
	RUN(-EINVAL, "nothing, of 64 bytes", run.access = FENCEPOST_NOTHING);
	RUN(-EINVAL, "a writel at an odd place", run.access = FENCEPOST_WRITEL, run.offset++);
	RUN(-EINVAL, "a writeq of 60 bytes", run.access = FENCEPOST_WRITEQ, run.bytes = 60);
	RUN(-EINVAL, "a writeq every 4 bytes", run.access = FENCEPOST_WRITEQ, run.stride = 4);
	RUN(-ENXIO, "before the range", run.offset = 0);
	RUN(-ENXIO, "beyond the range", run.offset = 3 * page - 128);
	RUN(-ENXIO, "places that wrap", run.stride = 1ULL << 62, run.places = 5);
	RUN(-ENXIO, "an offset that wraps", run.offset = -(uint64_t)64);
	RUN(-E2BIG, "too long with interrupts off", run.loops = 1000);
	RUN(-E2BIG, "loops without end", run.loops = UINT32_MAX);
	RUN(-E2BIG, "too many loads", run.access = FENCEPOST_READQ, run.loops = 13);
	RUN(-E2BIG, "nothing, a thousand times", run.access = FENCEPOST_NOTHING, run.bytes = 0,
	    run.loops = 1001);
	RUN(-EFAULT, "bytes from nowhere", run.data = 8);
	RUN(-EFAULT, "times to nowhere", run.times = 8);
	RUN(-EFAULT, "loads to nowhere", run.access = FENCEPOST_READL, run.loops = 1, run.data = 8);
#undef RUN
	tap_ok(ioctl(fd, FENCEPOST_RUN, NULL) && errno == EFAULT, "running by a bad pointer");
}

/* Counted as too long, nothing is accessed; found to be too long, something was. */
static void long_runs(int fd)
{
	static unsigned char data[4096] = { 2 };
	uint64_t time;
	const struct {
		const char *what;
		uint32_t at, access, bytes, barrier, loops; /* at: page 1 is WC, 3 UC */
		unsigned char found; /* in the BAR's first byte */
	} cases[] = {
		{ "small stores that share no line", 1, FENCEPOST_RAW_WRITEL, 4,
		  FENCEPOST_NO_BARRIER, 246, 1 },
		{ "stores with a barrier in each", 1, FENCEPOST_WRITEL, 4, FENCEPOST_NO_BARRIER,
		  165, 1 },
		{ "stores with a barrier behind each", 1, FENCEPOST_RAW_WRITEL, 4, FENCEPOST_WMB,
		  111, 1 },
		{ "copies with odd ends", 3, FENCEPOST_MEMCPY_TOIO, 15, FENCEPOST_NO_BARRIER, 167,
		  1 },
		/* 8.6 us by count: no emulator is as fast. */
		{ "what turns out to be slow", 1, FENCEPOST_MEMSET_IO, 4096, FENCEPOST_NO_BARRIER,
		  11, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		volatile unsigned char *p = bar_map(fd, cases[i].at * page, page);
		struct fencepost_run run = {
			.offset = cases[i].at * page, .places = 1, .samples = 1,
			.access = cases[i].access,
			.bytes = cases[i].bytes, .barrier = cases[i].barrier,
			.loops = cases[i].loops, .data = (uintptr_t)data, .times = (uintptr_t)&time,
		};

		*p = 1;
		tap_is_int(bar_run(fd, &run), -E2BIG, "running %s for too long", cases[i].what);
		tap_is_int(*p, cases[i].found, "%s: the BAR", cases[i].what);
		run.loops = 1;
		tap_is_int(bar_run(fd, &run), 0, "one loop of it");
		munmap((void *)p, page);
	}
}

/* What the kernel, the CPU or the memory type lacks; fencepost_info says the first two. */
static void unsupported(int fd)
{
	uint64_t data[8] = { 0 }, time;
	struct fencepost_run run = { .offset = page, .places = 1, .bytes = 64, .loops = 1,
				     .samples = 1, .data = (uintptr_t)data,
				     .times = (uintptr_t)&time };

	for (uint32_t i = 1; i < FENCEPOST_ACCESSES; i++) {
		run.access = i;
		tap_is_int(bar_run(fd, &run), info.accesses & 1ULL << i ? 0 : -EOPNOTSUPP,
			   "access %u runs where the information says so", i);
	}
	run.access = FENCEPOST_WRITEL;
	for (run.barrier = 0; run.barrier < FENCEPOST_BARRIERS; run.barrier++)
		tap_is_int(bar_run(fd, &run), info.barriers & 1u << run.barrier ? 0 : -EOPNOTSUPP,
			   "barrier %u runs where the information says so", run.barrier);
	run.barrier = 0;
	for (run.section = 0; run.section < FENCEPOST_SECTIONS; run.section++)
		tap_is_int(bar_run(fd, &run), info.sections & 1u << run.section ? 0 : -EOPNOTSUPP,
			   "section %u runs where the information says so", run.section);
}

/* As another user, to whom the node has been opened. */
static void no_capability(void)
{
	pid_t child;

	chmod("/dev/fencepost", 0755);
	chmod(bar_path(BAR_CMB), 0666);
	child = bar_fork();
	if (!child) {
		if (setuid(65534))
			_exit(1);
		_exit(bar_open(BAR_CMB) == -EPERM ? 0 : 2);
	}
	tap_is_int(bar_wait(child), 0, "opening without CAP_SYS_RAWIO");
	chmod(bar_path(BAR_CMB), 0600);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Whether the device has a memory BAR of whole pages there, as sysfs tells. */
static bool has_pages(const char *variable, int number)
{
	struct stat status;
	char path[160];

	snprintf(path, sizeof(path), "%s/resource%d", bar_sysfs(variable), number);
	return !stat(path, &status) && (size_t)status.st_size >= page;
}

static void absent(void)
{
	for (int number = 0; number < 6; number += 2)
		tap_is_int(exists(bar_path("LAB_CMB", number)), has_pages("LAB_CMB", number),
			   "BAR %d is there if it has a whole page", number);
	/* The second half of a 64-bit BAR; absent BARs. */
	for (int number = 1; number < 6; number += 2)
		tap_ok(!exists(bar_path("LAB_CMB", number)), "BAR %d is not", number);
	tap_ok(bar_count_lines("/proc/iomem", "fencepost") > 0,
	       "the BARs are claimed in /proc/iomem");
}

/*
 * A chipset's AHCI controller has ports in BAR 4 and memory in BAR 5.  Without
 * port BARs there is nothing to refuse.
 */
static void port_bar(void)
{
	char path[160];

	if (access("/sys/bus/pci/devices/0000:00:1f.2/resource4", F_OK)) {
		tap_skip("no device here has I/O ports");
		return;
	}
	setenv("LAB_PORTS", "0000:00:1f.2", 1);
	tap_is_int(bar_bind("LAB_PORTS"), 0, "a device with an I/O-port BAR is bound");
	tap_ok(exists(bar_path("LAB_PORTS", 5)), "its memory BAR is there");
	tap_ok(!exists(bar_path("LAB_PORTS", 4)), "its I/O-port BAR is not");
	tap_is_int(bar_unbind("LAB_PORTS"), 0, "and it is given back");
	snprintf(path, sizeof(path), "%s/driver_override", bar_sysfs("LAB_PORTS"));
	fp_file_put(path, "\n");
}

/* The override gone, or new_id: a device is not taken by itself. */
static void not_by_itself(void)
{
	char path[160], driver[160];

	snprintf(path, sizeof(path), "%s/driver_override", bar_sysfs("LAB_EDU"));
	snprintf(driver, sizeof(driver), "%s/driver", bar_sysfs("LAB_EDU"));
	tap_is_int(bar_unbind("LAB_EDU"), 0, "a device is given back");
	tap_is_int(fp_file_put(path, "\n"), 0, "its override is gone");
	tap_is_int(fp_file_put("/sys/bus/pci/drivers/fencepost/new_id", "1234 11e8"), 0,
		   "new_id names it");
	tap_is_int(fp_file_put("/sys/bus/pci/drivers_probe", getenv("LAB_EDU")), 0,
		   "a driver is looked for");
	tap_ok(!exists(driver), "new_id without driver_override does not take it");
	fp_file_put("/sys/bus/pci/drivers/fencepost/remove_id", "1234 11e8");
	tap_is_int(bar_bind("LAB_EDU"), 0, "with driver_override it is taken");
	tap_ok(exists(driver), "and has the driver");
}

int main(void)
{
	int fd = bar_open(BAR_CMB);

	page = bar_page();
	if (fd < 0 || bar_info(fd, &info)) {
		puts("Bail out! can't open the BAR");
		return 1;
	}
	ranges(fd);
	overlaps();
	too_many();
	mappings(fd);
	populating(fd);
	runs(fd);
	long_runs(fd);
	unsupported(fd);
	no_capability();
	absent();
	port_bar();
	not_by_itself();
	close(fd);
	return tap_done();
}
