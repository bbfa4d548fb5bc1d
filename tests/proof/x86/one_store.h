/* SPDX-License-Identifier: MIT */
/* one_store.h - lets the instruction that faulted run, alone: here by the trap flag. */
#ifndef FENCEPOST_PROOF_ONE_STORE_H
#define FENCEPOST_PROOF_ONE_STORE_H

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

#define PROGRAM_COUNTER(context) ((context)->uc_mcontext.gregs[REG_RIP])

#define ONE_STORE_RAN SIGTRAP
#define TRAP_FLAG     0x100

static inline int one_store_init(void)
{
	return 0;
}

/* In the handler of the fault: the instruction runs behind it, and then ONE_STORE_RAN comes. */
static inline void one_store_run(ucontext_t *c)
{
	c->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

/* In that signal's handler: whether it came so; then all goes on behind the instruction. */
static inline bool one_store_ran(ucontext_t *c)
{
	bool ran = c->uc_mcontext.gregs[REG_EFL] & TRAP_FLAG;

	c->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
	return ran;
}

#endif
