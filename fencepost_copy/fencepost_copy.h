/* SPDX-License-Identifier: MIT */
/*
 * fencepost_copy.h - copies from RAM to a device's memory.
 *
 * This header and fencepost_copy.c need nothing else: take both into any
 * project, or into a kernel module, and compile the source with its other files.
 * They know x86-64, arm64 and ppc64le, little-endian.
 *
 * What is promised of the destination, so that it may be a device's registers,
 * a queue, or a window into its memory, mapped write-combining or uncached:
 *   - each of its bytes is written once: no store overlaps another;
 *   - the stores are issued with ascending addresses;
 *   - no byte outside is written, nor is any byte read;
 *   - each store is aligned to its own width.
 * They are the widest stores for which this holds, by size, alignment and CPU.
 *
 * What is not promised:
 *   - There is no barrier, neither before nor behind the copy.  Weakly ordered
 *     stores may arrive in another order than they were issued in, and may stay
 *     in this CPU's buffers for any time.  Behind the last copy, and before what
 *     tells the device of it, the caller puts
 *         x86-64   sfence    Intel SDM vol. 2B (December 2023), SFENCE
 *         arm64    dsb st    Arm ARM DDI 0487 G.b C6.2 DSB; B2.3, Data
 *                            Synchronization Barrier (DSB)
 *         ppc64le  sync      Power ISA 3.1 Book II 4.6.3
 *     which is wmb() in the Linux kernel on all three.  If the stores must also
 *     have arrived, read something back from the device.
 *   - Stores are not atomic beyond 8 bytes, except with FENCEPOST_LINE_WRITES.
 *   - Source and destination must not overlap.  Where they do, what is promised
 *     of the stores still holds, but later loads may see the bytes of earlier
 *     stores: the copy's content is not defined.
 *   - There is no check of the arguments: an address that is not mapped faults.
 *
 * On RAM, which is for tests, streaming stores write the lines back to memory.
 */
#ifndef FENCEPOST_COPY_H
#define FENCEPOST_COPY_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Of a line, as these functions and PCI Express devices count it; bytes. */
#define FENCEPOST_LINE 64u

/*
 * The caller owns the destination up to the end of the line in which the copy
 * ends: the last line is filled up with zeros and goes out as a whole.  A partial
 * line costs some CPUs and devices more than a whole one.  Nothing is read
 * beyond the source's end.
 */
#define FENCEPOST_PAD_LINE 1u

/*
 * The destination takes writes of 64 bytes: each whole aligned line is one such
 * write, by MOVDIR64B or ST64B, if the CPU has it; else as without this flag.
 * On arm64, memory that takes no such write answers with a fault, and so does
 * cacheable RAM (Arm ARM DDI 0487 G.b C3.2, Single-copy atomic 64-byte load/store).
 */
#define FENCEPOST_LINE_WRITES 2u

/*
 * Copies bytes (0 or more) from RAM to a device.  Both addresses may have any
 * alignment; whole lines at an aligned destination are the fast case.  flags is
 * 0 or FENCEPOST_* or-ed; other bits are ignored.
 * Any thread, any time, signal handlers included; no error is possible.
 */
void fencepost_copy_toio(volatile void *to, const void *from, size_t bytes, unsigned flags);

/*
 * The same with general registers only, and MOVDIR64B or ST64B: for kernels,
 * without kernel_fpu_begin() or its like.  On x86-64 MOVDIR64B needs no flag.
 * Compiled with FENCEPOST_COPY_KERNEL defined, or in Linux, fencepost_copy_toio()
 * is this function, too, and no other registers are in the object.
 */
void fencepost_copy_toio_kernel(volatile void *to, const void *from, size_t bytes,
				unsigned flags);

/*
 * Looks at the CPU, as the first copy would: for callers whose first copy must
 * not be the slow one.  Call it any number of times.
 */
void fencepost_copy_init(void);

/* How fencepost_copy_toio() copies whole lines on this CPU; static storage. */
const char *fencepost_copy_way(void);

#ifdef __cplusplus
}
#endif

#endif
