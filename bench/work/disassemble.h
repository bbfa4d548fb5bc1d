/* SPDX-License-Identifier: MIT */
#ifndef FENCEPOST_DISASSEMBLE_H
#define FENCEPOST_DISASSEMBLE_H

#include <stddef.h>
#include <stdio.h>

/*
 * Writes the disassembly of this architecture's code: by objdump where it is
 * there, else by capstone where the program was built with it, else the bytes.
 * 0 or -errno.
 */
int fp_disassemble(const void *code, size_t bytes, FILE *to);

#endif
