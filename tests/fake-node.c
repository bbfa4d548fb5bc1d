// SPDX-License-Identifier: MIT
/*
 * A kernel module that is none: the calls of bench/targets/node.h on files of a
 * folder that FENCEPOST_DEV names.  The program fencepost-fake has these in
 * place of the real ones, so that all of the target module is run without a
 * kernel module, a device, or privileges.
 *
 * A file has one word and its value a line; all may be left out:
 *   bytes N, vendor N, device N, class N, numa N, page N
 *   prefetchable 0|1     default 1
 *   abi N                of the interface
 *   distorts N           bits of FENCEPOST_DISTORTS_
 *   accesses N           bits of the accesses that it has; default: all
 *   stage1 N, effective N   attributes, whatever was asked for
 *   content N            each byte of the BAR; 255: nobody answers
 *   stops N              bytes from the begin that can be accessed; beyond: SIGBUS
 *   open|reserve|populate|run ERRNO  that this fails with
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fencepost.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory/attribute.h"
#include "targets/node.h"

#define MAX_OPEN   8
#define MAX_RANGES 64

static struct fake {
	bool used;
	int fd, reserve, populate, run;
	struct fencepost_info info;
	unsigned stage1, effective;
	struct fencepost_range ranges[MAX_RANGES];
	unsigned n_ranges;
	struct {
		uintptr_t address;
		size_t bytes;
		uint64_t offset;
	} maps[MAX_RANGES];
	unsigned n_maps;
	unsigned char *memory; /* all of it, for FENCEPOST_RUN */
} fakes[MAX_OPEN];

static struct fake *find(int fd)
{
	for (size_t i = 0; i < MAX_OPEN; i++)
		if (fakes[i].used && fakes[i].fd == fd)
			return &fakes[i];
	return NULL;
}

/* A descriptor that was closed and given out again is another file's. */
static struct fake *take(void)
{
	for (size_t i = 0; i < MAX_OPEN; i++)
		if (!fakes[i].used || fcntl(fakes[i].fd, F_GETFD) < 0) {
			memset(&fakes[i], 0, sizeof(fakes[i]));
			fakes[i].used = true;
			return &fakes[i];
		}
	abort();
}

struct settings {
	unsigned long long bytes, vendor, device, class_code, page, prefetchable, abi, distorts,
		accesses, stage1, effective, content, stops, open, reserve, populate, run;
	long long numa;
};

static void set(struct settings *s, const char *word, unsigned long long value)
{
	const struct {
		const char *word;
		unsigned long long *to;
	} all[] = {
		{ "bytes", &s->bytes }, { "vendor", &s->vendor }, { "device", &s->device },
		{ "class", &s->class_code }, { "page", &s->page },
		{ "prefetchable", &s->prefetchable }, { "abi", &s->abi },
		{ "distorts", &s->distorts }, { "accesses", &s->accesses },
		{ "stage1", &s->stage1 }, { "effective", &s->effective },
		{ "content", &s->content }, { "stops", &s->stops }, { "open", &s->open },
		{ "reserve", &s->reserve }, { "populate", &s->populate }, { "run", &s->run },
		{ "numa", (unsigned long long *)&s->numa },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(word, all[i].word)) {
			*all[i].to = value;
			return;
		}
	fprintf(stderr, "fake-node: %s: no such word\n", word);
	abort();
}

static int read_settings(const char *path, struct settings *s)
{
	FILE *f = fopen(path, "re");
	char word[32], value[32];

	if (!f)
		return -errno;
	*s = (struct settings){ .bytes = 1 << 22, .vendor = 0x1b36, .device = 0x0010,
				.class_code = 0x010802, .page = (unsigned)getpagesize(),
				.prefetchable = 1, .abi = FENCEPOST_ABI, .accesses = ~0ull,
				.numa = -1 };
	while (fscanf(f, "%31s %31s", word, value) == 2)
		set(s, word, strtoull(value, NULL, 0));
	fclose(f);
	return 0;
}

/* Memory of the BAR's size, that ends where accesses are to fail. */
static int make_memory(struct fake *fake, const struct settings *s)
{
	size_t there = s->stops ? s->stops : s->bytes;

	fake->fd = memfd_create("bar", MFD_CLOEXEC);
	if (fake->fd < 0 || ftruncate(fake->fd, (off_t)there))
		return -errno;
	fake->memory = mmap(NULL, s->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fake->fd, 0);
	if (fake->memory == MAP_FAILED)
		return -errno;
	memset(fake->memory, (int)s->content, there);
	return 0;
}

int fp_node_open(const char *path)
{
	struct settings s;
	struct fake *fake;
	int err = read_settings(path, &s);

	if (err || s.open)
		return err ? err : -(int)s.open;
	fake = take();
	err = make_memory(fake, &s);
	if (err)
		return err;
	fake->info = (struct fencepost_info){
		.abi = (uint32_t)s.abi,
		.bar = (uint32_t)(path[strlen(path) - 1] - '0'),
		.bytes = s.bytes,
		.vendor = (uint16_t)s.vendor,
		.device = (uint16_t)s.device,
		.class_code = (uint32_t)s.class_code,
		.numa_node = (int32_t)s.numa,
		.flags = s.prefetchable ? FENCEPOST_BAR_PREFETCHABLE : 0,
		.distorts = (uint32_t)s.distorts,
		.accesses = s.accesses & ((1u << FENCEPOST_ACCESSES) - 1),
		.barriers = (1u << FENCEPOST_BARRIERS) - 1,
		.sections = (1u << FENCEPOST_SECTIONS) - 1,
		.page_bytes = (uint32_t)s.page,
	};
	fake->stage1 = (unsigned)s.stage1;
	fake->effective = (unsigned)s.effective;
	fake->reserve = (int)s.reserve;
	fake->populate = (int)s.populate;
	fake->run = (int)s.run;
	return fake->fd;
}

