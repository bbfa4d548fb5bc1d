// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a device that asks for it, gives each of its memory BARs a
 * character device, and takes all of it back.
 */
#include <linux/capability.h>
#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/security.h>
#include <linux/slab.h>

#include "compat.h"
#include "bar.h"

#define FENCEPOST_FS_MAGIC 0x46504f53 /* "FPOS" */

/* Its inodes are never seen: they carry the address spaces of the BARs. */
static struct vfsmount *fencepost_mount;

static int fencepost_init_fs(struct fs_context *fc)
{
	return init_pseudo(fc, FENCEPOST_FS_MAGIC) ? 0 : -ENOMEM;
}

/* Without an owner: a mount of our own must not keep the module from being unloaded. */
static struct file_system_type fencepost_fs = {
	.name = "fencepost",
	.init_fs_context = fencepost_init_fs,
	.kill_sb = kill_anon_super,
};

static void fencepost_free(struct kref *ref)
{
	struct fencepost_bar *bar = container_of(ref, struct fencepost_bar, ref);

	iput(bar->inode);
	kfree(bar->misc.name);
	kfree(bar->misc.nodename);
	kfree(bar);
}

void fencepost_put(struct fencepost_bar *bar)
{
	kref_put(&bar->ref, fencepost_free);
}

/* misc_open() and misc_deregister() exclude each other: the BAR is there. */
static int fencepost_open(struct inode *inode, struct file *file)
{
	struct fencepost_bar *bar = container_of(file->private_data, struct fencepost_bar, misc);
	int err;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	err = security_locked_down(LOCKDOWN_PCI_ACCESS);
	if (err)
		return err;
	kref_get(&bar->ref);
	file->private_data = bar;
	/* One for all device nodes, so that revoking finds every mapping. */
	file->f_mapping = bar->inode->i_mapping;
	return 0;
}

/* Each mapping holds its file: there is none left. */
static int fencepost_release(struct inode *inode, struct file *file)
{
	struct fencepost_bar *bar = file->private_data;

	down_write(&bar->lock);
	fencepost_drop_ranges(bar, file);
	up_write(&bar->lock);
	fencepost_put(bar);
	return 0;
}

static int fencepost_get_info(struct fencepost_bar *bar, void __user *arg)
{
	bool gone;

	down_read(&bar->lock);
	gone = bar->gone;
	up_read(&bar->lock);
	if (gone)
		return -ENODEV;
	return copy_to_user(arg, &bar->info, sizeof(bar->info)) ? -EFAULT : 0;
}

static long fencepost_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct fencepost_bar *bar = file->private_data;
	void __user *user = (void __user *)arg;

	switch (command) {
	case FENCEPOST_GET_INFO:
		return fencepost_get_info(bar, user);
	case FENCEPOST_RESERVE:
		return fencepost_reserve(file, bar, user);
	case FENCEPOST_POPULATE:
		return fencepost_populate(file, bar, user);
	case FENCEPOST_RUN:
		return fencepost_run(file, bar, user);
	default:
		return -ENOTTY;
	}
}

