/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: memory types by MAIR_EL1. */
#ifndef FENCEPOST_ARCH_ARM64_H
#define FENCEPOST_ARCH_ARM64_H

#include <linux/io.h>
#include <linux/mm.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

#include <linux/fencepost.h>

/* The very attribute of the user's mapping: two of one location must not differ. */
static inline void __iomem *fencepost_arch_ioremap(u32 memory, phys_addr_t start, u64 length)
{
	if (memory == FENCEPOST_WC)
		return ioremap_wc(start, length);
	if (memory == FENCEPOST_DEVICE)
		return ioremap(start, length);
#ifdef HAVE_IOREMAP_NP
	return ioremap_np(start, length);
#else
	return __ioremap(start, length, __pgprot(PROT_DEVICE_nGnRnE));
#endif
}

/* Arm ARM, MAIR_EL1, Attr<n>: only the encodings that a kernel uses. */
static inline u32 fencepost_arch_stage1(u64 entry)
{
	u64 index = (entry & PTE_ATTRINDX_MASK) >> 2;

	switch ((read_sysreg(mair_el1) >> (index * 8)) & 0xff) {
	case 0x00: return FENCEPOST_ATTR_ARM64_DEVICE_NGNRNE;
	case 0x04: return FENCEPOST_ATTR_ARM64_DEVICE_NGNRE;
	case 0x08: return FENCEPOST_ATTR_ARM64_DEVICE_NGRE;
	case 0x0c: return FENCEPOST_ATTR_ARM64_DEVICE_GRE;
	case 0x44: return FENCEPOST_ATTR_ARM64_NORMAL_NC;
	case 0xbb: return FENCEPOST_ATTR_ARM64_NORMAL_WT;
	case 0xf0: /* tagged */
	case 0xff: return FENCEPOST_ATTR_ARM64_NORMAL_WB;
	}
	return FENCEPOST_ATTR_UNKNOWN;
}

/*
 * A kernel at EL1 can't see whether it has a hypervisor below.  At EL2 it has none - but
 * for nested virtualization (FEAT_NV), which shows a guest EL2: no register tells.
 */
static inline u32 fencepost_arch_effective(u32 stage1, phys_addr_t start, u64 length)
{
	return is_kernel_in_hyp_mode() ? stage1 : FENCEPOST_ATTR_STAGE2;
}

#define FENCEPOST_ARCH_COPY_WIDTH 8

/* Its unaligned accesses are not allowed on Device memory: Arm ARM, "Alignment faults". */
static inline bool fencepost_arch_can_memcpy(u32 memory, u64 offset, u64 stride, u32 bytes)
{
	return memory == FENCEPOST_WC;
}

#define FENCEPOST_ARCH_PV_LOCKS 0 /* no kernel for arm64 has any */

#endif
