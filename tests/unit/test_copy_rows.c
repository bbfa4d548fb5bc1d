// SPDX-License-Identifier: MIT
/*
 * What a copy's row says of its stores is what the copy does: with which
 * instructions it stores, from which registers, and at which sizes its ends are
 * plain stores.
 *
 * The destination can't be touched, so that each store faults; the instruction
 * is noted and runs alone (tests/proof).  The disassembler says what it is, in
 * the words that the architecture's folder has for it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch.h"
#include "one_store.h"
#include "tap.h"
#include "work/disassemble.h"

#define MAX_BYTES 256
#define MAX_SITES 512
#define SLOT	  32 /* bytes: a longest instruction twice, and what remains */
#define CODE	  16

/* A storing instruction of the copy at hand. */
struct site {
	uintptr_t at;
	bool used;	/* by the last call */
	bool foreign;	/* no code of this program's */
	bool vector;	/* takes a register that is no general one */
	enum fp_flavour flavour;
};

static struct site sites[MAX_SITES];
static size_t n_sites;
static unsigned char *area, source[MAX_BYTES];
static size_t page;

static const size_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 17, 20, 31, 32, 33,
				48, 63, 64, 65, 68, 127, 128, 130, 192, 200, 255, MAX_BYTES };
#define N_SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* Of the program itself, by the linker. */
extern const char __executable_start[], etext[];

static void note(uintptr_t at)
{
	size_t i = 0;

	while (i < n_sites && sites[i].at != at)
		i++;
	if (i == MAX_SITES)
		abort();
	sites[i].at = at;
	sites[i].used = true;
	n_sites += i == n_sites;
}

static void allow(int access)
{
	if (mprotect(area, 2 * page, access))
		abort();
}

static void on_store(int sig, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr - (uintptr_t)area;

	if (at >= 2 * page) {
		signal(sig, SIG_DFL); /* no store of the copy's: once more, and dies of it */
		return;
	}
	note((uintptr_t)PROGRAM_COUNTER((ucontext_t *)context));
	allow(PROT_READ | PROT_WRITE);
	one_store_run(context);
}

static void on_ran(int sig, siginfo_t *info, void *context)
{
	(void)info;
	if (!one_store_ran(context))
		signal(sig, SIG_DFL);
	allow(PROT_NONE);
}

static int set_up(void)
{
	struct sigaction fault = { .sa_sigaction = on_store, .sa_flags = SA_SIGINFO };
	struct sigaction ran = { .sa_sigaction = on_ran, .sa_flags = SA_SIGINFO };

	page = (size_t)sysconf(_SC_PAGESIZE);
	area = mmap(NULL, 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED || sigaction(SIGSEGV, &fault, NULL) ||
	    sigaction(ONE_STORE_RAN, &ran, NULL))
		return -errno;
	return one_store_init();
}

/* A mnemonic that begins as those of the architecture's other stores do. */
static enum fp_flavour flavour_of(const char *mnemonic)
{
	static const struct {
		enum fp_flavour flavour;
		const char *begins;
	} stores[] = {
#define ALIAS(...)
#define STORES(FLAVOUR, MNEMONIC) { FLAVOUR, MNEMONIC },
#define VECTOR(...)
#include <words.def>
#undef STORES
#undef VECTOR
		{ FP_PLAIN, "" }
	};
	size_t i = 0;

	while (strncmp(mnemonic, stores[i].begins, strlen(stores[i].begins)))
		i++;
	return stores[i].flavour;
}

/* "q12" or "%xmm0" or "v0.16b", with the architecture's names before the number. */
static bool is_vector(const char *operand)
{
	static const char *const registers[] = {
#define STORES(...)
#define VECTOR(NAME) NAME,
#include <words.def>
#undef ALIAS
#undef STORES
#undef VECTOR
		NULL
	};

	operand += *operand == '%';
	for (const char *const *r = registers; *r; r++) {
		size_t length = strlen(*r);

		if (!strncmp(operand, *r, length) && operand[length] >= '0' &&
		    operand[length] <= '9')
			return true;
	}
	return false;
}

/* text: "mnemonic operand,operand". */
static void classify(struct site *s, char *text)
{
	const char *word = strtok(text, " \t\n");

	s->foreign = s->at < (uintptr_t)__executable_start || s->at >= (uintptr_t)etext;
	s->flavour = word ? flavour_of(word) : FP_PLAIN;
	while (word && !s->vector) {
		word = strtok(NULL, " \t\n,{}[]()");
		s->vector = word && is_vector(word);
	}
}

