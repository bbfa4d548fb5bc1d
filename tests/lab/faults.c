// SPDX-License-Identifier: MIT
/*
 * Each allocation, and each copy from and to user space, fails once in each
 * operation: what was done is undone, and all works again.
 *
 * Documentation/fault-injection: fail-nth.  It needs the lab's debug kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define DEVICE "LAB_CMB"
#define NUMBER 2
#define FAULTS "/sys/kernel/debug/"
#define MOST   2000 /* faults in one operation: more is no end */
#define MISSES 3    /* in a row: it has no more */

static size_t page;
static int fail_nth;

/* Without stack traces, which would look like the reports that the lab searches for. */
static bool set_up(void)
{
	static const char *const settings[][2] = {
		{ FAULTS "failslab/ignore-gfp-wait", "N" },
		{ FAULTS "failslab/verbose", "0" },
		{ FAULTS "fail_page_alloc/ignore-gfp-wait", "N" },
		{ FAULTS "fail_page_alloc/min-order", "0" },
		{ FAULTS "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ FAULTS "fail_page_alloc/verbose", "0" },
		{ FAULTS "fail_usercopy/verbose", "0" },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (fp_file_put(settings[i][0], settings[i][1]))
			return false;
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	return fail_nth >= 0;
}

static void arm(unsigned n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	/* To write is to copy from user space: that may be what fails. */
	while (pwrite(fail_nth, text, (size_t)length, 0) != length)
		;
}

/* Whether the fault has happened. */
static bool disarm(void)
{
	char text[16] = "";
	bool happened = pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text);

	arm(0);
	return happened;
}

/* What an operation needs, and makes. */
struct state {
	int fd;
	void *p;
};

struct operation {
	const char *name;
	void (*before)(struct state *s);
	int (*run)(struct state *s); /* 0 or -errno; only this has a fault */
	bool unbound;
};

static void nothing(struct state *s)
{
	(void)s;
}

static void opened(struct state *s)
{
	s->fd = bar_open(DEVICE, NUMBER);
}

static void reserved(struct state *s)
{
	opened(s);
	bar_reserve(s->fd, 0, 4 * page, FENCEPOST_WC);
}

/* Far from all else, so that there are no page tables for it yet. */
#define FAR_AWAY ((void *)(1ULL << 44))

static void mapped(struct state *s)
{
	reserved(s);
	s->p = mmap(FAR_AWAY, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	if (s->p == MAP_FAILED) {
		printf("Bail out! can't map 4 pages far away: %s\n", strerror(errno));
		exit(1);
	}
}

static int do_bind(struct state *s)
{
	(void)s;
	return bar_bind(DEVICE);
}

static int do_unbind(struct state *s)
{
	(void)s;
	return bar_unbind(DEVICE);
}

static int do_open(struct state *s)
{
	s->fd = bar_open(DEVICE, NUMBER);
	return s->fd < 0 ? s->fd : 0;
}

static int do_info(struct state *s)
{
	struct fencepost_info info;

	return bar_info(s->fd, &info);
}

static int do_reserve(struct state *s)
{
	return bar_reserve(s->fd, 0, 4 * page, FENCEPOST_UC);
}

static int do_map(struct state *s)
{
	s->p = bar_map(s->fd, 0, 4 * page);
	return s->p ? 0 : -errno;
}

/* A fault of the CPU without memory for page tables is tried again. */
static int do_touch(struct state *s)
{
	return bar_store_faults(s->p) ? -EFAULT : 0;
}

static int do_populate(struct state *s)
{
	struct fencepost_mapping mapping;

	return bar_populate(s->fd, s->p, 4 * page, &mapping);
}

static int do_run(struct state *s)
{
	static uint64_t times[4096];
	static uint32_t data[64];

	return bar_run(s->fd, &(struct fencepost_run){
		.places = 1, .bytes = sizeof(data), .access = FENCEPOST_MEMCPY_FROMIO, .loops = 1,
		.samples = 4096, .data = (uintptr_t)data, .times = (uintptr_t)times });
}

static const struct operation operations[] = {
	{ "bind", nothing, do_bind, true },	 { "unbind", mapped, do_unbind, false },
	{ "open", nothing, do_open, false },	 { "FENCEPOST_GET_INFO", opened, do_info, false },
	{ "FENCEPOST_RESERVE", opened, do_reserve, false }, { "mmap", reserved, do_map, false },
	{ "a store", mapped, do_touch, false },
	{ "FENCEPOST_POPULATE", mapped, do_populate, false },
	{ "FENCEPOST_RUN", reserved, do_run, false },
};

static bool is_there(void)
{
	return !access(bar_path(DEVICE, NUMBER), F_OK);
}

/*
 * The kernel's own part of it: without memory for a name devtmpfs makes no node, or
 * keeps it.
 */
static bool nothing_left(void)
{
	return !bar_count_lines("/proc/iomem", "fencepost") &&
	       !bar_count_lines("/proc/vmallocinfo", "[fencepost]");
}

static bool take_back(void)
{
	int err = bar_is_bound(DEVICE) ? bar_unbind(DEVICE) : 0;

	unlink(bar_path(DEVICE, NUMBER));
	return !err && nothing_left();
}

static bool stand_ready(bool unbound)
{
	if (unbound)
		return take_back();
	if (bar_is_bound(DEVICE) && is_there())
		return true;
	return take_back() && !bar_bind(DEVICE) && is_there();
}

static bool end(struct state *s)
{
	if (s->p)
		munmap(s->p, 4 * page);
	if (s->fd >= 0)
		close(s->fd);
	return bar_is_bound(DEVICE) || nothing_left();
}

/* What probe returns does not get out: drivers_probe says EINVAL, and bar_bind() ENODEV. */
static bool is_documented(int err)
{
	return err == -ENOMEM || err == -EFAULT || err == -EINVAL || err == -ENODEV;
}

/* One fault: whether it has happened, and in *good whether all is well. */
static bool with_fault(const struct operation *o, unsigned n, bool *good)
{
	struct state s = { .fd = -1 };
	bool ready = stand_ready(o->unbound), happened;
	int err;

	o->before(&s);
	arm(n);
	err = o->run(&s);
	happened = disarm();
	*good = end(&s) && ready && (!err || (happened && is_documented(err)));
	if (!*good)
		printf("# %s, fault %u: %d%s\n", o->name, n, err,
		       ready ? "" : ", and it was not ready");
	return happened;
}

/* Without faults, start to end. */
static bool works(void)
{
	struct state s = { .fd = -1 };
	bool good = stand_ready(false);

	good = good && !do_open(&s) && !do_reserve(&s) && !do_map(&s) && !do_touch(&s) &&
	       !do_populate(&s) && !do_run(&s);
	return end(&s) && take_back() && good;
}

/* Where a fault finds nothing to fail, the operation has an end: not each time at one place. */
static void each_fault(const struct operation *o)
{
	unsigned n, happened = 0, missed = 0, bad = 0;
	bool good;

	for (n = 1; n < MOST && missed < MISSES; n++) {
		if (with_fault(o, n, &good)) {
			happened++;
			missed = 0;
		} else {
			missed++;
		}
		bad += !good;
	}
	tap_ok(happened && n < MOST && !bad, "%s: each of %u faults is undone", o->name, happened);
	tap_ok(works(), "%s: and all works again", o->name);
}

/* Claims are counted: one device has some at a time. */
static const char *const others[] = { "LAB_SHM", "LAB_EDU", "LAB_HOT" };
#define OTHERS (sizeof(others) / sizeof(others[0]))

/*
 * What is enabled needs none of what enables it: faults in the interpreter of the
 * firmware make it use memory that it has freed (Linux 6.1).
 */
static void enable(const char *yes)
{
	char path[160];

	bar_unbind(DEVICE);
	snprintf(path, sizeof(path), "%s/enable", bar_sysfs(DEVICE));
	fp_file_put(path, yes);
}

int main(void)
{
	page = bar_page();
	if (!set_up()) {
		printf("1..0 # SKIP this kernel has no fault injection\n");
		return 0;
	}
	for (size_t i = 0; i < OTHERS; i++)
		bar_unbind(others[i]);
	enable("1");
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		each_fault(&operations[i]);
	enable("0");
	bar_bind(DEVICE);
	for (size_t i = 0; i < OTHERS; i++)
		bar_bind(others[i]);
	return tap_done();
}
