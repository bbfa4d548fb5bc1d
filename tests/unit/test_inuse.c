// SPDX-License-Identifier: MIT
/* What bind does not take from the driver that has it. */
#include "base/message.h"
#include "fake-pci.h"
#include "tap.h"

/* What there is must be refused, named by words, and can be forced. */
static void is_refused(const char *what, const char *words)
{
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && fake.one_line &&
	       strstr(fake.err, words) && strstr(fake.err, "--force"), "%s is refused: %s", what,
	       fake.err);
	tap_is_str(driver(), "nvme", "%s: nothing has changed", what);
	tap_is_int(quietly("bind", ADDRESS, NULL, true), 0, "%s can be forced", what);
	tap_ok(fake.one_line && strstr(fake.err, "warning") && strstr(fake.err, words),
	       "%s: a warning: %s", what, fake.err);
}

#define DISK DEVICE "/nvme/nvme0/fpdisk0"

static void make_disk(void)
{
	fake_tree("nvme");
	make_file(DISK "/dev", "259:0\n");
	make_file(DISK "/fpdisk0p1/dev", "259:1\n");
	make_folder(DISK "/holders");
	make_folder(DISK "/fpdisk0p1/holders");
	make_link("sys/class/block/fpdisk0", DISK);
	make_link("sys/class/block/fpdisk0p1", DISK "/fpdisk0p1");
}

static void test_disks(void)
{
	make_disk();
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "a disk that nobody uses is taken");
	make_disk();
	make_file("proc/self/mountinfo", "30 1 259:0 / /data rw - ext4 /dev/root rw\n");
	is_refused("a mounted disk", "fpdisk0 is mounted on /data");
	make_disk();
	make_file("proc/self/mountinfo",
		  "30 1 259:1 / /boot rw shared:2 - ext4 /dev/fpdisk0p1 rw\n");
	is_refused("a mounted partition", "fpdisk0p1 is mounted on /boot");
	make_disk();
	make_file("proc/self/mountinfo",
		  "30 1 0:44 /@ /home rw shared:3 - btrfs /dev/fpdisk0p1 rw\n");
	is_refused("a file system on several disks", "fpdisk0p1 is mounted on /home");
	make_disk();
	remove_path("proc");
	is_refused("a disk where nothing tells of mounts", "fpdisk0 may be mounted");
	make_disk();
	make_file("proc/swaps", "Filename\tType\n/dev/fpdisk0p1      partition\t1\t0\t-2\n");
	is_refused("swap", "fpdisk0p1 is used as swap");
	make_disk();
	make_link(DISK "/fpdisk0p1/holders/dm-3", "sys/devices/virtual/block/dm-3");
	is_refused("a partition that another device is made of", "fpdisk0p1 is held by dm-3");
	make_disk();
	make_file("proc/self/mountinfo", "30 1 259:10 / /data rw - ext4 /dev/fpdisk00 rw\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0,
		   "another disk's mount does not matter");
}

/* The disk lies with the subsystem, which has links to its controllers. */
static void test_multipath(void)
{
	fake_tree("nvme");
	make_file("sys/devices/virtual/nvme-subsystem/nvme-subsys0/fpdisk0/dev", "259:0\n");
	make_folder(DEVICE "/nvme/nvme0");
	make_link("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0", DEVICE "/nvme/nvme0");
	make_link("sys/class/block/fpdisk0",
		  "sys/devices/virtual/nvme-subsystem/nvme-subsys0/fpdisk0");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0,
		   "an unused disk with several paths is taken");
	quietly("unbind", ADDRESS, NULL, false);
	make_file("proc/self/mountinfo", "30 1 259:0 / /data rw - ext4 /dev/fpdisk0 rw\n");
	is_refused("a mounted disk with several paths", "fpdisk0 is mounted on /data");
}

static void test_others(void)
{
	fake_tree("nvme");
	make_file(DEVICE "/net/eth9/flags", "0x1002\n");
	make_link("sys/class/net/eth9", DEVICE "/net/eth9");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0,
		   "a network interface that is down is taken");
	fake_tree("nvme");
	make_file(DEVICE "/net/eth9/flags", "0x1003\n");
	make_link("sys/class/net/eth9", DEVICE "/net/eth9");
	is_refused("a network interface that is up", "eth9 is up");
	fake_tree("nvme");
	make_file(DEVICE "/class", "0x030000\n");
	make_file(DEVICE "/boot_vga", "0\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0,
		   "a display adapter that shows nothing is taken");
	fake_tree("nvme");
	make_file(DEVICE "/class", "0x030000\n");
	make_file(DEVICE "/boot_vga", "1\n");
	is_refused("the display of the boot", "the display");
	fake_tree("nvme");
	make_file(DEVICE "/class", "0x030200\n");
	make_file(DEVICE "/drm/card1/card1-DP-1/enabled", "enabled\n");
	make_link("sys/class/drm/card1-DP-1", DEVICE "/drm/card1/card1-DP-1");
	is_refused("a display that is on", "card1-DP-1");
	fake_tree("nvme");
	make_file(DEVICE "/class", "0x060400\n");
	is_refused("a bridge", "bridge");
}

int main(void)
{
	if (!fake_begin())
		return 1;
	test_disks();
	test_multipath();
	test_others();
	fake_end();
	return tap_done();
}
