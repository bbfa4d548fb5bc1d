/* SPDX-License-Identifier: MIT */
/*
 * What arch/fragments.c needs to assemble this folder's rows.
 *
 * The machine stays selected for the rest of the file: it decides what the
 * assembler accepts and how it pads, not how it encodes the compiler's code.
 */
#define FP_OWN_ARCH FP_PPC64LE
#define FP_ASSEMBLER_MODE ".machine \"power10\"\n"

/* And to disassemble them, where capstone is there: its words. */
#define FP_CAPSTONE_ARCH   CS_ARCH_PPC
#define FP_CAPSTONE_MODE   CS_MODE_64
#define FP_CAPSTONE_SYNTAX CS_OPT_SYNTAX_DEFAULT
