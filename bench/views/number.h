/* SPDX-License-Identifier: MIT */
/* number.h - figures as text; both return buf. */
#ifndef FENCEPOST_NUMBER_H
#define FENCEPOST_NUMBER_H

#include <stddef.h>

/* At most 4 characters before or 3 significant digits: "0.31", "27.4", "1912". "" for NAN. */
const char *view_short(double value, char *buf, size_t n);
/* The fewest digits that read back as the same number. */
const char *view_exact(double value, char *buf, size_t n);

#endif
