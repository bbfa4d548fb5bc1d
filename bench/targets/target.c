// SPDX-License-Identifier: MIT
#include "targets/target.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

const struct fp_target *const fp_targets[] = {
	&fp_target_ram,
	&fp_target_module,
	NULL,
};

static const struct {
	enum fp_memory memory;
	const char *name;
} memories[] = {
	{ FP_WB, "wb" },
	{ FP_WC, "wc" },
	{ FP_UC, "uc" },
	{ FP_DEV, "device" },
};

int fp_target_parse(const char *text, struct fp_asked *asked)
{
	const char *module = fp_target_module.name;
	size_t length = strlen(module);

	*asked = (struct fp_asked){ 0 };
	for (size_t i = 0; fp_targets[i]; i++)
		if (!strcmp(fp_targets[i]->name, text)) {
			asked->target = fp_targets[i];
			return 0;
		}
	if (!strncmp(text, module, length) && text[length] == ':')
		text += length + 1;
	asked->target = &fp_target_module;
	return fp_pci_bar_name(text, asked->place);
}

size_t fp_places_list(struct fp_place *places, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; fp_targets[i]; i++) {
		int found = fp_targets[i]->list(places + n, room - n);

		n += found > 0 ? (size_t)found : 0;
	}
	return n;
}

/* Maps twice the size, so that an aligned part of the size lies in it. */
void *fp_reserve_address(size_t bytes)
{
	char *all = mmap(NULL, 2 * bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *aligned;

	if (all == MAP_FAILED)
		return NULL;
	aligned = (char *)(((uintptr_t)all + bytes - 1) & ~(uintptr_t)(bytes - 1));
	if (aligned > all)
		munmap(all, (size_t)(aligned - all));
	munmap(aligned + bytes, (size_t)(all + bytes - aligned));
	return aligned;
}

const char *fp_memory_name(enum fp_memory memory)
{
	for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++)
		if (memories[i].memory == memory)
			return memories[i].name;
	return "unknown";
}

enum fp_memory fp_memory_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++)
		if (strlen(memories[i].name) == length && !strncmp(memories[i].name, name, length))
			return memories[i].memory;
	return 0;
}
