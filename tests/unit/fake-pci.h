/* SPDX-License-Identifier: MIT */
/*
 * fake-pci.h - a tree that looks like sysfs, with one PCI device, and a kernel
 * that is a few functions: what bind and unbind are tried on.
 */
#ifndef FENCEPOST_FAKE_PCI_H
#define FENCEPOST_FAKE_PCI_H

#include <stdbool.h>

#define ADDRESS "0000:00:04.0"
#define DEVICE	"sys/devices/pci0000:00/" ADDRESS

extern struct fake {
	/* To be set by a test; a new tree has none of them. */
	const char *fails_at; /* the end of a path that can't be written */
	bool no_node;	      /* the module makes no file */
	bool loads;	      /* the module can be loaded */
	int writes;	      /* to sysfs, by bind and unbind */
	/* What was printed by the last one. */
	char out[1024], err[1024];
	bool one_line; /* whether err was that, and one of ours */
} fake;

/* Makes a folder for the tree; fake_end() removes it. */
bool fake_begin(void);
void fake_end(void);

/* Where the program looks for things is in the tree. */
void fake_places(void);

/*
 * A tree of its own, with an NVMe controller as QEMU has it: registers, I/O
 * ports, and a memory buffer.  holder: the driver that has it; "" for none.
 */
void fake_tree(const char *holder);

/* All paths are in the tree, and so is what a link leads to. */
void make_folder(const char *path);
void make_file(const char *path, const char *text);
void make_link(const char *path, const char *target);
void remove_path(const char *path);

/* Where it is. */
const char *fake_path(const char *path);

/* Of a file; NULL if there is none. */
const char *contents(const char *path);

/* The driver that has the device; "" for none. */
const char *driver(void);

/* "bind" or "unbind": its status. */
int quietly(const char *word, const char *device, const char *bar, bool force);

#endif
