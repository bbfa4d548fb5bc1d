/* SPDX-License-Identifier: MIT */
/* format.h - the forms in which the program prints. */
#ifndef FENCEPOST_FORMAT_H
#define FENCEPOST_FORMAT_H

enum fp_format { FP_TEXT, FP_MARKDOWN, FP_CSV, FP_JSON };

/*
 * How results are laid out as JSON, wherever they go: 12 digits are more than they have, and
 * a terminal gets no character that it would obey.
 */
#define FP_JSON_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(12) | JSON_ENSURE_ASCII)

#endif
