// SPDX-License-Identifier: MIT
/* What can be said of targets without one: names, properties, attributes, ranges, registers. */
#include <errno.h>
#include <linux/fencepost.h>
#include <stdlib.h>

#include "memory/attribute.h"
#include "tap.h"
#include "targets/bar.h"
#include "targets/places.h"

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
		"0000:00:20.0-bar2", "0000:00:04.8-bar2", "0000:00:04-bar2",
		"00000000:00:04.0x-bar2",
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

static const struct fp_target *find(const char *name)
{
	size_t i = 0;

	while (fp_targets[i] && strcmp(fp_targets[i]->name, name))
		i++;
	return fp_targets[i];
}

/* What a target takes for a place of its own becomes the place's name, or NULL. */
static void takes(const char *target, const char *text, const char *name)
{
	struct fp_place_list found = { 0 };
	struct fp_asked asked;
	int err = fp_target_parse(text, &asked);

	tap_ok(!err && asked.target == find(target) && !asked.place == !name,
	       "--target %s is %s of %s", text, name ? "a place" : "all", target);
	if (err || !name)
		return;
	err = fp_places_find(&found, &asked);
	tap_ok(!err && found.n == 1 && found.all[0].target == asked.target,
	       "--target %s is one place, be it there or not", text);
	tap_is_str(found.n ? found.all[0].name : NULL, name, "--target %s has its name", text);
	fp_places_free(&found);
}

static void test_asked(void)
{
	static const char *const none[] = { "", "module:", "ram:x", ":ram", "module:ram", "ra",
					    "rams",
					    "module:0000:00:04.0", "modul:0000:00:04.0-bar2" };
	struct fp_asked asked;
	char *words = fp_targets_words();

	takes("ram", "ram", NULL);
	takes("module", "module", NULL);
	takes("module", "module:00:04.0-bar2", "0000:00:04.0-bar2");
	takes("module", "00:04.0-bar2", "0000:00:04.0-bar2");
	takes("module", "module:ABCDEF01:ff:1f.7-bar5", "abcdef01:ff:1f.7-bar5");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		tap_is_int(fp_target_parse(none[i], &asked), -EINVAL, "--target \"%s\" is none",
			   none[i]);
	if (!tap_ok(words, "there are words for what can be asked for"))
		return;
	for (size_t i = 0; fp_targets[i]; i++)
		tap_ok(strstr(words, fp_targets[i]->name), "%s is among them", fp_targets[i]->name);
	tap_ok(strstr(words, ", or a BAR as 0000:00:04.0-bar2"), "and an example is the last: %s",
	       words);
	free(words);
}

static void test_properties(void)
{
	unsigned ram = 0, profiled = 0;

	for (size_t i = 0; fp_targets[i]; i++) {
		const struct fp_target *t = fp_targets[i];

		ram += t->is_ram;
		profiled += t->is_profiled;
		tap_ok(!(t->is_ram && t->is_bar), "%s is not both RAM and a BAR", t->name);
		tap_is_int(t->is_ram, !!(t->memory & FP_WB), "%s is RAM if it is write-back memory",
			   t->name);
		tap_ok(t->memory && t->list && t->open && t->map && t->unmap && t->close &&
		       t->describe, "%s has all that a target must have", t->name);
		tap_is_int(!t->missing, !t->how_to_get, "%s: what is missing can be got", t->name);
	}
	tap_ok(ram, "one target is RAM, or several");
	tap_ok(profiled == 1 && fp_target_profiled()->is_ram,
	       "it is the one to profile the CPU on");
	tap_ok(find("module")->is_bar && find("module")->by_default,
	       "a bound BAR is a BAR, and is used");
	tap_ok(find("ram")->by_default && !find("ram")->is_bar, "RAM is used, and no BAR");
}

