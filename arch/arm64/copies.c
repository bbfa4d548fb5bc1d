// SPDX-License-Identifier: MIT
/*
 * Copies of arm64.  Those in this file use general registers only; each other
 * level of the instruction set is a file of its own, included at the end.  The
 * compiler may use no vectors at all (configure), so that what a kernel can use
 * is shown to be so: others are named in assembler.
 *
 * Stores are in assembler: their number, widths and order are what a row
 * states, and no compiler may merge or split them.  Loads come from RAM and
 * are left to the compiler, except where a row reads from the device.
 */
#include <stdint.h>
#include <string.h>

#include <assembler.h>

#include "arch.h"

#define COPY(ID, FUNCTION, ...) fp_copy_function fp_copy_##FUNCTION;
#include <copies.def>
#undef COPY

static inline void store1(char *to, uint8_t value)
{
	__asm__ volatile("strb %w1,[%0]" : : "r"(to), "rZ"(value) : "memory");
}

static inline void store4(char *to, uint32_t value)
{
	__asm__ volatile("str %w1,[%0]" : : "r"(to), "rZ"(value) : "memory");
}

static inline void store8(char *to, uint64_t value)
{
	__asm__ volatile("str %x1,[%0]" : : "r"(to), "rZ"(value) : "memory");
}

#include "cursor.h"

/* To 16 bytes in at most 7 bytes and a word. */
static inline void copy_head16(struct cursor *c)
{
	copy_head(c, 8);
	if (c->left >= 8 && !is_aligned(c->to, 16))
		copy8(c);
}

/* A hint: on a CPU that does not know it, it is a NOP. */
static inline void data_gathering_hint(void)
{
	__asm__ volatile("hint #6" : : : "memory");
}

void fp_copy_memset_io_6_1(void *to, const void *from, size_t bytes)
{
	const uint8_t byte = *(const uint8_t *)from;
	const uint64_t word = byte * UINT64_C(0x0101010101010101);
	char *at = to, *end = at + bytes;

	for (; at < end && !is_aligned(at, 8); at++)
		store1(at, byte);
	for (; end - at >= 8; at += 8)
		store8(at, word);
	for (; at < end; at++)
		store1(at, byte);
}

static inline uint8_t load1(const char *from)
{
	uint8_t value;

	__asm__ volatile("ldrb %w0,[%1]" : "=r"(value) : "r"(from) : "memory");
	return value;
}

static inline uint64_t load8(const char *from)
{
	uint64_t value;

	__asm__ volatile("ldr %x0,[%1]" : "=r"(value) : "r"(from) : "memory");
	return value;
}

