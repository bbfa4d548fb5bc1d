// SPDX-License-Identifier: MIT
/*
 * Anonymous memory on the pinned CPU's NUMA node, in huge pages when there are
 * any, so that a store behind which a barrier waits misses the cache and not
 * the TLB.
 */
#include <errno.h>
#include <hwloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "machine.h"
#include "target.h"

/* Maps twice the size, so that an aligned part of the size lies in it. */
static int map_aligned(size_t bytes, struct fp_mapping *m)
{
	char *all = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *aligned;

	if (all == MAP_FAILED)
		return -errno;
	aligned = (char *)(((uintptr_t)all + bytes - 1) & ~(uintptr_t)(bytes - 1));
	if (aligned > all)
		munmap(all, (size_t)(aligned - all));
	munmap(aligned + bytes, (size_t)(all + bytes - aligned));
	m->address = aligned;
	return 0;
}

/* Reserved huge pages first; they are aligned to their size, which may be less. */
static int map_hugetlb(size_t bytes, struct fp_mapping *m)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	if ((uintptr_t)p & (bytes - 1)) {
		munmap(p, bytes);
		return -EINVAL;
	}
	m->address = p;
	snprintf(m->pages, sizeof(m->pages), "reserved huge pages");
	return 0;
}

/* How much of the mapping is in transparent huge pages, as smaps says. */
static size_t transparent_bytes(const struct fp_mapping *m)
{
	char line[256];
	unsigned long start, end, kib;
	bool ours = false;
	size_t bytes = 0;
	FILE *f = fopen("/proc/self/smaps", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			ours = start <= (uintptr_t)m->address && (uintptr_t)m->address < end;
		else if (ours && sscanf(line, "AnonHugePages: %lu kB", &kib) == 1)
			bytes = kib * 1024;
	}
	if (f)
		fclose(f);
	return bytes;
}

static void describe_pages(struct fp_mapping *m)
{
	size_t huge = transparent_bytes(m);

	if (m->pages[0])
		return;
	if (huge >= m->bytes)
		snprintf(m->pages, sizeof(m->pages), "transparent huge pages");
	else
		snprintf(m->pages, sizeof(m->pages), "small pages (%zu of %zu KiB huge)",
			 huge / 1024, m->bytes / 1024);
}

/* Before the first touch; memory elsewhere would be timed over the interconnect. */
static void bind_to_node(const struct fp_machine *machine, struct fp_mapping *m)
{
	hwloc_set_area_membind(machine->topology, m->address, m->bytes, machine->cpuset,
			       HWLOC_MEMBIND_BIND, HWLOC_MEMBIND_NOCPUBIND);
}

static void find_node(const struct fp_machine *machine, struct fp_mapping *m)
{
	hwloc_nodeset_t nodes = hwloc_bitmap_alloc();

	m->numa_node = -1;
	if (nodes && !hwloc_get_area_memlocation(machine->topology, m->address, m->bytes, nodes,
						 HWLOC_MEMBIND_BYNODESET) &&
	    hwloc_bitmap_weight(nodes) == 1)
		m->numa_node = hwloc_bitmap_first(nodes);
	hwloc_bitmap_free(nodes);
}

static int map(const struct fp_machine *machine, enum fp_memory memory, size_t bytes,
	       struct fp_mapping *m)
{
	int err = 0;

	memset(m, 0, sizeof(*m));
	if (memory != FP_WB)
		return -ENOTSUP;
	m->requested = memory;
	m->bytes = bytes;
	if (map_hugetlb(bytes, m)) {
		err = map_aligned(bytes, m);
		if (!err)
			madvise(m->address, m->bytes, MADV_HUGEPAGE);
	}
	if (err)
		return err;
	bind_to_node(machine, m);
	memset(m->address, 0, m->bytes);
	describe_pages(m);
	find_node(machine, m);
	return 0;
}

static void unmap(struct fp_mapping *m)
{
	munmap(m->address, m->bytes);
	m->address = NULL;
}

const struct fp_target fp_target_ram = {
	.name = "ram",
	.summary = "anonymous memory on the CPU's NUMA node; write-back",
	.memory = FP_WB,
	.map = map,
	.unmap = unmap,
};
