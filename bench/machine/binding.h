/* SPDX-License-Identifier: MIT */
/*
 * binding.h - what is remembered of a device that this program has bound:
 * /run/fencepost/<address>.
 *
 *     fencepost binding 1
 *     bar 2
 *     driver nvme
 *     driver_override vfio-pci
 *
 * The last two lines are left out where there was none.  What stands there names
 * files of sysfs that root writes, so that it is believed only if nobody but root, or
 * who runs the program, can have written it: both folder and file are theirs, neither
 * is a link, and no other may write to them.
 */
#ifndef FENCEPOST_BINDING_H
#define FENCEPOST_BINDING_H

#include <stddef.h>

#define FP_DRIVER_NAME 64 /* bytes, with the NUL */

struct fp_binding {
	unsigned bar;			      /* the one that was chosen */
	char driver[FP_DRIVER_NAME];	      /* who had it; "" for nobody */
	char driver_override[FP_DRIVER_NAME]; /* what that was; "" for none */
};

/*
 * Takes it over if it is the name of one entry of a folder, in printable ASCII, and fits;
 * else -EPROTO.  Some drivers have blanks in theirs: "budget dvb".
 */
int fp_driver_name(const char *text, char name[FP_DRIVER_NAME]);

/*
 * -ENOENT: it is not bound, or not by this program.  After any other error why says what
 * is wrong with the record, or with its folder: "/run/fencepost/0000:00:04.0, line 2: ...".
 */
int fp_binding_read(const char *address, struct fp_binding *binding, char *why, size_t size);
int fp_binding_write(const char *address, const struct fp_binding *binding, char *why,
		     size_t size);
void fp_binding_remove(const char *address);

#endif
