// SPDX-License-Identifier: MIT
/* --help, made from the tables of commands, options and families. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/command.h"
#include "base/objects.h"
#include "families/families.h"

#define KEY_WIDTH  23
#define KEY_BYTES  64  /* of a name and its arguments */
#define TEXT_BYTES 512 /* of what is said of an option */

/* "  KEY      text", in lines of a terminal's width. */
static void put(FILE *to, int indent, const char *key, const char *argument, const char *text)
{
	char left[KEY_BYTES];
	int length = snprintf(left, sizeof(left), "%*s%s%s%s", indent, "", key,
			      argument ? " " : "", argument ? argument : "");

	assert(length < KEY_BYTES);
	fp_put_wrapped(to, KEY_WIDTH, left, text);
}

/* The words that it takes in the place of "%s". */
static const char *help_of(const struct fp_option *option, char text[TEXT_BYTES])
{
	const char *place = option->value ? strstr(option->help, "%s") : NULL;
	char values[FP_OPTION_VALUES];
	int length;

	if (!place)
		return option->help;
	length = snprintf(text, TEXT_BYTES, "%.*s%s%s", (int)(place - option->help), option->help,
			  fp_option_values(option->value, values), place + strlen("%s"));
	assert(length < TEXT_BYTES);
	return text;
}

static void put_options(FILE *to, int indent, const struct fp_option *option)
{
	for (; option && option->name; option++) {
		char text[TEXT_BYTES], name[KEY_BYTES];

		snprintf(name, sizeof(name), "--%s", option->name);
		put(to, indent, name, option->argument, help_of(option, text));
	}
}

static void put_heading(FILE *to, const char *heading)
{
	fprintf(to, "\n%s\n", heading);
}

static void put_usage(FILE *to, const struct fp_command *command, const char *before)
{
	const struct fp_option *option;

	fprintf(to, "%s run-bench %s%s%s", before, command->name ? command->name : "",
		command->name ? " " : "", command->arguments);
	for (size_t i = 0; command->name && (option = fp_command_option(command, i)); i++)
		fprintf(to, " [--%s%s%s]", option->name, option->argument ? " " : "",
			option->argument ? option->argument : "");
	fputs("\n", to);
}

static void put_families(FILE *to)
{
	put_heading(to, "Families; all of them, unless one is named");
	for (size_t i = 0; fp_families[i]; i++) {
		put(to, 2, fp_families[i]->name, NULL, fp_families[i]->summary);
		put_options(to, 4, fp_families[i]->options);
	}
}

/* Groups with a heading (command NULL), or those below a command. */
static void put_groups(FILE *to, const struct fp_command *command, bool headings)
{
	const struct fp_option_group *group = command->groups;

	for (; group && group->options; group++) {
		if (!group->heading == headings)
			continue;
		if (headings)
			put_heading(to, group->heading);
		put_options(to, headings ? 2 : 4, group->options);
	}
}

static void put_commands(FILE *to)
{
	put_heading(to, "Commands");
	for (size_t i = 0; fp_commands[i]; i++) {
		const struct fp_command *command = fp_commands[i];

		if (!command->name)
			continue;
		put(to, 2, command->name, command->arguments, command->summary);
		put_groups(to, command, false);
	}
}

int fp_help_write(FILE *to)
{
	for (size_t i = 0; fp_commands[i]; i++)
		put_usage(to, fp_commands[i], i ? "      " : "Usage:");
	fprintf(to, "%s\n", fp_command_run.summary);
	put_families(to);
	for (size_t i = 0; fp_commands[i]; i++)
		put_groups(to, fp_commands[i], true);
	put_commands(to);
	put_heading(to, "With every command");
	put_options(to, 2, fp_common_options);
	fputs("\nExit status: 0 well; 2 usage; 3 a row failed or a target can't be opened; "
	      "4 refused;\n"
	      "5 nothing matched or nothing can run; 6 output can't be written; 130 interrupted.\n",
	      to);
	return ferror(to) ? -EIO : 0;
}
