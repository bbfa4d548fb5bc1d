// SPDX-License-Identifier: MIT
/*
 * bind and unbind on a tree that looks like sysfs, with a kernel that is a few
 * functions: who may be taken from whom, what is remembered, and that whatever
 * fails leaves things as they were.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind/bind.h"
#include "base/message.h"
#include "machine/pci.h"
#include "tap.h"

#define ADDRESS "0000:00:04.0"
#define DEVICE	"sys/devices/pci0000:00/" ADDRESS

static char root[] = "/tmp/fencepost-bind-XXXXXX";
static const char *fails_at; /* the end of a path that can't be written */
static bool no_node;	     /* the module makes no file */
static bool loads;	     /* the module can be loaded */

/* ---- the tree ---- */

static void make_folder(const char *path)
{
	char whole[PATH_MAX], *slash;

	snprintf(whole, sizeof(whole), "%s/%s/", root, path);
	for (slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0777);
		*slash = '/';
	}
}

static void make_file(const char *path, const char *text)
{
	char whole[PATH_MAX], folder[PATH_MAX];
	FILE *f;

	snprintf(folder, sizeof(folder), "%s", path);
	if (strrchr(folder, '/')) {
		*strrchr(folder, '/') = '\0';
		make_folder(folder);
	}
	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	f = fopen(whole, "w");
	fputs(text, f);
	fclose(f);
}

/* The target is a path of the tree. */
static void make_link(const char *path, const char *target)
{
	char whole[PATH_MAX], folder[PATH_MAX], to[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	make_folder(folder);
	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	snprintf(to, sizeof(to), "%s/%s", root, target);
	unlink(whole);
	if (symlink(to, whole))
		abort();
}

static void remove_path(const char *path)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf '%s/%s'", root, path);
	if (system(command))
		abort();
}

