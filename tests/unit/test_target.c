// SPDX-License-Identifier: MIT
/* What can be said of a BAR without one: names, attributes, ranges, registers. */
#include <errno.h>
#include <linux/fencepost.h>

#include "memory/attribute.h"
#include "tap.h"
#include "targets/target.h"

static void test_names(void)
{
	static const struct {
		const char *text, *name;
	} good[] = {
		{ "0000:00:04.0-bar2", "0000:00:04.0-bar2" },
		{ "00:04.0-bar2", "0000:00:04.0-bar2" },
		{ "0000:AF:1f.7-bar5", "0000:af:1f.7-bar5" },
		{ "10000:01:00.0-bar0", "10000:01:00.0-bar0" },
	};
	static const char *const bad[] = {
		"", "0000:00:04.0", "0000:00:04.0-bar6", "0000:00:04.0-bar22", "0000:00:04.0-bar",
		"0000:00:20.0-bar2", "0000:00:04.8-bar2", "0000:00:04-bar2", "00000000:00:04.0x-bar2",
		"0x00:00:04.0-bar2", " 0000:00:04.0-bar2", "0000:00:04.0-bar2 ", "-1:00.0-bar1",
		"000000000000:00:04.0-bar2",
	};
	char name[FP_PCI_BAR_NAME];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int err = fp_pci_bar_name(good[i].text, name);

		tap_is_str(err ? "refused" : name, good[i].name, "%s names a BAR", good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		tap_is_int(fp_pci_bar_name(bad[i], name), -EINVAL, "\"%s\" names none", bad[i]);
}

static void test_asked(void)
{
	struct fp_asked asked;

	tap_ok(!fp_target_parse("ram", &asked) && asked.target == &fp_target_ram && !*asked.place,
	       "--target ram");
	tap_ok(!fp_target_parse("module", &asked) && asked.target == &fp_target_module &&
	       !*asked.place, "--target module is all that it has");
	tap_ok(!fp_target_parse("module:00:04.0-bar2", &asked) &&
	       asked.target == &fp_target_module && !strcmp(asked.place, "0000:00:04.0-bar2"),
	       "--target module:BAR is one of them");
	tap_ok(!fp_target_parse("00:04.0-bar2", &asked) && asked.target == &fp_target_module &&
	       !strcmp(asked.place, "0000:00:04.0-bar2"), "and so is --target BAR");
	tap_ok(fp_target_parse("module:", &asked) && fp_target_parse("ram:x", &asked) &&
	       fp_target_parse("", &asked), "all else is none");
}

/* Of each architecture what the kernel's own mappings have, as <linux/fencepost.h> says. */
static void test_attributes(void)
{
	static const struct {
		unsigned attribute, memory;
		const char *name;
	} all[] = {
		{ FENCEPOST_ATTR_X86_UC, FP_UC | FP_DEV, "UC" },
		{ FENCEPOST_ATTR_X86_WC, FP_WC, "WC" },
		{ FENCEPOST_ATTR_X86_WT, 0, "WT" },
		{ FENCEPOST_ATTR_X86_WP, 0, "WP" },
		{ FENCEPOST_ATTR_X86_WB, FP_WB, "WB" },
		{ FENCEPOST_ATTR_X86_UC_MINUS, FP_UC | FP_DEV, "UC-" },
		{ FENCEPOST_ATTR_ARM64_DEVICE_NGNRNE, FP_UC, "Device-nGnRnE" },
		{ FENCEPOST_ATTR_ARM64_DEVICE_NGNRE, FP_DEV, "Device-nGnRE" },
		{ FENCEPOST_ATTR_ARM64_DEVICE_NGRE, 0, "Device-nGRE" },
		{ FENCEPOST_ATTR_ARM64_DEVICE_GRE, 0, "Device-GRE" },
		{ FENCEPOST_ATTR_ARM64_NORMAL_NC, FP_WC, "Normal-NC" },
		{ FENCEPOST_ATTR_ARM64_NORMAL_WT, 0, "Normal-WT" },
		{ FENCEPOST_ATTR_ARM64_NORMAL_WB, FP_WB, "Normal-WB" },
		{ FENCEPOST_ATTR_PPC_CACHEABLE, FP_WB, "cacheable" },
		{ FENCEPOST_ATTR_PPC_SAO, 0, "strong access order" },
		{ FENCEPOST_ATTR_PPC_NON_IDEMPOTENT, FP_UC | FP_DEV, "non-idempotent (I=1 G=1)" },
		{ FENCEPOST_ATTR_PPC_TOLERANT, FP_WC, "tolerant (I=1 G=0)" },
		{ FENCEPOST_ATTR_STAGE2, 0, "unknown: stage 2" },
		{ FENCEPOST_ATTR_UNKNOWN, 0, "unknown" },
		{ 999, 0, "unknown" },
	};
	static const enum fp_memory types[] = { FP_WB, FP_WC, FP_UC, FP_DEV };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		unsigned memory = 0;

		for (int t = 0; t < 4; t++)
			memory |= fp_attribute_is(all[i].attribute, types[t]) ? types[t] : 0;
		tap_is_str(fp_attribute_name(all[i].attribute), all[i].name, "attribute %u has its name",
			   all[i].attribute);
		tap_is_int(memory, all[i].memory, "%s serves as the types that it is", all[i].name);
		tap_is_int(fp_attribute_known(all[i].attribute),
			   strncmp(all[i].name, "unknown", 7) != 0, "%s is known or not", all[i].name);
	}
}

