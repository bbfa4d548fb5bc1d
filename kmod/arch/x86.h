/* SPDX-License-Identifier: GPL-2.0-only */
/* x86: memory types by PAT and MTRR. */
#ifndef FENCEPOST_ARCH_X86_H
#define FENCEPOST_ARCH_X86_H

#include <linux/io.h>
#include <linux/mm.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/mtrr.h>
#include <asm/pgtable.h>

#include <linux/fencepost.h>

/* Encodings of PAT and MTRR: SDM volume 3A, "Memory Types That Can Be Encoded With PAT". */
static inline u32 fencepost_x86_type(unsigned int encoded)
{
	switch (encoded) {
	case 0: return FENCEPOST_ATTR_X86_UC;
	case 1: return FENCEPOST_ATTR_X86_WC;
	case 4: return FENCEPOST_ATTR_X86_WT;
	case 5: return FENCEPOST_ATTR_X86_WP;
	case 6: return FENCEPOST_ATTR_X86_WB;
	case 7: return FENCEPOST_ATTR_X86_UC_MINUS;
	}
	return FENCEPOST_ATTR_UNKNOWN;
}

/* pat: the entry's PAT bit, whose place depends on the page's size. */
static inline u32 fencepost_x86_pat(u64 entry, bool pat)
{
	unsigned int index = (entry & _PAGE_PWT ? 1 : 0) | (entry & _PAGE_PCD ? 2 : 0) |
			     (pat ? 4 : 0);
	u32 low, high;

	if (rdmsr_safe(MSR_IA32_CR_PAT, &low, &high))
		return FENCEPOST_ATTR_UNKNOWN;
	return fencepost_x86_type(((index < 4 ? low : high) >> (index % 4 * 8)) & 7);
}

static inline u32 fencepost_arch_stage1(u64 entry)
{
	return fencepost_x86_pat(entry, entry & _PAGE_PAT);
}

/*
 * Whether the kernel's mapping has the type that was asked for: where somebody
 * else holds a WC mapping, ioremap() silently gives one, too.
 */
static inline bool fencepost_x86_mapped_as(void __iomem *io, u32 memory)
{
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)io, &level);
	u32 type;

	if (!entry)
		return false;
	type = fencepost_x86_pat(pte_val(*entry), pte_val(*entry) &
				 (level == PG_LEVEL_4K ? _PAGE_PAT : _PAGE_PAT_LARGE));
	return type == (memory == FENCEPOST_WC ? FENCEPOST_ATTR_X86_WC : FENCEPOST_ATTR_X86_UC_MINUS);
}

static inline void __iomem *fencepost_arch_ioremap(u32 memory, phys_addr_t start, u64 length)
{
	void __iomem *io = memory == FENCEPOST_WC ? ioremap_wc(start, length) :
						    ioremap(start, length);

	if (!io || fencepost_x86_mapped_as(io, memory))
		return io;
	iounmap(io);
	return IOMEM_ERR_PTR(-EBUSY);
}

/*
 * The MTRRs' type of a range; UNKNOWN where it has several, or they can't be read.
 * SDM volume 3A, "Memory Type Range Registers (MTRRs)".
 */
static inline u32 fencepost_x86_mtrr(u64 start, u64 length)
{
	u64 most = (1ULL << boot_cpu_data.x86_phys_bits) - 1, end = start + length - 1;
	u32 low, high, i, n, type = FENCEPOST_ATTR_UNKNOWN;

	if (!boot_cpu_has(X86_FEATURE_MTRR) || rdmsr_safe(MSR_MTRRcap, &low, &high))
		return FENCEPOST_ATTR_UNKNOWN;
	n = low & 0xff;
	for (i = 0; i < n; i++) {
		u64 mask, first, last;

		if (rdmsr_safe(MTRRphysMask_MSR(i), &low, &high))
			return FENCEPOST_ATTR_UNKNOWN;
		if (!(low & BIT(11)))
			continue;
		mask = (((u64)high << 32) | low) & PAGE_MASK & most;
		if (rdmsr_safe(MTRRphysBase_MSR(i), &low, &high))
			return FENCEPOST_ATTR_UNKNOWN;
		first = (((u64)high << 32) | low) & mask;
		last = first | (~mask & most);
		if (last < start || first > end)
			continue;
		/* Partly, or by a second one: the rules for that are not worth their code here. */
		if (first > start || last < end || type != FENCEPOST_ATTR_UNKNOWN)
			return FENCEPOST_ATTR_UNKNOWN;
		type = fencepost_x86_type(low & 0xff);
	}
	if (type != FENCEPOST_ATTR_UNKNOWN || rdmsr_safe(MSR_MTRRdefType, &low, &high))
		return type;
	/* MTRRs off: everything is uncached. */
	return low & BIT(11) ? fencepost_x86_type(low & 0xff) : FENCEPOST_ATTR_X86_UC;
}

/*
 * SDM volume 3A, "Effective Page-Level Memory Types": PAT's WC stays WC under
 * every MTRR type, UC- becomes WC under WC and UC under UC, WT and WB.
 */
static inline u32 fencepost_arch_effective(u32 stage1, phys_addr_t start, u64 length)
{
	u32 mtrr;

	if (boot_cpu_has(X86_FEATURE_HYPERVISOR))
		return FENCEPOST_ATTR_STAGE2;
	if (stage1 == FENCEPOST_ATTR_X86_WC || stage1 == FENCEPOST_ATTR_X86_UC)
		return stage1;
	mtrr = fencepost_x86_mtrr(start, length);
	if (stage1 != FENCEPOST_ATTR_X86_UC_MINUS || mtrr == FENCEPOST_ATTR_UNKNOWN ||
	    mtrr == FENCEPOST_ATTR_X86_WP)
		return FENCEPOST_ATTR_UNKNOWN;
	return mtrr == FENCEPOST_ATTR_X86_WC ? mtrr : FENCEPOST_ATTR_X86_UC;
}

#define FENCEPOST_ARCH_COPY_WIDTH 4 /* rep movsl */

static inline bool fencepost_arch_can_memcpy(u32 memory, u64 offset, u64 stride, u32 bytes)
{
	return true;
}

/* A paravirtual unlock is a locked operation: it drains what a plain store would not. */
#ifdef X86_FEATURE_PVUNLOCK
#define FENCEPOST_ARCH_PV_LOCKS boot_cpu_has(X86_FEATURE_PVUNLOCK)
#else
#define FENCEPOST_ARCH_PV_LOCKS \
	(IS_ENABLED(CONFIG_PARAVIRT_SPINLOCKS) && boot_cpu_has(X86_FEATURE_HYPERVISOR))
#endif

#define FENCEPOST_ARCH_CAN_IOSUBMIT boot_cpu_has(X86_FEATURE_MOVDIR64B)

#endif
