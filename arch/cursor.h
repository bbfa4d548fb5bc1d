/* SPDX-License-Identifier: MIT */
/*
 * cursor.h - copies as loops of single stores over a cursor, for the
 * architectures whose streaming stores are plain ones.
 *
 * An architecture's copies.c defines store1, store4 and store8 and then includes
 * this, with the compiler's target set to general registers.
 */
#ifndef FENCEPOST_CURSOR_H
#define FENCEPOST_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The source may have any alignment; so may the destination, in RAM. */
typedef uint32_t any32 __attribute__((may_alias, aligned(1)));
typedef uint64_t any64 __attribute__((may_alias, aligned(1)));

struct cursor {
	char *to;
	const char *from;
	size_t left;
};
#define CURSOR(TO, FROM, BYTES) { .to = (TO), .from = (FROM), .left = (BYTES) }

static inline bool is_aligned(const void *p, size_t to)
{
	return !((uintptr_t)p & (to - 1));
}

static inline void step(struct cursor *c, size_t bytes)
{
	c->to += bytes;
	c->from += bytes;
	c->left -= bytes;
}

static inline void copy1(struct cursor *c)
{
	store1(c->to, (uint8_t)*c->from);
	step(c, 1);
}

static inline void copy4(struct cursor *c)
{
	store4(c->to, *(const any32 *)c->from);
	step(c, 4);
}

static inline void copy8(struct cursor *c)
{
	store8(c->to, *(const any64 *)c->from);
	step(c, 8);
}

/* Bytes until the destination is aligned; none is written beyond the end. */
static inline void copy_head(struct cursor *c, size_t alignment)
{
	while (c->left && !is_aligned(c->to, alignment))
		copy1(c);
}

static inline void copy_words4(struct cursor *c)
{
	while (c->left >= 4)
		copy4(c);
}

static inline void copy_words8(struct cursor *c)
{
	while (c->left >= 8)
		copy8(c);
}

static inline void copy_bytes(struct cursor *c)
{
	while (c->left)
		copy1(c);
}

/* Three rows of the catalogue. */

void fp_copy_bytes(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_bytes(&c);
}

void fp_copy_words4(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head(&c, 4);
	copy_words4(&c);
	copy_bytes(&c);
}

void fp_copy_words8(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head(&c, 8);
	copy_words8(&c);
	copy_bytes(&c);
}

#endif
