// SPDX-License-Identifier: MIT
/*
 * The memory BARs that are bound to the kernel module: /dev/fencepost/<BDF>-bar<N>,
 * as <linux/fencepost.h> says.  What is mapped is what the page tables say.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/fencepost.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/binding.h"
#include "memory/attribute.h"
#include "targets/bar.h"
#include "targets/node.h"
#include "targets/places.h"

/* A place that is open. */
struct node {
	int fd;
	struct fencepost_info info;
	struct fp_bar bar;
	struct fp_kernel kernel;
};

/* ---- which BARs there are ---- */

static int parse(const char *text, char **name)
{
	const char *behind = fp_target_behind("module", text);

	return fp_bar_parse(behind ? behind : text, name);
}

static bool is_chosen(const char *name)
{
	struct fp_binding binding;
	char address[FP_PCI_ADDRESS], why[8];
	unsigned bar;

	/* Bound by someone else, or nobody knows by whom: no BAR of it is the chosen one. */
	if (fp_pci_split(name, address, &bar) ||
	    fp_binding_read(address, &binding, why, sizeof(why)))
		return true;
	return binding.bar == bar;
}

static bool is_name(const char *file)
{
	char name[FP_PCI_BAR_NAME];

	return !fp_pci_bar_name(file, name) && !strcmp(file, name);
}

static int by_name(const void *left, const void *right)
{
	const struct fp_place *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int add(const struct fp_target *target, struct fp_place_list *places, const char *name)
{
	struct fp_place *place = fp_places_add(places, target, name);

	if (!place)
		return -ENOMEM;
	place->by_default = place->by_default && is_chosen(name);
	return 0;
}

static int list(const struct fp_target *target, struct fp_place_list *places)
{
	DIR *folder = opendir(fp_path_dev());
	size_t before = places->n;
	struct dirent *entry;
	int err = 0;

	if (!folder)
		return -errno;
	while (!err && (entry = readdir(folder)) != NULL)
		if (is_name(entry->d_name))
			err = add(target, places, entry->d_name);
	closedir(folder);
	if (places->n > before)
		qsort(places->all + before, places->n - before, sizeof(*places->all), by_name);
	return err;
}

/* ---- opening one ---- */

static struct fp_bar describe_bar(const char *name, const struct fencepost_info *info)
{
	struct fp_bar bar = {
		.device = {
			.vendor = info->vendor,
			.device = info->device,
			.class_code = info->class_code,
			.bar_bytes = info->bytes,
			.prefetchable = info->flags & FENCEPOST_BAR_PREFETCHABLE,
			.distorts = info->distorts,
		},
		.page_bytes = info->page_bytes,
	};

	fp_pci_split(name, bar.device.address, &bar.device.bar);
	return bar;
}

static int get_info(struct node *node, struct fp_refusal *refusal)
{
	int err = fp_node_call(node->fd, FENCEPOST_GET_INFO, &node->info);

	if (err)
		return fp_refuse(refusal, err, "the module does not say what it is: %s",
				 strerror(-err));
	if (node->info.abi != FENCEPOST_ABI)
		return fp_refuse(refusal, -EPROTO,
				 "the module speaks interface %u, this program %u: build both from "
				 "the same tree", node->info.abi, FENCEPOST_ABI);
	return 0;
}

static int check_identity(const struct node *node, struct fp_refusal *refusal)
{
	const struct fp_device *device = &node->bar.device;

	if (node->info.bar != device->bar)
		return fp_refuse(refusal, -EPROTO, "the module says that it is BAR %u",
				 node->info.bar);
	return fp_bar_check_identity(device, "the module", refusal);
}

static int refuse_file(struct fp_refusal *refusal, int err, const char *path, const char *name)
{
	char address[FP_PCI_ADDRESS] = "";
	unsigned bar = 0;

	if (err == -EPERM || err == -EACCES)
		return fp_refuse(refusal, err,
				 "%s: %s; it needs root (CAP_SYS_RAWIO) and a kernel that is not "
				 "locked down", path, strerror(-err));
	fp_pci_split(name, address, &bar);
	return fp_refuse(refusal, err, "%s: %s; attach the device with: run-bench bind %s %u", path,
			 strerror(-err), address, bar);
}

static int open_file(const char *name, struct fp_refusal *refusal)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/%s", fp_path_dev(), name) < 0)
		return fp_refuse(refusal, -ENOMEM, "out of memory");
	fd = fp_node_open(path);
	if (fd < 0)
		refuse_file(refusal, fd, path, name);
	free(path);
	return fd;
}

static int run_in_kernel(const struct fp_mapping *m, struct fencepost_run *run)
{
	const struct node *node = m->place->open;

	run->offset += m->offset;
	return fp_node_call(node->fd, FENCEPOST_RUN, run);
}

static void close_place(struct fp_place *place)
{
	struct node *node = place->open;

	if (node)
		close(node->fd);
	free(node);
	place->open = NULL;
}

