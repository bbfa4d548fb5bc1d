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

#include "memory/mapping.h"

struct fp_machine;
struct fp_place_list;

/* What a place is opened for. */
struct fp_wish {
	unsigned memory; /* enum fp_memory: all types that will be mapped */
	size_t bytes;	 /* the most of one type; a power of two */
	bool allow_registers;
};

/* Something to be mapped. */
struct fp_place {
	const struct fp_target *target;
	char *name;	     /* "ram", "0000:00:04.0-bar2": in results and row names; its list's */
	bool by_default;     /* in a run for which nobody names targets */
	struct fp_wish wish; /* to be filled in before open */
	void *open;	     /* the target's own, while it is open */
};

/* Why not, in one line that names no target. */
struct fp_refusal {
	char why[256];
};

/* What others must know of a target is said here: nobody compares names. */
struct fp_target {
	const char *name, *summary;
	const char *example; /* what --target takes besides its name: "a BAR as ..."; NULL */
	const char *missing, *how_to_get; /* where it has no place; NULL: it always has one */
	unsigned memory;     /* enum fp_memory: the types that it can map */
	bool is_ram;	     /* write-back memory: cached, and its lines can be evicted */
	bool is_bar;	     /* of a device, in ranges side by side */
	bool is_profiled;    /* how many stores the CPU holds may be measured on its one type */
	bool by_default;     /* its places are in a run for which nobody names targets */
	/*
	 * A place's name, to be freed, from what --target was given: "module:00:04.0-bar2",
	 * and whatever else it takes for one of its own.  -EINVAL: it is none.
	 * NULL: no place of it has a name.
	 */
	int (*parse)(const char *text, char **name);
	/* Adds what there is now.  0 or -errno. */
	int (*list)(const struct fp_target *target, struct fp_place_list *places);
	/*
	 * Before the first map.  -EACCES or -EPERM: refused; other -errno: it does
	 * not work.  Both with the reason.
	 */
	int (*open)(struct fp_place *place, struct fp_refusal *refusal);
	/*
	 * Maps the type that mapping->requested asks of mapping->place, one of those
	 * that were wished for: a power of two of bytes, at least a page and at most
	 * those wished for, aligned to their number, and brought in, so that no later
	 * access faults.  Returns as open.
	 */
	int (*map)(const struct fp_machine *machine, struct fp_mapping *mapping,
		   struct fp_refusal *refusal);
	void (*unmap)(struct fp_mapping *mapping);
	void (*close)(struct fp_place *place);
	/* For lists: what the place is, and whether it can be used. */
	void (*describe)(struct fp_place *place, char *what, size_t size, char *usable,
			 size_t usable_size);
};

/* All of them; NULL at the end. */
extern const struct fp_target *const fp_targets[];

/* The one on which the CPU is profiled; NULL if there is none. */
const struct fp_target *fp_target_profiled(void);

/* What stands behind "name:" in a text; NULL if it does not begin so. */
const char *fp_target_behind(const char *name, const char *text);

/* Maps one type of an open place, and says whose it is.  Returns as the target's map. */
int fp_place_map(const struct fp_machine *machine, const struct fp_place *place,
		 enum fp_memory memory, struct fp_mapping *mapping, struct fp_refusal *refusal);

/* Writes down why not; returns err. */
int fp_refuse(struct fp_refusal *refusal, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
