/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the MTRRs make of a range that the page tables have as UC-: SDM volume 3A,
 * "Memory Type Range Registers (MTRRs)".  A header of its own, so that
 * tests/unit/test_mtrr.c can include it: it needs rdmsr_safe(), the registers'
 * numbers, and <linux/fencepost.h>.
 */
#ifndef FENCEPOST_ARCH_X86_MTRR_H
#define FENCEPOST_ARCH_X86_MTRR_H

#define FENCEPOST_MTRR_VALID (1 << 11) /* of a mask; and MTRRs on, of the default's */

/* Sets of the registers' types; what makes UC of UC-: UC, WT, WB. */
#define FENCEPOST_MTRR_UC	(1u << 0)
#define FENCEPOST_MTRR_WC	(1u << 1)
#define FENCEPOST_MTRR_MAKES_UC (FENCEPOST_MTRR_UC | 1u << 4 | 1u << 6)

static inline bool fencepost_mtrr_reads(u32 number, u64 *value)
{
	u32 low, high;
	int err = rdmsr_safe(number, &low, &high);

	*value = (u64)high << 32 | low;
	return !err;
}

/*
 * "Effective Page-Level Memory Types": UC- becomes WC under WC, and UC under UC, WT and
 * WB; of WP, Intel and AMD say different things.  "MTRR Precedences": of two registers
 * UC and WT with WB have a rule, which comes to UC; WC with another is undefined.
 */
static inline u32 fencepost_mtrr_attribute(u32 types)
{
	if (types == FENCEPOST_MTRR_WC)
		return FENCEPOST_ATTR_X86_WC;
	return types & ~FENCEPOST_MTRR_MAKES_UC ? FENCEPOST_ATTR_UNKNOWN : FENCEPOST_ATTR_X86_UC;
}

/*
 * UNKNOWN, too, where it differs within the range, and below 1 MiB, which has
 * registers of its own.  A mask has no holes, as Linux makes them.
 */
static inline u32 fencepost_mtrr_effective(u64 start, u64 length)
{
	u64 count, otherwise, base, mask, last, end = start + length - 1;
	u32 i, types = 0, covering = 0;

	if (start < 1 << 20 || !fencepost_mtrr_reads(MSR_MTRRcap, &count) ||
	    !fencepost_mtrr_reads(MSR_MTRRdefType, &otherwise))
		return FENCEPOST_ATTR_UNKNOWN;
	if (!(otherwise & FENCEPOST_MTRR_VALID))
		return FENCEPOST_ATTR_X86_UC;
	for (i = 0; i < (count & 0xff); i++) {
		if (!fencepost_mtrr_reads(MTRRphysBase_MSR(i), &base) ||
		    !fencepost_mtrr_reads(MTRRphysMask_MSR(i), &mask))
			return FENCEPOST_ATTR_UNKNOWN;
		if (!(mask & FENCEPOST_MTRR_VALID))
			continue;
		mask = mask >> 12 << 12;
		last = (base & mask) + (mask & -mask) - 1;
		if (last < start || (base & mask) > end)
			continue;
		types |= 1 << (base & 7);
		if ((base & mask) <= start && last >= end)
			covering |= 1 << (base & 7);
	}
	if (covering & FENCEPOST_MTRR_UC) /* whatever else there is */
		return FENCEPOST_ATTR_X86_UC;
	return fencepost_mtrr_attribute(types | (covering ? 0 : 1 << (otherwise & 7)));
}

#endif
