/* SPDX-License-Identifier: MIT */
/*
 * target.h - ways to get a mapping with a known memory type.
 *
 * A target has places: RAM is one, each bound BAR is one of the target module.
 * A place can be mapped under several memory types, side by side.
 */
#ifndef FENCEPOST_TARGET_H
#define FENCEPOST_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/pci.h"
#include "memory/mapping.h"
#include "memory/memory.h"

struct fp_machine;

/* What a place is opened for. */
struct fp_wish {
	unsigned memory; /* enum fp_memory: all types that will be mapped */
	size_t bytes;	 /* the most of one type; a power of two */
	bool allow_registers;
};

/* Something to be mapped. */
struct fp_place {
	const struct fp_target *target;
	char name[FP_PCI_BAR_NAME]; /* "ram", "0000:00:04.0-bar2": in results and row names */
	bool by_default;	    /* in a run for which nobody names targets */
	struct fp_wish wish;	    /* to be filled in before open */
	void *open;		    /* the target's own, while it is open */
};

/* Why not, in one line that names no target. */
struct fp_refusal {
	char why[256];
};

struct fp_target {
	const char *name, *summary;
	unsigned memory; /* enum fp_memory: the types that it can map */
	/* What there is now: how many, at most room; or -errno. */
	int (*list)(struct fp_place *places, size_t room);
	/*
	 * Before the first map.  -EACCES or -EPERM: refused; other -errno: it does
	 * not work.  Both with the reason.
	 */
	int (*open)(struct fp_place *place, struct fp_refusal *refusal);
	/*
	 * Maps a type of those that were wished for: a power of two of bytes, at
	 * least a page and at most those wished for, aligned to their number, and
	 * brought in, so that no later access faults.  Returns as open.
	 */
	int (*map)(const struct fp_machine *machine, struct fp_place *place, enum fp_memory memory,
		   struct fp_mapping *mapping, struct fp_refusal *refusal);
	void (*unmap)(struct fp_mapping *mapping);
	void (*close)(struct fp_place *place);
	/* For lists: what the place is, and whether it can be used. */
	void (*describe)(struct fp_place *place, char *what, size_t size, char *usable,
			 size_t usable_size);
};

extern const struct fp_target fp_target_ram;
extern const struct fp_target fp_target_module;

/* All of them; NULL at the end. */
extern const struct fp_target *const fp_targets[];

/* What --target takes: a target, or one place of it. */
struct fp_asked {
	const struct fp_target *target; /* NULL: nothing was asked for */
	char place[FP_PCI_BAR_NAME];	/* "": all that it has */
};

/* "ram", "module", "module:0000:00:04.0-bar2", "0000:00:04.0-bar2".  -EINVAL. */
int fp_target_parse(const char *text, struct fp_asked *asked);

/* All places of all targets: how many, at most room. */
size_t fp_places_list(struct fp_place *places, size_t room);

/* targets/module.c */

/*
 * Where n ranges of different types lie side by side in a BAR: each as large a
 * power of two as goes n times, at most "most".  -ENOSPC if that is less than a
 * page.
 */
int fp_bar_layout(uint64_t bar_bytes, size_t page_bytes, unsigned n, size_t most, size_t *bytes);

/* Why the BAR is one of registers, as far as can be told; NULL if it is memory. */
const char *fp_bar_registers(const struct fp_device *device);

#endif
