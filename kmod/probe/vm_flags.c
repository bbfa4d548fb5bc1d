// SPDX-License-Identifier: GPL-2.0-only
/* From 6.3; before, vm_flags is written to. */
#include <linux/mm.h>

void probe(struct vm_area_struct *vma);
void probe(struct vm_area_struct *vma)
{
	vm_flags_mod(vma, VM_IO, VM_MAYEXEC);
}
