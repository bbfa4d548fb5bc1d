/* SPDX-License-Identifier: MIT */
/* disassembly.h - whether code is what a text says, as the disassembler sees it. */
#ifndef FENCEPOST_TEST_DISASSEMBLY_H
#define FENCEPOST_TEST_DISASSEMBLY_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "work/disassemble.h"

/* A mnemonic may end in the width of its operands, which the disassembler leaves out. */
static bool is_less_width(const char *ours, const char *theirs)
{
	size_t bytes = strlen(theirs);

	return !strncmp(ours, theirs, bytes) && ours[bytes] && strchr("bwlq", ours[bytes]) &&
	       !ours[bytes + 1];
}

/* words.def of the own architecture, in part. */
static const char *const aliases[][2] = {
#define ALIAS(OURS, THEIRS) { OURS, THEIRS },
#define STORES(...)
#define VECTOR(...)
#include <words.def>
#undef ALIAS
#undef STORES
#undef VECTOR
	{ NULL, NULL }
};

/* Data stands for an instruction that the assembler would not lay so: any will do. */
static bool same_word(const char *ours, const char *theirs)
{
	if (!strcmp(ours, theirs) || !strcmp(ours, ".byte") || is_less_width(ours, theirs))
		return true;
	for (size_t i = 0; aliases[i][0]; i++)
		if (!strcmp(ours, aliases[i][0]) &&
		    !strncmp(theirs, aliases[i][1], strlen(aliases[i][1])))
			return true;
	return false;
}

/* What stands before a mnemonic: a label, or how it is to be encoded. */
static bool is_no_mnemonic(const char *word)
{
	return *word == '{' || word[strlen(word) - 1] == ':';
}

/* The next statement's first word; NULL at the end, where a label may stand alone. */
static char *next_statement(char **text)
{
	char *statement = strsep(text, ";"), *word;

	if (!statement)
		return NULL;
	word = strtok(statement, " \t");
	while (word && is_no_mnemonic(word))
		word = strtok(NULL, " \t");
	return word;
}

/* Of "  12:\t0f ae f8             \tsfence" the "sfence"; prefixes count as words. */
static char *disassembled_word(char *line)
{
	char *tab = strrchr(line, '\t');

	/* objdump puts a tab between mnemonic and operands on some architectures. */
	if (tab && strchr(line, '\t') != tab) {
		char *second = strchr(strchr(line, '\t') + 1, '\t');

		return strtok(second + 1, " \t\n");
	}
	return NULL;
}

/* The next instruction's; a long one's bytes go on in lines of their own.  NULL at the end. */
static char *next_word(FILE *disassembly, char **line, size_t *room)
{
	char *word = NULL;

	while (!word && getline(line, room, disassembly) > 0)
		word = disassembled_word(*line);
	return word;
}

/* Whether the next lines of a disassembly are those of text. */
static bool is_text(FILE *disassembly, const char *text)
{
	char *copy = strdup(text), *walk = copy, *word, *line = NULL;
	size_t room = 0;
	bool same = copy;

	while (same && (word = next_statement(&walk)) != NULL) {
		char *theirs = next_word(disassembly, &line, &room);

		same = theirs && same_word(word, theirs);
		if (!same)
			printf("# %s was laid as %s\n", word, theirs ? theirs : "nothing");
	}
	free(line);
	free(copy);
	return same;
}

/* Whether code is text, times over, and nothing else. */
static bool is_disassembled(const void *code, size_t bytes, const char *text, unsigned times)
{
	FILE *f = tmpfile();
	bool same = f && !fp_disassemble(code, bytes, f);

	if (f)
		rewind(f);
	while (same && times--)
		same = is_text(f, text);
	same = same && fgetc(f) == EOF;
	if (f)
		fclose(f);
	return same;
}

#endif
