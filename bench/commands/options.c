// SPDX-License-Identifier: MIT
#include "commands/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "config.h"
#include "base/message.h"
#include "families/families.h"

enum {
	OPT_QUICK = 256, OPT_FULL, OPT_FILTER, OPT_EXCLUDE, OPT_TARGET, OPT_MEMORY, OPT_CPU,
	OPT_SEED, OPT_DRY_RUN, OPT_STRICT, OPT_NO_INSTALL, OPT_OUTPUT, OPT_JSON, OPT_FORMAT,
	OPT_ALLOW_REGISTERS, OPT_FORCE, OPT_VERSUS, OPT_LIST, OPT_API, OPT_SHOW, OPT_EVIDENCE, OPT_HELP, OPT_VERSION,
};

static const struct option longs[] = {
	{ "quick", no_argument, NULL, OPT_QUICK },
	{ "full", no_argument, NULL, OPT_FULL },
	{ "versus", no_argument, NULL, OPT_VERSUS },
	{ "filter", required_argument, NULL, OPT_FILTER },
	{ "exclude", required_argument, NULL, OPT_EXCLUDE },
	{ "target", required_argument, NULL, OPT_TARGET },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "allow-registers", no_argument, NULL, OPT_ALLOW_REGISTERS },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "cpu", required_argument, NULL, OPT_CPU },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ "no-install", no_argument, NULL, OPT_NO_INSTALL },
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "json", required_argument, NULL, OPT_JSON },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "list", optional_argument, NULL, OPT_LIST },
	{ "api", required_argument, NULL, OPT_API },
	{ "show", required_argument, NULL, OPT_SHOW },
	{ "evidence", required_argument, NULL, OPT_EVIDENCE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help_text[] =
"Usage: run-bench [FAMILY] [OPTION]...\n"
"       run-bench bind BDF [BAR] [--force]\n"
"       run-bench unbind BDF\n"
"Times barriers, and the accesses they stand between, on this machine.\n"
"\n"
"What is run\n"
"  FAMILY                barrier, access, copy, combine; default: all\n"
"  --quick | --full      fewer rows, or all of them\n"
"  --versus              with copy: fencepost_copy_toio() beside every other copy\n"
"  --filter RE           only rows whose name matches (extended regular expression)\n"
"  --exclude RE          not those that match\n"
"  --target T            where the memory comes from: ram, module (every bound BAR), or\n"
"                        a BAR as 0000:00:04.0-bar2; default: ram and each bound BAR\n"
"  --memory LIST         memory types: wb,wc,uc,device; default: what the targets have\n"
"  --allow-registers     store to BARs that hold registers, too\n"
"  --cpu N               pin to CPU N; default: a core away from CPU 0\n"
"  --seed N              order of the rows; default: drawn and printed\n"
"  --dry-run             say what would run\n"
"  --strict              refuse to measure where something disturbs (exit 4)\n"
"  --no-install          never install a package (exit 4 if one is missing)\n"
"  --evidence emulated   mark the results: their times are no results\n"
"\n"
"Where it goes\n"
"  --output DIR          results.json, report.html, plots/; default: out/<UTC>/\n"
"  --json FILE           the results there, too; - is stdout, in place of the table\n"
"  --format FORMAT       of what is printed: text, markdown, csv, json\n"
"\n"
"A real BAR\n"
"  bind BDF [BAR]        attach a PCI device to the kernel module, and say who had it;\n"
"                        refuse one that is in use, unless --force is given\n"
"  unbind BDF            give it back to whom it belonged\n"
"  lab [GUEST]...        run-bench alone: module and program in emulated x86_64, arm64\n"
"                        and ppc64le machines; lab --help\n"
"\n"
"Looking things up\n"
"  --list [WHAT]         rows, families, barriers, accesses, locks, copies,\n"
"                        targets\n"
"  --api NAME            what a name of a barrier, lock or copy in the kernel, rdma-core, UCX, gdrcopy,\n"
"                        DPDK, liburcu or SPDK becomes, on every architecture\n"
"  --show ROW            the machine code that a row times\n"
"  --help, --version\n"
"\n"
"Exit status: 0 well; 2 usage; 3 a row failed or a target can't be opened; 4 refused;\n"
"5 nothing matched or nothing can run; 6 output can't be written; 130 interrupted.\n";

static const struct {
	const char *name;
	enum fp_list list;
} lists[] = {
	{ "rows", FP_LIST_ROWS },	  { "families", FP_LIST_FAMILIES },
	{ "barriers", FP_LIST_BARRIERS }, { "accesses", FP_LIST_ACCESSES },
	{ "locks", FP_LIST_LOCKS },	  { "copies", FP_LIST_COPIES },
	{ "targets", FP_LIST_TARGETS },
};

static int set_list(struct fp_options *o, const char *name)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!strcmp(lists[i].name, name)) {
			o->list = lists[i].list;
			return 0;
		}
	fp_error("--list %s: there is no such list; it knows rows, families, barriers, accesses, "
		 "locks, copies, targets", name);
	return FP_EXIT_USAGE;
}

