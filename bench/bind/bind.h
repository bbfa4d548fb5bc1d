/* SPDX-License-Identifier: MIT */
/*
 * bind.h - attaches a PCI device to the kernel module, and gives it back.
 *
 * driver_override names the module, the former driver is unbound, the module
 * bound; what was there before is remembered in /run/fencepost/<address>.  A
 * step that fails undoes those before it.
 */
#ifndef FENCEPOST_BIND_H
#define FENCEPOST_BIND_H

#include <stdbool.h>
#include <stddef.h>

/* How they act on the system; a test has its own.  0 or -errno. */
struct fp_binder {
	int (*write)(const char *path, const char *text);
	int (*load)(char *why, size_t size); /* the kernel module; why not, in one line */
};
extern const struct fp_binder fp_binder_system;

/*
 * bar: NULL to take the largest that is prefetchable, else the largest.  What was
 * done goes to stdout.  0 or an enum fp_exit after one line on stderr.
 */
int fp_bind(const struct fp_binder *binder, const char *device, const char *bar, bool force);
int fp_unbind(const struct fp_binder *binder, const char *device);

#endif
