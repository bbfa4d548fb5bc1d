/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Memory BARs of a PCI device, under a chosen memory type.
 *
 * Each memory BAR of a device that is bound to the driver "fencepost" is a
 * character device, /dev/fencepost/<domain:bus:device.function>-bar<N>.  Open it
 * (CAP_SYS_RAWIO; refused with EPERM under lockdown), reserve ranges of it, each
 * with a memory type, map them with mmap(2), and ask what the page tables say.
 *
 * mmap: offset and length must lie in one range that was reserved through the
 * same file (ENXIO).  MAP_SHARED only (EINVAL), never executable (EPERM; a later
 * mprotect to PROT_EXEC gets EACCES).  Once the device is unbound, removed or
 * unplugged every access through a mapping gets SIGBUS, and an ioctl that is otherwise
 * in order ENODEV.
 *
 * Common errors of the ioctls: EFAULT bad pointer; EINVAL a reserved field that
 * is not zero, an unknown value; ENODEV the device has gone; ENOTTY an ioctl
 * that this version does not have.  An error changes nothing, but for one of
 * FENCEPOST_RUN: its accesses may have been made.
 */
#ifndef _UAPI_LINUX_FENCEPOST_H
#define _UAPI_LINUX_FENCEPOST_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* fencepost_info.abi; raised when a struct's meaning changes. */
#define FENCEPOST_ABI 1

/*
 * The memory type of a range: how user space and the kernel map it.
 *
 *          user, kernel form                       x86-64  arm64           powerpc64le
 *   WC     pgprot_writecombine, ioremap_wc         WC      Normal-NC       tolerant (I=1 G=0)
 *   UC     pgprot_noncached, ioremap_np or ioremap UC-     Device-nGnRnE   non-idempotent (I=1 G=1)
 *   DEVICE pgprot_device, ioremap                  UC-     Device-nGnRE    non-idempotent (I=1 G=1)
 *
 * Source: Linux 6.1 and 6.12, arch/{x86,arm64,powerpc}/include/asm/pgtable*.h and io.h.
 */
enum fencepost_memory {
	FENCEPOST_WC = 1,
	FENCEPOST_UC = 2,
	FENCEPOST_DEVICE = 3,
};

/*
 * What a page-table entry asks for, or what accesses then behave like.
 *
 * x86-64: Intel SDM volume 3A, "Page Attribute Table (PAT)".
 * arm64: Arm ARM (DDI 0487), MAIR_EL1.
 * powerpc64le: Power ISA 3.1 Book III, "Radix Tree Page Table Entry", ATT bits.
 */
enum fencepost_attribute {
	FENCEPOST_ATTR_UNKNOWN = 0,	/* this version does not know these bits */
	FENCEPOST_ATTR_STAGE2 = 1,	/* a hypervisor's tables have a say that is not seen here */

	FENCEPOST_ATTR_X86_UC = 16,
	FENCEPOST_ATTR_X86_WC = 17,
	FENCEPOST_ATTR_X86_WT = 18,
	FENCEPOST_ATTR_X86_WP = 19,
	FENCEPOST_ATTR_X86_WB = 20,
	FENCEPOST_ATTR_X86_UC_MINUS = 21,

	FENCEPOST_ATTR_ARM64_DEVICE_NGNRNE = 32,
	FENCEPOST_ATTR_ARM64_DEVICE_NGNRE = 33,
	FENCEPOST_ATTR_ARM64_DEVICE_NGRE = 34,
	FENCEPOST_ATTR_ARM64_DEVICE_GRE = 35,
	FENCEPOST_ATTR_ARM64_NORMAL_NC = 36,
	FENCEPOST_ATTR_ARM64_NORMAL_WT = 37,
	FENCEPOST_ATTR_ARM64_NORMAL_WB = 38,

	FENCEPOST_ATTR_PPC_CACHEABLE = 48,
	FENCEPOST_ATTR_PPC_SAO = 49,		/* strong access order */
	FENCEPOST_ATTR_PPC_NON_IDEMPOTENT = 50, /* I=1 G=1 */
	FENCEPOST_ATTR_PPC_TOLERANT = 51,	/* I=1 G=0 */
};

/* fencepost_info.flags */
#define FENCEPOST_BAR_PREFETCHABLE (1u << 0)
#define FENCEPOST_BAR_64BIT	   (1u << 1)

