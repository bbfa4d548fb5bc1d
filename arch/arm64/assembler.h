/* SPDX-License-Identifier: MIT */
/*
 * What arch/fragments.c needs to assemble this folder's rows.
 *
 * .arch cannot be undone, but it only widens what the assembler accepts: the
 * compiler has chosen its instructions before the assembler sees any text.
 */
#define FP_OWN_ARCH FP_ARM64
#define FP_ASSEMBLER_MODE ".arch armv8.7-a+ls64\n"

/* And to disassemble them, where capstone is there: its words. */
#define FP_CAPSTONE_ARCH   CS_ARCH_ARM64
#define FP_CAPSTONE_MODE   CS_MODE_ARM
#define FP_CAPSTONE_SYNTAX CS_OPT_SYNTAX_DEFAULT
