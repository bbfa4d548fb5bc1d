/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernels; HAVE_... come from Kbuild's compile tests. */
#ifndef FENCEPOST_COMPAT_H
#define FENCEPOST_COMPAT_H

#include <linux/mm.h>
#include <linux/pci.h>

static inline void fencepost_vm_flags(struct vm_area_struct *vma, unsigned long set,
				      unsigned long clear)
{
#ifdef HAVE_VM_FLAGS_SET
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

#ifndef HAVE_FOLLOW_PTE_VMA
#define follow_pte(vma, ...) follow_pte((vma)->vm_mm, __VA_ARGS__)
#endif
#ifndef HAVE_PTE_PGPROT
#define pte_pgprot(pte) __pgprot(pte_val(pte) ^ pte_val(pfn_pte(pte_pfn(pte), __pgprot(0))))
#endif

/*
 * The page-table entry of a user address, without the physical address in it:
 * that is nobody's business outside of the kernel.  The caller holds mmap_lock.
 */
static inline int fencepost_entry(struct vm_area_struct *vma, unsigned long address, u64 *entry)
{
#ifdef HAVE_FOLLOW_PFNMAP
	struct follow_pfnmap_args args = { .vma = vma, .address = address };
	int err = follow_pfnmap_start(&args);

	if (err)
		return err;
	*entry = pgprot_val(args.pgprot);
	follow_pfnmap_end(&args);
	return 0;
#else
	spinlock_t *lock;
	pte_t *at;
	int err = follow_pte(vma, address, &at, &lock);

	if (err)
		return err;
	__acquire(lock); /* for sparse, which can't know of follow_pte() */
	/* Not by masking pte_pfn(): x86 inverts the address of an entry without access. */
	*entry = pgprot_val(pte_pgprot(*at));
	pte_unmap_unlock(at, lock);
	return 0;
#endif
}

/* Whether somebody has asked for this very driver. */
static inline bool fencepost_asked_for(struct pci_dev *pdev)
{
#ifdef HAVE_PCI_DRIVER_OVERRIDE
	return pdev->driver_override && !strcmp(pdev->driver_override, "fencepost");
#else
	int match = device_match_driver_override(&pdev->dev, pdev->dev.driver);

	__release(pdev); /* for sparse, which does not see a guard end */
	return match > 0;
#endif
}

#endif
