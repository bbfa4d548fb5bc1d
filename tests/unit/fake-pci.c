// SPDX-License-Identifier: MIT
#include "fake-pci.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind/bind.h"
#include "unit/scratch.h"

struct fake fake;

static char root[SCRATCH_PATH];

/* ---- the tree ---- */

void make_folder(const char *path)
{
	char whole[PATH_MAX], *slash;

	snprintf(whole, sizeof(whole), "%s/%s/", root, path);
	for (slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0777);
		*slash = '/';
	}
}

void make_file(const char *path, const char *text)
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
void make_link(const char *path, const char *target)
{
	char whole[PATH_MAX], folder[PATH_MAX], to[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	if (strrchr(folder, '/')) {
		*strrchr(folder, '/') = '\0';
		make_folder(folder);
	}
	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	snprintf(to, sizeof(to), "%s/%s", root, target);
	unlink(whole);
	if (symlink(to, whole))
		abort();
}

void remove_path(const char *path)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf '%s/%s'", root, path);
	if (system(command))
		abort();
}

const char *fake_path(const char *path)
{
	static char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	return whole;
}

const char *contents(const char *path)
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
const char *driver(void)
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
void fake_tree(const char *holder)
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
	make_file("proc/self/mountinfo",
		  "25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n");
	make_file("proc/swaps", "Filename Type Size Used Priority\n");
	if (*holder)
		give_to(holder);
	fake.fails_at = NULL;
	fake.no_node = false;
	fake.loads = false;
	fake.writes = 0;
}

/* ---- the kernel ---- */

static bool ends_in(const char *path, const char *end)
{
	return strlen(path) >= strlen(end) && !strcmp(path + strlen(path) - strlen(end), end);
}

static void make_nodes(bool there)
{
	if (there && !fake.no_node) {
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
	if (!strcmp(name, "fencepost") &&
	    strncmp(contents(DEVICE "/driver_override"), "fencepost", 9))
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

	fake.writes++;
	if (fake.fails_at && ends_in(path, fake.fails_at))
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
	if (fake.loads) {
		make_driver("fencepost");
		return 0;
	}
	snprintf(why, size, "there is none");
	return -ENOENT;
}

static const struct fp_binder binder = { kernel_write, kernel_load };

/* ---- what it says ---- */

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
	int saved = dup(stream), file = memfd_create("said", MFD_CLOEXEC);

	dup2(file, stream);
	close(file);
	return saved;
}

/* Its status; what it has printed is in fake.out and fake.err. */
int quietly(const char *word, const char *device, const char *bar, bool force)
{
	int saved_out, saved_err, status;

	fflush(stdout);
	saved_out = redirect(STDOUT_FILENO);
	saved_err = redirect(STDERR_FILENO);
	status = !strcmp(word, "bind") ? fp_bind(&binder, device, bar, force)
				       : fp_unbind(&binder, device);
	read_back(saved_out, STDOUT_FILENO, fake.out, sizeof(fake.out));
	read_back(saved_err, STDERR_FILENO, fake.err, sizeof(fake.err));
	fake.one_line = !strncmp(fake.err, "fencepost: ", 11) &&
			strchr(fake.err, '\n') == fake.err + strlen(fake.err) - 1;
	fake.err[strcspn(fake.err, "\n")] = '\0';
	return status;
}

static void set_place(const char *variable, const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, folder);
	setenv(variable, path, 1);
}

void fake_places(void)
{
	set_place("FENCEPOST_SYSFS", "sys");
	set_place("FENCEPOST_PROC", "proc");
	set_place("FENCEPOST_DEV", "dev");
	set_place("FENCEPOST_RUN_DIR", "run");
}

bool fake_begin(void)
{
	if (!scratch_folder(root))
		return false;
	fake_places();
	return true;
}

void fake_end(void)
{
	remove_path("");
}
