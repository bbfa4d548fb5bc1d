/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mistakes that the debug kernel must find, in a build of the module that is made to
 * make them.  The first report ends the search for wrong locks: they come first.
 */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_MUTEX(mistake_a);
static DEFINE_MUTEX(mistake_b);
static DEFINE_SPINLOCK(mistake_spin);

static void lock_both(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	mutex_lock(second);
	mutex_unlock(second);
	mutex_unlock(first);
}

static void make_mistakes(void)
{
	volatile char *freed = kmalloc(64, GFP_KERNEL);

	lock_both(&mistake_a, &mistake_b);
	lock_both(&mistake_b, &mistake_a);

	spin_lock(&mistake_spin);
	mutex_lock(&mistake_a);
	mutex_unlock(&mistake_a);
	spin_unlock(&mistake_spin);

	kfree((void *)freed);
	*freed = 1;

	freed = kmalloc(333, GFP_KERNEL);
}
