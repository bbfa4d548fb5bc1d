/* SPDX-License-Identifier: MIT */
/*
 * What the copies of x86-64 are put together from.
 *
 * A move is one load and one store in one volatile asm statement.  The compiler
 * can then neither merge two stores, nor split one, nor change their order, so
 * that a copy makes the stores that its row states.
 */
#ifndef FENCEPOST_X86_COPIES_H
#define FENCEPOST_X86_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

/* Stands before a function of another ISA level than the baseline; every compiler takes it. */
#define FOR(LEVEL) __attribute__((target(LEVEL)))

typedef void move_function(char *to, const char *from);

#define MOVE(NAME, TYPE, REGISTER, LOAD, STORE) \
	INLINE void NAME(char *to, const char *from) \
	{ \
		TYPE value; \
\
		__asm__ volatile(LOAD "\n\t" STORE \
				 : "=m"(*(char (*)[sizeof(TYPE)])to), "=&" REGISTER(value) \
				 : "m"(*(const char (*)[sizeof(TYPE)])from)); \
	}
MOVE(move1, uint8_t, "r", "movzbl %2,%k1", "movb %1,%0")
MOVE(move2, uint16_t, "r", "movzwl %2,%k1", "movw %1,%0")
MOVE(move4, uint32_t, "r", "movl %2,%1", "movl %1,%0")
MOVE(move8, uint64_t, "r", "movq %2,%1", "movq %1,%0")
MOVE(stream4, uint32_t, "r", "movl %2,%1", "movntil %1,%0")
MOVE(stream8, uint64_t, "r", "movq %2,%1", "movntiq %1,%0")

/* What is left of a copy. */
struct rest {
	char *to;
	const char *from;
	size_t bytes;
};

INLINE void advance(struct rest *rest, size_t width, move_function *move)
{
	move(rest->to, rest->from);
	rest->to += width;
	rest->from += width;
}

INLINE void step(struct rest *rest, size_t width, move_function *move)
{
	advance(rest, width, move);
	rest->bytes -= width;
}

/* Every width is a power of two. */
INLINE void repeat(struct rest *rest, size_t width, move_function *move)
{
	const char *end = rest->from + (rest->bytes & ~(width - 1));

	while (rest->from != end)
		advance(rest, width, move);
	rest->bytes &= width - 1;
}

/*
 * Widths come in ascending order, so that the destination is aligned to width
 * when this is called and to twice the width when it returns.  Where too few
 * bytes are left for that, they are too few for each greater width as well.
 */
INLINE void align_up(struct rest *rest, size_t width, move_function *move)
{
	if (((uintptr_t)rest->to & width) && rest->bytes >= width)
		step(rest, width, move);
}

/* Widths come in descending order, from half of what repeat() had. */
INLINE void finish(struct rest *rest, size_t width, move_function *move)
{
	if (rest->bytes & width)
		advance(rest, width, move);
}

INLINE bool misaligned(const struct rest *rest, size_t to)
{
	return (uintptr_t)rest->to & (to - 1);
}

/* Stores below 16 bytes, each aligned to its width; there is no streaming one below 4. */
INLINE void stream_head(struct rest *rest)
{
	align_up(rest, 1, move1);
	align_up(rest, 2, move2);
	align_up(rest, 4, stream4);
	align_up(rest, 8, stream8);
}

INLINE void stream_tail(struct rest *rest)
{
	finish(rest, 8, stream8);
	finish(rest, 4, stream4);
	finish(rest, 2, move2);
	finish(rest, 1, move1);
}

INLINE void plain_head(struct rest *rest)
{
	align_up(rest, 1, move1);
	align_up(rest, 2, move2);
	align_up(rest, 4, move4);
	align_up(rest, 8, move8);
}

INLINE void plain_tail(struct rest *rest)
{
	finish(rest, 8, move8);
	finish(rest, 4, move4);
	finish(rest, 2, move2);
	finish(rest, 1, move1);
}

#endif
