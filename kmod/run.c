// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own accessors, timed where drivers call them.
 *
 * Each is a function of its own that is called in a loop, as are the barrier and
 * the lock: what the calls cost is in every run, and FENCEPOST_NOTHING times just
 * that.  Functions also keep the accessors apart for a disassembler: the number
 * of barriers in each is a fact that can be checked.
 */
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "bar.h"
#include FENCEPOST_ARCH

typedef void fencepost_access_fn(void __iomem *io, void *data, size_t bytes);

#define FENCEPOST_ACCESS(name, call)                                                         \
	static noinline void fencepost_##name(void __iomem *io, void *data, size_t bytes)    \
	{                                                                                    \
		call;                                                                        \
	}
FENCEPOST_ACCESS(nothing, barrier())
FENCEPOST_ACCESS(memcpy_toio, memcpy_toio(io, data, bytes))
FENCEPOST_ACCESS(memcpy_fromio, memcpy_fromio(data, io, bytes))
FENCEPOST_ACCESS(memset_io, memset_io(io, *(u8 *)data, bytes))
FENCEPOST_ACCESS(iowrite32_copy, __iowrite32_copy(io, data, bytes / 4))
FENCEPOST_ACCESS(iowrite64_copy, __iowrite64_copy(io, data, bytes / 8))
#ifdef FENCEPOST_ARCH_CAN_IOSUBMIT
FENCEPOST_ACCESS(iosubmit_cmds512, iosubmit_cmds512(io, data, bytes / 64))
#endif
/* What the kernel's NVMe driver does with a controller's memory buffer. */
FENCEPOST_ACCESS(memcpy, memcpy((void __force *)io, data, bytes))

#define FENCEPOST_WRITES(name, type)                                                         \
	static noinline void fencepost_##name(void __iomem *io, void *data, size_t bytes)    \
	{                                                                                    \
		const type *from = data;                                                     \
		size_t i;                                                                    \
											     \
		for (i = 0; i < bytes / sizeof(type); i++)                                   \
			name(from[i], io + i * sizeof(type));                                \
	}
FENCEPOST_WRITES(writel, u32)
FENCEPOST_WRITES(writeq, u64)
FENCEPOST_WRITES(writel_relaxed, u32)
FENCEPOST_WRITES(writeq_relaxed, u64)
FENCEPOST_WRITES(__raw_writel, u32)
FENCEPOST_WRITES(__raw_writeq, u64)

#define FENCEPOST_READS(name, type)                                                          \
	static noinline void fencepost_##name(void __iomem *io, void *data, size_t bytes)    \
	{                                                                                    \
		type *to = data;                                                             \
		size_t i;                                                                    \
											     \
		for (i = 0; i < bytes / sizeof(type); i++)                                   \
			to[i] = name(io + i * sizeof(type));                                 \
	}
FENCEPOST_READS(readl, u32)
FENCEPOST_READS(readq, u64)
FENCEPOST_READS(readl_relaxed, u32)
FENCEPOST_READS(readq_relaxed, u64)
FENCEPOST_READS(__raw_readl, u32)
FENCEPOST_READS(__raw_readq, u64)

/*
 * unit: what offset, stride and bytes are multiples of; width: of one access to the BAR;
 * orders: has a barrier in it on some architecture.
 */
