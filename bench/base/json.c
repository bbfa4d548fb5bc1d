// SPDX-License-Identifier: MIT
#include "base/json.h"

#include <jansson.h>
#include <stdlib.h>

static unsigned long refusals;

static void *allocate(size_t bytes)
{
	void *block = malloc(bytes);

	refusals += !block;
	return block;
}

void fp_json_count_refusals(void)
{
	json_set_alloc_funcs(allocate, free);
}

unsigned long fp_json_refusals(void)
{
	return refusals;
}