/* fencepost_info.distorts: what makes the times of FENCEPOST_RUN say little about other kernels. */
#define FENCEPOST_DISTORTS_KASAN	(1u << 0)
#define FENCEPOST_DISTORTS_KCSAN	(1u << 1)
#define FENCEPOST_DISTORTS_MMIO_TRACE	(1u << 2) /* accessors have tracepoints built in */
#define FENCEPOST_DISTORTS_PREEMPT_RT	(1u << 3)
#define FENCEPOST_DISTORTS_PV_LOCKS	(1u << 4) /* unlock may be a locked operation */
#define FENCEPOST_DISTORTS_LOCK_DEBUG	(1u << 5) /* lockdep, or debugging spinlocks or mutexes */
#define FENCEPOST_DISTORTS_KMSAN	(1u << 6)

/**
 * struct fencepost_info - the BAR behind a file
 * @abi: FENCEPOST_ABI of the module
 * @bar: number of the BAR, 0 to 5
 * @bytes: whole pages of it that can be reserved
 * @vendor: PCI vendor id
 * @device: PCI device id
 * @subsystem_vendor: PCI subsystem vendor id
 * @subsystem_device: PCI subsystem device id
 * @class_code: PCI class, subclass, interface: 0xCCSSII
 * @numa_node: of the device; -1: unknown
 * @flags: FENCEPOST_BAR_*
 * @distorts: FENCEPOST_DISTORTS_*
 * @accesses: bit N is set if enum fencepost_access N can run here
 * @barriers: bit N is set if enum fencepost_barrier N can run here
 * @sections: bit N is set if enum fencepost_section N can run here
 * @page_bytes: offset and length of a range are multiples of this
 * @reserved: 0
 */
struct fencepost_info {
	__u32 abi;
	__u32 bar;
	__u64 bytes;
	__u16 vendor;
	__u16 device;
	__u16 subsystem_vendor;
	__u16 subsystem_device;
	__u32 class_code;
	__s32 numa_node;
	__u32 flags;
	__u32 distorts;
	__u64 accesses;
	__u32 barriers;
	__u32 sections;
	__u32 page_bytes;
	__u32 reserved[5];
};

/**
 * struct fencepost_range - a range of the BAR, and its memory type
 * @offset: in the BAR; bytes, a multiple of the page size
 * @length: bytes, a multiple of the page size; not 0
 * @memory: enum fencepost_memory
 * @reserved: 0
 *
 * A range lasts until its file is closed and its last mapping is gone.  Errors:
 * EINVAL zero length or not whole pages; ENXIO beyond the BAR; EBUSY overlaps a
 * range of another type (of any file), or the system maps it otherwise; ENOSPC
 * 64 ranges are reserved in this BAR; ENOMEM.
 */
struct fencepost_range {
	__u64 offset;
	__u64 length;
	__u32 memory;
	__u32 reserved;
};

/**
 * struct fencepost_mapping - pages of a mapping, brought in and looked at
 * @address: user address, page-aligned; in a mapping of this file's
 * @length: bytes, a multiple of the page size; not 0
 * @memory: out: enum fencepost_memory of its range
 * @stage1: out: enum fencepost_attribute of the page-table entries
 * @effective: out: what accesses behave like, as far as this system's tables say;
 *	FENCEPOST_ATTR_STAGE2 in a virtual machine
 * @reserved: 0
 * @entry: out: the first page-table entry without its address
 *
 * Fills in the page tables without an access to the device, so that no later
 * access faults, and reads them back: all pages must say the same (EIO).  After a
 * fork() or mprotect() the next store may fault once more, on CPUs that do not mark
 * entries as dirty by themselves (arm64 before FEAT_HAFDBS).
 * Errors: EINVAL not whole pages; ENXIO not wholly in one mapping of this file's;
 * EINTR a fatal signal.
 */
struct fencepost_mapping {
	__u64 address;
	__u64 length;
	__u32 memory;
	__u32 stage1;
	__u32 effective;
	__u32 reserved;
	__u64 entry;
};

/* What FENCEPOST_RUN runs; the kernel's own, as the headers that built the module have them. */
enum fencepost_access {
	FENCEPOST_NOTHING = 0,		/* the loop itself: the base */
	FENCEPOST_MEMCPY_TOIO = 1,
	FENCEPOST_MEMCPY_FROMIO = 2,
	FENCEPOST_MEMSET_IO = 3,	/* with the first byte of data */
	FENCEPOST_IOWRITE32_COPY = 4,
	FENCEPOST_IOWRITE64_COPY = 5,
	FENCEPOST_IOSUBMIT_CMDS512 = 6, /* x86-64 with MOVDIR64B */
	FENCEPOST_MEMCPY = 7,		/* plain memcpy() */
	FENCEPOST_WRITEL = 8,		/* one after the other, ascending, as many as bytes hold */
	FENCEPOST_WRITEQ = 9,
	FENCEPOST_WRITEL_RELAXED = 10,
	FENCEPOST_WRITEQ_RELAXED = 11,
	FENCEPOST_RAW_WRITEL = 12,
	FENCEPOST_RAW_WRITEQ = 13,
	FENCEPOST_READL = 14,
	FENCEPOST_READQ = 15,
	FENCEPOST_READL_RELAXED = 16,
	FENCEPOST_READQ_RELAXED = 17,
	FENCEPOST_RAW_READL = 18,
	FENCEPOST_RAW_READQ = 19,
	FENCEPOST_ACCESSES = 20,
};