static const struct fencepost_access_row {
	fencepost_access_fn *run;
	u8 unit, width;
	bool loads, orders;
} fencepost_accesses[FENCEPOST_ACCESSES] = {
	[FENCEPOST_NOTHING] = { fencepost_nothing, 1, 1 },
	[FENCEPOST_MEMCPY_TOIO] = { fencepost_memcpy_toio, 1, FENCEPOST_ARCH_COPY_WIDTH },
	[FENCEPOST_MEMCPY_FROMIO] = { fencepost_memcpy_fromio, 1, FENCEPOST_ARCH_COPY_WIDTH, true },
	[FENCEPOST_MEMSET_IO] = { fencepost_memset_io, 1, 1 },
	[FENCEPOST_IOWRITE32_COPY] = { fencepost_iowrite32_copy, 4, 4 },
	[FENCEPOST_IOWRITE64_COPY] = { fencepost_iowrite64_copy, 8, 8 },
#ifdef FENCEPOST_ARCH_CAN_IOSUBMIT
	[FENCEPOST_IOSUBMIT_CMDS512] = { fencepost_iosubmit_cmds512, 64, 64 },
#endif
	[FENCEPOST_MEMCPY] = { fencepost_memcpy, 1, 1 },
	[FENCEPOST_WRITEL] = { fencepost_writel, 4, 4, .orders = true },
	[FENCEPOST_WRITEQ] = { fencepost_writeq, 8, 8, .orders = true },
	[FENCEPOST_WRITEL_RELAXED] = { fencepost_writel_relaxed, 4, 4 },
	[FENCEPOST_WRITEQ_RELAXED] = { fencepost_writeq_relaxed, 8, 8 },
	[FENCEPOST_RAW_WRITEL] = { fencepost___raw_writel, 4, 4 },
	[FENCEPOST_RAW_WRITEQ] = { fencepost___raw_writeq, 8, 8 },
	[FENCEPOST_READL] = { fencepost_readl, 4, 4, true },
	[FENCEPOST_READQ] = { fencepost_readq, 8, 8, true },
	[FENCEPOST_READL_RELAXED] = { fencepost_readl_relaxed, 4, 4, true },
	[FENCEPOST_READQ_RELAXED] = { fencepost_readq_relaxed, 8, 8, true },
	[FENCEPOST_RAW_READL] = { fencepost___raw_readl, 4, 4, true },
	[FENCEPOST_RAW_READQ] = { fencepost___raw_readq, 8, 8, true },
};

/*
 * The barriers, each between an access to the BAR (before) and whatever the CPU
 * does next.  None of them waits until a posted write has arrived.
 */

/* Compiler only: nothing is ordered for the device. */
static noinline void fencepost_no_barrier(void)
{
	barrier();
}

/* Earlier stores before later stores, WC ones too, as a device sees them. */
static noinline void fencepost_wmb(void)
{
	wmb(); /* timed: stands behind the access of a run */
}

/* Earlier stores before later ones to memory that a device reads; on x86 compiler only. */
static noinline void fencepost_dma_wmb(void)
{
	dma_wmb(); /* as wmb() */
}

/* Every earlier access before every later one, for CPUs and devices. */
static noinline void fencepost_mb(void)
{
	mb(); /* as wmb() */
}

#ifdef io_stop_wc
/* Orders nothing: keeps earlier WC stores from being merged with later ones (arm64: DGH). */
static noinline void fencepost_io_stop_wc(void)
{
	io_stop_wc();
}
#endif

static void (*const fencepost_barriers[FENCEPOST_BARRIERS])(void) = {
	[FENCEPOST_NO_BARRIER] = fencepost_no_barrier,
	[FENCEPOST_WMB] = fencepost_wmb,
	[FENCEPOST_DMA_WMB] = fencepost_dma_wmb,
	[FENCEPOST_MB] = fencepost_mb,
#ifdef io_stop_wc
	[FENCEPOST_IO_STOP_WC] = fencepost_io_stop_wc,
#endif
};

/* Of one run: nobody else ever takes them. */
struct fencepost_locks {
	raw_spinlock_t spin;
	struct mutex mutex; /* by one CPU, with interrupts off */
	rwlock_t rw;
};

#define FENCEPOST_SECTION(name, takes, gives, lock, unlock)                                  \
	static noinline void fencepost_enter_##name(struct fencepost_locks *locks) takes     \
	{                                                                                    \
		lock;                                                                        \
	}                                                                                    \
	static noinline void fencepost_leave_##name(struct fencepost_locks *locks) gives     \
	{                                                                                    \
		unlock;                                                                      \
	}
