/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_LINES_H
#define FENCEPOST_LINES_H

#include <stdio.h>

#include "base/format.h"
#include "document/read.h"

/* Names, then a line a row: FP_CSV or FP_MARKDOWN. 0 or -ENOMEM. */
int view_lines_write(FILE *to, const struct doc *doc, enum fp_format format);

#endif
