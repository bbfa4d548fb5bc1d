// SPDX-License-Identifier: MIT
#include "memory/memory.h"

#include <errno.h>
#include <string.h>

const enum fp_memory fp_memory_types[FP_MEMORY_TYPES] = { FP_WB, FP_WC, FP_UC, FP_DEV };

static const char *const names[FP_MEMORY_TYPES] = { "wb", "wc", "uc", "device" };

const char *fp_memory_name(enum fp_memory memory)
{
	for (size_t i = 0; i < FP_MEMORY_TYPES; i++)
		if (fp_memory_types[i] == memory)
			return names[i];
	return "unknown";
}

bool fp_memory_is_cached(enum fp_memory memory)
{
	return memory == FP_WB;
}

const char *fp_memory_list(unsigned set, char to[FP_MEMORY_LIST])
{
	*to = '\0';
	for (size_t i = 0; i < FP_MEMORY_TYPES; i++)
		if (set & fp_memory_types[i]) {
			strcat(to, *to ? ", " : "");
			strcat(to, names[i]);
		}
	return to;
}

static unsigned find(const char *word, size_t length)
{
	for (size_t i = 0; i < FP_MEMORY_TYPES; i++)
		if (strlen(names[i]) == length && !strncmp(names[i], word, length))
			return fp_memory_types[i];
	return 0;
}

int fp_memory_parse(const char *list, unsigned *set, const char **word)
{
	for (*word = list; **word; *word += **word == ',') {
		size_t length = strcspn(*word, ",");
		unsigned memory = find(*word, length);

		if (!memory)
			return -EINVAL;
		*set |= memory;
		*word += length;
	}
	return 0;
}
