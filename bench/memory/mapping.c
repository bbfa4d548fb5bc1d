// SPDX-License-Identifier: MIT
#include "memory/mapping.h"

#include <sys/mman.h>

/* Maps twice the size, so that an aligned part of the size lies in it. */
void *fp_reserve_address(size_t bytes)
{
	char *all = mmap(NULL, 2 * bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			 -1, 0);
	char *aligned;

	if (all == MAP_FAILED)
		return NULL;
	aligned = (char *)(((uintptr_t)all + bytes - 1) & ~(uintptr_t)(bytes - 1));
	if (aligned > all)
		munmap(all, (size_t)(aligned - all));
	munmap(aligned + bytes, (size_t)(all + bytes - aligned));
	return aligned;
}
