// SPDX-License-Identifier: MIT
/*
 * Copies of ppc64le.  Those in this file use general registers only; each other
 * level of the instruction set is a file of its own, included towards the end.
 * The compiler may use no vectors at all (configure), so that what a kernel can
 * use is shown to be so: others are named in assembler.
 *
 * Stores are in assembler: their number, widths and order are what a row
 * states, and no compiler may merge or split them.  Loads come from RAM and
 * are left to the compiler, except where a row reads from the device.
 *
 * None uses dcbz, which takes an alignment interrupt on memory that is not
 * cached.
 */
#include <stdint.h>
#include <string.h>

#include "arch.h"

#define COPY(ID, FUNCTION, ...) fp_copy_function fp_copy_##FUNCTION;
#include <copies.def>
#undef COPY

static inline void barrier_sync(void)
{
	__asm__ volatile("sync" : : : "memory");
}

static inline void barrier_lwsync(void)
{
	__asm__ volatile("lwsync" : : : "memory");
}

static inline void barrier_eieio(void)
{
	__asm__ volatile("eieio" : : : "memory");
}

static inline void store1(char *to, uint8_t value)
{
	__asm__ volatile("stb %1,0(%0)" : : "b"(to), "r"(value) : "memory");
}

static inline void store2(char *to, uint16_t value)
{
	__asm__ volatile("sth %1,0(%0)" : : "b"(to), "r"(value) : "memory");
}

static inline void store4(char *to, uint32_t value)
{
	__asm__ volatile("stw %1,0(%0)" : : "b"(to), "r"(value) : "memory");
}

static inline void store8(char *to, uint64_t value)
{
	__asm__ volatile("std %1,0(%0)" : : "b"(to), "r"(value) : "memory");
}

#include "cursor.h"

typedef uint16_t any16 __attribute__((may_alias, aligned(1)));

static inline void copy2(struct cursor *c)
{
	store2(c->to, *(const any16 *)c->from);
	step(c, 2);
}

/*
 * The kernel's memcpy_toio without its barriers.  Where source and destination
 * differ in their last two bits, both are never aligned: bytes to the end.
 */
static inline void toio(void *to, const void *from, size_t bytes, size_t smallest)
{
	struct cursor c = CURSOR(to, from, bytes);

	while (c.left && !(is_aligned(c.to, 4) && is_aligned(c.from, 4)))
		copy1(&c);
	while (c.left >= smallest)
		copy4(&c);
	copy_bytes(&c);
}

/* More than four bytes were asked for: a last word went as four bytes. */
void fp_copy_memcpy_toio_2_6_24(void *to, const void *from, size_t bytes)
{
	barrier_sync();
	toio(to, from, bytes, 5);
	barrier_sync();
}

void fp_copy_memcpy_toio_6_1(void *to, const void *from, size_t bytes)
{
	barrier_sync();
	toio(to, from, bytes, 4);
	barrier_sync();
}

void fp_copy_memcpy_toio_lwsync(void *to, const void *from, size_t bytes)
{
	barrier_lwsync();
	toio(to, from, bytes, 4);
	barrier_lwsync();
}

void fp_copy_memcpy_toio_one_sync(void *to, const void *from, size_t bytes)
{
	toio(to, from, bytes, 4);
	barrier_sync();
}

void fp_copy_memcpy_toio_no_sync(void *to, const void *from, size_t bytes)
{
	toio(to, from, bytes, 4);
}

void fp_copy_memset_io_6_1(void *to, const void *from, size_t bytes)
{
	const uint8_t byte = *(const uint8_t *)from;
	const uint32_t word = byte * UINT32_C(0x01010101);
	char *at = to, *end = at + bytes;

	barrier_sync();
	for (; at < end && !is_aligned(at, 4); at++)
		store1(at, byte);
	for (; end - at >= 4; at += 4)
		store4(at, word);
	for (; at < end; at++)
		store1(at, byte);
	barrier_sync();
}