/* All that can be known without an access to the BAR. */
static int identify(struct fp_place *place, struct fp_refusal *refusal)
{
	struct node *node = calloc(1, sizeof(*node));
	int err;

	if (!node)
		return fp_refuse(refusal, -ENOMEM, "out of memory");
	node->fd = open_file(place->name, refusal);
	if (node->fd < 0) {
		err = node->fd;
		free(node);
		return err;
	}
	place->open = node;
	err = get_info(node, refusal);
	if (err)
		return err;
	node->bar = describe_bar(place->name, &node->info);
	node->kernel = (struct fp_kernel){ node->info.accesses, node->info.barriers,
					   node->info.sections, run_in_kernel };
	return check_identity(node, refusal);
}

static int open_place(struct fp_place *place, struct fp_refusal *refusal)
{
	int err = identify(place, refusal);
	struct node *node = place->open;

	if (!err)
		err = fp_bar_check_registers(&node->bar.device, &place->wish, refusal);
	if (!err)
		err = fp_bar_lay_out(&node->bar, &place->wish, refusal);
	if (err)
		close_place(place);
	return err;
}

static void describe(struct fp_place *place, char *what, size_t size, char *usable,
		     size_t usable_size)
{
	struct fp_refusal refusal = { "yes" };
	int err = identify(place, &refusal);

	if (!err) {
		const struct node *node = place->open;

		fp_bar_describe(&node->bar.device, what, size);
		fp_bar_check_registers(&node->bar.device, &place->wish, &refusal);
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

static int reserve(const struct node *node, const struct fp_mapping *m, struct fp_refusal *refusal)
{
	struct fencepost_range range = {
		.offset = m->offset,
		.length = m->bytes,
		.memory = memory_number(m->requested),
	};
	int err = fp_node_call(node->fd, FENCEPOST_RESERVE, &range);

	if (err == -EBUSY)
		return fp_refuse(refusal, err,
				 "bytes %llu to %llu can't be %s: another program has them as "
				 "another memory type", (unsigned long long)m->offset,
			      (unsigned long long)(m->offset + m->bytes - 1),
			      fp_memory_name(m->requested));
	if (err)
		return fp_refuse(refusal, err, "can't reserve %zu bytes as %s: %s", m->bytes,
			      fp_memory_name(m->requested), strerror(-err));
	return 0;
}

static int map_pages(const struct node *node, struct fp_mapping *m, struct fp_refusal *refusal)
{
	int err = fp_node_map(node->fd, m->address, m->bytes, m->offset);

	if (err)
		return fp_refuse(refusal, err, "can't map %zu bytes as %s: %s", m->bytes,
				 fp_memory_name(m->requested), strerror(-err));
	return 0;
}

/* Brings the pages in, and takes the page tables' word for what they are. */
static int check_attribute(const struct node *node, struct fp_mapping *m,
			   struct fp_refusal *refusal)
{
	struct fencepost_mapping mapping = { .address = (uintptr_t)m->address, .length = m->bytes };
	int err = fp_node_call(node->fd, FENCEPOST_POPULATE, &mapping);

	if (err)
		return fp_refuse(refusal, err, "can't bring in %zu bytes as %s: %s", m->bytes,
			      fp_memory_name(m->requested),
			      err == -EIO ? "its page-table entries differ" : strerror(-err));
	snprintf(m->stage1, sizeof(m->stage1), "%s", fp_attribute_name(mapping.stage1));
	snprintf(m->effective, sizeof(m->effective), "%s", fp_attribute_name(mapping.effective));
	snprintf(m->verified_by, sizeof(m->verified_by), "page-table entry, by the module");
	if (!fp_attribute_is(mapping.stage1, m->requested))
		return fp_refuse(refusal, -EPROTO,
				 "asked for as %s, its page-table entry says %s (0x%llx), not %s",
				 fp_memory_name(m->requested), m->stage1,
			      (unsigned long long)mapping.entry,
			      fp_attribute_name(fp_attribute_of(m->requested)));
	if (fp_attribute_known(mapping.effective) &&
	    !fp_attribute_is(mapping.effective, m->requested))
		return fp_refuse(refusal, -EPROTO,
				 "asked for as %s, it behaves as %s: this system's tables (MTRR) "
				 "overrule the page-table entry",
			      fp_memory_name(m->requested), m->effective);
	return 0;
}

static int map(const struct fp_machine *machine, struct fp_mapping *m, struct fp_refusal *refusal)
{
	const struct node *node = m->place->open;
	int err = fp_bar_place(&node->bar, m, refusal);

	(void)machine;
	m->numa_node = node->info.numa_node;
	m->kernel = &node->kernel;
	if (!err)
		err = reserve(node, m, refusal);
	if (!err)
		err = map_pages(node, m, refusal);
	if (!err)
		err = check_attribute(node, m, refusal);
	if (!err)
		err = fp_bar_check_answer(m, refusal);
	if (err)
		fp_bar_unmap(m);
	return err;
}

const struct fp_target fp_target_module = {
	.name = "module",
	.summary = "every BAR that is bound to the kernel module (run-bench bind)",
	.example = "a BAR as 0000:00:04.0-bar2",
	.missing = "no BAR is bound to the kernel module",
	.how_to_get = "run-bench bind BDF",
	.memory = FP_WC | FP_UC | FP_DEV,
	.is_bar = true,
	.by_default = true,
	.parse = parse,
	.list = list,
	.open = open_place,
	.map = map,
	.unmap = fp_bar_unmap,
	.close = close_place,
	.describe = describe,
};