/* Of "  20:\t0f c3 07    \tmovnti %eax,(%rdi)" address and text. */
static void classify_line(char *line)
{
	char *end, *bytes = strchr(line, '\t'), *text = bytes ? strchr(bytes + 1, '\t') : NULL;
	unsigned long at = strtoul(line, &end, 16);

	if (text && *end == ':' && at % SLOT == 0 && at / SLOT < n_sites)
		classify(&sites[at / SLOT], text + 1);
}

static void lay_site(unsigned char *slot, const struct site *s)
{
	const struct fp_fragment *nop = &fp_native.parts[FP_PART_nop];

	memcpy(slot, (const void *)s->at, CODE);
	for (size_t i = CODE; i < SLOT; i += nop->bytes)
		memcpy(slot + i, nop->code, nop->bytes);
}

/* Whether there is a disassembler; each site in a slot of its own. */
static bool classify_sites(void)
{
	static unsigned char code[MAX_SITES * SLOT];
	FILE *f = tmpfile();
	char line[512];
	bool known = f;

	for (size_t i = 0; i < n_sites; i++)
		lay_site(code + i * SLOT, &sites[i]);
	known = known && !fp_disassemble(code, n_sites * SLOT, f);
	if (f)
		rewind(f);
	while (known && fgets(line, sizeof(line), f)) {
		known = *line != '#';
		classify_line(line);
	}
	if (f)
		fclose(f);
	return known;
}

/* Which sites the copy of so many bytes uses. */
static void run(fp_copy_function *copy, size_t bytes)
{
	for (size_t i = 0; i < n_sites; i++)
		sites[i].used = false;
	copy(area, source, bytes);
}

static unsigned flavours_used(void)
{
	unsigned flavours = 0;

	for (size_t i = 0; i < n_sites; i++)
		if (sites[i].used)
			flavours |= 1u << sites[i].flavour;
	return flavours;
}

#define PLAIN (1u << FP_PLAIN)

/* Plain stores are all there are, or they make the ends where the row says so. */
static bool is_as_said(const struct fp_copy *row, size_t bytes)
{
	unsigned flavours = flavours_used();

	if (row->stores == FP_PLAIN)
		return flavours == PLAIN;
	return !(flavours & PLAIN) == (bytes % (row->whole ? row->whole : 1) == 0);
}

static void test_stores(const struct fp_copy *row, fp_copy_function *copy)
{
	for (size_t i = 0; i < N_SIZES; i++) {
		if (sizes[i] % row->unit)
			continue;
		run(copy, sizes[i]);
		if (!is_as_said(row, sizes[i])) {
			tap_ok(false, "%s stores %zu bytes otherwise than its row says", row->id,
			       sizes[i]);
			return;
		}
	}
	tap_ok(true, "%s makes the stores that its row says", row->id);
}

static void test_registers(const struct fp_copy *row)
{
	bool general = true;

	for (size_t i = 0; i < n_sites; i++)
		general &= !sites[i].vector && !sites[i].foreign;
	tap_ok(general == row->in_kernel, "%s stores from %s", row->id,
	       row->in_kernel ? "general registers only" : "others, or is the C library's");
}

static void test_row(const struct fp_copy *row, fp_copy_function *copy)
{
	/* Names the row that dies. */
	printf("# %s\n", row->id);
	fflush(stdout);
	memset(sites, 0, sizeof(sites));
	n_sites = 0;
	for (size_t i = 0; i < N_SIZES; i++)
		if (sizes[i] % row->unit == 0)
			run(copy, sizes[i]);
	if (!classify_sites()) {
		tap_skip("no disassembler here: install binutils");
		return;
	}
	test_stores(row, copy);
	test_registers(row);
}

int main(void)
{
	const struct fp_arch_tables *own = &fp_arch_tables[fp_native.id];
	int err;

#ifdef __SANITIZE_ADDRESS__
	tap_skip("a sanitizer handles the signals that stores are caught by");
	return tap_done();
#endif
	err = set_up();
	if (!tap_ok(!err, "stores can be caught: %s", strerror(-err)))
		return tap_done();
	for (size_t i = 0; i < own->n_copies; i++) {
		const char *lacks = fp_arch_lacks(own->copies[i].feature);

		if (lacks)
			printf("# not run: %s: %s\n", own->copies[i].id, lacks);
		else
			test_row(&own->copies[i], fp_native.copies[i]);
	}
	return tap_done();
}
