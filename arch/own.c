// SPDX-License-Identifier: MIT
/* The own architecture's native.c: its folder comes first on the include path. */
#include <native.c>
