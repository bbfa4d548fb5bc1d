/* SPDX-License-Identifier: GPL-2.0-only */
/* powerpc, 64-bit Book III: memory types by the entry's ATT bits. */
#ifndef FENCEPOST_ARCH_POWERPC_H
#define FENCEPOST_ARCH_POWERPC_H

#include <linux/io.h>
#include <linux/mm.h>
#include <asm/cputable.h>
#include <asm/paravirt.h>

#include <linux/fencepost.h>

static inline void __iomem *fencepost_arch_ioremap(u32 memory, phys_addr_t start, u64 length)
{
	return memory == FENCEPOST_WC ? ioremap_wc(start, length) : ioremap(start, length);
}

/* Linux 6.1 arch/powerpc/include/asm/book3s/64/pgtable.h, _PAGE_CACHE_CTL. */
static inline u32 fencepost_arch_stage1(u64 entry)
{
	switch (entry & 0x30) {
	case 0x00: return FENCEPOST_ATTR_PPC_CACHEABLE;
	case 0x10: return FENCEPOST_ATTR_PPC_SAO;
	case 0x20: return FENCEPOST_ATTR_PPC_NON_IDEMPOTENT;
	}
	return FENCEPOST_ATTR_PPC_TOLERANT;
}

static inline u32 fencepost_arch_effective(u32 stage1, phys_addr_t start, u64 length)
{
	return cpu_has_feature(CPU_FTR_HVMODE) ? stage1 : FENCEPOST_ATTR_STAGE2;
}

#define FENCEPOST_ARCH_COPY_WIDTH 4 /* stw */

/* Unaligned accesses to caching-inhibited storage interrupt: Power ISA 3.1 Book III. */
static inline bool fencepost_arch_can_memcpy(u32 memory, u64 offset, u64 stride, u32 bytes)
{
	return memory == FENCEPOST_WC && !((offset | stride | bytes) % 16);
}

/* Distributions build them in; without shared processors an unlock is a plain store. */
#define FENCEPOST_ARCH_PV_LOCKS (IS_ENABLED(CONFIG_PARAVIRT_SPINLOCKS) && is_shared_processor())

#endif
