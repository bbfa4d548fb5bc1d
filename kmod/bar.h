/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One bound BAR, its ranges and who holds what.
 *
 * Locks: mmap_lock, then fencepost_bar.lock.  Nothing is copied from or to user
 * space under either: the user's buffer may be a mapping of a BAR, whose fault
 * takes both.
 */
#ifndef FENCEPOST_BAR_H
#define FENCEPOST_BAR_H

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/pci.h>
#include <linux/rwsem.h>

#include <linux/fencepost.h>

/* One BAR; lives until it is unbound and its last file is closed. */
struct fencepost_bar {
	struct kref ref;
	struct pci_dev *pdev;	 /* only while !gone */
	phys_addr_t start;
	struct fencepost_info info;
	struct miscdevice misc;
	struct inode *inode;	 /* its address space has the mappings of all files */
	struct rw_semaphore lock; /* of all below; for reading: the device stays */
	bool gone;		 /* no new page-table entry, no new access */
	struct list_head ranges;
	unsigned int n_ranges;
};

#define FENCEPOST_MAX_RANGES 64

/* A range of one memory type; lives as long as the file that reserved it. */
struct fencepost_area {
	struct list_head node;
	const struct file *owner;
	u64 offset, length;
	u32 memory;
	/*
	 * Of the same type as the user's mappings: on x86 it is what reserves the
	 * type for vmf_insert_pfn_prot(), and FENCEPOST_RUN works on it.  NULL once the
	 * device has gone.
	 */
	void __iomem *io;
};

/* driver.c */
void fencepost_put(struct fencepost_bar *bar);
extern const struct file_operations fencepost_fops;

/* range.c; callers of _find and _drop hold the lock; _find: -ENODEV if gone, -ENXIO if none */
int fencepost_reserve(struct file *file, struct fencepost_bar *bar, void __user *arg);
struct fencepost_area *fencepost_find(struct fencepost_bar *bar, const struct file *owner,
				      u64 offset, u64 length);
void fencepost_unmap_ranges(struct fencepost_bar *bar);
void fencepost_drop_ranges(struct fencepost_bar *bar, const struct file *owner);

/* mapping.c */
int fencepost_mmap(struct file *file, struct vm_area_struct *vma);
int fencepost_populate(struct file *file, struct fencepost_bar *bar, void __user *arg);

/* run.c */
int fencepost_run(struct file *file, struct fencepost_bar *bar, void __user *arg);
void fencepost_run_info(struct fencepost_info *info);

#endif
