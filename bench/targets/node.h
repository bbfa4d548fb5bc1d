/* SPDX-License-Identifier: MIT */
/*
 * node.h - the system calls on /dev/fencepost/...: what <linux/fencepost.h>
 * says.  In a file of its own, so that a program made for tests can have a
 * device of its own behind them.
 */
#ifndef FENCEPOST_TARGETS_NODE_H
#define FENCEPOST_TARGETS_NODE_H

#include <stddef.h>
#include <stdint.h>

/* A file descriptor, for close(), or -errno. */
int fp_node_open(const char *path);

/* FENCEPOST_GET_INFO and so on: 0 or -errno. */
int fp_node_call(int fd, unsigned long request, void *argument);

/* Maps bytes of the BAR at that address, in place of what is there: 0 or -errno. */
int fp_node_map(int fd, void *address, size_t bytes, uint64_t offset);

#endif
