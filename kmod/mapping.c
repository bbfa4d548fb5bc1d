// SPDX-License-Identifier: GPL-2.0-only
/*
 * A range in user space, and what its page tables say.
 *
 * Pages come in on a fault, never in ->mmap: the area is among those that
 * unmap_mapping_range() finds only after ->mmap has returned, so that entries
 * made there could survive the device.  vmf_insert_pfn_prot() takes the memory type
 * on x86 from what is reserved, which is why each range keeps a mapping of the
 * kernel's own.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "bar.h"
#include FENCEPOST_ARCH

/* One fault brings in as much as a page-table page holds. */
#define FENCEPOST_BLOCK PMD_SIZE

static u64 fencepost_offset(const struct vm_area_struct *vma, unsigned long address)
{
	return ((u64)vma->vm_pgoff << PAGE_SHIFT) + (address - vma->vm_start);
}

static vm_fault_t fencepost_insert(struct fencepost_bar *bar, struct vm_area_struct *vma,
				   unsigned long address)
{
	pte_t entry = pfn_pte(0, vma->vm_page_prot);

	/* Dirty, or the first store faults on CPUs that do not mark entries by themselves. */
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkdirty(entry);
	/*
	 * Shared with the device, where memory is encrypted (SME, SEV, TDX, CCA); here, for
	 * mprotect() makes vm_page_prot anew.
	 */
	return vmf_insert_pfn_prot(vma, address,
				   (bar->start + fencepost_offset(vma, address)) >> PAGE_SHIFT,
				   pgprot_decrypted(pte_pgprot(entry)));
}

/* x86 and powerpc have no pgprot_device of their own: there it is pgprot_noncached. */
static pgprot_t fencepost_pgprot(u32 memory, pgprot_t prot)
{
	if (memory == FENCEPOST_WC)
		return pgprot_writecombine(prot);
	if (memory == FENCEPOST_DEVICE)
		return pgprot_device(prot);
	return pgprot_noncached(prot);
}

/* All of [from, to) that can be had; an entry that is there stays. */
static vm_fault_t fencepost_insert_block(struct fencepost_bar *bar, struct vm_area_struct *vma,
					 unsigned long from, unsigned long to)
{
	vm_fault_t ret = VM_FAULT_NOPAGE;

	for (; from < to && ret == VM_FAULT_NOPAGE; from += PAGE_SIZE)
		ret = fencepost_insert(bar, vma, from);
	return ret;
}

static vm_fault_t fencepost_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct fencepost_bar *bar = vma->vm_file->private_data;
	unsigned long block = round_down(vmf->address, FENCEPOST_BLOCK);
	vm_fault_t ret = VM_FAULT_SIGBUS;

	down_read(&bar->lock);
	if (!bar->gone)
		ret = fencepost_insert(bar, vma, vmf->address & PAGE_MASK);
	/* The neighbours as well, so that no later access is slow; what fails can fault later. */
	if (ret == VM_FAULT_NOPAGE)
		fencepost_insert_block(bar, vma, max(block, vma->vm_start),
				       min(block + FENCEPOST_BLOCK, vma->vm_end));
	up_read(&bar->lock);
	return ret;
}

static const struct vm_operations_struct fencepost_vm_ops = {
	.fault = fencepost_fault,
};

/* The memory type of the range, or why it can't be mapped. */
static int fencepost_mappable(struct file *file, struct fencepost_bar *bar, u64 offset, u64 length)
{
	struct fencepost_area *area;
	int ret;

	down_read(&bar->lock);
	area = fencepost_find(bar, file, offset, length);
	ret = IS_ERR(area) ? PTR_ERR(area) : (int)area->memory;
	up_read(&bar->lock);
	return ret;
}

int fencepost_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct fencepost_bar *bar = file->private_data;
	int memory;

	/* VM_MAYSHARE: VM_SHARED is off where the file is open for reading only. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	memory = fencepost_mappable(file, bar, fencepost_offset(vma, vma->vm_start),
				    vma->vm_end - vma->vm_start);
	if (memory < 0)
		return memory;
	vma->vm_page_prot = fencepost_pgprot(memory, vma->vm_page_prot);
	fencepost_vm_flags(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP, VM_MAYEXEC);
	vma->vm_ops = &fencepost_vm_ops;
	return 0;
}

/* A FENCEPOST_POPULATE on its way through the pages. */
struct fencepost_walk {
	struct file *file;
	struct fencepost_bar *bar;
	struct fencepost_mapping mapping;
	u64 offset, done; /* bytes: of the first page in the BAR; looked at */
};

