// SPDX-License-Identifier: MIT
#include "bind/inuse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "machine/pci.h"

#define CLASS_DISPLAY 0x030000u
#define CLASS_BRIDGE  0x060400u
#define IFF_UP	      0x1u

/* What is looked for, and what is said of it. */
struct search {
	char device[PATH_MAX]; /* its folder, with links resolved */
	char *why;
	size_t size;
};

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !strncmp(path, folder, length) && path[length] == '/';
}

/* Where an entry of a folder leads, links resolved. */
static bool resolve(const char *path, const char *name, char to[PATH_MAX])
{
	char *link;
	bool there;

	if (asprintf(&link, "%s/%s", path, name) < 0)
		return false;
	there = realpath(link, to);
	free(link);
	return there;
}

/* A file of a folder, its first line. */
static bool read_file(const char *folder, const char *file, char *to, size_t size)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	return !fp_file_line(path, to, size);
}

/* Calls for each entry of a folder until one of them answers. */
static bool any_entry(const char *path, bool (*answers)(struct search *, const char *path,
							const char *name), struct search *s)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool found = false;

	while (folder && !found && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			found = answers(s, path, entry->d_name);
	if (folder)
		closedir(folder);
	return found;
}

/* ---- disks ---- */

static bool is_mounted(struct search *s, const char *name, const char *number)
{
	char path[PATH_MAX], *line = NULL, where[256], theirs[32], source[256], node[300];
	size_t room = 0;
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/self/mountinfo", fp_path_proc());
	snprintf(node, sizeof(node), "/dev/%s", name);
	f = fopen(path, "re");
	if (!f) {
		snprintf(s->why, s->size, "%s may be mounted: %s/self/mountinfo can't be read",
			 name, fp_path_proc());
		return true;
	}
	while (!found && getline(&line, &room, f) > 0) {
		const char *behind = strstr(line, " - ");

		if (sscanf(line, "%*s %*s %31s %*s %255s", theirs, where) != 2)
			continue;
		/* A file system on several disks has a number of its own. */
		if (!behind || sscanf(behind, " - %*s %255s", source) != 1)
			*source = '\0';
		found = !strcmp(theirs, number) || !strcmp(source, node);
	}
	if (found)
		snprintf(s->why, s->size, "%s is mounted on %s", name, where);
	free(line);
	fclose(f);
	return found;
}

static bool is_swap(struct search *s, const char *name)
{
	char path[PATH_MAX], line[512];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/swaps", fp_path_proc());
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		const char *last;

		line[strcspn(line, " \t\n")] = '\0';
		last = strrchr(line, '/');
		found = last && !strcmp(last + 1, name);
	}
	if (found)
		snprintf(s->why, s->size, "%s is used as swap", name);
	if (f)
		fclose(f);
	return found;
}

static bool is_holder(struct search *s, const char *path, const char *name)
{
	(void)path;
	snprintf(s->why, s->size, "%.64s", name);
	return true;
}

static bool is_held(struct search *s, const char *name, const char *folder)
{
	char path[PATH_MAX + 32], holder[72];

	snprintf(path, sizeof(path), "%s/holders", folder);
	if (!any_entry(path, is_holder, s))
		return false;
	snprintf(holder, sizeof(holder), "%.64s", s->why);
	snprintf(s->why, s->size, "%s is held by %s", name, holder);
	return true;
}

/* Whatever else has claimed it for itself: ZFS, a virtual machine. */
static bool is_claimed(struct search *s, const char *name)
{
	char node[300];
	int fd;

	snprintf(node, sizeof(node), "/dev/%s", name);
	fd = open(node, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	if (fd >= 0 || errno != EBUSY)
		return false;
	snprintf(s->why, s->size, "%s is in use by someone who wants it alone", name);
	return true;
}

static bool leads_to_device(struct search *s, const char *path, const char *name)
{
	char target[PATH_MAX];

	return !strncmp(name, "nvme", 4) && resolve(path, name, target) &&
	       is_below(target, s->device);
}

/*
 * A disk's folder lies in its device's.  Of an NVMe disk with several paths it
 * lies in its subsystem's, beside links to the controllers; a partition's lies
 * one further down.
 */
static bool is_of_device(struct search *s, const char *folder)
{
	char parent[PATH_MAX];

	if (is_below(folder, s->device))
		return true;
	snprintf(parent, sizeof(parent), "%s", folder);
	for (int up = 0; up < 2 && strrchr(parent, '/') > parent; up++) {
		*strrchr(parent, '/') = '\0';
		if (any_entry(parent, leads_to_device, s))
			return true;
	}
	return false;
}

static bool is_disk_in_use(struct search *s, const char *path, const char *name)
{
	char folder[PATH_MAX], number[32] = "";

	if (!resolve(path, name, folder) || !is_of_device(s, folder))
		return false;
	read_file(folder, "dev", number, sizeof(number));
	return is_mounted(s, name, number) || is_swap(s, name) || is_held(s, name, folder) ||
	       is_claimed(s, name);
}

/* ---- networks and displays ---- */

static bool is_interface_up(struct search *s, const char *path, const char *name)
{
	char folder[PATH_MAX], flags[32];

	if (!resolve(path, name, folder) || !is_below(folder, s->device) ||
	    !read_file(folder, "flags", flags, sizeof(flags)) ||
	    !(strtoul(flags, NULL, 0) & IFF_UP))
		return false;
	snprintf(s->why, s->size, "the network interface %s is up", name);
	return true;
}

static bool is_connector_on(struct search *s, const char *path, const char *name)
{
	char folder[PATH_MAX], enabled[16];

	if (!resolve(path, name, folder) || !is_below(folder, s->device) ||
	    !read_file(folder, "enabled", enabled, sizeof(enabled)) || strcmp(enabled, "enabled"))
		return false;
	snprintf(s->why, s->size, "it drives the display %s", name);
	return true;
}

static bool is_frame_buffer(struct search *s, const char *path, const char *name)
{
	char folder[PATH_MAX];

	if (strncmp(name, "fb", 2) || !resolve(path, name, folder) || !is_below(folder, s->device))
		return false;
	snprintf(s->why, s->size, "the console may be on it (%s)", name);
	return true;
}

static bool in_class(struct search *s, const char *class,
		     bool (*answers)(struct search *, const char *, const char *))
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/class/%s", fp_path_sysfs(), class);
	return any_entry(path, answers, s);
}

static bool is_display(struct search *s, const char *address)
{
	uint64_t boot_vga;

	if (!fp_pci_number(address, "boot_vga", &boot_vga) && boot_vga == 1) {
		snprintf(s->why, s->size, "it is the display that the system has booted with");
		return true;
	}
	return in_class(s, "drm", is_connector_on) || in_class(s, "graphics", is_frame_buffer);
}

bool fp_device_in_use(const char *address, char *why, size_t size)
{
	struct search s = { .why = why, .size = size };
	char path[PATH_MAX];
	uint64_t class = 0;

	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s", fp_path_sysfs(), address);
	if (!realpath(path, s.device))
		return false;
	fp_pci_number(address, "class", &class);
	if ((class & 0xffff00u) == CLASS_BRIDGE) {
		snprintf(why, size, "it is a bridge, with other devices behind it");
		return true;
	}
	if ((class & 0xff0000u) == CLASS_DISPLAY && is_display(&s, address))
		return true;
	return in_class(&s, "block", is_disk_in_use) || in_class(&s, "net", is_interface_up);
}
