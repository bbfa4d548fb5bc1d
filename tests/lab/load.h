/* SPDX-License-Identifier: MIT */
/*
 * load.h - threads that use a BAR in every way while it is taken away.
 *
 * The promise that they check: once the device is gone, no access and no call
 * succeeds any more, and nothing hangs.
 */
#ifndef LOAD_H
#define LOAD_H

#include "bar.h"

/* How a device goes; 0 or -errno, when it is gone. */
typedef int load_take_away(const char *variable);

/*
 * BAR 2 of a device: used, taken away, and seen to be gone.  "" if all went well,
 * or what was wrong.
 */
const char *load_round(const char *variable, load_take_away *take, uint64_t *random);

#endif