static const char *contents(const char *path)
{
	static char text[512];
	char whole[PATH_MAX];
	size_t n = 0;
	FILE *f;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	f = fopen(whole, "r");
	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* The driver that has the device; "" for none. */
static const char *driver(void)
{
	static char target[PATH_MAX];
	char whole[PATH_MAX];
	ssize_t n;

	snprintf(whole, sizeof(whole), "%s/" DEVICE "/driver", root);
	n = readlink(whole, target, sizeof(target) - 1);
	if (n < 0)
		return "";
	target[n] = '\0';
	return strrchr(target, '/') + 1;
}

static void make_driver(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s", name);
	make_folder(path);
}

static void give_to(const char *name)
{
	char path[PATH_MAX];

	make_driver(name);
	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s", name);
	make_link(DEVICE "/driver", path);
}

/* An NVMe controller as QEMU has it: registers, I/O ports, and a memory buffer. */
static void make_tree(const char *holder)
{
	remove_path("");
	mkdir(root, 0777);
	make_file(DEVICE "/resource", "0x00000000fe000000 0x00000000fe003fff 0x0000000000140204\n"
				      "0x000000000000c000 0x000000000000c01f 0x0000000000040101\n"
				      "0x0000000800000000 0x0000000800ffffff 0x000000000014220c\n"
				      "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				      "0x00000000fd000000 0x00000000fdffffff 0x0000000000040200\n"
				      "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
	make_file(DEVICE "/class", "0x010802\n");
	make_file(DEVICE "/driver_override", "(null)\n");
	make_link("sys/bus/pci/devices/" ADDRESS, DEVICE);
	make_driver("fencepost");
	make_folder("dev");
	make_file("proc/self/mountinfo", "25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n");
	make_file("proc/swaps", "Filename Type Size Used Priority\n");
	if (*holder)
		give_to(holder);
	fails_at = NULL;
	no_node = false;
	loads = false;
}

/* ---- the kernel ---- */

static bool ends_in(const char *path, const char *end)
{
	return strlen(path) >= strlen(end) && !strcmp(path + strlen(path) - strlen(end), end);
}

static void make_nodes(bool there)
{
	if (there && !no_node) {
		make_file("dev/" ADDRESS "-bar0", "");
		make_file("dev/" ADDRESS "-bar2", "");
		make_file("dev/" ADDRESS "-bar4", "");
	} else {
		remove_path("dev/" ADDRESS "-bar0");
		remove_path("dev/" ADDRESS "-bar2");
		remove_path("dev/" ADDRESS "-bar4");
	}
}

static int kernel_bind(const char *name)
{
	if (*driver())
		return -EBUSY;
	if (!strcmp(name, "fencepost") && strncmp(contents(DEVICE "/driver_override"), "fencepost", 9))
		return -ENODEV;
	give_to(name);
	if (!strcmp(name, "fencepost"))
		make_nodes(true);
	return 0;
}

static int kernel_unbind(const char *name)
{
	if (strcmp(driver(), name))
		return -ENODEV;
	remove_path(DEVICE "/driver");
	if (!strcmp(name, "fencepost"))
		make_nodes(false);
	return 0;
}

static int kernel_write(const char *path, const char *text)
{
	char name[64] = "";
	const char *in = strstr(path, "/drivers/");

	if (fails_at && ends_in(path, fails_at))
		return -EIO;
	if (ends_in(path, "/driver_override")) {
		make_file(DEVICE "/driver_override", strcmp(text, "\n") ? text : "(null)\n");
		return 0;
	}
	if (!in || strcmp(text, ADDRESS) || access(path, F_OK) == 0)
		return -EINVAL;
	sscanf(in, "/drivers/%63[^/]", name);
	return ends_in(path, "/bind") ? kernel_bind(name) : kernel_unbind(name);
}

static int kernel_load(char *why, size_t size)
{
	if (loads) {
		make_driver("fencepost");
		return 0;
	}
	snprintf(why, size, "there is none");
	return -ENOENT;
}

static const struct fp_binder binder = { kernel_write, kernel_load };

/* ---- what it says ---- */

static char out[1024], err[1024];
static bool one_line; /* whether err was that, and one of ours */

static void read_back(int from, int as, char *to, size_t size)
{
	ssize_t n;

	fflush(stdout);
	fflush(stderr);
	n = pread(as, to, size - 1, 0);
	to[n > 0 ? n : 0] = '\0';
	dup2(from, as);
	close(from);
}

static int redirect(int stream)
{
	int saved = dup(stream), file = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	dup2(file, stream);
	close(file);
	return saved;
}

/* Its status; what it has printed is in out and err. */
static int quietly(const char *word, const char *device, const char *bar, bool force)
{
	int saved_out, saved_err, status;

	fflush(stdout);
	saved_out = redirect(STDOUT_FILENO);
	saved_err = redirect(STDERR_FILENO);
	status = !strcmp(word, "bind") ? fp_bind(&binder, device, bar, force)
				       : fp_unbind(&binder, device);
	read_back(saved_out, STDOUT_FILENO, out, sizeof(out));
	read_back(saved_err, STDERR_FILENO, err, sizeof(err));
	one_line = !strncmp(err, "fencepost: ", 11) && strchr(err, '\n') == err + strlen(err) - 1;
	err[strcspn(err, "\n")] = '\0';
	return status;
}

/* ---- tests ---- */

static void test_there_and_back(void)
{
	make_tree("nvme");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind");
	tap_is_str(driver(), "fencepost", "the module has it");
	tap_is_str(contents("run/" ADDRESS), "bar 2\ndriver nvme\n", "what was there is remembered");
	tap_ok(strstr(out, "was with nvme") && strstr(out, "0000:00:04.0-bar2") &&
	       strstr(out, "16777216 bytes, prefetchable") && !*err,
	       "it says who had it, and where the BAR is");
	tap_is_int(quietly("unbind", "00:04.0", NULL, false), 0, "unbind, by the short address");
	tap_is_str(driver(), "nvme", "the former driver has it");
	tap_is_str(contents(DEVICE "/driver_override"), "(null)\n", "the override is as before");
	tap_is_str(contents("run/" ADDRESS), NULL, "nothing is remembered");
	tap_ok(strstr(out, "given back to nvme") != NULL, "it says to whom");
}

static void test_relaxed(void)
{
	make_tree("nvme");
	make_file("proc/cmdline", "root=/dev/vda iomem=relaxed quiet\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind, where a claim keeps nobody off");
	tap_ok(strstr(err, "warning: ") && strstr(err, "iomem=relaxed"), "it warns");
	make_file("proc/cmdline", "root=/dev/vda quiet\n");
	quietly("unbind", ADDRESS, NULL, false);
	quietly("bind", ADDRESS, NULL, false);
	tap_is_str(err, "", "elsewhere it does not");
	remove_path("proc/cmdline");
}

static void test_override(void)
{
	make_tree("vfio-pci");
	make_file(DEVICE "/driver_override", "vfio-pci\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind what has an override");
	tap_is_str(contents("run/" ADDRESS), "bar 2\ndriver vfio-pci\ndriver_override vfio-pci\n",
		   "it is remembered");
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "unbind");
	tap_is_str(contents(DEVICE "/driver_override"), "vfio-pci", "it is restored");
	make_tree("");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind what has no driver");
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "unbind");
	tap_is_str(driver(), "", "it has none again");
	tap_ok(strstr(out, "no driver again") != NULL, "it says so");
}

