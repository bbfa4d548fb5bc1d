// SPDX-License-Identifier: MIT
#include "base/words.h"

const char *const fp_flavours[FP_FLAVOURS] = { "plain", "nontemporal", "direct", "exclusive" };
