// SPDX-License-Identifier: MIT
/*
 * What the kernel module makes of the MTRRs, with registers that are an array: guests
 * only ever say "unknown: stage 2". Its header needs what a kernel would give it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/fencepost.h>

#include "tap.h"

typedef uint32_t u32;
typedef uint64_t u64;

#define MSR_MTRRcap	     0xfe
#define MSR_MTRRdefType	     0x2ff
#define MTRRphysBase_MSR(n) (0x200 + 2 * (n))
#define MTRRphysMask_MSR(n) (0x201 + 2 * (n))

#define NONE	     UINT32_MAX
#define REGISTERS    4u
#define ADDRESS_BITS 39

enum { UC = 0, WC = 1, WT = 4, WP = 5, WB = 6 };

struct range {
	uint64_t start, bytes;
	uint32_t type;
	bool off; /* not valid */
};

static struct machine {
	const char *what;
	uint32_t otherwise; /* the default type */
	bool disabled;	    /* all of them */
	struct range ranges[REGISTERS];
	uint32_t missing; /* a register that can't be read */
	uint64_t start, bytes;
	uint32_t want;
} machine;

static uint64_t of_range(const struct range *r, bool mask)
{
	uint64_t all = (1ULL << ADDRESS_BITS) - 1;

	if (!mask)
		return r->start | r->type;
	return r->bytes ? (all & ~(r->bytes - 1)) | (r->off ? 0 : 1 << 11) : 0;
}

/* As the kernel's: 0 or -EIO. */
static int rdmsr_safe(u32 number, u32 *low, u32 *high)
{
	uint64_t value = 0;

	*low = *high = 0;
	if (number == machine.missing)
		return -EIO;
	if (number == MSR_MTRRcap)
		value = 0x500 | REGISTERS;
	else if (number == MSR_MTRRdefType)
		value = machine.otherwise | (machine.disabled ? 0 : 1 << 11);
	else if (number >= 0x200 && number < 0x200 + 2 * REGISTERS)
		value = of_range(&machine.ranges[(number - 0x200) / 2], number & 1);
	*low = (u32)value;
	*high = (u32)(value >> 32);
	return 0;
}

#include "arch/x86-mtrr.h"

#define MIB 0x100000ull
#define GIB 0x40000000ull
#define IS_UC	   FENCEPOST_ATTR_X86_UC
#define IS_WC	   FENCEPOST_ATTR_X86_WC
#define IS_UNKNOWN FENCEPOST_ATTR_UNKNOWN

/* A BAR of 16 MiB is at 3 GiB, and one of 8 GiB above. */
static const struct machine machines[] = {
	{ "no register matches", WB, false, { { 0 } }, NONE, 3 * GIB, 16 * MIB, IS_UC },
	{ "the default is WC", WC, false, { { 0 } }, NONE, 3 * GIB, 16 * MIB, IS_WC },
	{ "the default is WP", WP, false, { { 0 } }, NONE, 3 * GIB, 16 * MIB, IS_UNKNOWN },
	{ "one matches", UC, false, { { 0, 4 * GIB, WB, false } }, NONE, 3 * GIB, 16 * MIB, IS_UC },
	{ "one matches, WC", UC, false, { { 3 * GIB, GIB, WC, false } }, NONE, 3 * GIB, 16 * MIB,
	  IS_WC },
	{ "one matches, WP", UC, false, { { 3 * GIB, GIB, WP, false } }, NONE, 3 * GIB, 16 * MIB,
	  IS_UNKNOWN },
	{ "one is not valid", WB, false, { { 3 * GIB, GIB, WC, true } }, NONE, 3 * GIB, 16 * MIB,
	  IS_UC },
	{ "WB with a hole of UC over it", WB, false,
	  { { 0, 4 * GIB, WB, false }, { 3 * GIB, GIB, UC, false } }, NONE, 3 * GIB, 16 * MIB,
	  IS_UC },
	{ "WC in a hole of UC", WB, false,
	  { { 3 * GIB, 256 * MIB, WC, false }, { 3 * GIB, GIB, UC, false } }, NONE, 3 * GIB,
	  16 * MIB, IS_UC },
	{ "WT over WB", UC, false,
	  { { 0, 4 * GIB, WB, false }, { 3 * GIB, GIB, WT, false } }, NONE, 3 * GIB, 16 * MIB,
	  IS_UC },
	{ "WC over WB", UC, false,
	  { { 0, 4 * GIB, WB, false }, { 3 * GIB, GIB, WC, false } }, NONE, 3 * GIB, 16 * MIB,
	  IS_UNKNOWN },
	{ "WC twice", UC, false,
	  { { 2 * GIB, 2 * GIB, WC, false }, { 3 * GIB, GIB, WC, false } }, NONE, 3 * GIB, 16 * MIB,
	  IS_WC },
	{ "a part is UC, the rest WB", WB, false, { { 3 * GIB, 8 * MIB, UC, false } }, NONE,
	  3 * GIB, 16 * MIB, IS_UC },
	{ "the first part is UC, the rest WC", WC, false, { { 3 * GIB, 8 * MIB, UC, false } }, NONE,
	  3 * GIB, 16 * MIB, IS_UNKNOWN },
	{ "a part is WC, the rest the default", WB, false,
	  { { 3 * GIB + 8 * MIB, 8 * MIB, WC, false } }, NONE, 3 * GIB, 16 * MIB, IS_UNKNOWN },
	{ "the page in front is WC", WB, false, { { 3 * GIB - 4096, 4096, WC, false } }, NONE,
	  3 * GIB, 16 * MIB, IS_UC },
	{ "the page behind is WC", WB, false, { { 3 * GIB + 16 * MIB, 4096, WC, false } }, NONE,
	  3 * GIB, 16 * MIB, IS_UC },
	{ "the last page is WC", WB, false, { { 3 * GIB + 16 * MIB - 4096, 4096, WC, false } },
	  NONE, 3 * GIB, 16 * MIB, IS_UNKNOWN },
	{ "just WC, in the last register", WB, false,
	  { { 0 }, { 0 }, { 0 }, { 3 * GIB, 16 * MIB, WC, false } }, NONE, 3 * GIB, 16 * MIB,
	  IS_WC },
	{ "above 4 GiB", UC, false, { { 256 * GIB, 16 * GIB, WC, false } }, NONE, 264 * GIB,
	  8 * GIB, IS_WC },
	{ "MTRRs are off", WB, true, { { 3 * GIB, GIB, WC, false } }, NONE, 3 * GIB, 16 * MIB,
	  IS_UC },
	{ "below 1 MiB", WB, false, { { 0 } }, NONE, 0xa0000, 0x10000, IS_UNKNOWN },
	{ "there are none", WB, false, { { 0 } }, MSR_MTRRcap, 3 * GIB, 16 * MIB, IS_UNKNOWN },
	{ "the default can't be read", WB, false, { { 0 } }, MSR_MTRRdefType, 3 * GIB, 16 * MIB,
	  IS_UNKNOWN },
	{ "a base can't be read", WB, false, { { 0 } }, MTRRphysBase_MSR(3), 3 * GIB, 16 * MIB,
	  IS_UNKNOWN },
	{ "a mask can't be read", WB, false, { { 0 } }, MTRRphysMask_MSR(0), 3 * GIB, 16 * MIB,
	  IS_UNKNOWN },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		machine = machines[i];
		tap_is_int(fencepost_mtrr_effective(machine.start, machine.bytes), machine.want,
			   "UC-, %s", machine.what);
	}
	return tap_done();
}
