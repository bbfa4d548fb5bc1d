/* SPDX-License-Identifier: MIT */
/* one_store.h - lets the instruction that faulted run, alone; see moved_store.h. */
#ifndef FENCEPOST_PROOF_ONE_STORE_H
#define FENCEPOST_PROOF_ONE_STORE_H

#include <stddef.h>
#include <stdint.h>

#define PROGRAM_COUNTER(context) ((context)->uc_mcontext.pc)

static const uint32_t no_instruction = 0; /* UDF #0 */

static inline size_t instruction_bytes(const void *code)
{
	(void)code;
	return 4;
}

#include "../moved_store.h"

#endif
