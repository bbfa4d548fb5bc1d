// SPDX-License-Identifier: MIT
#include "work/disassemble.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch.h"
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
static size_t copy_code_lines(FILE *from, FILE *to)
{
	char line[512];
	size_t lines = 0;

	while (fgets(line, sizeof(line), from)) {
		char *colon = strchr(line, ':');

		if (!colon || colon[1] != '\t')
			continue;
		fputs(line, to);
		lines++;
	}
	return lines;
}

/*
 * FENCEPOST_OBJDUMP is what configure found: a cross build's objdump has its
 * target's name in front.
 */
static int by_objdump(const void *code, size_t bytes, FILE *to)
{
	char name[] = "/tmp/fencepost-XXXXXX", command[256];
	int fd = mkstemp(name), err;
	size_t lines = 0;
	FILE *pipe;

	if (fd < 0)
		return -errno;
	err = write_all(fd, code, bytes);
	close(fd);
	snprintf(command, sizeof(command), "%s -D -b binary %s %s 2>/dev/null", FENCEPOST_OBJDUMP,
		 fp_arch_tables[fp_native.id].objdump_options, name);
	pipe = err ? NULL : popen(command, "r");
	if (pipe) {
		lines = copy_code_lines(pipe, to);
		pclose(pipe);
	}
	unlink(name);
	return lines ? 0 : -ENOENT;
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

static int by_bytes(const void *code, size_t bytes, FILE *to)
{
	const uint8_t *byte = code;

	fputs("# no disassembler here (install binutils): the bytes\n", to);
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
	int err = by_objdump(code, bytes, to);

	if (err)
		err = by_capstone(code, bytes, to);
	if (err)
		err = by_bytes(code, bytes, to);
	return !err && ferror(to) ? -EIO : err;
}
