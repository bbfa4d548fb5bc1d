// SPDX-License-Identifier: GPL-2.0-only
/* 6.10 and 6.11: takes the area, not the address space. */
#include <linux/mm.h>

int probe(struct vm_area_struct *vma, pte_t **entry, spinlock_t **lock);
int probe(struct vm_area_struct *vma, pte_t **entry, spinlock_t **lock)
{
	return follow_pte(vma, 0, entry, lock);
}