/* Here the source is the device, and its loads are exact. */
static inline void load_byte(struct cursor *c)
{
	uint8_t value;

	__asm__ volatile("lbz %0,0(%1)" : "=r"(value) : "b"(c->from) : "memory");
	*c->to = (char)value;
	barrier_eieio();
	step(c, 1);
}

static inline void load_word(struct cursor *c)
{
	uint32_t value;

	__asm__ volatile("lwz %0,0(%1)" : "=r"(value) : "b"(c->from) : "memory");
	*(any32 *)c->to = value;
	barrier_eieio();
	step(c, 4);
}

void fp_copy_memcpy_fromio_6_1(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	barrier_sync();
	while (c.left && !(is_aligned(c.from, 4) && is_aligned(c.to, 4)))
		load_byte(&c);
	while (c.left >= 4)
		load_word(&c);
	while (c.left)
		load_byte(&c);
	barrier_sync();
}

void fp_copy_iowrite32_copy_6_1(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_words4(&c);
}

void fp_copy_iowrite64_copy_6_1(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_words8(&c);
}

/* Contiguous stores with nothing between them: all loads come first. */
static inline void block_stw(struct cursor *c)
{
	const any32 *f = (const any32 *)c->from;

	__asm__ volatile("stw %0,0(%4); stw %1,4(%4); stw %2,8(%4); stw %3,12(%4)"
			 : : "r"(f[0]), "r"(f[1]), "r"(f[2]), "r"(f[3]), "b"(c->to) : "memory");
	step(c, 16);
}

static inline void block2_std(struct cursor *c)
{
	const any64 *f = (const any64 *)c->from;

	__asm__ volatile("std %0,0(%2); std %1,8(%2)"
			 : : "r"(f[0]), "r"(f[1]), "b"(c->to) : "memory");
	step(c, 16);
}

static inline void block4_std(struct cursor *c)
{
	const any64 *f = (const any64 *)c->from;

	__asm__ volatile("std %0,0(%4); std %1,8(%4); std %2,16(%4); std %3,24(%4)"
			 : : "r"(f[0]), "r"(f[1]), "r"(f[2]), "r"(f[3]), "b"(c->to) : "memory");
	step(c, 32);
}

static inline void block8_std(struct cursor *c)
{
	const any64 *f = (const any64 *)c->from;

	__asm__ volatile("std %0,0(%8); std %1,8(%8); std %2,16(%8); std %3,24(%8); "
			 "std %4,32(%8); std %5,40(%8); std %6,48(%8); std %7,56(%8)"
			 : : "r"(f[0]), "r"(f[1]), "r"(f[2]), "r"(f[3]), "r"(f[4]), "r"(f[5]),
			     "r"(f[6]), "r"(f[7]), "b"(c->to) : "memory");
	step(c, 64);
}

void fp_copy_stw_block(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head(&c, 4);
	while (c.left >= 16)
		block_stw(&c);
	copy_words4(&c);
	copy_bytes(&c);
}

void fp_copy_std_block(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head(&c, 8);
	while (c.left >= 64)
		block8_std(&c);
	copy_words8(&c);
	copy_bytes(&c);
}

/* The kernel's memcpy: from 16 bytes on the source is aligned, by the bits of what is missing. */
static inline void align_source(struct cursor *c)
{
	if (!is_aligned(c->from, 2))
		copy1(c);
	if (!is_aligned(c->from, 4))
		copy2(c);
	if (!is_aligned(c->from, 8))
		copy4(c);
}

static inline void copy_to_15(struct cursor *c)
{
	if (c->left & 8) {
		copy4(c);
		copy4(c);
	}
	if (c->left & 4)
		copy4(c);
	if (c->left & 2)
		copy2(c);
	if (c->left & 1)
		copy1(c);
}

void fp_copy_memcpy_nvme_6_1(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	if (bytes >= 16)
		align_source(&c);
	while (c.left >= 64)
		block8_std(&c);
	if (c.left & 32)
		block4_std(&c);
	if (c.left & 16)
		block2_std(&c);
	copy_to_15(&c);
}

#include "copies_vsx.c"

void fp_copy_glibc_memcpy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}
