/* SPDX-License-Identifier: MIT */
/* clobber.h - changes every register that a function may change. */
#ifndef FENCEPOST_PROOF_CLOBBER_H
#define FENCEPOST_PROOF_CLOBBER_H

/* System V ABI, AMD64 Architecture Processor Supplement, 3.2.1. */
static inline void clobber_registers(void)
{
	__asm__ volatile("movq $-1,%%rax; movq %%rax,%%rcx; movq %%rax,%%rdx; movq %%rax,%%rsi; "
			 "movq %%rax,%%rdi; movq %%rax,%%r8; movq %%rax,%%r9; movq %%rax,%%r10; "
			 "movq %%rax,%%r11; pcmpeqb %%xmm0,%%xmm0; pcmpeqb %%xmm1,%%xmm1"
			 : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
			 "xmm0", "xmm1", "cc");
}

#endif
