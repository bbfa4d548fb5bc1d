// SPDX-License-Identifier: MIT
/*
 * The memory BARs that are bound to the kernel module: /dev/fencepost/<BDF>-bar<N>,
 * as <linux/fencepost.h> says.
 *
 * A BAR is mapped under several memory types side by side, each in a range of
 * its own.  Nothing is stored before it is known whose BAR it is, that it is
 * memory and not registers, that somebody answers, and that the page tables say
 * what was asked for.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/fencepost.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/guard.h"
#include "machine/binding.h"
#include "memory/attribute.h"
#include "targets/node.h"
#include "targets/target.h"

#define LOOK_SECONDS 5u
#define LOOK_WORDS   16u

/* A place that is open. */
struct bar {
	int fd;
	struct fencepost_info info;
	struct fp_device device;
	struct fp_kernel kernel;
	size_t bytes; /* of each type's range */
};

static const enum fp_memory types[] = { FP_WC, FP_UC, FP_DEV };
#define N_TYPES (sizeof(types) / sizeof(types[0]))
#define ALL_TYPES ((unsigned)(FP_WC | FP_UC | FP_DEV))

static int refuse(struct fp_refusal *refusal, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(struct fp_refusal *refusal, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(refusal->why, sizeof(refusal->why), format, args);
	va_end(args);
	return err;
}

/* ---- which BARs there are ---- */

static bool is_chosen(const char *name)
{
	struct fp_binding binding;
	char address[FP_PCI_ADDRESS];
	unsigned bar;

	/* Bound by someone else: nobody has chosen one. */
	if (fp_pci_split(name, address, &bar) || fp_binding_read(address, &binding))
		return true;
	return binding.bar == bar;
}

static int by_name(const void *left, const void *right)
{
	const struct fp_place *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int list(struct fp_place *places, size_t room)
{
	DIR *folder = opendir(fp_path_dev());
	struct dirent *entry;
	size_t n = 0;

	if (!folder)
		return -errno;
	while (n < room && (entry = readdir(folder)) != NULL) {
		struct fp_place place = { .target = &fp_target_module };

		if (fp_pci_bar_name(entry->d_name, place.name) || strcmp(entry->d_name, place.name))
			continue;
		place.by_default = is_chosen(place.name);
		places[n++] = place;
	}
	closedir(folder);
	qsort(places, n, sizeof(*places), by_name);
	return (int)n;
}

/* ---- opening one: whose it is, and whether it is to be written to ---- */

/*
 * Prefetchable says that reads have no side effects: PCI Local Bus 3.0,
 * 6.2.5.1.  It does not say that the BAR is memory: these keep registers or
 * doorbells in prefetchable BARs.
 */
static const struct {
	unsigned class_code, mask; /* of the class */
	unsigned vendor;	   /* 0: any */
	int bar;		   /* -1: any */
	const char *why;
} registers[] = {
	/* Linux 6.12 mlx5/core/main.c, intel/ice/ice_main.c: BAR 0, prefetchable. */
	{ 0x020000, 0xff0000, 0, -1, "a network controller's BARs hold registers" },
	/* Linux 6.12 drivers/scsi/mpt3sas/mpt3sas_base.c, megaraid_sas_base.c. */
	{ 0x010400, 0xffff00, 0, -1, "a RAID controller's BARs hold registers" },
	{ 0x010700, 0xffff00, 0, -1, "a SAS controller's BARs hold registers" },
	{ 0x0c0000, 0xff0000, 0, -1, "a serial bus controller's BARs hold registers" },
	/* Linux 6.12 drivers/gpu/drm/amd/amdgpu: adev->doorbell.base is that of BAR 2. */
	{ 0x030000, 0xff0000, 0x1002, 2, "BAR 2 of an AMD GPU holds doorbells" },
};

const char *fp_bar_registers(const struct fp_device *d)
{
	if (!d->prefetchable)
		return "it is not prefetchable, so that it holds registers";
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if ((d->class_code & registers[i].mask) == registers[i].class_code &&
		    (!registers[i].vendor || registers[i].vendor == d->vendor) &&
		    (registers[i].bar < 0 || (unsigned)registers[i].bar == d->bar))
			return registers[i].why;
	return NULL;
}

int fp_bar_layout(uint64_t bar_bytes, size_t page_bytes, unsigned n, size_t most, size_t *bytes)
{
	*bytes = most;
	while (*bytes >= page_bytes && *bytes > bar_bytes / n)
		*bytes /= 2;
	return *bytes >= page_bytes ? 0 : -ENOSPC;
}

static struct fp_device describe_device(const char *name, const struct fencepost_info *info)
{
	struct fp_device d = {
		.vendor = info->vendor,
		.device = info->device,
		.class_code = info->class_code,
		.bar_bytes = info->bytes,
		.prefetchable = info->flags & FENCEPOST_BAR_PREFETCHABLE,
		.distorts = info->distorts,
	};

	fp_pci_split(name, d.address, &d.bar);
	return d;
}

/*
 * The module and the PCI bus must speak of one device.  A system that does not
 * say (no sysfs) does not contradict.
 */
static int check_identity(const struct bar *bar, struct fp_refusal *refusal)
{
	const struct fp_device *d = &bar->device;
	const struct {
		const char *file;
		uint64_t ours;
	} facts[] = { { "vendor", d->vendor }, { "device", d->device }, { "class", d->class_code } };

	if (bar->info.bar != d->bar)
		return refuse(refusal, -EPROTO, "the module says that it is BAR %u", bar->info.bar);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		uint64_t theirs;

		if (fp_pci_number(d->address, facts[i].file, &theirs) || theirs == facts[i].ours)
			continue;
		return refuse(refusal, -EPROTO, "its %s is 0x%llx to the module and 0x%llx to sysfs: "
			      "another device has taken its place; bind it again", facts[i].file,
			      (unsigned long long)facts[i].ours, (unsigned long long)theirs);
	}
	return 0;
}

static int get_info(struct bar *bar, struct fp_refusal *refusal)
{
	int err = fp_node_call(bar->fd, FENCEPOST_GET_INFO, &bar->info);

	if (err)
		return refuse(refusal, err, "the module does not say what it is: %s", strerror(-err));
	if (bar->info.abi != FENCEPOST_ABI)
		return refuse(refusal, -EPROTO, "the module speaks interface %u, this program %u: "
			      "build both from the same tree", bar->info.abi, FENCEPOST_ABI);
	return 0;
}

static int check_registers(const struct bar *bar, const struct fp_wish *wish,
			   struct fp_refusal *refusal)
{
	const char *why = fp_bar_registers(&bar->device);

	if (!why || wish->allow_registers)
		return 0;
	return refuse(refusal, -EPERM, "%s; storing to them may upset the device "
		      "(--allow-registers does it nevertheless)", why);
}

static int lay_out(struct bar *bar, const struct fp_wish *wish, struct fp_refusal *refusal)
{
	unsigned wanted = (unsigned)__builtin_popcount(wish->memory & ALL_TYPES);

	if (!fp_bar_layout(bar->info.bytes, bar->info.page_bytes, wanted, wish->bytes, &bar->bytes))
		return 0;
	return refuse(refusal, -ENOSPC, "its %llu bytes have no room for %u memory types of a page "
		      "of %u each; ask for fewer with --memory",
		      (unsigned long long)bar->info.bytes, wanted, bar->info.page_bytes);
}

static int open_file(const char *name, struct fp_refusal *refusal)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fp_path_dev(), name);
	fd = fp_node_open(path);
	if (fd == -EPERM || fd == -EACCES)
		return refuse(refusal, fd, "%s: %s; it needs root (CAP_SYS_RAWIO) and a kernel that "
			      "is not locked down", path, strerror(-fd));
	if (fd < 0)
		return refuse(refusal, fd, "%s: %s; attach the device with: run-bench bind %.*s %c",
			      path, strerror(-fd), (int)strcspn(name, "-"), name,
			      name[strlen(name) - 1]);
	return fd;
}

