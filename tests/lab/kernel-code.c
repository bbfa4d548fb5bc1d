// SPDX-License-Identifier: MIT
/*
 * Brings the code of the kernel's accessors to the host, as it is executed: with
 * what the kernel has patched for this CPU.  tests/golden/barriers.sh counts the
 * barriers in it.
 *
 * /out/kernel-code.txt gets a line "NAME ADDRESS" a function, and /out/code/NAME
 * its bytes, from /proc/kallsyms and /proc/kcore.  A function ends where the next
 * symbol is.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define MOST_BYTES 8192

/* What the module's functions call, directly or not, on any architecture. */
static struct function {
	const char *name;
	uint64_t start, end;
	bool only_named; /* its own calls would lead too far */
} functions[] = {
	{ .name = "memcpy_toio" },
	{ .name = "memcpy_fromio" },
	{ .name = "memset_io" },
	{ .name = "_memcpy_toio" },
	{ .name = "_memcpy_fromio" },
	{ .name = "_memset_io" },
	{ .name = "__memcpy_toio" },
	{ .name = "__memcpy_fromio" },
	{ .name = "__memset_io" },
	{ .name = "__iowrite32_copy" },
	{ .name = "__iowrite64_copy" },
	{ .name = "cc_platform_has" },
	{ .name = "memcpy" },
	{ .name = "memcpy_erms" },
	{ .name = "memcpy_power7" },
	{ .name = "memset" },
	{ .name = "memset_erms" },
	{ .name = "enter_vmx_ops", .only_named = true },
	{ .name = "exit_vmx_ops", .only_named = true },
};
#define N_FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static uint64_t addresses[1 << 20];
static size_t n_addresses;

static void add_symbol(uint64_t address, const char *name)
{
	if (n_addresses < sizeof(addresses) / sizeof(addresses[0]))
		addresses[n_addresses++] = address;
	for (size_t i = 0; i < N_FUNCTIONS; i++)
		if (!functions[i].start && !strcmp(functions[i].name, name))
			functions[i].start = address;
}

static uint64_t find_end(uint64_t start)
{
	uint64_t end = UINT64_MAX;

	for (size_t i = 0; i < n_addresses; i++)
		if (addresses[i] > start && addresses[i] < end)
			end = addresses[i];
	return end;
}

/* "ADDRESS TYPE NAME", those of modules last, with their module's name behind. */
static bool read_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512], *end;
	uint64_t address;

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f) && !strchr(line, '[')) {
		address = strtoull(line, &end, 16);
		line[strcspn(line, "\n")] = '\0';
		if (strlen(end) > 3)
			add_symbol(address, end + 3);
	}
	fclose(f);
	for (size_t i = 0; i < N_FUNCTIONS; i++)
		functions[i].end = find_end(functions[i].start);
	return n_addresses > 0;
}

/* Where a kernel address is in /proc/kcore; -1 if it isn't. */
static off_t find_in_core(int core, uint64_t address)
{
	Elf64_Ehdr header;
	Elf64_Phdr part;

	if (pread(core, &header, sizeof(header), 0) != sizeof(header))
		return -1;
	for (int i = 0; i < header.e_phnum; i++) {
		off_t at = (off_t)(header.e_phoff + (uint64_t)i * header.e_phentsize);

		if (pread(core, &part, sizeof(part), at) != sizeof(part))
			return -1;
		if (part.p_type == PT_LOAD && address >= part.p_vaddr &&
		    address - part.p_vaddr < part.p_memsz)
			return (off_t)(part.p_offset + (address - part.p_vaddr));
	}
	return -1;
}

static bool read_code(const struct function *f, char *code, size_t bytes)
{
	int core = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	off_t at;
	bool good;

	if (core < 0)
		return false;
	at = find_in_core(core, f->start);
	good = at >= 0 && pread(core, code, bytes, at) == (ssize_t)bytes;
	close(core);
	return good;
}

static bool write_code(const struct function *f, const char *code, size_t bytes)
{
	char path[128];
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "/out/code/%s", f->name);
	file = fopen(path, "w");
	if (!file)
		return false;
	good = fwrite(code, 1, bytes, file) == bytes;
	return !fclose(file) && good;
}

static void bring(const struct function *f, FILE *list)
{
	static char code[MOST_BYTES];
	size_t bytes = f->end - f->start;

	if (!f->start)
		return;
	fprintf(list, "%s %016llx\n", f->name, (unsigned long long)f->start);
	if (f->only_named)
		return;
	if (!tap_ok(bytes <= sizeof(code), "the kernel's %s has an end", f->name))
		return;
	tap_ok(read_code(f, code, bytes) && write_code(f, code, bytes),
	       "the kernel's %s is brought, %zu bytes", f->name, bytes);
}

int main(void)
{
	FILE *list;

	if (mkdir("/out/code", 0755) && errno != EEXIST)
		printf("# can't make /out/code: %s\n", strerror(errno));
	list = fopen("/out/kernel-code.txt", "w");
	if (!tap_ok(list && read_symbols(), "the kernel's symbols are known"))
		return tap_done();
	for (size_t i = 0; i < N_FUNCTIONS; i++)
		bring(&functions[i], list);
	tap_ok(!fclose(list), "the list is written");
	return tap_done();
}
