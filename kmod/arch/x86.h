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

#include "x86-mtrr.h"

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
	return type == (memory == FENCEPOST_WC ? FENCEPOST_ATTR_X86_WC :
						 FENCEPOST_ATTR_X86_UC_MINUS);
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

/* PAT's WC and UC stay under every MTRR type; the module makes nothing else but UC-. */
static inline u32 fencepost_arch_effective(u32 stage1, phys_addr_t start, u64 length)
{
	if (boot_cpu_has(X86_FEATURE_HYPERVISOR))
		return FENCEPOST_ATTR_STAGE2;
	if (stage1 == FENCEPOST_ATTR_X86_WC || stage1 == FENCEPOST_ATTR_X86_UC)
		return stage1;
	if (stage1 != FENCEPOST_ATTR_X86_UC_MINUS || !boot_cpu_has(X86_FEATURE_MTRR))
		return FENCEPOST_ATTR_UNKNOWN;
	return fencepost_mtrr_effective(start, length);
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
