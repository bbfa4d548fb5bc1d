// SPDX-License-Identifier: MIT
/*
 * What is laid is what the rows say, as the disassembler sees it; and it does
 * what the registers' table says.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "work/disassemble.h"
#include "laying.h"
#include "base/guard.h"
#include "work/sequencer.h"
#include "tap.h"

#define TIMES  3u
#define LINES  64u
#define REGION (LINES * 128)

static const struct fp_arch_tables *tables;
static _Alignas(REGION) unsigned char region[REGION];
static _Alignas(256) uint64_t hot[32], side[32];

/* What the disassembler calls some instructions that the tables call otherwise. */
static const char *const aliases[][2] = {
	{ "movzbl", "movzb" },	  { "movzwl", "movzw" },    { "movq", "mov" },
	{ "movl", "mov" },	  { "movw", "mov" },	    { "movb", "mov" },
	{ "movntil", "movnti" },  { "movntiq", "movnti" },  { "xorl", "xor" },
	{ "addq", "add" },	  { "sync", "hwsync" },	    { "hint", "dgh" },
	{ "mr", "mr" },		  { "cmpxchgl", "cmpxchg" }, { "cmpxchgb", "cmpxchg" },
};

static bool same_word(const char *ours, const char *theirs)
{
	if (!strcmp(ours, theirs))
		return true;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcmp(ours, aliases[i][0]) &&
		    !strncmp(theirs, aliases[i][1], strlen(aliases[i][1])))
			return true;
	return false;
}