static int reserve(struct fake *fake, const struct fencepost_range *r)
{
	uint64_t page = fake->info.page_bytes;

	if (!r->length || r->length % page || r->offset % page || r->reserved)
		return -EINVAL;
	if (r->offset + r->length > fake->info.bytes)
		return -ENXIO;
	for (unsigned i = 0; i < fake->n_ranges; i++)
		if (fake->ranges[i].memory != r->memory &&
		    fake->ranges[i].offset < r->offset + r->length &&
		    r->offset < fake->ranges[i].offset + fake->ranges[i].length)
			return -EBUSY;
	if (fake->n_ranges == MAX_RANGES)
		return -ENOSPC;
	fake->ranges[fake->n_ranges++] = *r;
	return 0;
}

/* The range that all of it lies in. */
static const struct fencepost_range *range_of(const struct fake *fake, uint64_t offset,
					      uint64_t bytes)
{
	for (unsigned i = 0; i < fake->n_ranges; i++)
		if (fake->ranges[i].offset <= offset &&
		    offset + bytes <= fake->ranges[i].offset + fake->ranges[i].length)
			return &fake->ranges[i];
	return NULL;
}

int fp_node_map(int fd, void *address, size_t bytes, uint64_t offset)
{
	struct fake *fake = find(fd);

	if (!range_of(fake, offset, bytes))
		return -ENXIO;
	if (mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 (off_t)offset) == MAP_FAILED)
		return -errno;
	fake->maps[fake->n_maps].address = (uintptr_t)address;
	fake->maps[fake->n_maps].bytes = bytes;
	fake->maps[fake->n_maps++].offset = offset;
	return 0;
}

static unsigned attribute_for(unsigned memory)
{
	static const enum fp_memory types[] = {
		[FENCEPOST_WC] = FP_WC, [FENCEPOST_UC] = FP_UC, [FENCEPOST_DEVICE] = FP_DEV,
	};

	return fp_attribute_of(types[memory & 3]);
}

static int populate(struct fake *fake, struct fencepost_mapping *m)
{
	for (unsigned i = 0; i < fake->n_maps; i++) {
		const struct fencepost_range *range;

		if (fake->maps[i].address != m->address || fake->maps[i].bytes != m->length)
			continue;
		range = range_of(fake, fake->maps[i].offset, m->length);
		m->memory = range->memory;
		m->stage1 = fake->stage1 ? fake->stage1 : attribute_for(range->memory);
		m->effective = fake->effective ? fake->effective : FENCEPOST_ATTR_STAGE2;
		m->entry = 0x27;
		return 0;
	}
	return -ENXIO;
}

/* As the module counts, with copies of 8 bytes. */
static uint64_t cost(const struct fencepost_run *r, unsigned memory)
{
	uint64_t ns = 100 + (r->barrier ? 500 : 0), n = (r->bytes + 7) / 8;

	if (r->access == FENCEPOST_MEMCPY_FROMIO || r->access >= FENCEPOST_READL)
		ns += n * 1000;
	else if (memory == FENCEPOST_WC && n)
		ns += 300 + (uint64_t)r->bytes * 2;
	else
		ns += n * 50;
	if (r->access == FENCEPOST_WRITEL || r->access == FENCEPOST_WRITEQ)
		ns += n * 200;
	return ns;
}

/* Nothing is timed: a loop takes what the module says that it takes at most. */
static int run(struct fake *fake, const struct fencepost_run *r)
{
	uint64_t last = r->offset + (uint64_t)(r->places - 1) * r->stride;
	const struct fencepost_range *range = range_of(fake, r->offset,
						       last + r->bytes - r->offset);
	bool reads = r->access == FENCEPOST_MEMCPY_FROMIO || r->access >= FENCEPOST_READL;
	uint64_t *times = (uint64_t *)(uintptr_t)r->times;
	void *data = (void *)(uintptr_t)r->data;

	if (!r->places || !r->loops || !r->samples || r->samples > FENCEPOST_MAX_SAMPLES ||
	    r->reserved || (r->access == FENCEPOST_NOTHING) != !r->bytes)
		return -EINVAL;
	if (!range)
		return -ENXIO;
	if (r->access == FENCEPOST_MEMCPY && range->memory != FENCEPOST_WC)
		return -EOPNOTSUPP;
	if (cost(r, range->memory) * r->loops > FENCEPOST_MAX_SAMPLE_NS)
		return -E2BIG;
	if (r->bytes && reads)
		memcpy(data, fake->memory + last, r->bytes);
	else if (r->bytes)
		memcpy(fake->memory + last, data, r->bytes);
	for (uint32_t i = 0; i < r->samples; i++)
		times[i] = cost(r, range->memory) * r->loops;
	return 0;
}

int fp_node_call(int fd, unsigned long request, void *argument)
{
	struct fake *fake = find(fd);

	switch (request) {
	case FENCEPOST_GET_INFO:
		memcpy(argument, &fake->info, sizeof(fake->info));
		return 0;
	case FENCEPOST_RESERVE:
		return fake->reserve ? -fake->reserve : reserve(fake, argument);
	case FENCEPOST_POPULATE:
		return fake->populate ? -fake->populate : populate(fake, argument);
	case FENCEPOST_RUN:
		return fake->run ? -fake->run : run(fake, argument);
	}
	return -ENOTTY;
}