static void test_memory(void)
{
	char list[FP_MEMORY_LIST];
	const char *word;
	unsigned set = 0;

	tap_is_str(fp_memory_list(FP_ALL_MEMORY, list), "wb, wc, uc, device",
		   "all types, in order");
	tap_is_str(fp_memory_list(0, list), "", "no type");
	tap_is_int(fp_memory_parse("device,wc", &set, &word), 0, "a list of types");
	tap_is_int(set, FP_DEV | FP_WC, "is those that it names");
	set = 0;
	tap_ok(!fp_memory_parse("", &set, &word) && !fp_memory_parse("wb,", &set, &word) &&
	       set == FP_WB, "it may be empty, or end in a comma");
	tap_ok(fp_memory_parse("wb,wcc", &set, &word) == -EINVAL && !strcmp(word, "wcc"),
	       "a word that is none is found");
	for (size_t i = 0; i < FP_MEMORY_TYPES; i++) {
		set = 0;
		fp_memory_parse(fp_memory_name(fp_memory_types[i]), &set, &word);
		tap_is_int(set, fp_memory_types[i], "%s is itself",
			   fp_memory_name(fp_memory_types[i]));
	}
}

/* What an attribute serves as: RAM, write combining, or one device access an access. */
static void test_attribute(const struct fp_attribute *a)
{
	unsigned memory = 0;

	for (size_t t = 0; t < FP_MEMORY_TYPES; t++)
		memory |= fp_attribute_is(a->number, fp_memory_types[t]) ? fp_memory_types[t] : 0;
	tap_is_str(fp_attribute_name(a->number), a->name, "attribute %u has its name", a->number);
	tap_is_int(memory, a->memory, "%s serves as the types that it is", a->name);
	tap_ok(memory == FP_WB || memory == FP_WC || !(memory & ~(unsigned)(FP_UC | FP_DEV)),
	       "%s is one of cached, combining, uncached", a->name);
	tap_ok(fp_attribute_known(a->number), "%s is known", a->name);
}

static void test_attributes(void)
{
	static const struct fp_attribute none[] = {
		{ FENCEPOST_ATTR_STAGE2, 0, "unknown: stage 2" },
		{ FENCEPOST_ATTR_UNKNOWN, 0, "unknown" },
		{ 999, 0, "unknown" },
	};

	for (size_t i = 0; i < FP_ARCHES; i++)
		for (const struct fp_attribute *a = fp_arch_tables[i].attributes; a->name; a++)
			test_attribute(a);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		tap_is_str(fp_attribute_name(none[i].number), none[i].name,
			   "number %u has its name", none[i].number);
		tap_ok(!fp_attribute_known(none[i].number) &&
		       !fp_attribute_is(none[i].number, FP_ALL_MEMORY),
		       "number %u is known as nothing", none[i].number);
	}
}

/* A mapping of each type has an attribute here that serves as it. */
static void test_own_attributes(void)
{
	for (size_t t = 0; t < FP_MEMORY_TYPES; t++)
		tap_ok(fp_attribute_is(fp_attribute_of(fp_memory_types[t]), fp_memory_types[t]),
		       "%s is %s here", fp_memory_name(fp_memory_types[t]),
		       fp_attribute_name(fp_attribute_of(fp_memory_types[t])));
	tap_is_int(fp_attribute_of(0), FENCEPOST_ATTR_UNKNOWN, "no type has no attribute");
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
		{ { .class_code = 0x050000, .bar = 2, .prefetchable = true }, false,
		  "shared memory" },
		{ { .class_code = 0x00ff00, .bar = 0 }, true, "edu" },
		{ { .class_code = 0x020000, .bar = 0, .prefetchable = true }, true,
		  "a network controller's prefetchable BAR" },
		{ { .class_code = 0x020700, .bar = 0, .prefetchable = true }, true,
		  "an InfiniBand controller's" },
		{ { .class_code = 0x030000, .vendor = 0x1002, .bar = 2, .prefetchable = true },
		  true, "an AMD GPU's doorbells" },
		{ { .class_code = 0x030000, .vendor = 0x1002, .bar = 0, .prefetchable = true },
		  false, "an AMD GPU's memory" },
		{ { .class_code = 0x030200, .vendor = 0x10de, .bar = 1, .prefetchable = true },
		  false, "an NVIDIA GPU's memory" },
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
	test_properties();
	test_memory();
	test_attributes();
	test_own_attributes();
	test_layout();
	test_registers();
	return tap_done();
}