static int run_in_kernel(const struct fp_mapping *m, struct fencepost_run *run)
{
	const struct bar *bar = m->place->open;

	run->offset += m->offset;
	return fp_node_call(bar->fd, FENCEPOST_RUN, run);
}

static void close_place(struct fp_place *place)
{
	struct bar *bar = place->open;

	if (bar)
		close(bar->fd);
	free(bar);
	place->open = NULL;
}

/* All that can be known without an access to the BAR. */
static int identify(struct fp_place *place, struct fp_refusal *refusal)
{
	struct bar *bar = calloc(1, sizeof(*bar));
	int err;

	if (!bar)
		return refuse(refusal, -ENOMEM, "out of memory");
	bar->fd = open_file(place->name, refusal);
	if (bar->fd < 0) {
		err = bar->fd;
		free(bar);
		return err;
	}
	place->open = bar;
	err = get_info(bar, refusal);
	if (!err) {
		bar->device = describe_device(place->name, &bar->info);
		bar->kernel = (struct fp_kernel){ bar->info.accesses, bar->info.barriers,
						  bar->info.sections, run_in_kernel };
		err = check_identity(bar, refusal);
	}
	return err;
}

static int open_place(struct fp_place *place, struct fp_refusal *refusal)
{
	int err = identify(place, refusal);

	if (!err)
		err = check_registers(place->open, &place->wish, refusal);
	if (!err)
		err = lay_out(place->open, &place->wish, refusal);
	if (err)
		close_place(place);
	return err;
}

