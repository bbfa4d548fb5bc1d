// SPDX-License-Identifier: MIT
/*
 * Parses the options that commands and families declare.  An option may stand
 * before the word that says whose it is, so that all are known from the start,
 * and whether one belongs to what was chosen is asked at the end.
 */
#include "commands/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "config.h"
#include "base/message.h"
#include "base/quote.h"
#include "commands/command.h"
#include "families/families.h"

#define WORD  1	  /* what getopt_long() calls an argument that is no option */
#define FIRST 256 /* option number 0 */

/* ---- options of every command ---- */

static const char *evidence_value(size_t i)
{
	static const char *const words[] = { "emulated", "hardware", NULL };

	return words[i];
}

static int set_evidence(void *options, const char *word)
{
	struct fp_options *o = options;
	size_t i;

	if (!fp_option_takes(evidence_value, word, &i))
		return fp_option_refuse("evidence", word, "evidence", evidence_value,
					" (which can't raise what was found)");
	o->evidence = word;
	return 0;
}

/* run-bench has done it, before the program was there. */
static int set_no_install(void *options, const char *text)
{
	(void)options;
	(void)text;
	return 0;
}

static int set_help(void *options, const char *text)
{
	(void)options;
	(void)text;
	fp_help_write(stdout);
	return -1;
}

static int set_version(void *options, const char *text)
{
	(void)options;
	(void)text;
	puts("fencepost " PACKAGE_VERSION);
	return -1;
}

const struct fp_option fp_common_options[] = {
	{ "no-install", NULL, "never install a package (exit 4 if one is missing)", set_no_install,
	  NULL },
	{ "evidence", "WORD", "mark the results: the times of emulated ones are no results; %s",
	  set_evidence, evidence_value },
	{ "help", NULL, "this text", set_help, NULL },
	{ "version", NULL, "which one this is", set_version, NULL },
	{ .name = NULL },
};

/* ---- all options ---- */

/* An option, and whose it is; of all commands if of none. */
struct known {
	const struct fp_option *option;
	const struct fp_command *command;
	const struct fp_family *family;
	bool used;
};

struct parser {
	size_t n;
	struct known *known;
	struct option *longs; /* the same, for getopt_long() */
	struct fp_options *options;
	int argc;
	char **argv;
	int n_words; /* found so far, gathered from argv[1] on */
};

/* How many there are; writes them down where to is not NULL. */
static size_t list_known(struct known *to)
{
	const struct fp_option *option;
	size_t n = 0;

	for (size_t c = 0; fp_commands[c]; c++)
		for (size_t i = 0; (option = fp_command_option(fp_commands[c], i)); i++, n++)
			if (to)
				to[n] = (struct known){ .option = option,
							.command = fp_commands[c] };
	for (size_t f = 0; fp_families[f]; f++)
		for (option = fp_families[f]->options; option && option->name; option++, n++)
			if (to)
				to[n] = (struct known){ .option = option,
							.family = fp_families[f] };
	for (option = fp_common_options; option->name; option++, n++)
		if (to)
			to[n] = (struct known){ .option = option };
	return n;
}

static bool may_lack_argument(const struct fp_option *option)
{
	return option->argument && option->argument[0] == '[';
}

static int open_parser(struct parser *p)
{
	p->n = list_known(NULL);
	p->known = calloc(p->n, sizeof(*p->known));
	p->longs = calloc(p->n + 1, sizeof(*p->longs));
	if (!p->known || !p->longs) {
		fp_error("no memory for the options");
		return FP_EXIT_REFUSED;
	}
	list_known(p->known);
	for (size_t i = 0; i < p->n; i++) {
		const struct fp_option *option = p->known[i].option;

		p->longs[i] = (struct option){
			.name = option->name,
			.has_arg = may_lack_argument(option) ? optional_argument
				   : option->argument	     ? required_argument
							     : no_argument,
			.val = FIRST + (int)i,
		};
	}
	return 0;
}

static void close_parser(struct parser *p)
{
	free(p->known);
	free(p->longs);
}