static int set_memory(struct fp_options *o, const char *list)
{
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

static int set_target(struct fp_options *o, const char *name)
{
	char *words;

	if (!fp_target_parse(name, &o->target))
		return 0;
	words = fp_targets_words();
	fp_error("--target %s: there is no such target; take %s (see --list targets)", name,
		 words ? words : "another");
	free(words);
	return FP_EXIT_USAGE;
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

static int set_cpu(struct fp_options *o, const char *text)
{
	unsigned long long cpu;
	int status = set_number("--cpu", text, 65535, &cpu);

	if (!status)
		o->cpu = (int)cpu;
	return status;
}

static int set_seed(struct fp_options *o, const char *text)
{
	unsigned long long seed;
	int status = set_number("--seed", text, UINT64_MAX, &seed);

	if (!status)
		o->seed = seed;
	return status;
}

static int set_format(struct fp_options *o, const char *name)
{
	static const char *const names[] = {
		[FP_TEXT] = "text", [FP_MARKDOWN] = "markdown", [FP_CSV] = "csv",
		[FP_JSON] = "json" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name)) {
			o->format = (enum fp_format)i;
			return 0;
		}
	fp_error("--format %s: there is no such format; take text, markdown, csv or json", name);
	return FP_EXIT_USAGE;
}

static int set_evidence(struct fp_options *o, const char *word)
{
	if (!strcmp(word, "emulated") || !strcmp(word, "hardware")) {
		o->evidence = word;
		return 0;
	}
	fp_error("--evidence %s: take emulated or hardware (which can't raise what was found)", word);
	return FP_EXIT_USAGE;
}

/* "--list barriers" as well as "--list=barriers". */
static const char *list_argument(int argc, char **argv)
{
	if (optarg)
		return optarg;
	if (optind < argc && argv[optind][0] != '-')
		return argv[optind++];
	return "rows";
}

static bool *flag_of(struct fp_options *o, int option)
{
	switch (option) {
	case OPT_DRY_RUN: return &o->dry_run;
	case OPT_ALLOW_REGISTERS: return &o->allow_registers;
	case OPT_FORCE: return &o->force;
	case OPT_STRICT: return &o->strict;
	default: return NULL;
	}
}

static const char **text_of(struct fp_options *o, int option)
{
	switch (option) {
	case OPT_FILTER: return &o->filter;
	case OPT_EXCLUDE: return &o->exclude;
	case OPT_OUTPUT: return &o->output;
	case OPT_JSON: return &o->json;
	case OPT_API: return &o->api;
	case OPT_SHOW: return &o->show;
	default: return NULL;
	}
}

static int set_scope(struct fp_options *o, enum fp_scope scope)
{
	o->scope = scope;
	return 0;
}

/* What ends the program well is -1. */
static int print(const char *text)
{
	fputs(text, stdout);
	return -1;
}

static int take(struct fp_options *o, int option, int argc, char **argv)
{
	bool *flag = flag_of(o, option);
	const char **text = text_of(o, option);

	if (flag)
		*flag = true;
	if (text)
		*text = optarg;
	switch (option) {
	case OPT_QUICK: return set_scope(o, FP_QUICK);
	case OPT_FULL: return set_scope(o, FP_FULL);
	case OPT_VERSUS: return set_scope(o, FP_VERSUS);
	case OPT_TARGET: return set_target(o, optarg);
	case OPT_MEMORY: return set_memory(o, optarg);
	case OPT_CPU: return set_cpu(o, optarg);
	case OPT_SEED: return set_seed(o, optarg);
	case OPT_FORMAT: return set_format(o, optarg);
	case OPT_LIST: return set_list(o, list_argument(argc, argv));
	case OPT_EVIDENCE: return set_evidence(o, optarg);
	case OPT_HELP: return print(help_text);
	case OPT_VERSION: return print("fencepost " PACKAGE_VERSION "\n");
	/* A flag, a text, or OPT_NO_INSTALL: by run-bench, before the program is there. */
	default: return 0;
	}
}

static void keep_command(struct fp_options *o, int argc, char **argv)
{
	size_t used = 0;

	for (int i = 1; i < argc && used < sizeof(o->command); i++)
		used += (size_t)snprintf(o->command + used, sizeof(o->command) - used, "%s%s",
					 i > 1 ? " " : "", argv[i]);
}

/* bind BDF [BAR], unbind BDF */
static int take_device(struct fp_options *o, const char *word, int argc, char **argv)
{
	int most = o->word == FP_WORD_BIND ? 2 : 1;

	if (!argc || argc > most) {
		fp_error(argc ? "%s takes %s; \"%s\" is too much" : "%s takes %s", word,
			 o->word == FP_WORD_BIND ? "a PCI address and perhaps a BAR: "
						   "bind 0000:03:00.0 2"
						 : "a PCI address: unbind 0000:03:00.0",
			 argc ? argv[most] : "");
		return FP_EXIT_USAGE;
	}
	o->device = argv[0];
	o->bar = argc > 1 ? argv[1] : NULL;
	return 0;
}

static int take_words(struct fp_options *o, int argc, char **argv)
{
	const char *first = optind < argc ? argv[optind] : "";

	if (!strcmp(first, "bind"))
		o->word = FP_WORD_BIND;
	else if (!strcmp(first, "unbind"))
		o->word = FP_WORD_UNBIND;
	if (o->word)
		return take_device(o, first, argc - optind - 1, argv + optind + 1);
	for (int i = optind; i < argc; i++) {
		const struct fp_family *family = fp_family_find(argv[i]);

		if (!family || o->family) {
			fp_error(family ? "%s: one family at a time; --filter takes several"
					: "%s: there is no such command or family; see --help",
				 argv[i]);
			return FP_EXIT_USAGE;
		}
		o->family = family;
	}
	return 0;
}

int fp_options_parse(struct fp_options *o, int argc, char **argv)
{
	int option, status = 0;

	*o = (struct fp_options){ .scope = FP_DEFAULT, .cpu = -1 };
	if (getrandom(&o->seed, 4, GRND_NONBLOCK) != 4)
		o->seed = 1;
	keep_command(o, argc, argv);
	opterr = 0;
	while (!status && (option = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (option == '?' || option == ':') {
			fp_error(option == ':' ? "%s needs a value; see --help"
					       : "%s: there is no such option; see --help",
				 argv[optind - 1]);
			return FP_EXIT_USAGE;
		}
		status = take(o, option, argc, argv);
	}
	if (!status)
		status = take_words(o, argc, argv);
	if (!status && o->scope == FP_VERSUS && (!o->family || strcmp(o->family->name, "copy"))) {
		fp_error("--versus goes with the family copy: run-bench copy --versus");
		status = FP_EXIT_USAGE;
	}
	if (!status && o->force && o->word != FP_WORD_BIND) {
		fp_error("--force goes with bind: run-bench bind BDF --force");
		status = FP_EXIT_USAGE;
	}
	return status;
}
