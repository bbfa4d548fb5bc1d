// SPDX-License-Identifier: GPL-2.0-only
/* Which part of a BAR has which memory type, for which file. */
#include <linux/io.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "bar.h"
#include FENCEPOST_ARCH

struct fencepost_area *fencepost_find(struct fencepost_bar *bar, const struct file *owner,
				      u64 offset, u64 length)
{
	struct fencepost_area *area;

	if (bar->gone)
		return ERR_PTR(-ENODEV);
	list_for_each_entry(area, &bar->ranges, node)
		if (area->owner == owner && offset >= area->offset &&
		    offset - area->offset <= area->length &&
		    length <= area->length - (offset - area->offset))
			return area;
	return ERR_PTR(-ENXIO);
}

/* Only x86 refuses a second type for the same pages by itself, and not always. */
static bool fencepost_conflicts(struct fencepost_bar *bar, const struct fencepost_range *range)
{
	struct fencepost_area *area;

	list_for_each_entry(area, &bar->ranges, node)
		if (area->memory != range->memory &&
		    range->offset < area->offset + area->length &&
		    area->offset < range->offset + range->length)
			return true;
	return false;
}

static int fencepost_check(const struct fencepost_bar *bar, const struct fencepost_range *range)
{
	if (range->reserved || range->memory < FENCEPOST_WC || range->memory > FENCEPOST_DEVICE)
		return -EINVAL;
	if (!range->length || !PAGE_ALIGNED(range->offset) || !PAGE_ALIGNED(range->length))
		return -EINVAL;
	if (range->offset > bar->info.bytes || range->length > bar->info.bytes - range->offset)
		return -ENXIO;
	return 0;
}

static int fencepost_add_range(struct fencepost_bar *bar, const struct fencepost_range *range,
			       struct fencepost_area *area)
{
	if (bar->gone)
		return -ENODEV;
	if (fencepost_conflicts(bar, range))
		return -EBUSY;
	if (bar->n_ranges >= FENCEPOST_MAX_RANGES)
		return -ENOSPC;
	area->io = fencepost_arch_ioremap(range->memory, bar->start + range->offset, range->length);
	if (IS_ERR_OR_NULL(area->io))
		return area->io ? PTR_ERR(area->io) : -ENOMEM;
	list_add(&area->node, &bar->ranges);
	bar->n_ranges++;
	return 0;
}

int fencepost_reserve(struct file *file, struct fencepost_bar *bar, void __user *arg)
{
	struct fencepost_range range;
	struct fencepost_area *area;
	int err;

	if (copy_from_user(&range, arg, sizeof(range)))
		return -EFAULT;
	err = fencepost_check(bar, &range);
	if (err)
		return err;
	area = kmalloc(sizeof(*area), GFP_KERNEL_ACCOUNT);
	if (!area)
		return -ENOMEM;
	*area = (struct fencepost_area){
		.owner = file,
		.offset = range.offset,
		.length = range.length,
		.memory = range.memory,
	};
	down_write(&bar->lock);
	err = fencepost_add_range(bar, &range, area);
	up_write(&bar->lock);
	if (err)
		kfree(area);
	return err;
}

/* The device goes; the files that reserved them may stay. */
void fencepost_unmap_ranges(struct fencepost_bar *bar)
{
	struct fencepost_area *area;

	list_for_each_entry(area, &bar->ranges, node) {
		iounmap(area->io);
		area->io = NULL;
	}
}

void fencepost_drop_ranges(struct fencepost_bar *bar, const struct file *owner)
{
	struct fencepost_area *area, *next;

	list_for_each_entry_safe(area, next, &bar->ranges, node) {
		if (area->owner != owner)
			continue;
		if (area->io)
			iounmap(area->io);
		list_del(&area->node);
		kfree(area);
		bar->n_ranges--;
	}
}
