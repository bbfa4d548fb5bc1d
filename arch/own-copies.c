// SPDX-License-Identifier: MIT
/*
 * The own architecture's copies, which are functions and not fragments.  Built
 * with flags of their own: a compiler that turns a loop of stores into memcpy,
 * or merges the stores, would time and prove something else.
 */
#include <copies.c>

#include "fencepost_copy/fencepost_copy.h"

/* The one copy that every architecture has. */
void fp_copy_fencepost_copy_toio(void *to, const void *from, size_t bytes)
{
	fencepost_copy_toio(to, from, bytes, 0);
}
