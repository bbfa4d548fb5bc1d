// SPDX-License-Identifier: MIT
/* Copies with the 64-byte store of FEAT_LS64.  Included by copies.c. */
/*
 * ST64B takes eight consecutive registers, the first of them even.  The assembler
 * has to know the instruction, and the compiler has not.
 */
void fp_copy_st64b(void *to, const void *from, size_t bytes)
{
	const char *next = from, *end = next + bytes;

	for (char *at = to; end - next >= 64; at += 64, next += 64)
		__asm__ volatile(FP_ASSEMBLER_MODE
				 "ldp x4,x5,[%1]\n\t"
				 "ldp x6,x7,[%1,#16]\n\t"
				 "ldp x8,x9,[%1,#32]\n\t"
				 "ldp x10,x11,[%1,#48]\n\t"
				 "st64b x4,[%0]"
				 : : "r"(at), "r"(next)
				 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "memory");
}