#define FENCEPOST_UNCOUNTED /* sparse counts spinning locks only */
FENCEPOST_SECTION(nothing, FENCEPOST_UNCOUNTED, FENCEPOST_UNCOUNTED, barrier(), barrier())
/* With the mmiowb() of architectures that have one, if a writel() was inside. */
FENCEPOST_SECTION(spin, __acquires(&locks->spin), __releases(&locks->spin),
		  raw_spin_lock(&locks->spin), raw_spin_unlock(&locks->spin))
/* trylock: it can't fail here, and with interrupts off nothing may sleep. */
FENCEPOST_SECTION(mutex, FENCEPOST_UNCOUNTED, FENCEPOST_UNCOUNTED,
		  WARN_ON_ONCE(!mutex_trylock(&locks->mutex)), mutex_unlock(&locks->mutex))
FENCEPOST_SECTION(rw, __acquires(&locks->rw), __releases(&locks->rw),
		  write_lock(&locks->rw), write_unlock(&locks->rw))

static const struct fencepost_section_row {
	void (*enter)(struct fencepost_locks *locks);
	void (*leave)(struct fencepost_locks *locks);
} fencepost_sections[FENCEPOST_SECTIONS] = {
	[FENCEPOST_NO_SECTION] = { fencepost_enter_nothing, fencepost_leave_nothing },
	[FENCEPOST_RAW_SPIN_LOCK] = { fencepost_enter_spin, fencepost_leave_spin },
	[FENCEPOST_MUTEX] = { fencepost_enter_mutex, fencepost_leave_mutex },
	[FENCEPOST_RWLOCK] = { fencepost_enter_rw, fencepost_leave_rw },
};

static bool fencepost_has_access(u32 access)
{
#ifdef FENCEPOST_ARCH_CAN_IOSUBMIT
	if (access == FENCEPOST_IOSUBMIT_CMDS512)
		return FENCEPOST_ARCH_CAN_IOSUBMIT;
#endif
	return fencepost_accesses[access].run;
}

/* On PREEMPT_RT these two sleep, which can't be with interrupts off. */
static bool fencepost_has_section(u32 section)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) ||
	       (section != FENCEPOST_MUTEX && section != FENCEPOST_RWLOCK);
}

void fencepost_run_info(struct fencepost_info *info)
{
	u32 i;

	for (i = 0; i < FENCEPOST_ACCESSES; i++)
		info->accesses |= fencepost_has_access(i) ? BIT_ULL(i) : 0;
	for (i = 0; i < FENCEPOST_BARRIERS; i++)
		info->barriers |= fencepost_barriers[i] ? BIT(i) : 0;
	for (i = 0; i < FENCEPOST_SECTIONS; i++)
		info->sections |= fencepost_has_section(i) ? BIT(i) : 0;
	info->distorts =
		(IS_ENABLED(CONFIG_KASAN) ? FENCEPOST_DISTORTS_KASAN : 0) |
		(IS_ENABLED(CONFIG_KCSAN) ? FENCEPOST_DISTORTS_KCSAN : 0) |
		(IS_ENABLED(CONFIG_KMSAN) ? FENCEPOST_DISTORTS_KMSAN : 0) |
		(IS_ENABLED(CONFIG_TRACE_MMIO_ACCESS) ? FENCEPOST_DISTORTS_MMIO_TRACE : 0) |
		(IS_ENABLED(CONFIG_PREEMPT_RT) ? FENCEPOST_DISTORTS_PREEMPT_RT : 0) |
		(FENCEPOST_ARCH_PV_LOCKS ? FENCEPOST_DISTORTS_PV_LOCKS : 0) |
		(IS_ENABLED(CONFIG_LOCKDEP) || IS_ENABLED(CONFIG_DEBUG_SPINLOCK) ||
		 IS_ENABLED(CONFIG_DEBUG_MUTEXES) ? FENCEPOST_DISTORTS_LOCK_DEBUG : 0);
}

/* One call on its way. */
struct fencepost_job {
	struct file *file;
	struct fencepost_bar *bar;
	struct fencepost_run run;
	struct fencepost_locks locks;
	void *data;
	u64 *times;
};