static void test_bars(void)
{
	make_tree("nvme");
	tap_is_int(quietly("bind", ADDRESS, "0", false), 0, "another BAR");
	tap_is_str(contents("run/" ADDRESS), "bar 0\ndriver nvme\n", "is remembered");
	tap_is_int(quietly("bind", ADDRESS, "2", false), 0, "once bound, a BAR is chosen anew");
	tap_is_str(contents("run/" ADDRESS), "bar 2\ndriver nvme\n", "the former driver stays the same");
	tap_ok(strstr(out, "already") != NULL, "it says that it is bound");
	make_tree("nvme");
	tap_ok(quietly("bind", ADDRESS, "1", false) == FP_EXIT_USAGE && one_line &&
	       strstr(err, "I/O ports") && strstr(err, "0, 2, 4"), "a BAR of I/O ports: %s", err);
	tap_ok(quietly("bind", ADDRESS, "3", false) == FP_EXIT_USAGE && one_line &&
	       strstr(err, "not there"), "a BAR that is not there: %s", err);
	tap_ok(quietly("bind", ADDRESS, "6", false) == FP_EXIT_USAGE && one_line &&
	       strstr(err, "\"6\""), "a BAR beyond the last: %s", err);
	tap_ok(quietly("bind", ADDRESS, "22", false) == FP_EXIT_USAGE && one_line,
	       "a BAR of two digits: %s", err);
	tap_is_str(driver(), "nvme", "nothing has changed");
	make_file(DEVICE "/resource", "0 0 0\n0xc000 0xc01f 0x40101\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n");
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && one_line,
	       "no memory BAR: %s", err);
}

static void test_names(void)
{
	make_tree("nvme");
	tap_ok(quietly("bind", "junk", NULL, false) == FP_EXIT_USAGE && one_line &&
	       strstr(err, "0000:03:00.0"), "no address: %s", err);
	tap_ok(quietly("bind", "0000:00:20.0", NULL, false) == FP_EXIT_USAGE && one_line,
	       "no such slot: %s", err);
	tap_ok(quietly("bind", "0000:00:05.0", NULL, false) == FP_EXIT_USAGE && one_line &&
	       strstr(err, "no such device"), "no such device: %s", err);
	tap_ok(quietly("unbind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && one_line &&
	       strstr(err, "nvme has it"), "unbind what is not bound: %s", err);
}

static void is_as_before(const char *what, int status)
{
	tap_ok(status == FP_EXIT_ROW_FAILED && one_line, "%s: one line: %s", what, err);
	tap_is_str(driver(), "nvme", "%s: the former driver has it", what);
	tap_is_str(contents(DEVICE "/driver_override"), "(null)\n", "%s: the override is as before", what);
	tap_is_str(contents("run/" ADDRESS), NULL, "%s: nothing is remembered", what);
}

static void test_undo(void)
{
	make_tree("nvme");
	fails_at = "/nvme/unbind";
	is_as_before("a driver that does not let go", quietly("bind", ADDRESS, NULL, false));
	make_tree("nvme");
	fails_at = "/fencepost/bind";
	is_as_before("a module that does not take it", quietly("bind", ADDRESS, NULL, false));
	make_tree("nvme");
	no_node = true;
	is_as_before("a BAR without a file", quietly("bind", ADDRESS, NULL, false));
	make_tree("nvme");
	fails_at = "/fencepost/bind";
	setenv("FENCEPOST_RUN_DIR", "/proc/none/fencepost", 1);
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && one_line,
	       "nowhere to remember it: %s", err);
	tap_is_str(driver(), "nvme", "nothing has changed");
}

/* Nobody takes it back: what is remembered stays, for a second try. */
static void test_half_way(void)
{
	make_tree("nvme");
	fails_at = "/bind";
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_ROW_FAILED && one_line &&
	       strstr(err, "unbind tries again"), "nobody takes it: %s", err);
	tap_is_str(contents("run/" ADDRESS), "bar 2\ndriver nvme\n", "it is still remembered");
	fails_at = NULL;
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "unbind then gives it back");
	tap_is_str(driver(), "nvme", "to whom it belonged");
	make_tree("");
	make_file(DEVICE "/driver_override", "fencepost\n");
	make_file("run/" ADDRESS, "bar 2\ndriver nvme\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind what was left half way");
	tap_is_str(contents("run/" ADDRESS), "bar 2\ndriver nvme\n", "the first driver is remembered");
	make_tree("nvme");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind");
	fails_at = "/nvme/bind";
	tap_ok(quietly("unbind", ADDRESS, NULL, false) == FP_EXIT_ROW_FAILED && one_line,
	       "a former driver that does not take it back: %s", err);
	fails_at = NULL;
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "later it does");
	tap_is_str(driver(), "nvme", "and has it");
}

static void test_module(void)
{
	make_tree("nvme");
	remove_path("sys/bus/pci/drivers/fencepost");
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && one_line &&
	       strstr(err, "there is none"), "no module: %s", err);
	tap_is_str(driver(), "nvme", "nothing has changed");
	loads = true;
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "a module that can be loaded is");
	tap_is_str(driver(), "fencepost", "and takes it");
}

