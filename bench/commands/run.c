// SPDX-License-Identifier: MIT
/* What runs where no command is named: rows of families, or a look at what there is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "commands/command.h"
#include "commands/session.h"
#include "families/families.h"
#include "memory/memory.h"

/* ---- what is run ---- */

static int set_quick(void *options, const char *text)
{
	struct fp_options *o = options;

	(void)text;
	o->scope = FP_QUICK;
	return 0;
}

static int set_full(void *options, const char *text)
{
	struct fp_options *o = options;

	(void)text;
	o->scope = FP_FULL;
	return 0;
}

static int set_filter(void *options, const char *text)
{
	struct fp_options *o = options;

	o->filter = text;
	return 0;
}

static int set_exclude(void *options, const char *text)
{
	struct fp_options *o = options;

	o->exclude = text;
	return 0;
}

static const char *target_value(size_t i)
{
	return fp_targets[i] ? fp_targets[i]->name : NULL;
}

static int set_target(void *options, const char *name)
{
	struct fp_options *o = options;
	char *words;

	if (!fp_target_parse(name, &o->target))
		return 0;
	words = fp_targets_words();
	fp_error("--target %s: there is no such target; take %s (see --list targets)", name,
		 words ? words : "another");
	free(words);
	return FP_EXIT_USAGE;
}

static const char *memory_value(size_t i)
{
	return i < FP_MEMORY_TYPES ? fp_memory_name(fp_memory_types[i]) : NULL;
}

static int set_memory(void *options, const char *list)
{
	struct fp_options *o = options;
	char all[FP_MEMORY_LIST];
	const char *word;

	fp_memory_list(FP_ALL_MEMORY, all);
	if (fp_memory_parse(list, &o->memory, &word))
		fp_error("--memory %s: \"%.*s\" is no memory type; take %s", list,
			 (int)strcspn(word, ","), word, all);
	else if (o->memory)
		return 0;
	else
		fp_error("--memory needs a list of %s", all);
	return FP_EXIT_USAGE;
}

static int set_registers(void *options, const char *text)
{
	struct fp_options *o = options;

	(void)text;
	o->allow_registers = true;
	return 0;
}

static int set_number(const char *option, const char *text, unsigned long long most,
		      unsigned long long *to)
{
	char *end;

	errno = 0;
	*to = strtoull(text, &end, 0);
	if (*text >= '0' && *text <= '9' && !*end && !errno && *to <= most)
		return 0;
	fp_error("%s %s: not a number from 0 to %llu", option, text, most);
	return FP_EXIT_USAGE;
}

static int set_cpu(void *options, const char *text)
{
	struct fp_options *o = options;
	unsigned long long cpu;
	int status = set_number("--cpu", text, 65535, &cpu);

	if (!status)
		o->cpu = (int)cpu;
	return status;
}

static int set_seed(void *options, const char *text)
{
	struct fp_options *o = options;
	unsigned long long seed;
	int status = set_number("--seed", text, UINT64_MAX, &seed);

	if (!status)
		o->seed = seed;
	return status;
}

static int set_dry_run(void *options, const char *text)
{
	struct fp_options *o = options;

	(void)text;
	o->dry_run = true;
	return 0;
}

static int set_strict(void *options, const char *text)
{
	struct fp_options *o = options;

	(void)text;
	o->strict = true;
	return 0;
}

static const struct fp_option what_is_run[] = {
	{ "quick", NULL, "fewer rows", set_quick, NULL },
	{ "full", NULL, "all rows", set_full, NULL },
	{ "filter", "RE", "only rows whose name matches (regular expression, of PCRE2)",
	  set_filter, NULL },
	{ "exclude", "RE", "not those that match", set_exclude, NULL },
	{ "target", "T", "where the memory comes from: %s (all that it has), or a place as "
	  "0000:00:04.0-bar2 (see --list targets); default: ram and each bound BAR", set_target,
	  target_value },
	{ "memory", "LIST", "memory types, with commas between: %s; default: what the targets have",
	  set_memory, memory_value },
	{ "allow-registers", NULL, "store to BARs that hold registers, too", set_registers, NULL },
	{ "cpu", "N", "pin to CPU N; default: a core away from CPU 0", set_cpu, NULL },
	{ "seed", "N", "order of the rows; default: drawn and printed", set_seed, NULL },
	{ "dry-run", NULL, "say what would run", set_dry_run, NULL },
	{ "strict", NULL, "refuse to measure where something disturbs (exit 4)", set_strict, NULL },
	{ .name = NULL },
};

/* ---- where it goes ---- */

static int set_output(void *options, const char *text)
{
	struct fp_options *o = options;

	o->output = text;
	return 0;
}

static int set_json(void *options, const char *text)
{
	struct fp_options *o = options;

	o->json = text;
	return 0;
}

static const char *format_value(size_t i)
{
	static const char *const names[] = { [FP_TEXT] = "text", [FP_MARKDOWN] = "markdown",
					     [FP_CSV] = "csv", [FP_JSON] = "json" };

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

static int set_format(void *options, const char *name)
{
	struct fp_options *o = options;
	size_t i;

	if (!fp_option_takes(format_value, name, &i))
		return fp_option_refuse("format", name, "format", format_value, "");
	o->format = (enum fp_format)i;
	return 0;
}

static const struct fp_option where_it_goes[] = {
	{ "output", "DIR", "results.json, report.html, plots/; default: out/<UTC>/", set_output,
	  NULL },
	{ "json", "FILE", "the results there, too; - is stdout, in place of the table", set_json,
	  NULL },
	{ "format", "FORMAT", "of what is printed: %s", set_format, format_value },
	{ .name = NULL },
};

/* ---- the command ---- */

static int take(struct fp_options *o, int n, char **words)
{
	for (int i = 0; i < n; i++) {
		const struct fp_family *family = fp_family_find(words[i]);

		if (!family || o->family) {
			fp_error(family ? "%s: one family at a time; --filter takes several"
					: "%s: there is no such command or family; see --help",
				 words[i]);
			return FP_EXIT_USAGE;
		}
		o->family = family;
	}
	return 0;
}

static int with_session(const struct fp_options *o)
{
	static struct fp_session session;
	int status = fp_session_open(&session, o);

	if (!status && o->show)
		status = fp_lookup_show(&session, o->show);
	else if (!status && (o->list || o->dry_run))
		status = fp_lookup_rows(&session);
	else if (!status)
		status = fp_session_run(&session);
	fp_session_close(&session);
	return status;
}

static int run(const struct fp_options *o)
{
	if (o->api)
		return fp_lookup_api(o);
	if (o->list && strcmp(o->list, FP_LIST_ROWS))
		return fp_lookup_list(o);
	return with_session(o);
}

const struct fp_command fp_command_run = {
	.arguments = "[FAMILY] [OPTION]...",
	.summary = "Times barriers, and the accesses they stand between, on this machine.",
	.groups = (const struct fp_option_group[]){
		{ "What is run", what_is_run },
		{ "Where it goes", where_it_goes },
		{ "Looking things up", fp_lookup_options },
		{ NULL, NULL },
	},
	.take = take,
	.run = run,
};
