/* SPDX-License-Identifier: MIT */
/*
 * binding.h - what is remembered of a device that this program has bound:
 * /run/fencepost/<address>.
 */
#ifndef FENCEPOST_BINDING_H
#define FENCEPOST_BINDING_H

struct fp_binding {
	unsigned bar;		 /* the one that was chosen */
	char driver[64];	 /* who had it; "" for nobody */
	char driver_override[64]; /* what that was; "" for none */
};

/* -ENOENT: it is not bound, or not by this program.  -EPROTO. */
int fp_binding_read(const char *address, struct fp_binding *binding);
int fp_binding_write(const char *address, const struct fp_binding *binding);
void fp_binding_remove(const char *address);

#endif
