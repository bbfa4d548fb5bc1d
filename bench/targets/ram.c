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

#include "machine/machine.h"
#include "targets/places.h"

static int map_aligned(size_t bytes, struct fp_mapping *m)
{
	m->address = fp_reserve_address(bytes);
	if (!m->address)
		return -ENOMEM;
	return mprotect(m->address, bytes, PROT_READ | PROT_WRITE) ? -errno : 0;
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

/* How much of the mapping is in transparent huge pages, as smaps says.  -errno: it does not. */
static int transparent_bytes(const struct fp_mapping *m, size_t *bytes)
{
	char line[256];
	unsigned long start, end, kib;
	bool ours = false;
	FILE *f = fopen("/proc/self/smaps", "re");

	*bytes = 0;
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			ours = start <= (uintptr_t)m->address && (uintptr_t)m->address < end;
		else if (ours && sscanf(line, "AnonHugePages: %lu kB", &kib) == 1)
			*bytes = kib * 1024;
	}
	fclose(f);
	return 0;
}

static void describe_pages(struct fp_mapping *m)
{
	size_t huge;

	if (m->pages[0] || transparent_bytes(m, &huge))
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

	if (nodes && !hwloc_get_area_memlocation(machine->topology, m->address, m->bytes, nodes,
						 HWLOC_MEMBIND_BYNODESET) &&
	    hwloc_bitmap_weight(nodes) == 1)
		m->numa_node = hwloc_bitmap_first(nodes);
	hwloc_bitmap_free(nodes);
}

static int map(const struct fp_machine *machine, struct fp_mapping *m, struct fp_refusal *refusal)
{
	int err = 0;

	m->bytes = m->place->wish.bytes;
	if (map_hugetlb(m->bytes, m)) {
		err = map_aligned(m->bytes, m);
		if (!err)
			madvise(m->address, m->bytes, MADV_HUGEPAGE);
	}
	if (err)
		return fp_refuse(refusal, err, "can't map %zu bytes as %s: %s", m->bytes,
				 fp_memory_name(m->requested), strerror(-err));
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

static int list(const struct fp_target *target, struct fp_place_list *places)
{
	return fp_places_add(places, target, target->name) ? 0 : -ENOMEM;
}

static int open_place(struct fp_place *place, struct fp_refusal *refusal)
{
	(void)place;
	(void)refusal;
	return 0;
}

static void close_place(struct fp_place *place)
{
	(void)place;
}

static void describe(struct fp_place *place, char *what, size_t size, char *usable,
		     size_t usable_size)
{
	snprintf(what, size, "%s", place->target->summary);
	snprintf(usable, usable_size, "yes");
}

const struct fp_target fp_target_ram = {
	.name = "ram",
	.summary = "anonymous memory on the CPU's NUMA node; write-back",
	.memory = FP_WB,
	.is_ram = true,
	.is_profiled = true,
	.by_default = true,
	.list = list,
	.open = open_place,
	.map = map,
	.unmap = unmap,
	.close = close_place,
	.describe = describe,
};
