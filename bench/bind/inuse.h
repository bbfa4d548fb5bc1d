/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_INUSE_H
#define FENCEPOST_INUSE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether something would be lost if the device's driver went: a disk of its
 * that is mounted, used as swap, held by another device or open for someone
 * alone; a network interface that is up; the display; a bridge with others
 * behind it.  why: in a few words, "nvme0n1p1 is mounted on /".
 *
 * Source: Linux 6.12 Documentation/ABI/testing/sysfs-{class-net,bus-pci},
 * Documentation/admin-guide/abi-stable: block, Documentation/filesystems/proc.rst
 * (mountinfo), and proc(5) of man-pages 6.03 (swaps).
 */
bool fp_device_in_use(const char *address, char *why, size_t size);

#endif
