/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_LETTERS_H
#define FENCEPOST_LETTERS_H

#define FP_LETTERS 6u

/* Drawn letters and a NUL, which make a temporary name one's own; returns to. */
char *fp_letters(char to[FP_LETTERS + 1]);

#endif