/* The next statement's first word, past labels; NULL at the end. */
static char *next_statement(char **text)
{
	char *statement = strsep(text, ";"), *word;

	if (!statement)
		return NULL;
	word = strtok(statement, " \t");
	while (word && word[strlen(word) - 1] == ':')
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

/* Disassembles the body; compares it with text, TIMES over. */
static bool is_disassembled(const void *code, size_t bytes, const char *text)
{
	char *copy, *walk, *word, *line = NULL;
	size_t room = 0;
	FILE *f = tmpfile();
	bool same = f && !fp_disassemble(code, bytes, f);

	if (f)
		rewind(f);
	for (unsigned i = 0; same && i < TIMES; i++) {
		copy = walk = strdup(text);
		while (same && (word = next_statement(&walk)) != NULL) {
			char *theirs = getline(&line, &room, f) > 0 ? disassembled_word(line) : NULL;

			same = theirs && same_word(word, theirs);
			if (!same)
				printf("# %s was laid as %s\n", word, theirs ? theirs : "nothing");
		}
		free(copy);
	}
	same = same && getline(&line, &room, f) < 0;
	free(line);
	if (f)
		fclose(f);
	return same;
}

static bool is_laid(struct fp_sequence *s, const struct fp_fragment *fragment, const char *text)
{
	const void *body;
	size_t bytes;

	if (fp_sequence_begin(s) || fp_sequence_lay(s, fragment, TIMES) || fp_sequence_end(s, NULL))
		return false;
	body = fp_sequence_body(s, &bytes);
	return bytes == TIMES * fragment->bytes && (!*text || is_disassembled(body, bytes, text));
}

static void test_disassembly(struct fp_sequence *s)
{
	for (size_t i = 0; i < tables->n_barriers; i++)
		tap_ok(is_laid(s, &fp_native.barriers[i], tables->barriers[i].text),
		       "barrier %s is laid as its text says", tables->barriers[i].id);
	for (size_t i = 0; i < tables->n_accesses; i++)
		tap_ok(is_laid(s, &fp_native.accesses[i], tables->accesses[i].text),
		       "access %s is laid as its text says", tables->accesses[i].id);
	for (size_t i = 0; i < tables->n_locks; i++)
		tap_ok(is_laid(s, &fp_native.locks[i], tables->locks[i].text) &&
		       is_laid(s, &fp_native.unlocks[i], tables->locks[i].unlock_text),
		       "lock %s is laid as its text says", tables->locks[i].id);
}

static void reset(struct fp_batch *batch)
{
	size_t line = fp_arch_line_bytes();

	memset(region, 0, sizeof(region));
	memset(side, 0, sizeof(side));
	hot[0] = (uint64_t)(uintptr_t)hot;
	*batch = (struct fp_batch){ .base = region, .stride = 5 * line,
				    .mask = LINES * line - line, .hot = hot, .side = side,
				    .loops = 10, .value = 0x1122334455667788 };
}

/* 10 loops of 4 lines: each of 40 lines is stored once, the offset has moved by 40 strides. */
static void test_lines(struct fp_sequence *s)
{
	struct fp_batch batch;
	struct fp_laying l = fp_lay_begin(s);
	size_t line = fp_arch_line_bytes(), stored = 0;

	for (int i = 0; i < 4; i++) {
		fp_lay_part(&l, FP_PART_next_line, 1);
		fp_lay_part(&l, FP_PART_store_line, 1);
	}
	fp_lay_part(&l, FP_PART_store_next, 1);
	fp_lay_part(&l, FP_PART_tie, 1);
	fp_lay_part(&l, FP_PART_load_next, 1);
	fp_lay_part(&l, FP_PART_chain, 3);
	fp_lay_part(&l, FP_PART_cross_chain, 3);
	tap_ok(!fp_lay_end(&l, &fp_native.parts[FP_PART_drain]), "a loop of every part is laid");
	reset(&batch);
	fp_sequence_run(s, &batch);
	for (size_t i = 0; i < LINES; i++)
		stored += *(uint64_t *)(void *)(region + i * line) == batch.value;
	tap_is_int((long long)stored, 40, "each line is visited once before any is twice");
	tap_is_int((long long)batch.offset, (long long)(40 * batch.stride & batch.mask),
		   "the offset comes back advanced by every store");
	tap_ok(side[0] == batch.value, "the next store went to the side line");
	tap_ok(hot[0] == (uint64_t)(uintptr_t)hot, "the hot line still holds its address");
}

struct trial {
	struct fp_sequence *sequence;
	const struct fp_fragment *first, *second;
};

/* next line, the row, a load from hot: if a row spoils a register, this faults. */
static int run_row(void *argument)
{
	const struct trial *t = argument;
	struct fp_laying l = fp_lay_begin(t->sequence);
	struct fp_batch batch;
	int err;

	fp_lay_part(&l, FP_PART_next_line, 1);
	fp_lay(&l, t->first, 1);
	if (t->second)
		fp_lay(&l, t->second, 1);
	fp_lay_part(&l, FP_PART_load_next, 1);
	err = fp_lay_end(&l, NULL);
	reset(&batch);
	if (!err)
		fp_sequence_run(t->sequence, &batch);
	if (!err && batch.offset != (10 * batch.stride & batch.mask))
		err = -EILSEQ;
	if (!err && hot[0] != (uint64_t)(uintptr_t)hot)
		err = -EFAULT;
	return err;
}

static void test_row(struct fp_sequence *s, const char *kind, const char *id, const char *feature,
		     const struct fp_fragment *first, const struct fp_fragment *second)
{
	struct trial t = { s, first, second };
	const char *lacks = fp_arch_lacks(feature);
	char reason[128] = "";
	int err;

	if (lacks) {
		printf("# not run: %s %s: %s\n", kind, id, lacks);
		return;
	}
	err = fp_guard(run_row, &t, 10, reason, sizeof(reason));
	tap_ok(!err, "%s %s runs and keeps the registers %s", kind, id, reason);
}

static void test_rows(struct fp_sequence *s)
{
	for (size_t i = 0; i < tables->n_barriers; i++)
		test_row(s, "barrier", tables->barriers[i].id, tables->barriers[i].feature,
			 &fp_native.barriers[i], NULL);
	for (size_t i = 0; i < tables->n_accesses; i++)
		test_row(s, "access", tables->accesses[i].id, tables->accesses[i].feature,
			 &fp_native.accesses[i], NULL);
	for (size_t i = 0; i < tables->n_locks; i++)
		test_row(s, "lock", tables->locks[i].id, tables->locks[i].feature,
			 &fp_native.locks[i], &fp_native.unlocks[i]);
}

/* A store row writes exactly its width, at the line's start. */
static void test_widths(struct fp_sequence *s)
{
	for (size_t i = 0; i < tables->n_accesses; i++) {
		const struct fp_access *a = &tables->accesses[i];
		struct fp_laying l = fp_lay_begin(s);
		struct fp_batch batch;
		size_t last = 0;

		if (a->kind != FP_STORE || a->flavour == FP_EXCLUSIVE || fp_arch_lacks(a->feature))
			continue;
		fp_lay(&l, &fp_native.accesses[i], 1);
		fp_lay_end(&l, &fp_native.parts[FP_PART_drain]);
		reset(&batch);
		/* What is stored may be anything but this. */
		memset(region, 0x5a, sizeof(region));
		memset(side, 0x77, sizeof(side));
		batch.loops = 1;
		fp_sequence_run(s, &batch);
		for (size_t b = 0; b < sizeof(region); b++)
			if (region[b] != 0x5a)
				last = b + 1;
		tap_is_int((long long)last, a->width, "%s writes %u bytes", a->id, a->width);
	}
}

static void test_limits(struct fp_sequence *s)
{
	struct fp_laying l = fp_lay_begin(s);

	fp_lay_part(&l, FP_PART_nop, 1 << 20);
	tap_is_int(fp_lay_end(&l, NULL), -ENOSPC, "a full buffer is an error");
	l = fp_lay_begin(s);
	tap_is_int(fp_lay_end(&l, NULL), 0, "and can be used again");
}

int main(void)
{
	struct fp_sequence *s;

	tables = &fp_arch_tables[fp_native.id];
	if (!tap_ok(!fp_sequence_new(&s, 64 * 1024), "a buffer is made"))
		return tap_done();
	test_disassembly(s);
	test_lines(s);
	test_rows(s);
	test_widths(s);
	test_limits(s);
	fp_sequence_free(s);
	return tap_done();
}
