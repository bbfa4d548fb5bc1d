// SPDX-License-Identifier: MIT
#include <string.h>

#include "commands/command.h"

static const struct fp_command lab = {
	.name = "lab",
	.arguments = "[GUEST]...",
	.summary = "run-bench alone: module and program in emulated x86_64, arm64 and ppc64le "
		   "machines; lab --help",
};

const struct fp_command *const fp_commands[] = {
	&fp_command_run, &fp_command_bind, &fp_command_unbind, &lab, &fp_command_complete, NULL,
};

const struct fp_command *fp_command_find(const char *name)
{
	for (size_t i = 0; fp_commands[i]; i++)
		if (fp_commands[i]->run && fp_commands[i]->name &&
		    !strcmp(fp_commands[i]->name, name))
			return fp_commands[i];
	return NULL;
}

const struct fp_option *fp_command_option(const struct fp_command *command, size_t i)
{
	const struct fp_option_group *group = command->groups;

	for (; group && group->options; group++)
		for (const struct fp_option *option = group->options; option->name; option++)
			if (!i--)
				return option;
	return NULL;
}