/* ---- who may not be taken ---- */

/* What there is must be refused, named by words, and can be forced. */
static void is_refused(const char *what, const char *words)
{
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && one_line &&
	       strstr(err, words) && strstr(err, "--force"), "%s is refused: %s", what, err);
	tap_is_str(driver(), "nvme", "%s: nothing has changed", what);
	tap_is_int(quietly("bind", ADDRESS, NULL, true), 0, "%s can be forced", what);
	tap_ok(one_line && strstr(err, "warning") && strstr(err, words), "%s: a warning: %s",
	       what, err);
}

#define DISK DEVICE "/nvme/nvme0/fpdisk0"

static void make_disk(void)
{
	make_tree("nvme");
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
	make_file("proc/self/mountinfo", "30 1 259:1 / /boot rw shared:2 - ext4 /dev/fpdisk0p1 rw\n");
	is_refused("a mounted partition", "fpdisk0p1 is mounted on /boot");
	make_disk();
	make_file("proc/self/mountinfo", "30 1 0:44 /@ /home rw shared:3 - btrfs /dev/fpdisk0p1 rw\n");
	is_refused("a file system on several disks", "fpdisk0p1 is mounted on /home");
	make_disk();
	make_file("proc/swaps", "Filename\tType\n/dev/fpdisk0p1      partition\t1\t0\t-2\n");
	is_refused("swap", "fpdisk0p1 is used as swap");
	make_disk();
	make_link(DISK "/fpdisk0p1/holders/dm-3", "sys/devices/virtual/block/dm-3");
	is_refused("a partition that another device is made of", "fpdisk0p1 is held by dm-3");
	make_disk();
	make_file("proc/self/mountinfo", "30 1 259:10 / /data rw - ext4 /dev/fpdisk00 rw\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "another disk's mount does not matter");
}

/* The disk lies with the subsystem, which has links to its controllers. */
static void test_multipath(void)
{
	make_tree("nvme");
	make_file("sys/devices/virtual/nvme-subsystem/nvme-subsys0/fpdisk0/dev", "259:0\n");
	make_folder(DEVICE "/nvme/nvme0");
	make_link("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0", DEVICE "/nvme/nvme0");
	make_link("sys/class/block/fpdisk0",
		  "sys/devices/virtual/nvme-subsystem/nvme-subsys0/fpdisk0");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "an unused disk with several paths is taken");
	quietly("unbind", ADDRESS, NULL, false);
	make_file("proc/self/mountinfo", "30 1 259:0 / /data rw - ext4 /dev/fpdisk0 rw\n");
	is_refused("a mounted disk with several paths", "fpdisk0 is mounted on /data");
}

static void test_others(void)
{
	make_tree("nvme");
	make_file(DEVICE "/net/eth9/flags", "0x1002\n");
	make_link("sys/class/net/eth9", DEVICE "/net/eth9");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "a network interface that is down is taken");
	make_tree("nvme");
	make_file(DEVICE "/net/eth9/flags", "0x1003\n");
	make_link("sys/class/net/eth9", DEVICE "/net/eth9");
	is_refused("a network interface that is up", "eth9 is up");
	make_tree("nvme");
	make_file(DEVICE "/class", "0x030000\n");
	make_file(DEVICE "/boot_vga", "0\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "a display adapter that shows nothing is taken");
	make_tree("nvme");
	make_file(DEVICE "/class", "0x030000\n");
	make_file(DEVICE "/boot_vga", "1\n");
	is_refused("the display of the boot", "the display");
	make_tree("nvme");
	make_file(DEVICE "/class", "0x030200\n");
	make_file(DEVICE "/drm/card1/card1-DP-1/enabled", "enabled\n");
	make_link("sys/class/drm/card1-DP-1", DEVICE "/drm/card1/card1-DP-1");
	is_refused("a display that is on", "card1-DP-1");
	make_tree("nvme");
	make_file(DEVICE "/class", "0x060400\n");
	is_refused("a bridge", "bridge");
}

static void set_place(const char *variable, const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, folder);
	setenv(variable, path, 1);
}

static void set_places(void)
{
	set_place("FENCEPOST_SYSFS", "sys");
	set_place("FENCEPOST_PROC", "proc");
	set_place("FENCEPOST_DEV", "dev");
	set_place("FENCEPOST_RUN_DIR", "run");
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	set_places();
	test_there_and_back();
	test_relaxed();
	test_override();
	test_bars();
	test_names();
	test_undo();
	set_places();
	test_half_way();
	test_module();
	test_disks();
	test_multipath();
	test_others();
	remove_path("");
	return tap_done();
}
