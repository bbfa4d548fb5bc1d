// SPDX-License-Identifier: MIT
/* The command line: what is taken, what is refused, and what goes with what. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/message.h"
#include "commands/command.h"
#include "tap.h"

#define MOST_WORDS 8

static struct fp_options options;
static char said[512]; /* on stderr by the last parse */

/* A line of words, parsed with a stderr of its own. */
static int parse(const char *line)
{
	static char text[256];
	char *argv[MOST_WORDS + 2] = { (char *)"fencepost" }, *rest = text;
	int argc = 1, status, file = memfd_create("said", MFD_CLOEXEC), real = dup(STDERR_FILENO);
	ssize_t n;

	snprintf(text, sizeof(text), "%s", line);
	while (*line && argc <= MOST_WORDS && rest)
		argv[argc++] = strsep(&rest, " ");
	dup2(file, STDERR_FILENO);
	status = fp_options_parse(&options, argc, argv);
	dup2(real, STDERR_FILENO);
	n = pread(file, said, sizeof(said) - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	close(real);
	close(file);
	return status;
}

static void takes(const char *line)
{
	tap_is_int(parse(line), 0, "\"%s\" is taken", line);
	tap_is_str(said, "", "nothing is said of it");
}

static void refuses(const char *line, const char *why)
{
	tap_is_int(parse(line), FP_EXIT_USAGE, "\"%s\" is refused", line);
	tap_ok(strstr(said, why) && strchr(said, '\n') == said + strlen(said) - 1,
	       "one line says %s", why);
}

static bool runs(const char *family)
{
	return options.family && !strcmp(options.family->name, family);
}

static void test_taken(void)
{
	takes("");
	tap_ok(options.chosen == &fp_command_run && !options.family &&
	       options.scope == FP_DEFAULT && options.cpu == -1, "without a word all families run");
	takes("barrier --quick --cpu 3 --memory wb,uc --format=csv");
	tap_ok(runs("barrier") && options.scope == FP_QUICK &&
	       options.cpu == 3 && options.memory == (FP_WB | FP_UC) && options.format == FP_CSV,
	       "each option has set what it is for");
	tap_is_str(options.command, "barrier --quick --cpu 3 --memory wb,uc --format=csv",
		   "the line is kept as it was");
	takes("--strict --filter -- copy");
	tap_is_str(options.filter, "--", "a value may look like an option");
	tap_ok(options.strict && runs("copy"), "a word comes last");
	takes("--quick -- copy");
	tap_ok(runs("copy"), "behind -- there are words");
}

static void test_optional(void)
{
	takes("--list");
	tap_is_str(options.list, "rows", "a list by default");
	takes("--list locks");
	tap_is_str(options.list, "locks", "a list as the next word");
	takes("--list=locks copy");
	tap_is_str(options.list, "locks", "a list behind =");
	takes("--list --quick");
	tap_ok(!strcmp(options.list, "rows") && options.scope == FP_QUICK,
	       "an option is no list");
}

static void test_abbreviated(void)
{
	takes("--form csv --qui");
	tap_ok(options.format == FP_CSV && options.scope == FP_QUICK, "as far as it is clear");
	refuses("--fo", "--fo: there is no such option");
	refuses("--ver", "--ver: there is no such option");
}

static void test_refused(void)
{
	refuses("--bogus", "--bogus: there is no such option");
	refuses("-x", "-x: there is no such option");
	refuses("barrier -xyz --quick", "-xyz: there is no such option");
	refuses("--quick --filter", "--filter needs a value");
	refuses("--quick=3", "--quick=3");
	refuses("bogus", "bogus: there is no such command or family");
	refuses("lab", "lab: there is no such command or family");
	refuses("barrier copy", "copy: one family at a time");
	refuses("--format xml", "take text, markdown, csv, json");
	refuses("--list bogus", "take rows, families, ");
	refuses("--memory wb,zz", "\"zz\" is no memory type; take wb, wc, uc, device");
	refuses("--memory ,", "no memory type");
	refuses("--evidence fast", "emulated");
	refuses("--seed -1", "not a number");
}

static void test_commands(void)
{
	takes("bind 00:04.0 2 --force");
	tap_ok(options.chosen == &fp_command_bind && options.force &&
	       !strcmp(options.device, "00:04.0") && !strcmp(options.bar, "2"),
	       "bind and its words");
	takes("--force bind 00:04.0");
	tap_ok(options.force && !options.bar, "its option may stand before it");
	takes("unbind 00:04.0 --no-install --evidence emulated");
	tap_ok(options.chosen == &fp_command_unbind, "unbind, with options of all commands");
	refuses("bind", "bind takes a PCI address");
	refuses("unbind 1 2", "\"2\" is too much");
	takes("complete copy --bogus --ver");
	tap_is_int(options.n_words, 3, "what is to be completed is not parsed");
}

static void test_strays(void)
{
	refuses("--force", "--force goes with bind: run-bench bind BDF --force");
	refuses("unbind 00:04.0 --force", "--force goes with bind: run-bench bind BDF --force");
	refuses("--quick bind 00:04.0", "--quick does not go with bind");
	refuses("--versus", "--versus goes with the family copy: run-bench copy --versus");
	refuses("barrier --versus", "--versus goes with the family copy");
	takes("--versus copy");
	tap_is_int(options.scope, FP_VERSUS, "of its family an option is taken");
}

/* getopt_long() knows one list: a name that stands twice would be the first one's. */
static void test_tables(void)
{
	const struct fp_option *option, *other;
	unsigned n = 0;

	for (size_t c = 0; fp_commands[c]; c++)
		for (size_t i = 0; (option = fp_command_option(fp_commands[c], i)); i++)
			for (size_t d = 0; fp_commands[d]; d++)
				for (size_t j = 0;
				     (other = fp_command_option(fp_commands[d], j)); j++)
					n += option != other && !strcmp(option->name, other->name);
	tap_is_int(n, 0, "no two options of commands have one name");
}

int main(void)
{
	test_taken();
	test_optional();
	test_abbreviated();
	test_refused();
	test_commands();
	test_strays();
	test_tables();
	return tap_done();
}
