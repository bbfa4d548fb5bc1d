// SPDX-License-Identifier: MIT
#include "targets/target.h"

#include <errno.h>
#include <string.h>

const struct fp_target *const fp_targets[] = {
	&fp_target_ram,
	&fp_target_module,
	NULL,
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