static void add_word(struct parser *p, char *word)
{
	p->argv[1 + p->n_words++] = word;
}

/* "--list barriers" as well as "--list=barriers". */
static int use(struct parser *p, struct known *known)
{
	const char *text = optarg;

	known->used = true;
	if (may_lack_argument(known->option) && !text && optind < p->argc &&
	    p->argv[optind][0] != '-')
		text = p->argv[optind++];
	return known->option->set(known->family ? (void *)&p->options->scope : p->options, text);
}

static bool is_verbatim(const struct parser *p)
{
	const struct fp_command *command = p->n_words == 1 ? fp_command_find(p->argv[1]) : NULL;

	return command && command->verbatim;
}

/*
 * "-" in the options of getopt_long() gives all in order, whatever
 * POSIXLY_CORRECT says; optind = 0 starts anew.
 */
static int take_options(struct parser *p)
{
	int option, at = 1, status = 0;

	opterr = 0;
	optind = 0;
	while (!status && !is_verbatim(p) &&
	       (option = getopt_long(p->argc, p->argv, "-:", p->longs, NULL)) != -1) {
		if (option == '?' || option == ':') {
			fp_error(option == ':' ? "%s needs a value; see --help"
					       : "%s: there is no such option; see --help",
				 p->argv[at]);
			return FP_EXIT_USAGE;
		}
		if (option == WORD)
			add_word(p, optarg);
		else
			status = use(p, &p->known[option - FIRST]);
		at = optind;
	}
	while (!status && optind < p->argc)
		add_word(p, p->argv[optind++]);
	return status;
}

static int take_words(struct parser *p)
{
	struct fp_options *o = p->options;
	const struct fp_command *named = p->n_words ? fp_command_find(p->argv[1]) : NULL;
	int used = named ? 1 : 0;

	o->chosen = named ? named : &fp_command_run;
	return o->chosen->take(o, p->n_words - used, p->argv + 1 + used);
}

/* ---- what goes with what ---- */

static bool belongs(const struct known *known, const struct fp_options *o)
{
	if (known->family)
		return known->family == o->family;
	return !known->command || known->command == o->chosen;
}

static int refuse_stray(const struct known *known, const struct fp_options *o)
{
	const char *option = known->option->name;

	if (known->family)
		fp_error("--%s goes with the family %s: run-bench %s --%s", option,
			 known->family->name, known->family->name, option);
	else if (known->command->name)
		fp_error("--%s goes with %s: run-bench %s %.*s --%s", option, known->command->name,
			 known->command->name, (int)strcspn(known->command->arguments, " "),
			 known->command->arguments, option);
	else
		fp_error("--%s does not go with %s; see --help", option, o->chosen->name);
	return FP_EXIT_USAGE;
}

static int check_strays(const struct parser *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->known[i].used && !belongs(&p->known[i], p->options))
			return refuse_stray(&p->known[i], p->options);
	return 0;
}

/* As one would type it again; its end is lost where it is long. */
static void keep_command(struct fp_options *o, int argc, char **argv)
{
	char *line = NULL;
	size_t bytes;
	FILE *to = open_memstream(&line, &bytes);

	for (int i = 1; to && i < argc; i++) {
		fputs(i > 1 ? " " : "", to);
		fp_put_shell(to, argv[i]);
	}
	if (to && !fclose(to))
		snprintf(o->command, sizeof(o->command), "%s", line);
	free(line);
}

int fp_options_parse(struct fp_options *o, int argc, char **argv)
{
	struct parser p = { .options = o, .argc = argc, .argv = argv };
	int status = open_parser(&p);

	*o = (struct fp_options){ .scope = FP_DEFAULT, .cpu = -1 };
	if (getrandom(&o->seed, 4, GRND_NONBLOCK) != 4)
		o->seed = 1;
	keep_command(o, argc, argv);
	if (!status)
		status = take_options(&p);
	if (!status)
		status = take_words(&p);
	if (!status)
		status = check_strays(&p);
	close_parser(&p);
	return status;
}