/* What a sample may take, counted as the UAPI header states. */
static u64 fencepost_counted_ns(const struct fencepost_run *run, u32 memory)
{
	const struct fencepost_access_row *row = &fencepost_accesses[run->access];
	u64 ns = 100 + (run->barrier ? 500 : 0), n = DIV_ROUND_UP((u64)run->bytes, row->width);

	/* Single bytes at both ends. */
	if ((run->offset | run->stride | run->bytes) % row->width)
		n += 2 * (row->width - 1);
	if (row->loads)
		ns += n * 1000;
	else if (memory == FENCEPOST_WC && n)
		ns += 300 + (u64)run->bytes * 2;
	else
		ns += n * 50;
	if (row->orders)
		ns += n * 200;
	return run->loops > FENCEPOST_MAX_SAMPLE_NS ? U64_MAX : ns * run->loops;
}

static int fencepost_check_run(struct fencepost_run *run)
{
	if (run->reserved || run->access >= FENCEPOST_ACCESSES ||
	    run->barrier >= FENCEPOST_BARRIERS || run->section >= FENCEPOST_SECTIONS)
		return -EINVAL;
	/* They choose what is called: not in speculation past the check either. */
	run->access = array_index_nospec(run->access, FENCEPOST_ACCESSES);
	run->barrier = array_index_nospec(run->barrier, FENCEPOST_BARRIERS);
	run->section = array_index_nospec(run->section, FENCEPOST_SECTIONS);
	if (!fencepost_has_access(run->access) || !fencepost_barriers[run->barrier] ||
	    !fencepost_has_section(run->section))
		return -EOPNOTSUPP;
	if (!run->places || !run->loops || !run->samples || run->samples > FENCEPOST_MAX_SAMPLES ||
	    !run->bytes != (run->access == FENCEPOST_NOTHING))
		return -EINVAL;
	if ((run->offset | run->stride | run->bytes) % fencepost_accesses[run->access].unit)
		return -EINVAL;
	return 0;
}

/* The range that the run's accesses are in; the caller holds the lock. */
static struct fencepost_area *fencepost_run_area(const struct fencepost_job *job)
{
	const struct fencepost_run *run = &job->run;
	u64 bytes = job->bar->info.bytes;

	/* What is more than the BAR holds would wrap around below. */
	if (run->offset > bytes ||
	    (run->stride && (run->stride > bytes || run->places - 1 > bytes / run->stride)))
		return ERR_PTR(-ENXIO);
	return fencepost_find(job->bar, job->file, run->offset,
			      (run->places - 1) * run->stride + run->bytes);
}

static int fencepost_check_area(const struct fencepost_job *job)
{
	const struct fencepost_run *run = &job->run;
	const struct fencepost_area *area = fencepost_run_area(job);

	if (IS_ERR(area))
		return PTR_ERR(area);
	if (fencepost_counted_ns(run, area->memory) > FENCEPOST_MAX_SAMPLE_NS)
		return -E2BIG;
	if (run->access == FENCEPOST_MEMCPY &&
	    !fencepost_arch_can_memcpy(area->memory, run->offset, run->stride, run->bytes))
		return -EOPNOTSUPP;
	return 0;
}

static u64 fencepost_sample(struct fencepost_job *job, void __iomem *io, u32 loops)
{
	const struct fencepost_section_row *section = &fencepost_sections[job->run.section];
	fencepost_access_fn *access = fencepost_accesses[job->run.access].run;
	void (*behind)(void) = fencepost_barriers[job->run.barrier];
	const u64 stride = job->run.stride, end = job->run.places * stride;
	const size_t bytes = job->run.bytes;
	unsigned long flags;
	u64 started, ended, place = 0;

	local_irq_save(flags);
	started = ktime_get_raw_fast_ns();
	do {
		section->enter(&job->locks);
		access(io + place, job->data, bytes);
		behind();
		section->leave(&job->locks);
		place += stride;
		if (place >= end)
			place = 0;
	} while (--loops);
	ended = ktime_get_raw_fast_ns();
	local_irq_restore(flags);
	return ended - started;
}

