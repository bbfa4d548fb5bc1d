/* SPDX-License-Identifier: MIT */
/*
 * pci.h - names of PCI devices and their BARs, and where the system keeps what
 * is known of them.
 */
#ifndef FENCEPOST_PCI_H
#define FENCEPOST_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FP_PCI_ADDRESS	24 /* "10000:00:1f.7" */
#define FP_PCI_BAR_NAME 32 /* "10000:00:1f.7-bar5" */
#define FP_PCI_BARS	6

/*
 * "00:04.0" or "0000:00:04.0", as lspci prints them, to "0000:00:04.0".  -EINVAL
 * if it is no such name.
 */
int fp_pci_address(const char *text, char address[FP_PCI_ADDRESS]);

/* "00:04.0-bar2" to "0000:00:04.0-bar2".  -EINVAL. */
int fp_pci_bar_name(const char *text, char name[FP_PCI_BAR_NAME]);

/* The two parts of such a name.  -EINVAL. */
int fp_pci_split(const char *name, char address[FP_PCI_ADDRESS], unsigned *bar);

/*
 * Where things are.  Tests put a tree of their own in their place, by
 * FENCEPOST_SYSFS, FENCEPOST_PROC, FENCEPOST_DEV and FENCEPOST_RUN_DIR.
 */
const char *fp_path_sysfs(void); /* /sys */
const char *fp_path_proc(void);	 /* /proc */
const char *fp_path_dev(void);	 /* /dev/fencepost */
const char *fp_path_run(void);	 /* /run/fencepost */

/* One BAR as sysfs has it. */
struct fp_pci_bar {
	uint64_t bytes; /* 0: none */
	bool memory, prefetchable;
};

/* All of a device's, from its "resource".  -ENOENT without such a device, -EPROTO. */
int fp_pci_bars(const char *address, struct fp_pci_bar bars[FP_PCI_BARS]);

/* A file of the device's: its first line.  -ENOENT, ... */
int fp_pci_read(const char *address, const char *file, char *to, size_t size);

/* A file with one number: "0x1b36".  -EPROTO if it is none. */
int fp_pci_number(const char *address, const char *file, uint64_t *number);

#endif