/* Each type of this architecture has a name that is an attribute's, which serves as it. */
static void test_own_names(void)
{
	static const enum fp_memory types[] = { FP_WB, FP_WC, FP_UC, FP_DEV };

	for (int t = 0; t < 4; t++) {
		bool found = false;

		for (unsigned a = 0; a < 64; a++)
			found |= fp_attribute_is(a, types[t]) &&
				 !strcmp(fp_attribute_name(a), fp_arch_memory_name(types[t]));
		tap_ok(found, "%s is %s here", fp_memory_name(types[t]), fp_arch_memory_name(types[t]));
	}
}

static void is_layout(uint64_t bar, size_t page, unsigned n, size_t most, size_t want)
{
	size_t bytes;
	int err = fp_bar_layout(bar, page, n, most, &bytes);

	tap_is_int(err ? err : (long long)bytes, want ? (long long)want : -ENOSPC,
		   "%u types in %llu bytes, pages of %zu, at most %zu", n, (unsigned long long)bar,
		   page, most);
}

static void test_layout(void)
{
	const size_t most = 8u << 20;

	is_layout(16u << 20, 4096, 3, most, 4u << 20);
	is_layout(16u << 20, 4096, 2, most, 8u << 20);
	is_layout(16u << 20, 4096, 1, most, 8u << 20);
	is_layout(1ull << 36, 4096, 3, most, 8u << 20);
	is_layout(1u << 20, 4096, 3, most, 1u << 18);
	is_layout(3 * 4096, 4096, 3, most, 4096);
	is_layout(2 * 4096, 4096, 3, most, 0);
	is_layout(4096, 4096, 1, most, 4096);
	is_layout(65536, 65536, 1, most, 65536);
	is_layout(65536, 65536, 2, most, 0);
	/* Not a power of two: what is left over is not used. */
	is_layout(5 * 4096, 4096, 1, most, 4 * 4096);
}

static void test_registers(void)
{
	static const struct {
		struct fp_device device;
		bool registers;
		const char *what;
	} all[] = {
		{ { .class_code = 0x010802, .bar = 2, .prefetchable = true }, false,
		  "an NVMe controller's memory buffer" },
		{ { .class_code = 0x010802, .bar = 0 }, true, "an NVMe controller's registers" },
		{ { .class_code = 0x050000, .bar = 2, .prefetchable = true }, false, "shared memory" },
		{ { .class_code = 0x00ff00, .bar = 0 }, true, "edu" },
		{ { .class_code = 0x020000, .bar = 0, .prefetchable = true }, true,
		  "a network controller's prefetchable BAR" },
		{ { .class_code = 0x020700, .bar = 0, .prefetchable = true }, true,
		  "an InfiniBand controller's" },
		{ { .class_code = 0x030000, .vendor = 0x1002, .bar = 2, .prefetchable = true }, true,
		  "an AMD GPU's doorbells" },
		{ { .class_code = 0x030000, .vendor = 0x1002, .bar = 0, .prefetchable = true }, false,
		  "an AMD GPU's memory" },
		{ { .class_code = 0x030200, .vendor = 0x10de, .bar = 1, .prefetchable = true }, false,
		  "an NVIDIA GPU's memory" },
		{ { .class_code = 0x010700, .bar = 1, .prefetchable = true }, true,
		  "a SAS controller's prefetchable BAR" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		tap_is_int(fp_bar_registers(&all[i].device) != NULL, all[i].registers,
			   all[i].registers ? "registers: %s" : "memory: %s", all[i].what);
}

int main(void)
{
	test_names();
	test_asked();
	test_attributes();
	test_own_names();
	test_layout();
	test_registers();
	return tap_done();
}