const struct file_operations fencepost_fops = {
	.owner = THIS_MODULE,
	.open = fencepost_open,
	.release = fencepost_release,
	.mmap = fencepost_mmap,
	.unlocked_ioctl = fencepost_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static void fencepost_fill_info(struct fencepost_bar *bar, int number)
{
	struct pci_dev *pdev = bar->pdev;
	unsigned long flags = pci_resource_flags(pdev, number);

	bar->info = (struct fencepost_info){
		.abi = FENCEPOST_ABI,
		.bar = number,
		.bytes = pci_resource_len(pdev, number) & PAGE_MASK,
		.vendor = pdev->vendor,
		.device = pdev->device,
		.subsystem_vendor = pdev->subsystem_vendor,
		.subsystem_device = pdev->subsystem_device,
		.class_code = pdev->class,
		.numa_node = dev_to_node(&pdev->dev),
		.flags = (flags & IORESOURCE_PREFETCH ? FENCEPOST_BAR_PREFETCHABLE : 0) |
			 (flags & IORESOURCE_MEM_64 ? FENCEPOST_BAR_64BIT : 0),
		.page_bytes = PAGE_SIZE,
	};
	fencepost_run_info(&bar->info);
}

static struct fencepost_bar *fencepost_alloc(struct pci_dev *pdev, int number)
{
	struct fencepost_bar *bar = kzalloc(sizeof(*bar), GFP_KERNEL);

	if (!bar)
		return ERR_PTR(-ENOMEM);
	kref_init(&bar->ref);
	init_rwsem(&bar->lock);
	INIT_LIST_HEAD(&bar->ranges);
	bar->pdev = pdev;
	bar->start = pci_resource_start(pdev, number);
	fencepost_fill_info(bar, number);
	bar->misc = (struct miscdevice){
		.minor = MISC_DYNAMIC_MINOR,
		.name = kasprintf(GFP_KERNEL, "fencepost-%s-bar%d", pci_name(pdev), number),
		.nodename = kasprintf(GFP_KERNEL, "fencepost/%s-bar%d", pci_name(pdev), number),
		.fops = &fencepost_fops,
		.parent = &pdev->dev,
		.mode = 0600,
	};
	bar->inode = alloc_anon_inode(fencepost_mount->mnt_sb);
	if (bar->misc.name && bar->misc.nodename && !IS_ERR(bar->inode))
		return bar;
	if (IS_ERR(bar->inode))
		bar->inode = NULL;
	fencepost_put(bar);
	return ERR_PTR(-ENOMEM);
}

/*
 * Exclusive: with CONFIG_STRICT_DEVMEM, and unless booted with iomem=relaxed, sysfs and
 * /dev/mem then make no mapping of another type beside ours.  One from before stays,
 * unless CONFIG_IO_STRICT_DEVMEM revokes it (not so on 5.10).
 */
static struct fencepost_bar *fencepost_add_bar(struct pci_dev *pdev, int number)
{
	struct fencepost_bar *bar = fencepost_alloc(pdev, number);
	int err;

	if (IS_ERR(bar))
		return bar;
	err = pci_request_selected_regions_exclusive(pdev, BIT(number), "fencepost");
	if (err)
		goto put;
	err = misc_register(&bar->misc);
	if (err)
		goto release;
	return bar;

release:
	/* No minor number is left: that is not what a claimed BAR is. */
	err = err == -EBUSY ? -ENOSPC : err;
	pci_release_selected_regions(pdev, BIT(number));
put:
	fencepost_put(bar);
	return ERR_PTR(err);
}

/*
 * No new file, no new page-table entry and no access from here on; then the
 * entries that there are, then the kernel's own mappings.
 */
static void fencepost_remove_bar(struct fencepost_bar *bar)
{
	misc_deregister(&bar->misc);
	down_write(&bar->lock); /* waits for faults and for samples that run */
	bar->gone = true;
	up_write(&bar->lock);
	unmap_mapping_range(bar->inode->i_mapping, 0, 0, 1);
	down_write(&bar->lock);
	fencepost_unmap_ranges(bar);
	up_write(&bar->lock);
	pci_release_selected_regions(bar->pdev, BIT(bar->info.bar));
	bar->pdev = NULL;
	fencepost_put(bar);
}

/* The driver's data of a device. */
struct fencepost_device {
	struct fencepost_bar *bars[PCI_STD_NUM_BARS];
};

static bool fencepost_can_have(struct pci_dev *pdev, int number)
{
	if (!(pci_resource_flags(pdev, number) & IORESOURCE_MEM) || !pci_resource_len(pdev, number))
		return false;
	/* Beside less than a page of ours there may be another device's. */
	if (PAGE_ALIGNED(pci_resource_start(pdev, number)) &&
	    pci_resource_len(pdev, number) >= PAGE_SIZE)
		return true;
	pci_info(pdev, "BAR %d is left out: it has no whole page\n", number);
	return false;
}

/*
 * The number of BARs, or why there is none.  What somebody else has claimed is left
 * out; on any other error those that are there have to go.
 */
static int fencepost_add_bars(struct pci_dev *pdev, struct fencepost_device *device)
{
	int number, n = 0, err = -ENODEV;

	for (number = 0; number < PCI_STD_NUM_BARS; number++) {
		struct fencepost_bar *bar;

		if (!fencepost_can_have(pdev, number))
			continue;
		bar = fencepost_add_bar(pdev, number);
		if (!IS_ERR(bar)) {
			device->bars[number] = bar;
			n++;
			continue;
		}
		err = PTR_ERR(bar);
		if (err != -EBUSY)
			return err;
		pci_warn(pdev, "BAR %d is left out: %pe\n", number, bar);
	}
	return n ? n : err;
}

static void fencepost_remove_bars(struct fencepost_device *device)
{
	int number;

	for (number = 0; number < PCI_STD_NUM_BARS; number++)
		if (device->bars[number])
			fencepost_remove_bar(device->bars[number]);
}

static int fencepost_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct fencepost_device *device;
	int err;

	/* Somebody's new_id does not do: this driver must never take a device by itself. */
	if (!fencepost_asked_for(pdev)) {
		pci_info(pdev, "left alone: driver_override does not name fencepost\n");
		return -ENODEV;
	}
	device = devm_kzalloc(&pdev->dev, sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = fencepost_add_bars(pdev, device);
	if (err < 0)
		goto disable;
	pci_set_drvdata(pdev, device);
	return 0;

disable:
	fencepost_remove_bars(device);
	pci_disable_device(pdev);
	return err;
}

static void fencepost_remove(struct pci_dev *pdev)
{
	fencepost_remove_bars(pci_get_drvdata(pdev));
	pci_disable_device(pdev);
}

static struct pci_driver fencepost_driver = {
	.name = "fencepost",
	.probe = fencepost_probe,
	.remove = fencepost_remove,
};

static int __init fencepost_init(void)
{
	int err;

	fencepost_mount = kern_mount(&fencepost_fs);
	if (IS_ERR(fencepost_mount))
		return PTR_ERR(fencepost_mount);
	err = pci_register_driver(&fencepost_driver);
	if (err)
		kern_unmount(fencepost_mount);
	return err;
}
module_init(fencepost_init);

static void __exit fencepost_exit(void)
{
	pci_unregister_driver(&fencepost_driver);
	kern_unmount(fencepost_mount);
	rcu_barrier(); /* the superblock's lock classes are in this module */
}
module_exit(fencepost_exit);

MODULE_DESCRIPTION("Memory BARs of a PCI device under a chosen memory type, for benchmarks");
MODULE_AUTHOR("The Fencepost authors");
MODULE_LICENSE("GPL");
