/* SPDX-License-Identifier: MIT */
/*
 * words.h - words that stand in results and in lists alike.
 */
#ifndef FENCEPOST_WORDS_H
#define FENCEPOST_WORDS_H

/* What stores and loads are: "plain", "nontemporal", "direct", "exclusive"; by enum fp_flavour. */
#define FP_FLAVOURS 4
extern const char *const fp_flavours[FP_FLAVOURS];

#endif
