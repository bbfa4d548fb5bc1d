// SPDX-License-Identifier: MIT
#include "target.h"

#include <string.h>

const struct fp_target *const fp_targets[] = {
	&fp_target_ram,
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

const struct fp_target *fp_target_find(const char *name)
{
	const struct fp_target *const *target = fp_targets;

	while (*target && strcmp((*target)->name, name))
		target++;
	return *target;
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
