/* SPDX-License-Identifier: MIT */
/*
 * target.h - ways to get a mapping with a known memory type.
 */
#ifndef FENCEPOST_TARGET_H
#define FENCEPOST_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "arch.h"

struct fp_machine;

/* A range of memory of one type. */
struct fp_mapping {
	void *address;
	size_t bytes;
	enum fp_memory requested;
	char stage1[48];      /* what the page-table entry says; "" where nobody read it */
	char effective[48];   /* what accesses behave like; "unknown: ..." */
	char verified_by[96]; /* how effective is known */
	char pages[64];	      /* page size and how it is known */
	int numa_node;	      /* -1: unknown */
};

struct fp_target {
	const char *name, *summary;
	unsigned memory; /* enum fp_memory: the types that it can map */
	/*
	 * Maps at least bytes (a power of two) of a type, aligned to bytes and
	 * touched.  -ENOTSUP for a type that it does not have, else -errno;
	 * the caller says which target and type.
	 */
	int (*map)(const struct fp_machine *machine, enum fp_memory memory, size_t bytes,
		   struct fp_mapping *mapping);
	void (*unmap)(struct fp_mapping *mapping);
};

extern const struct fp_target fp_target_ram;

/* All of them; NULL at the end. */
extern const struct fp_target *const fp_targets[];

/* NULL if there is none of that name. */
const struct fp_target *fp_target_find(const char *name);

/* "wb", "wc", "uc", "device" */
const char *fp_memory_name(enum fp_memory memory);

/* The type of that name; 0 if there is none. */
enum fp_memory fp_memory_find(const char *name, size_t length);

#endif
