// SPDX-License-Identifier: MIT
#include "work/disassemble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch.h"
#include "base/quote.h"
#include "base/tool.h"
#include "config.h"

#ifdef HAVE_CAPSTONE
#include <assembler.h>
#include <capstone/capstone.h>
#endif

static int write_all(int fd, const char *data, size_t bytes)
{
	while (bytes) {
		ssize_t n = write(fd, data, bytes);

		if (n < 0)
			return -errno;
		data += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* objdump's lines of code end in "address: bytes instruction"; its headings don't. */
static size_t copy_code_lines(char *text, FILE *to)
{
	size_t lines = 0;
	const char *line;

	while ((line = strsep(&text, "\n"))) {
		const char *colon = strchr(line, ':');

		if (!colon || colon[1] != '\t')
			continue;
		fprintf(to, "%s\n", line);
		lines++;
	}
	return lines;
}

#define MOST_WORDS 16

/* What it reads has a name that needs no folder of anybody's. */
static int run_objdump(int code, FILE *said, char *why, size_t n)
{
	static char options[64];
	const char *argv[MOST_WORDS] = { FENCEPOST_OBJDUMP, "-D", "-b", "binary" };
	size_t words = 4;
	char *rest = options, *word;

	snprintf(options, sizeof(options), "%s", fp_arch_tables[fp_native.id].objdump_options);
	while ((word = strsep(&rest, " ")) && words < MOST_WORDS - 2)
		argv[words++] = word;
	argv[words] = "/proc/self/fd/0";
	return fp_tool_run(&(struct fp_tool){ argv, AT_FDCWD, code, STDOUT_FILENO }, said, why, n);
}

/*
 * FENCEPOST_OBJDUMP is what configure found: a cross build's objdump has its
 * target's name in front.
 */
static int by_objdump(const void *code, size_t bytes, FILE *to, char *why, size_t n)
{
	int fd = memfd_create("code", MFD_CLOEXEC), err = fd < 0 ? -errno : 0;
	char *text = NULL;
	size_t length;
	FILE *said = open_memstream(&text, &length);

	snprintf(why, n, "no memory to run " FENCEPOST_OBJDUMP);
	if (!said)
		err = -ENOMEM;
	if (!err)
		err = write_all(fd, code, bytes);
	if (!err)
		err = run_objdump(fd, said, why, n);
	if (said)
		fclose(said);
	if (!err && !copy_code_lines(text, to))
		err = -ENOENT;
	free(text);
	if (fd >= 0)
		close(fd);
	return err;
}

#ifdef HAVE_CAPSTONE
static int by_capstone(const void *code, size_t bytes, FILE *to)
{
	csh handle;
	cs_insn *insn;
	size_t n;

	if (cs_open(FP_CAPSTONE_ARCH, FP_CAPSTONE_MODE, &handle))
		return -ENOENT;
	cs_option(handle, CS_OPT_SYNTAX, FP_CAPSTONE_SYNTAX);
	/* Newer instructions than it knows are passed over as bytes. */
	cs_option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
	n = cs_disasm(handle, code, bytes, 0, 0, &insn);
	for (size_t i = 0; i < n; i++)
		fprintf(to, "%4llx:\t%s %s\n", (unsigned long long)insn[i].address,
			insn[i].mnemonic, insn[i].op_str);
	if (n)
		cs_free(insn, n);
	cs_close(&handle);
	return n ? 0 : -ENOENT;
}
#else
static int by_capstone(const void *code, size_t bytes, FILE *to)
{
	(void)code;
	(void)bytes;
	(void)to;
	return -ENOENT;
}
#endif

static int by_bytes(const void *code, size_t bytes, FILE *to, const char *why)
{
	const uint8_t *byte = code;

	fprintf(to, "# no disassembler here (%s; it is in binutils): the bytes\n", why);
	for (size_t i = 0; i < bytes; i++) {
		if (i % 16 == 0)
			fprintf(to, "%s%4zx:", i ? "\n" : "", i);
		fprintf(to, " %02x", byte[i]);
	}
	fputc('\n', to);
	return 0;
}

int fp_disassemble(const void *code, size_t bytes, FILE *to)
{
	char why[512];
	int err = by_objdump(code, bytes, to, why, sizeof(why));

	if (err)
		err = by_capstone(code, bytes, to);
	if (err)
		err = by_bytes(code, bytes, to, fp_blank(why));
	return !err && ferror(to) ? -EIO : err;
}