/* Behind each access. */
enum fencepost_barrier {
	FENCEPOST_NO_BARRIER = 0,
	FENCEPOST_WMB = 1,
	FENCEPOST_DMA_WMB = 2,
	FENCEPOST_MB = 3,
	FENCEPOST_IO_STOP_WC = 4, /* from Linux 5.17 */
	FENCEPOST_BARRIERS = 5,
};

/* Around each access and its barrier; taken and given back by this CPU alone. */
enum fencepost_section {
	FENCEPOST_NO_SECTION = 0,
	FENCEPOST_RAW_SPIN_LOCK = 1, /* with the mmiowb() that its unlock implies */
	FENCEPOST_MUTEX = 2,	     /* implies none */
	FENCEPOST_RWLOCK = 3,	     /* for writing; implies none */
	FENCEPOST_SECTIONS = 4,
};

/* Limits of FENCEPOST_RUN. */
#define FENCEPOST_MAX_SAMPLES	4096
#define FENCEPOST_MAX_SAMPLE_NS 100000

/**
 * struct fencepost_run - times accesses of the kernel's, in batches
 * @offset: of the first access in the BAR; bytes, a multiple of the access's width
 * @stride: from one access to the next; bytes, a multiple of the width
 * @places: places gone through in turn, stride apart; at least 1
 * @bytes: of one access: a multiple of its width, not 0; 0 for FENCEPOST_NOTHING
 * @access: enum fencepost_access
 * @barrier: enum fencepost_barrier
 * @section: enum fencepost_section
 * @loops: accesses in one sample; at least 1
 * @samples: how many samples; 1 to FENCEPOST_MAX_SAMPLES
 * @reserved: 0
 * @data: user address of bytes to write; or where bytes read are put, those of
 *	the last access; unused for FENCEPOST_NOTHING
 * @times: user address of samples times __u64: ns that the loops of a sample took
 *
 * Offset to the end of the last place must lie in one range of this file's
 * (ENXIO); its kernel mapping, of the range's type, is what is accessed.
 * Interrupts are off during a sample, which is to take FENCEPOST_MAX_SAMPLE_NS at most;
 * what could take longer is refused (E2BIG):
 *   by count, before anything is accessed: a loop is 100 ns for calls and section, 500 ns
 *   for a barrier, 1000 ns a load, 50 ns a store that does not combine, 300 ns and 2 ns a
 *   byte for those that do, and 200 ns more a writel() or writeq(), which have a barrier
 *   in them.  Copies whose offset, stride or bytes their width does not divide have
 *   2 * (width - 1) accesses more.
 *   by trial, where loops are more than one: 1, 2, 4, ... loops are timed first, twice
 *   each, as long as twice the better time is within the limit.  These trials access the
 *   device like any sample.
 * One loop that has passed the count is run whatever it takes: how long a device that is
 * slow or stuck holds one access up, or a hypervisor that traps it, nobody can bound.
 *
 * EOPNOTSUPP what this kernel, CPU or memory type does not have: see
 * fencepost_info; plain memcpy() is refused where it could make accesses that
 * the memory type does not allow.  EINTR a fatal signal; no times are given.
 */
struct fencepost_run {
	__u64 offset;
	__u64 stride;
	__u32 places;
	__u32 bytes;
	__u32 access;
	__u32 barrier;
	__u32 section;
	__u32 loops;
	__u32 samples;
	__u32 reserved;
	__u64 data;
	__u64 times;
};

#define FENCEPOST_IOC_MAGIC	0xFE
#define FENCEPOST_GET_INFO	_IOR(FENCEPOST_IOC_MAGIC, 0x00, struct fencepost_info)
#define FENCEPOST_RESERVE	_IOW(FENCEPOST_IOC_MAGIC, 0x01, struct fencepost_range)
#define FENCEPOST_POPULATE	_IOWR(FENCEPOST_IOC_MAGIC, 0x02, struct fencepost_mapping)
#define FENCEPOST_RUN		_IOW(FENCEPOST_IOC_MAGIC, 0x03, struct fencepost_run)

#endif /* _UAPI_LINUX_FENCEPOST_H */
