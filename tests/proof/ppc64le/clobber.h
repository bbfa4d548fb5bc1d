/* SPDX-License-Identifier: MIT */
/* clobber.h - changes every register that a function may change. */
#ifndef FENCEPOST_PROOF_CLOBBER_H
#define FENCEPOST_PROOF_CLOBBER_H

/* 64-Bit ELF V2 ABI, Register Usage; its TOC pointer is the caller's to restore. */
static inline void clobber_registers(void)
{
	__asm__ volatile("li 0,-1; mr 3,0; mr 4,0; mr 5,0; mr 6,0; mr 7,0; mr 8,0; mr 9,0; "
			 "mr 10,0; mr 11,0; mr 12,0; mtctr 0; mtlr 0; mtcrf 0xc7,0; xxlxor 0,0,0; "
			 "xxlxor 1,1,1"
			 : : : "r0", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12",
			 "ctr", "lr", "cr0", "cr1", "cr5", "cr6", "cr7", "vs0", "vs1");
}

#endif
