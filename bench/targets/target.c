// SPDX-License-Identifier: MIT
#include "targets/target.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct fp_target *fp_target_profiled(void)
{
	size_t i = 0;

	while (fp_targets[i] && !fp_targets[i]->is_profiled)
		i++;
	return fp_targets[i];
}

const char *fp_target_behind(const char *name, const char *text)
{
	size_t length = strlen(name);

	return !strncmp(text, name, length) && text[length] == ':' ? text + length + 1 : NULL;
}

int fp_place_map(const struct fp_machine *machine, const struct fp_place *place,
		 enum fp_memory memory, struct fp_mapping *mapping, struct fp_refusal *refusal)
{
	*mapping = (struct fp_mapping){
		.place = place,
		.is_ram = place->target->is_ram,
		.is_bar = place->target->is_bar,
		.requested = memory,
		.numa_node = -1,
	};
	return place->target->map(machine, mapping, refusal);
}

int fp_refuse(struct fp_refusal *refusal, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(refusal->why, sizeof(refusal->why), format, args);
	va_end(args);
	return err;
}
