// SPDX-License-Identifier: MIT
/*
 * Turns the text of the own architecture's rows into machine code.
 *
 * The include path decides which architecture that is: configure puts its
 * folder first, so "own/" never appears in the source and neither does a
 * preprocessor choice.  The code lies in read-only data: it is copied by the
 * sequencer, never called where it is.
 */
#include "arch.h"
#include <assembler.h>

/* The parts of every architecture have these offsets in their text. */
#define AT(TYPE, MEMBER, OFFSET) \
	_Static_assert(offsetof(struct TYPE, MEMBER) == (OFFSET), #TYPE " is laid out otherwise")
AT(fp_batch, base, 0);
AT(fp_batch, offset, 8);
AT(fp_batch, stride, 16);
AT(fp_batch, mask, 24);
AT(fp_batch, hot, 32);
AT(fp_batch, side, 40);
AT(fp_batch, loops, 48);
AT(fp_batch, value, 56);
AT(fp_batch, at, 64);
AT(fp_batch, log, 88);
AT(fp_batch, stop, 96);
AT(fp_call, function, 0);
AT(fp_call, displacement, 8);
AT(fp_call, fixed, 16);
AT(fp_call, bytes, 24);
_Static_assert(sizeof(struct fp_call) == 32, "records lie one behind the other");
#undef AT

#define LAY(SYMBOL, TEXT) \
	__asm__(".pushsection .rodata.fragments, \"a\"\n" \
		".balign 16\n" \
		FP_ASSEMBLER_MODE \
		"fp_" SYMBOL "_start:\n\t" TEXT "\n" \
		"fp_" SYMBOL "_end:\n" \
		".popsection\n");
#define SYMBOLS(SYMBOL) \
	extern const unsigned char fp_##SYMBOL##_start[], fp_##SYMBOL##_end[];

#define BARRIER(ID, TEXT, ...) LAY("barrier_" #ID, TEXT) SYMBOLS(barrier_##ID)
#define ACCESS(ID, TEXT, ...) LAY("access_" #ID, TEXT) SYMBOLS(access_##ID)
#define LOCK(ID, TEXT, UNLOCK, ...) \
	LAY("lock_" #ID, TEXT) SYMBOLS(lock_##ID) \
	LAY("unlock_" #ID, UNLOCK) SYMBOLS(unlock_##ID)
#define PART(ID, TEXT) LAY("part_" #ID, TEXT) SYMBOLS(part_##ID)
#include <barriers.def>
#include <accesses.def>
#include <locks.def>
#include <parts.def>
#undef BARRIER
#undef ACCESS
#undef LOCK
#undef PART

/* Sizes are known only to the linker, so the tables are filled at start. */
struct bounds {
	const unsigned char *start, *end;
};
#define BOUNDS(SYMBOL) { fp_##SYMBOL##_start, fp_##SYMBOL##_end },

static const struct bounds barrier_bounds[] = {
#define BARRIER(ID, ...) BOUNDS(barrier_##ID)
#include <barriers.def>
#undef BARRIER
};
static const struct bounds access_bounds[] = {
#define ACCESS(ID, ...) BOUNDS(access_##ID)
#include <accesses.def>
#undef ACCESS
};
static const struct bounds lock_bounds[] = {
#define LOCK(ID, ...) BOUNDS(lock_##ID)
#include <locks.def>
#undef LOCK
};
static const struct bounds unlock_bounds[] = {
#define LOCK(ID, ...) BOUNDS(unlock_##ID)
#include <locks.def>
#undef LOCK
};
static const struct bounds part_bounds[FP_PARTS] = {
#define PART(ID, TEXT) [FP_PART_##ID] = BOUNDS(part_##ID)
#include <parts.def>
#undef PART
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
static struct fp_fragment barriers[COUNT(barrier_bounds)];
static struct fp_fragment accesses[COUNT(access_bounds)];
static struct fp_fragment locks[COUNT(lock_bounds)];
static struct fp_fragment unlocks[COUNT(unlock_bounds)];
static struct fp_fragment parts[FP_PARTS];

#define COPY(ID, FUNCTION, ...) fp_copy_function fp_copy_##FUNCTION;
#include <copies.def>
#undef COPY
static fp_copy_function *const copies[] = {
#define COPY(ID, FUNCTION, ...) fp_copy_##FUNCTION,
#include <copies.def>
#undef COPY
};

const struct fp_native fp_native = {
	.id = FP_OWN_ARCH,
	.barriers = barriers,
	.accesses = accesses,
	.locks = locks,
	.unlocks = unlocks,
	.parts = parts,
	.copies = copies,
};

static void fill(struct fp_fragment *to, const struct bounds *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i].code = from[i].start;
		to[i].bytes = (size_t)(from[i].end - from[i].start);
	}
}

__attribute__((constructor)) static void fill_tables(void)
{
	fill(barriers, barrier_bounds, COUNT(barrier_bounds));
	fill(accesses, access_bounds, COUNT(access_bounds));
	fill(locks, lock_bounds, COUNT(lock_bounds));
	fill(unlocks, unlock_bounds, COUNT(unlock_bounds));
	fill(parts, part_bounds, FP_PARTS);
}
