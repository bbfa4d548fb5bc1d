// SPDX-License-Identifier: MIT
/*
 * Copies with vector-scalar registers.  Included by copies.c, whose cursor they
 * use.  The registers are named here, and the floating-point halves stand for
 * them.
 *
 * lxvd2x and stxvd2x both swap the halves of a register on a little-endian CPU,
 * so that memory is as it was.
 */
static inline void line_vsx(struct cursor *c)
{
	__asm__ volatile("lxvd2x 0,0,%1\n\t"
			 "lxvd2x 1,%2,%1\n\t"
			 "lxvd2x 2,%3,%1\n\t"
			 "lxvd2x 3,%4,%1\n\t"
			 "stxvd2x 0,0,%0\n\t"
			 "stxvd2x 1,%2,%0\n\t"
			 "stxvd2x 2,%3,%0\n\t"
			 "stxvd2x 3,%4,%0"
			 : : "r"(c->to), "r"(c->from), "b"(16L), "b"(32L), "b"(48L)
			 : "fr0", "fr1", "fr2", "fr3", "memory");
	step(c, 64);
}

static inline void vector_vsx(struct cursor *c)
{
	__asm__ volatile("lxvd2x 0,0,%1\n\t"
			 "stxvd2x 0,0,%0"
			 : : "r"(c->to), "r"(c->from) : "fr0", "memory");
	step(c, 16);
}

void fp_copy_vsx(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head(&c, 8);
	if (c.left >= 8 && !is_aligned(c.to, 16))
		copy8(&c);
	while (c.left >= 64)
		line_vsx(&c);
	while (c.left >= 16)
		vector_vsx(&c);
	copy_words8(&c);
	copy_bytes(&c);
}
