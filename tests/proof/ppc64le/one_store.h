/* SPDX-License-Identifier: MIT */
/* one_store.h - lets the instruction that faulted run, alone; see moved_store.h. */
#ifndef FENCEPOST_PROOF_ONE_STORE_H
#define FENCEPOST_PROOF_ONE_STORE_H

#include <asm/ptrace.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAM_COUNTER(context) ((context)->uc_mcontext.gp_regs[PT_NIP])

/* Reserved as such: Power ISA 3.1, Book I, appendix "Illegal Instructions". */
static const uint32_t no_instruction = 0;

/* Primary opcode 1 is a prefix. */
static inline size_t instruction_bytes(const void *code)
{
	return *(const uint32_t *)code >> 26 == 1 ? 8 : 4;
}

#include "../moved_store.h"

#endif
