/* SPDX-License-Identifier: MIT */
/* clobber.h - changes every register that a function may change. */
#ifndef FENCEPOST_PROOF_CLOBBER_H
#define FENCEPOST_PROOF_CLOBBER_H

/* Procedure Call Standard for the Arm 64-bit Architecture, 6.1; x18 is the platform's. */
static inline void clobber_registers(void)
{
	__asm__ volatile("mov x0,#-1; mov x1,x0; mov x2,x0; mov x3,x0; mov x4,x0; mov x5,x0; "
			 "mov x6,x0; mov x7,x0; mov x8,x0; mov x9,x0; mov x10,x0; mov x11,x0; "
			 "mov x12,x0; mov x13,x0; mov x14,x0; mov x15,x0; mov x16,x0; mov x17,x0; "
			 "mov x30,x0; dup v0.2d,x0; dup v1.2d,x0; dup v2.2d,x0; dup v3.2d,x0"
			 : : : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
			 "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x30", "v0", "v1", "v2",
			 "v3", "cc");
}

#endif