/* The device can go between two samples, not during one. */
static int fencepost_one_sample(struct fencepost_job *job, u32 loops, u64 *ns)
{
	struct fencepost_bar *bar = job->bar;
	struct fencepost_area *area;
	int err;

	if (fatal_signal_pending(current))
		return -EINTR;
	down_read(&bar->lock);
	area = fencepost_run_area(job);
	err = PTR_ERR_OR_ZERO(area);
	if (!err)
		*ns = fencepost_sample(job, area->io + (job->run.offset - area->offset), loops);
	up_read(&bar->lock);
	cond_resched();
	return err;
}

/*
 * What counting can't know - a device that is slow, an access that a hypervisor traps,
 * locks that are checked - shows before interrupts are off for longer than they may be:
 * each trial has twice the loops of the one before it.  The better of two counts, for
 * something may have come between.  One loop is the least, whatever it takes.
 */
static int fencepost_try(struct fencepost_job *job)
{
	u64 ns[2], loops;
	int err = 0;

	for (loops = 1; !err && loops < job->run.loops; loops *= 2) {
		err = fencepost_one_sample(job, loops, &ns[0]) ?:
		      fencepost_one_sample(job, loops, &ns[1]);
		if (!err && min(ns[0], ns[1]) * 2 > FENCEPOST_MAX_SAMPLE_NS)
			err = -E2BIG;
	}
	return err;
}

static int fencepost_all_samples(struct fencepost_job *job)
{
	u32 i;
	int err;

	raw_spin_lock_init(&job->locks.spin);
	mutex_init(&job->locks.mutex);
	rwlock_init(&job->locks.rw);
	err = fencepost_try(job);
	for (i = 0; !err && i < job->run.samples; i++)
		err = fencepost_one_sample(job, job->run.loops, &job->times[i]);
	mutex_destroy(&job->locks.mutex);
	return err;
}

static int fencepost_get_data(struct fencepost_job *job)
{
	const struct fencepost_run *run = &job->run;

	job->times = kvcalloc(run->samples, sizeof(*job->times), GFP_KERNEL_ACCOUNT);
	/* Zeroed: what is read goes out whole. */
	job->data = kvzalloc(max(run->bytes, 1U), GFP_KERNEL_ACCOUNT);
	if (!job->times || !job->data)
		return -ENOMEM;
	if (fencepost_accesses[run->access].loads || !run->bytes)
		return 0;
	return copy_from_user(job->data, u64_to_user_ptr(run->data), run->bytes) ? -EFAULT : 0;
}

static int fencepost_put_results(const struct fencepost_job *job)
{
	const struct fencepost_run *run = &job->run;

	if (fencepost_accesses[run->access].loads &&
	    copy_to_user(u64_to_user_ptr(run->data), job->data, run->bytes))
		return -EFAULT;
	return copy_to_user(u64_to_user_ptr(run->times), job->times,
			    run->samples * sizeof(*job->times)) ? -EFAULT : 0;
}

static int fencepost_do_run(struct fencepost_job *job)
{
	int err = fencepost_check_run(&job->run);

	if (err)
		return err;
	down_read(&job->bar->lock);
	err = fencepost_check_area(job);
	up_read(&job->bar->lock);
	if (!err)
		err = fencepost_get_data(job);
	if (!err)
		err = fencepost_all_samples(job);
	if (!err)
		err = fencepost_put_results(job);
	return err;
}

int fencepost_run(struct file *file, struct fencepost_bar *bar, void __user *arg)
{
	struct fencepost_job *job = kzalloc(sizeof(*job), GFP_KERNEL_ACCOUNT);
	int err = -EFAULT;

	if (!job)
		return -ENOMEM;
	job->file = file;
	job->bar = bar;
	if (!copy_from_user(&job->run, arg, sizeof(job->run)))
		err = fencepost_do_run(job);
	kvfree(job->data);
	kvfree(job->times);
	kfree(job);
	return err;
}
