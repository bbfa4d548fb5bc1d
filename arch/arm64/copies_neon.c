// SPDX-License-Identifier: MIT
/*
 * Copies with SIMD registers.  Included by copies.c, whose cursor they use.
 * Advanced SIMD is in the base that every compiler for Linux assumes; a row
 * still asks for it, because a CPU may lack it.  The compiler may not use it here,
 * so that an assembler which is a part of it has to be told that we do.
 */
static inline void line_neon(struct cursor *c)
{
	__asm__ volatile(FP_ASSEMBLER_MODE
			 "ldp q0,q1,[%1]\n\t"
			 "ldp q2,q3,[%1,#32]\n\t"
			 "stp q0,q1,[%0]\n\t"
			 "stp q2,q3,[%0,#32]"
			 : : "r"(c->to), "r"(c->from) : "v0", "v1", "v2", "v3", "memory");
	step(c, 64);
}

static inline void vector_neon(struct cursor *c)
{
	__asm__ volatile(FP_ASSEMBLER_MODE
			 "ldr q0,[%1]\n\t"
			 "str q0,[%0]"
			 : : "r"(c->to), "r"(c->from) : "v0", "memory");
	step(c, 16);
}

void fp_copy_neon(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head16(&c);
	while (c.left >= 64)
		line_neon(&c);
	while (c.left >= 16)
		vector_neon(&c);
	copy_tail(&c);
}

/* LD4 takes the words apart over four registers, ST4 puts them together again. */
static inline void line_st4(struct cursor *c)
{
	__asm__ volatile(FP_ASSEMBLER_MODE
			 "ld4 {v0.2d,v1.2d,v2.2d,v3.2d},[%1]\n\t"
			 "st4 {v0.2d,v1.2d,v2.2d,v3.2d},[%0]"
			 : : "r"(c->to), "r"(c->from) : "v0", "v1", "v2", "v3", "memory");
	step(c, 64);
}

void fp_copy_st4(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head(&c, 8);
	while (c.left >= 64)
		line_st4(&c);
	copy_tail(&c);
}
