// SPDX-License-Identifier: MIT
/*
 * The own architecture's copies, which are functions and not fragments.  Built
 * with flags of their own: a compiler that turns a loop of stores into memcpy,
 * or merges the stores, would time and prove something else.
 */
#include <copies.c>