static void describe(struct fp_place *place, char *what, size_t size, char *usable,
		     size_t usable_size)
{
	struct fp_refusal refusal = { "yes" };
	int err;

	place->wish = (struct fp_wish){ .memory = FP_WC, .bytes = 4096 };
	err = identify(place, &refusal);
	if (!err) {
		const struct bar *bar = place->open;

		snprintf(what, size, "%llu bytes%s, device %04x:%04x, class %06x",
			 (unsigned long long)bar->info.bytes,
			 bar->device.prefetchable ? " prefetchable" : "", bar->device.vendor,
			 bar->device.device, bar->device.class_code);
		check_registers(bar, &place->wish, &refusal);
	} else {
		snprintf(what, size, "a BAR that is bound");
	}
	snprintf(usable, usable_size, "%s", refusal.why);
	close_place(place);
}

/* ---- mapping one memory type ---- */

static unsigned memory_number(enum fp_memory memory)
{
	switch (memory) {
	case FP_WC:
		return FENCEPOST_WC;
	case FP_UC:
		return FENCEPOST_UC;
	case FP_DEV:
		return FENCEPOST_DEVICE;
	case FP_WB:
		break;
	}
	return 0;
}

/* Side by side, in the order of the types. */
static uint64_t place_of(const struct bar *bar, unsigned wished, enum fp_memory memory)
{
	uint64_t offset = 0;

	for (size_t i = 0; i < N_TYPES && types[i] != memory; i++)
		if (wished & types[i])
			offset += bar->bytes;
	return offset;
}

static int reserve(const struct bar *bar, const struct fp_mapping *m, struct fp_refusal *refusal)
{
	struct fencepost_range range = {
		.offset = m->offset,
		.length = m->bytes,
		.memory = memory_number(m->requested),
	};
	int err = fp_node_call(bar->fd, FENCEPOST_RESERVE, &range);

	if (err == -EBUSY)
		return refuse(refusal, err, "bytes %llu to %llu can't be %s: another program has them "
			      "as another memory type", (unsigned long long)m->offset,
			      (unsigned long long)(m->offset + m->bytes - 1),
			      fp_memory_name(m->requested));
	if (err)
		return refuse(refusal, err, "can't reserve %zu bytes as %s: %s", m->bytes,
			      fp_memory_name(m->requested), strerror(-err));
	return 0;
}

