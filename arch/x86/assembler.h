/* SPDX-License-Identifier: MIT */
/* What arch/fragments.c needs to assemble this folder's rows. */
#define FP_OWN_ARCH FP_X86_64
#define FP_ASSEMBLER_MODE ""
