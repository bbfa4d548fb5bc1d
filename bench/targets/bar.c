// SPDX-License-Identifier: MIT
#include "targets/bar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/guard.h"

#define LOOK_SECONDS 5u
#define LOOK_WORDS   16u

int fp_bar_parse(const char *text, char **name)
{
	char canonical[FP_PCI_BAR_NAME];
	int err = fp_pci_bar_name(text, canonical);

	if (err)
		return err;
	*name = strdup(canonical);
	return *name ? 0 : -ENOMEM;
}

/* ---- whose it is, and whether it is to be written to ---- */

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

int fp_bar_check_identity(const struct fp_device *d, const char *who, struct fp_refusal *refusal)
{
	const struct {
		const char *file;
		uint64_t ours;
	} facts[] = { { "vendor", d->vendor }, { "device", d->device },
		      { "class", d->class_code } };

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		uint64_t theirs;

		if (fp_pci_number(d->address, facts[i].file, &theirs) || theirs == facts[i].ours)
			continue;
		return fp_refuse(refusal, -EPROTO, "its %s is 0x%llx to %s and 0x%llx to sysfs: "
				 "another device has taken its place; bind it again", facts[i].file,
				 (unsigned long long)facts[i].ours, who,
				 (unsigned long long)theirs);
	}
	return 0;
}

int fp_bar_check_registers(const struct fp_device *d, const struct fp_wish *wish,
			   struct fp_refusal *refusal)
{
	const char *why = fp_bar_registers(d);

	if (!why || wish->allow_registers)
		return 0;
	return fp_refuse(refusal, -EPERM, "%s; storing to them may upset the device "
			 "(--allow-registers does it nevertheless)", why);
}

void fp_bar_describe(const struct fp_device *d, char *what, size_t size)
{
	snprintf(what, size, "%llu bytes%s, device %04x:%04x, class %06x",
		 (unsigned long long)d->bar_bytes, d->prefetchable ? " prefetchable" : "",
		 d->vendor, d->device, d->class_code);
}

/* ---- ranges side by side ---- */

int fp_bar_lay_out(struct fp_bar *bar, const struct fp_wish *wish, struct fp_refusal *refusal)
{
	uint64_t bytes = bar->device.bar_bytes;
	unsigned n = (unsigned)__builtin_popcount(wish->memory);

	if (!fp_bar_layout(bytes, bar->page_bytes, n, wish->bytes, &bar->range_bytes))
		return 0;
	return fp_refuse(refusal, -ENOSPC,
			 "its %llu bytes have no room for %u memory types of a page of %zu each; "
			 "ask for fewer with --memory", (unsigned long long)bytes, n,
			 bar->page_bytes);
}

/* In the order of the types. */
static uint64_t offset_of(const struct fp_bar *bar, unsigned wished, enum fp_memory memory)
{
	uint64_t offset = 0;

	for (size_t i = 0; fp_memory_types[i] != memory; i++)
		if (wished & fp_memory_types[i])
			offset += bar->range_bytes;
	return offset;
}

int fp_bar_place(const struct fp_bar *bar, struct fp_mapping *m, struct fp_refusal *refusal)
{
	m->bytes = bar->range_bytes;
	m->offset = offset_of(bar, m->place->wish.memory, m->requested);
	m->device = bar->device;
	snprintf(m->pages, sizeof(m->pages), "pages of %zu bytes", bar->page_bytes);
	m->address = fp_reserve_address(m->bytes);
	if (!m->address)
		return fp_refuse(refusal, -ENOMEM, "no address space for %zu bytes", m->bytes);
	return 0;
}

void fp_bar_unmap(struct fp_mapping *m)
{
	if (m->address)
		munmap(m->address, m->bytes);
	m->address = NULL;
}

/* ---- whether somebody answers ---- */

/* 1 if every word is all ones: nobody answers, or memory that was left so. */
static int look(void *line)
{
	const volatile uint32_t *words = line;
	uint32_t all = ~0u;

	for (unsigned i = 0; i < LOOK_WORDS; i++)
		all &= words[i];
	return all == ~0u;
}

int fp_bar_check_answer(const struct fp_mapping *m, struct fp_refusal *refusal)
{
	char reason[128] = "";
	int ones = fp_guard(look, m->address, LOOK_SECONDS, reason, sizeof(reason));

	if (ones < 0)
		return fp_refuse(refusal, -EIO, "its first words can't be read: %s", reason);
	if (ones)
		return fp_refuse(refusal, -EPERM,
				 "its first %u words read as all ones: the device is gone, asleep, "
				 "or does not decode memory", LOOK_WORDS);
	return 0;
}
