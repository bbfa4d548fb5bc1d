// SPDX-License-Identifier: MIT
/* What a shell may offer: the same tables as --help's. */
#include <string.h>

#include "commands/command.h"
#include "families/families.h"

/* What the words so far have chosen. */
struct line {
	const struct fp_command *command;
	const struct fp_family *family;
	const struct fp_option *open; /* the option whose argument comes next; NULL: none */
	bool chosen;		      /* a command or family is named */
};

static const struct fp_option *find(const struct fp_option *option, const char *name)
{
	for (; option && option->name; option++)
		if (!strcmp(option->name, name))
			return option;
	return NULL;
}

static const struct fp_option *option_of(const struct line *l, const char *name)
{
	const struct fp_option *option = find(fp_common_options, name);

	if (!option && l->family)
		option = find(l->family->options, name);
	for (size_t i = 0; !option && fp_command_option(l->command, i); i++)
		if (!strcmp(fp_command_option(l->command, i)->name, name))
			option = fp_command_option(l->command, i);
	return option;
}

static void read_word(struct line *l, const char *word)
{
	const struct fp_option *open = l->open;
	bool is_option = !strncmp(word, "--", 2);

	/* A shell may cut "--format=csv" into three words. */
	if (!strcmp(word, "="))
		return;
	l->open = NULL;
	if (open && (open->argument[0] != '[' || !is_option))
		return;
	if (is_option) {
		l->open = option_of(l, word + 2);
		if (l->open && !l->open->argument)
			l->open = NULL;
	} else if (!l->chosen) {
		l->family = fp_family_find(word);
		if (fp_command_find(word))
			l->command = fp_command_find(word);
		l->chosen = true;
	}
}

static void offer(FILE *to, const char *dashes, const char *word, const char *begin)
{
	size_t length = strlen(dashes);

	if (!strncmp(begin, dashes, length) &&
	    !strncmp(begin + length, word, strlen(begin + length)))
		fprintf(to, "%s%s\n", dashes, word);
}

static void offer_options(FILE *to, const struct fp_option *option, const char *begin)
{
	for (; option && option->name; option++)
		offer(to, "--", option->name, begin);
}

/* "wb,w": the words before stay as they are. */
static void offer_values(FILE *to, const struct fp_option *option, const char *begin)
{
	const char *comma = strrchr(begin, ',');
	int kept = comma ? (int)(comma + 1 - begin) : 0;

	for (size_t i = 0; option->value && option->value(i); i++)
		if (!strncmp(begin + kept, option->value(i), strlen(begin + kept)))
			fprintf(to, "%.*s%s\n", kept, begin, option->value(i));
}

static void offer_words(FILE *to, const char *begin)
{
	for (size_t i = 0; fp_families[i]; i++)
		offer(to, "", fp_families[i]->name, begin);
	for (size_t i = 0; fp_commands[i]; i++)
		if (fp_commands[i]->name && fp_commands[i]->run)
			offer(to, "", fp_commands[i]->name, begin);
}

/* What the last word may become, given those before it. */
static void write_offers(FILE *to, int n, char **words)
{
	struct line l = { .command = &fp_command_run };
	const char *begin = n && strcmp(words[n - 1], "=") ? words[n - 1] : "";

	for (int i = 0; i < n - 1; i++)
		read_word(&l, words[i]);
	if (*begin == '-' && (!l.open || l.open->argument[0] == '[')) {
		for (size_t i = 0; fp_command_option(l.command, i); i++)
			offer(to, "--", fp_command_option(l.command, i)->name, begin);
		offer_options(to, l.family ? l.family->options : NULL, begin);
		offer_options(to, fp_common_options, begin);
	} else if (l.open) {
		offer_values(to, l.open, begin);
	} else if (!l.chosen) {
		offer_words(to, begin);
	}
}

static int take(struct fp_options *o, int n, char **words)
{
	o->n_words = n;
	o->words = words;
	return 0;
}

static int run(const struct fp_options *o)
{
	write_offers(stdout, o->n_words, o->words);
	return 0;
}

const struct fp_command fp_command_complete = {
	.name = "complete",
	.arguments = "[WORD]...",
	.summary = "what the last word may become, one a line: shells ask for it",
	.verbatim = true,
	.take = take,
	.run = run,
};
