/* SPDX-License-Identifier: MIT */
/* What arch/fragments.c needs to assemble this folder's rows. */
#define FP_OWN_ARCH FP_X86_64
#define FP_ASSEMBLER_MODE ""

/* And to disassemble them, where capstone is there: its words. */
#define FP_CAPSTONE_ARCH   CS_ARCH_X86
#define FP_CAPSTONE_MODE   CS_MODE_64
#define FP_CAPSTONE_SYNTAX CS_OPT_SYNTAX_ATT