/* Here the source is the device: its side is aligned, and its loads are exact. */
void fp_copy_memcpy_fromio_6_1(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	for (; c.left && !is_aligned(c.from, 8); step(&c, 1))
		*c.to = (char)load1(c.from);
	for (; c.left >= 8; step(&c, 8))
		*(any64 *)c.to = load8(c.from);
	for (; c.left; step(&c, 1))
		*c.to = (char)load1(c.from);
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

/*
 * Contiguous stores with nothing between them, so that a gather buffer sees
 * them back to back: all loads are done before the first store.
 */
#define STORE(REGISTER, N, BYTES) "str %" REGISTER #N ",[%[to],#" #N "*" #BYTES "]\n\t"
#define STORES2(R, B) STORE(R, 0, B) STORE(R, 1, B)
#define STORES4(R, B) STORES2(R, B) STORE(R, 2, B) STORE(R, 3, B)
#define STORES8(R, B) STORES4(R, B) STORE(R, 4, B) STORE(R, 5, B) STORE(R, 6, B) STORE(R, 7, B)
#define BLOCKS(WORD, R, B) \
static inline void block2_##WORD(struct cursor *c) \
{ \
	const WORD *f = (const WORD *)c->from; \
\
	__asm__ volatile(STORES2(R, B) : : "rZ"(f[0]), "rZ"(f[1]), [to] "r"(c->to) : "memory"); \
	step(c, 2 * B); \
} \
static inline void block4_##WORD(struct cursor *c) \
{ \
	const WORD *f = (const WORD *)c->from; \
\
	__asm__ volatile(STORES4(R, B) : : "rZ"(f[0]), "rZ"(f[1]), "rZ"(f[2]), "rZ"(f[3]), \
			 [to] "r"(c->to) : "memory"); \
	step(c, 4 * B); \
} \
static inline void block8_##WORD(struct cursor *c) \
{ \
	const WORD *f = (const WORD *)c->from; \
\
	__asm__ volatile(STORES8(R, B) : : "rZ"(f[0]), "rZ"(f[1]), "rZ"(f[2]), "rZ"(f[3]), \
			 "rZ"(f[4]), "rZ"(f[5]), "rZ"(f[6]), "rZ"(f[7]), \
			 [to] "r"(c->to) : "memory"); \
	step(c, 8 * B); \
} \
static inline void copy_blocks_##WORD(struct cursor *c) \
{ \
	while (c->left >= 8 * B) \
		block8_##WORD(c); \
	if (c->left >= 4 * B) \
		block4_##WORD(c); \
	if (c->left >= 2 * B) \
		block2_##WORD(c); \
	if (c->left >= B) \
		copy##B(c); \
}
BLOCKS(any32, "w", 4)
BLOCKS(any64, "x", 8)

void fp_copy_iowrite32_copy_6_12(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_blocks_any32(&c);
	data_gathering_hint();
}

void fp_copy_iowrite64_copy_6_12(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_blocks_any64(&c);
	data_gathering_hint();
}

static inline void str_block(struct cursor *c)
{
	copy_head(c, 8);
	copy_blocks_any64(c);
	copy_bytes(c);
}

void fp_copy_str_block(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	str_block(&c);
}

void fp_copy_str_block_dgh(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	str_block(&c);
	data_gathering_hint();
}

#define PAIR(OP) \
	__asm__ volatile("ldp %0,%1,[%[from]]\n\t" OP " %0,%1,[%[to]]" \
			 : "=&r"(a), "=&r"(b) : [to] "r"(c->to), [from] "r"(c->from) : "memory")
#define LINE(OP) \
	__asm__ volatile("ldp %0,%1,[%[from]]\n\t" \
			 "ldp %2,%3,[%[from],#16]\n\t" \
			 "ldp %4,%5,[%[from],#32]\n\t" \
			 "ldp %6,%7,[%[from],#48]\n\t" \
			 OP " %0,%1,[%[to]]\n\t" \
			 OP " %2,%3,[%[to],#16]\n\t" \
			 OP " %4,%5,[%[to],#32]\n\t" \
			 OP " %6,%7,[%[to],#48]" \
			 : "=&r"(a), "=&r"(b), "=&r"(d), "=&r"(e), \
			   "=&r"(f), "=&r"(g), "=&r"(h), "=&r"(i) \
			 : [to] "r"(c->to), [from] "r"(c->from) : "memory")

static inline void pair_stp(struct cursor *c)
{
	uint64_t a, b;

	PAIR("stp");
	step(c, 16);
}

static inline void pair_stnp(struct cursor *c)
{
	uint64_t a, b;

	PAIR("stnp");
	step(c, 16);
}

static inline void line_stp(struct cursor *c)
{
	uint64_t a, b, d, e, f, g, h, i;

	LINE("stp");
	step(c, 64);
}

static inline void line_stnp(struct cursor *c)
{
	uint64_t a, b, d, e, f, g, h, i;

	LINE("stnp");
	step(c, 64);
}

static inline void copy_tail(struct cursor *c)
{
	copy_words8(c);
	copy_bytes(c);
}

void fp_copy_stp(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head16(&c);
	while (c.left >= 64)
		line_stp(&c);
	while (c.left >= 16)
		pair_stp(&c);
	copy_tail(&c);
}

void fp_copy_stnp(void *to, const void *from, size_t bytes)
{
	struct cursor c = CURSOR(to, from, bytes);

	copy_head16(&c);
	while (c.left >= 64)
		line_stnp(&c);
	while (c.left >= 16)
		pair_stnp(&c);
	copy_tail(&c);
}

/*
 * The kernel's memcpy: the stores and their order are its own, the backward
 * half for overlapping buffers aside.  Ends are written again rather than
 * counted out, and above 96 bytes the end may come first.
 */
static void memcpy_to_15(char *to, const char *from, size_t bytes)
{
	const size_t half = bytes / 2;

	if (bytes >= 8) {
		store8(to, *(const any64 *)from);
		store8(to + bytes - 8, *(const any64 *)(from + bytes - 8));
	} else if (bytes >= 4) {
		store4(to, *(const any32 *)from);
		store4(to + bytes - 4, *(const any32 *)(from + bytes - 4));
	} else if (bytes) {
		store1(to, (uint8_t)from[0]);
		store1(to + half, (uint8_t)from[half]);
		store1(to + bytes - 1, (uint8_t)from[bytes - 1]);
	}
}

static inline void pair_at(char *to, const char *from, size_t offset)
{
	struct cursor c = CURSOR(to + offset, from + offset, 16);

	pair_stp(&c);
}

static void memcpy_to_128(char *to, const char *from, size_t bytes)
{
	if (bytes > 96) {
		pair_at(to, from, bytes - 64);
		pair_at(to, from, bytes - 48);
	}
	pair_at(to, from, 0);
	if (bytes > 32)
		pair_at(to, from, 16);
	if (bytes > 64) {
		pair_at(to, from, 32);
		pair_at(to, from, 48);
	}
	if (bytes > 32)
		pair_at(to, from, bytes - 32);
	pair_at(to, from, bytes - 16);
}

static void memcpy_from_129(char *to, const char *from, size_t bytes)
{
	const size_t begin = 16 - ((uintptr_t)to & 15);
	struct cursor c = CURSOR(to + begin, from + begin, bytes - begin);

	pair_at(to, from, 0);
	while (c.left > 64)
		line_stp(&c);
	c = (struct cursor)CURSOR(to + bytes - 64, from + bytes - 64, 64);
	line_stp(&c);
}

void fp_copy_memcpy_nvme_6_1(void *to, const void *from, size_t bytes)
{
	if (bytes < 16)
		memcpy_to_15(to, from, bytes);
	else if (bytes <= 128)
		memcpy_to_128(to, from, bytes);
	else
		memcpy_from_129(to, from, bytes);
}

void fp_copy_glibc_memcpy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}

#include "copies_neon.c"
#include "copies_ls64.c"
