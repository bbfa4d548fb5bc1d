// SPDX-License-Identifier: MIT
#include "arch.h"
