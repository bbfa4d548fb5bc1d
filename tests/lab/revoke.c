// SPDX-License-Identifier: MIT
/*
 * The device goes while it is used, by unbind and by remove, and comes back; so
 * does the module.  ROUNDS of each, by SEED.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"
#include "tap.h"

#define MODULE "/modules/fencepost.ko"

/* What was gone stays gone for those who had it, when the device is back for others. */
static void comes_back(int (*back)(const char *variable), load_take_away *take, const char *what)
{
	size_t page = bar_page();
	int old = bar_open(BAR_CMB), fd;
	volatile uint32_t *before = bar_take(old, 0, page, FENCEPOST_UC), *now;
	struct fencepost_mapping mapping;
	struct fencepost_info info;

	*before = 0x0b50e7e0;
	tap_is_int(take("LAB_CMB"), 0, "%s with an open file", what);
	tap_is_int(back("LAB_CMB"), 0, "%s: and it comes back", what);
	fd = bar_open(BAR_CMB);
	/* A range of another type: what the old file had is free. */
	now = bar_take(fd, 0, page, FENCEPOST_WC);
	*now = 0xf4e54;
	tap_is_int(bar_populate(fd, (void *)now, page, &mapping), 0, "%s: a new file has pages",
		   what);
	tap_is_int(mapping.stage1, bar_expected(FENCEPOST_WC), "%s: of the type asked for", what);
	tap_ok(bar_load_faults(before) && bar_store_faults(before), "%s: the old mapping has none",
	       what);
	tap_is_int(*now, 0xf4e54, "%s: and changes none", what);
	tap_is_int(bar_info(old, &info), -ENODEV, "%s: the old file has no device", what);
	close(old);
	munmap((void *)before, page);
	tap_is_int(*now, 0xf4e54, "%s: when it's closed, the new one stays", what);
	close(fd);
	munmap((void *)now, page);
}

static int back_from_remove(const char *variable)
{
	int err = bar_rescan(variable);

	return err ? err : bar_bind(variable);
}

static int unload(void)
{
	return syscall(SYS_delete_module, "fencepost", O_NONBLOCK) ? -errno : 0;
}

static int load_module(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		err = -errno;
	close(fd);
	return err;
}

/* The module's own device nodes; devtmpfs keeps their folder as long as there are any. */
static bool any_node(void)
{
	return !access("/dev/fencepost", F_OK);
}

/* A device that is unbound has nobody to bind to while the module is away. */
static void bind_all(void)
{
	static const char *const all[] = { "LAB_CMB", "LAB_SHM", "LAB_EDU", "LAB_HOT" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (getenv(all[i]) && !access(bar_sysfs(all[i]), F_OK))
			tap_is_int(bar_bind(all[i]), 0, "%s is bound again", all[i]);
}

static void module_goes(void)
{
	size_t page = bar_page();
	int fd = bar_open(BAR_CMB);
	volatile uint32_t *p = bar_take(fd, 0, page, FENCEPOST_WC);

	tap_is_int(unload(), -EWOULDBLOCK, "the module stays while a file is open");
	close(fd);
	tap_is_int(unload(), -EWOULDBLOCK, "and while a mapping is there");
	tap_ok(!bar_store_faults(p), "which stays");
	munmap((void *)p, page);
	tap_is_int(unload(), 0, "without, it goes");
	tap_ok(!any_node(), "with all device nodes");
	tap_is_int(bar_count_lines("/proc/iomem", "fencepost"), 0, "and all claims");
	tap_is_int(load_module(), 0, "it comes back");
	bind_all();
}

int main(void)
{
	uint64_t random = bar_seed();
	uint64_t rounds = bar_number("ROUNDS", 2);

	for (uint64_t i = 0; i < rounds; i++) {
		tap_is_str(load_round("LAB_CMB", bar_unbind, &random), "", "unbind under load");
		tap_is_int(bar_bind("LAB_CMB"), 0, "it is bound again");
		tap_is_str(load_round("LAB_CMB", bar_remove, &random), "", "remove under load");
		tap_is_int(back_from_remove("LAB_CMB"), 0, "it is found and bound again");
	}
	comes_back(bar_bind, bar_unbind, "unbind");
	comes_back(back_from_remove, bar_remove, "remove");
	for (uint64_t i = 0; i < rounds; i++)
		module_goes();
	return tap_done();
}
