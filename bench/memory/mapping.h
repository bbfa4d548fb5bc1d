/* SPDX-License-Identifier: MIT */
/*
 * mapping.h - a range of memory of one type, and what is known of it.
 */
#ifndef FENCEPOST_MAPPING_H
#define FENCEPOST_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/pci.h"
#include "memory/memory.h"

struct fencepost_run;
struct fp_mapping;
struct fp_place;

/* What the kernel runs on a mapping by itself, and for which it must be asked. */
struct fp_kernel {
	uint64_t accesses; /* bit N: enum fencepost_access N */
	uint32_t barriers, sections;
	/* run->offset counts from the mapping's begin.  -errno as <linux/fencepost.h> says. */
	int (*run)(const struct fp_mapping *mapping, struct fencepost_run *run);
};

/* The device behind a mapping. */
struct fp_device {
	char address[FP_PCI_ADDRESS]; /* "0000:00:04.0"; "": there is none */
	unsigned vendor, device, class_code; /* class, subclass, interface: 0xCCSSII */
	unsigned bar;
	uint64_t bar_bytes;
	bool prefetchable;
	unsigned distorts; /* FENCEPOST_DISTORTS_*: why times of the kernel's rows say little */
};

struct fp_mapping {
	const struct fp_place *place; /* that it is of */
	bool is_ram, is_bar;	      /* as its target says */
	void *address;
	size_t bytes;
	uint64_t offset; /* in the BAR */
	enum fp_memory requested;
	char stage1[48];       /* what the page-table entry says; "" where nobody read it */
	char effective[48];    /* what accesses behave like; "unknown: ..." */
	char verified_by[160]; /* how effective is known */
	char pages[64];	       /* page size and how it is known; "": it is not */
	int numa_node;	       /* -1: unknown */
	struct fp_device device;
	const struct fp_kernel *kernel; /* NULL: the kernel runs nothing here */
};

/* Maps bytes of address space, aligned to them, without access; NULL if there is none. */
void *fp_reserve_address(size_t bytes);

#endif