/* Brings in one block's pages and reads their entries. The caller holds both locks. */
static int fencepost_look_at(struct fencepost_walk *walk, struct vm_area_struct *vma,
			     unsigned long from, unsigned long to)
{
	struct fencepost_mapping *mapping = &walk->mapping;
	vm_fault_t fault = fencepost_insert_block(walk->bar, vma, from, to);

	if (fault != VM_FAULT_NOPAGE)
		return fault & VM_FAULT_OOM ? -ENOMEM : -EIO;
	for (; from < to; from += PAGE_SIZE) {
		u64 entry;
		int err = fencepost_entry(vma, from, &entry);

		if (err)
			return err;
		if (!mapping->entry)
			mapping->entry = entry;
		if (fencepost_arch_stage1(entry) != fencepost_arch_stage1(mapping->entry))
			return -EIO;
	}
	return 0;
}

static int fencepost_walk_range(struct fencepost_walk *walk, struct vm_area_struct *vma,
				unsigned long from, unsigned long to)
{
	u64 offset = fencepost_offset(vma, from);
	struct fencepost_area *area = fencepost_find(walk->bar, walk->file, offset, to - from);

	if (IS_ERR(area))
		return PTR_ERR(area);
	if (walk->mapping.memory && walk->mapping.memory != area->memory)
		return -ENXIO;
	if (!walk->done)
		walk->offset = offset;
	/* mprotect() makes several areas of one mapping, but still one part of the BAR. */
	if (offset != walk->offset + walk->done)
		return -ENXIO;
	walk->mapping.memory = area->memory;
	return fencepost_look_at(walk, vma, from, to);
}

/* One block of [from, end): how many bytes that was, or -errno. */
static long fencepost_walk_block(struct fencepost_walk *walk, unsigned long from, unsigned long end)
{
	struct vm_area_struct *vma = find_vma(current->mm, from);
	unsigned long to;
	int err;

	if (!vma || vma->vm_start > from || vma->vm_file != walk->file ||
	    vma->vm_ops != &fencepost_vm_ops)
		return -ENXIO;
	to = min3(round_down(from, FENCEPOST_BLOCK) + FENCEPOST_BLOCK, vma->vm_end, end);
	down_read(&walk->bar->lock);
	err = fencepost_walk_range(walk, vma, from, to);
	up_read(&walk->bar->lock);
	return err ? err : (long)(to - from);
}

static int fencepost_walk_all(struct fencepost_walk *walk)
{
	unsigned long from = walk->mapping.address, end = from + walk->mapping.length;

	while (from < end) {
		long done;

		if (fatal_signal_pending(current))
			return -EINTR;
		mmap_read_lock(current->mm);
		done = fencepost_walk_block(walk, from, end);
		mmap_read_unlock(current->mm);
		if (done < 0)
			return done;
		from += done;
		walk->done += done;
		cond_resched();
	}
	return 0;
}

int fencepost_populate(struct file *file, struct fencepost_bar *bar, void __user *arg)
{
	struct fencepost_walk walk = { .file = file, .bar = bar };
	struct fencepost_mapping *mapping = &walk.mapping;
	int err;

	if (copy_from_user(mapping, arg, sizeof(*mapping)))
		return -EFAULT;
	if (mapping->reserved || !mapping->length || !PAGE_ALIGNED(mapping->address) ||
	    !PAGE_ALIGNED(mapping->length))
		return -EINVAL;
	if (mapping->address >= TASK_SIZE || mapping->length > TASK_SIZE - mapping->address)
		return -ENXIO;
	mapping->memory = 0;
	mapping->entry = 0;
	err = fencepost_walk_all(&walk);
	if (err)
		return err;
	mapping->stage1 = fencepost_arch_stage1(mapping->entry);
	mapping->effective = fencepost_arch_effective(mapping->stage1, bar->start + walk.offset,
						      mapping->length);
	return copy_to_user(arg, mapping, sizeof(*mapping)) ? -EFAULT : 0;
}