static int map_pages(const struct bar *bar, struct fp_mapping *m, struct fp_refusal *refusal)
{
	int err;

	m->address = fp_reserve_address(m->bytes);
	if (!m->address)
		return refuse(refusal, -ENOMEM, "no address space for %zu bytes", m->bytes);
	err = fp_node_map(bar->fd, m->address, m->bytes, m->offset);
	if (err)
		return refuse(refusal, err, "can't map %zu bytes as %s: %s", m->bytes,
			      fp_memory_name(m->requested), strerror(-err));
	return 0;
}

/* Brings the pages in, and takes the page tables' word for what they are. */
static int check_attribute(const struct bar *bar, struct fp_mapping *m, struct fp_refusal *refusal)
{
	struct fencepost_mapping mapping = { .address = (uintptr_t)m->address, .length = m->bytes };
	int err = fp_node_call(bar->fd, FENCEPOST_POPULATE, &mapping);

	if (err)
		return refuse(refusal, err, "can't bring in %zu bytes as %s: %s", m->bytes,
			      fp_memory_name(m->requested),
			      err == -EIO ? "its page-table entries differ" : strerror(-err));
	snprintf(m->stage1, sizeof(m->stage1), "%s", fp_attribute_name(mapping.stage1));
	snprintf(m->effective, sizeof(m->effective), "%s", fp_attribute_name(mapping.effective));
	snprintf(m->verified_by, sizeof(m->verified_by), "page-table entry, by the module");
	if (!fp_attribute_is(mapping.stage1, m->requested))
		return refuse(refusal, -EPROTO, "asked for as %s, its page-table entry says %s (0x%llx), "
			      "not %s", fp_memory_name(m->requested), m->stage1,
			      (unsigned long long)mapping.entry, fp_arch_memory_name(m->requested));
	if (fp_attribute_known(mapping.effective) && !fp_attribute_is(mapping.effective, m->requested))
		return refuse(refusal, -EPROTO, "asked for as %s, it behaves as %s: this system's "
			      "tables (MTRR) overrule the page-table entry",
			      fp_memory_name(m->requested), m->effective);
	return 0;
}

/* 1 if every word is all ones: nobody answers, or memory that was left so. */
static int look(void *line)
{
	const volatile uint32_t *words = line;
	uint32_t all = ~0u;

	for (unsigned i = 0; i < LOOK_WORDS; i++)
		all &= words[i];
	return all == ~0u;
}

static int check_answer(const struct fp_mapping *m, struct fp_refusal *refusal)
{
	char reason[128] = "";
	int ones = fp_guard(look, m->address, LOOK_SECONDS, reason, sizeof(reason));

	if (ones < 0)
		return refuse(refusal, -EIO, "its first words can't be read: %s", reason);
	if (ones)
		return refuse(refusal, -EPERM, "its first %u words read as all ones: the device is gone, "
			      "asleep, or does not decode memory", LOOK_WORDS);
	return 0;
}

static void unmap(struct fp_mapping *m)
{
	if (m->address)
		munmap(m->address, m->bytes);
	m->address = NULL;
}

static int map(const struct fp_machine *machine, struct fp_place *place, enum fp_memory memory,
	       struct fp_mapping *m, struct fp_refusal *refusal)
{
	const struct bar *bar = place->open;
	int err;

	(void)machine;
	memset(m, 0, sizeof(*m));
	m->place = place;
	m->requested = memory;
	m->bytes = bar->bytes;
	m->offset = place_of(bar, place->wish.memory, memory);
	m->numa_node = bar->info.numa_node;
	m->device = bar->device;
	m->kernel = &bar->kernel;
	snprintf(m->pages, sizeof(m->pages), "pages of %u bytes", bar->info.page_bytes);
	err = reserve(bar, m, refusal);
	if (!err)
		err = map_pages(bar, m, refusal);
	if (!err)
		err = check_attribute(bar, m, refusal);
	if (!err)
		err = check_answer(m, refusal);
	if (err)
		unmap(m);
	return err;
}

const struct fp_target fp_target_module = {
	.name = "module",
	.summary = "every BAR that is bound to the kernel module (run-bench bind)",
	.memory = FP_WC | FP_UC | FP_DEV,
	.list = list,
	.open = open_place,
	.map = map,
	.unmap = unmap,
	.close = close_place,
	.describe = describe,
};
