// SPDX-License-Identifier: MIT
/*
 * Calls of every kind, valid and not, from several processes and threads, while
 * devices come and go.  No call does but what <linux/fencepost.h> says: errors are
 * among those stated there and change nothing, no byte beyond a result is written,
 * and a mapping has its range's type.
 *
 * CALLS, by SEED: 20,000, and 1,000,000 in a kernel that finds mistakes.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define PROCESSES  3 /* the first has threads, which make each other slow: it does less */
#define THREADS	   2
#define FILES	   3  /* of each thread */
#define RANGES	   8  /* of a file, that are remembered */
#define MAPPINGS   6  /* of each thread */
#define PAGES	   24 /* the part of a BAR that ranges are in: they are to meet */
#define ROOM	   8192
#define POISON	   0xa5
#define PATIENCE_S 1200

static const char *const devices[] = { "LAB_CMB", "LAB_SHM" };

enum kind { INFO, RESERVE, POPULATE, RUN, UNKNOWN, MMAP, KINDS };

static const struct {
	const char *name;
	int errors[10];
} kinds[KINDS] = {
	[INFO] = { "FENCEPOST_GET_INFO", { EFAULT, ENODEV } },
	[RESERVE] = { "FENCEPOST_RESERVE",
		      { EFAULT, EINVAL, ENXIO, EBUSY, ENOSPC, ENOMEM, ENODEV } },
	[POPULATE] = { "FENCEPOST_POPULATE", { EFAULT, EINVAL, ENXIO, ENOMEM, ENODEV } },
	[RUN] = { "FENCEPOST_RUN", { EFAULT, EINVAL, ENXIO, E2BIG, EOPNOTSUPP, ENOMEM, ENODEV } },
	[UNKNOWN] = { "an unknown ioctl", { ENOTTY } },
	/* EACCES: of a file that is open for reading; ENOMEM, EOVERFLOW: of mmap(2) itself. */
	[MMAP] = { "mmap", { EINVAL, ENXIO, EPERM, EACCES, ENODEV, ENOMEM, EOVERFLOW } },
};

/* Of all processes. */
static struct shared {
	atomic_ullong calls[KINDS], worked[KINDS];
	atomic_uint violations;
	char first[256];
	atomic_bool stop;
} *shared;

struct file {
	int fd;
	bool writable;
	unsigned n;
	struct fencepost_range ranges[RANGES];
};

struct mapping {
	unsigned char *p;
	size_t length;
	uint32_t memory; /* 0: not known */
	int prot;
	unsigned file;
};

struct fuzzer {
	pthread_t thread;
	uint64_t random, calls;
	struct file files[FILES];
	struct mapping mappings[MAPPINGS];
	unsigned char *room; /* ROOM bytes, of which the last is followed by nothing */
	unsigned char *fixed; /* a page that can't be written */
};

static size_t page;

static void __attribute__((format(printf, 1, 2))) violation(const char *fmt, ...)
{
	va_list args;

	if (atomic_fetch_add(&shared->violations, 1))
		return;
	va_start(args, fmt);
	vsnprintf(shared->first, sizeof(shared->first), fmt, args);
	va_end(args);
}

static uint64_t below(struct fuzzer *f, uint64_t n)
{
	return bar_random(&f->random) % n;
}

static bool one_in(struct fuzzer *f, uint64_t n)
{
	return !below(f, n);
}

/* Small, or at an edge, or anything. */
static uint64_t number(struct fuzzer *f)
{
	static const uint64_t edges[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
					  0x7fffffffffffffff, 0x8000000000000000,
					  0xfffffffffffff000, 0xffffffffffffffff };

	switch (below(f, 4)) {
	case 0: return edges[below(f, sizeof(edges) / sizeof(edges[0]))];
	case 1: return bar_random(&f->random) >> below(f, 64);
	case 2: return below(f, 2 * PAGES) * page;
	default: return below(f, 64);
	}
}

/*
 * Files
 */

/* A device may be away: then there is no file, and calls get EBADF, which are none. */
static void open_file(struct fuzzer *f, struct file *file)
{
	file->writable = !one_in(f, 8);
	file->n = 0;
	file->fd = open(bar_path(devices[below(f, 2)], 2),
			(file->writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
}

static void renew_file(struct fuzzer *f, struct file *file)
{
	unsigned index = (unsigned)(file - f->files);

	for (unsigned i = 0; i < MAPPINGS; i++)
		if (f->mappings[i].file == index)
			f->mappings[i].file = FILES;
	if (file->fd >= 0)
		close(file->fd);
	open_file(f, file);
}

static struct file *any_file(struct fuzzer *f)
{
	struct file *file = &f->files[below(f, FILES)];

	if (file->fd < 0)
		open_file(f, file);
	return file;
}

/*
 * Arguments: where a struct is, and what it is
 */

/* An address that nobody has: a result must not get into this program itself. */
static unsigned char *wild(struct fuzzer *f)
{
	return (unsigned char *)(uintptr_t)(one_in(f, 2) ? below(f, 4096) : number(f) | 1ull << 62);
}

/* As a user buffer: mostly a good one, before the end of what is there; else a bad one. */
static unsigned char *buffer(struct fuzzer *f, size_t size)
{
	const struct mapping *m = &f->mappings[below(f, MAPPINGS)];

	switch (below(f, 24)) {
	case 0: return m->p ? m->p + below(f, m->length) : NULL;
	case 1: return f->fixed;
	case 2: return f->room + ROOM - below(f, size + 1);
	case 3: return wild(f);
	case 4: return (unsigned char *)0xffffffff81000000;
	default: return f->room + ROOM - size - below(f, 2) * 8;
	}
}

static bool is_own(const struct fuzzer *f, const unsigned char *p, size_t size)
{
	return p >= f->room && (size_t)(p - f->room) <= ROOM - size;
}

/* One field of a struct becomes anything. */
static void corrupt(struct fuzzer *f, void *p, size_t size)
{
	uint64_t value = number(f);

	if (one_in(f, 4))
		memcpy((char *)p + below(f, size / 4) * 4, &value, 4);
}

static bool is_documented(enum kind kind, int err)
{
	for (size_t i = 0; i < sizeof(kinds[kind].errors) / sizeof(kinds[kind].errors[0]); i++)
		if (err && kinds[kind].errors[i] == err)
			return true;
	return false;
}

static void judge(enum kind kind, int err)
{
	atomic_fetch_add_explicit(&shared->calls[kind], 1, memory_order_relaxed);
	if (!err)
		atomic_fetch_add_explicit(&shared->worked[kind], 1, memory_order_relaxed);
	else if (!is_documented(kind, err))
		violation("%s: errno %d", kinds[kind].name, err);
}

/*
 * Has the call work on a copy of the argument in some buffer. Returns errno; what came
 * out is in the argument where *seen. Nobody but this thread has its buffers.
 */
static int call(struct fuzzer *f, struct file *file, enum kind kind, unsigned long command,
		void *argument, size_t size, bool *seen)
{
	unsigned char *at = buffer(f, size);
	int err;

	*seen = is_own(f, at, size);
	if (file->fd < 0)
		return EBADF;
	memset(f->room + ROOM - size - 16, POISON, size + 16);
	if (*seen)
		memcpy(at, argument, size);
	err = ioctl(file->fd, command, at) ? errno : 0;
	judge(kind, err);
	if (!*seen)
		return err;
	if (err && memcmp(at, argument, size))
		violation("%s: an error %d changes its argument", kinds[kind].name, err);
	if (at[-1] != POISON || at[-8] != POISON ||
	    (at + size < f->room + ROOM && at[size] != POISON))
		violation("%s: bytes beside its argument change", kinds[kind].name);
	memcpy(argument, at, size);
	if (err == ENODEV && one_in(f, 4))
		renew_file(f, file);
	return err;
}

static void get_info(struct fuzzer *f)
{
	struct fencepost_info info;
	bool seen;

	memset(&info, POISON, sizeof(info));
	if (call(f, any_file(f), INFO, FENCEPOST_GET_INFO, &info, sizeof(info), &seen) || !seen)
		return;
	if (info.abi != FENCEPOST_ABI || info.bar != 2 || info.page_bytes != page || !info.bytes ||
	    info.bytes % page)
		violation("FENCEPOST_GET_INFO: wrong values");
	for (size_t i = 0; i < sizeof(info.reserved) / sizeof(info.reserved[0]); i++)
		if (info.reserved[i])
			violation("FENCEPOST_GET_INFO: reserved field %zu is not 0", i);
}

static void reserve(struct fuzzer *f)
{
	struct file *file = any_file(f);
	struct fencepost_range range = {
		.offset = below(f, PAGES) * page,
		.length = (1 + below(f, 4)) * page,
		/* Mostly the same type: else nearly all meet one that is there. */
		.memory = one_in(f, 3) ? 1 + (uint32_t)below(f, 3) : FENCEPOST_WC,
	}, before;
	bool seen;
	int err;

	corrupt(f, &range, sizeof(range));
	before = range;
	err = call(f, file, RESERVE, FENCEPOST_RESERVE, &range, sizeof(range), &seen);
	if (seen && memcmp(&before, &range, sizeof(range)))
		violation("FENCEPOST_RESERVE: it changes its argument");
	if (!err && seen && file->n < RANGES)
		file->ranges[file->n++] = range;
	else if (err == ENOSPC || one_in(f, 64))
		renew_file(f, file);
}

static void check_mapping(const struct mapping *m, const struct fencepost_mapping *result)
{
	if (m->memory && result->memory != m->memory)
		violation("FENCEPOST_POPULATE: type %u is %u", m->memory, result->memory);
	if (result->memory < FENCEPOST_WC || result->memory > FENCEPOST_DEVICE ||
	    result->stage1 != bar_expected(result->memory))
		violation("FENCEPOST_POPULATE: type %u has %s", result->memory,
			  fp_attribute_name(result->stage1));
	if (result->entry & 0x0000fffffffff000 & -(uint64_t)page)
		violation("FENCEPOST_POPULATE: an address gets out");
}

static void populate(struct fuzzer *f)
{
	const struct mapping *m = &f->mappings[below(f, MAPPINGS)];
	struct file *file = m->file < FILES && !one_in(f, 8) ? &f->files[m->file] : any_file(f);
	struct fencepost_mapping mapping;
	bool seen;

	memset(&mapping, POISON, sizeof(mapping));
	mapping.address = (uintptr_t)m->p;
	mapping.length = m->length;
	mapping.reserved = 0;
	corrupt(f, &mapping, sizeof(mapping));
	if (!call(f, file, POPULATE, FENCEPOST_POPULATE, &mapping, sizeof(mapping), &seen) &&
	    seen && mapping.address == (uintptr_t)m->p && mapping.length == m->length)
		check_mapping(m, &mapping);
}

static struct fencepost_run some_run(struct fuzzer *f, const struct file *file)
{
	struct fencepost_run run = {
		.stride = below(f, 4) * 64,
		.places = 1 + (uint32_t)below(f, 4),
		.bytes = (uint32_t)below(f, 9) * 8,
		.access = (uint32_t)below(f, FENCEPOST_ACCESSES),
		.barrier = (uint32_t)below(f, FENCEPOST_BARRIERS),
		.section = (uint32_t)below(f, FENCEPOST_SECTIONS),
		.loops = 1 + (uint32_t)below(f, 3),
		.samples = 1 + (uint32_t)below(f, 4),
	};

	if (file->n)
		run.offset = file->ranges[below(f, file->n)].offset + below(f, 8) * 64;
	if (run.access == FENCEPOST_NOTHING)
		run.bytes = 0;
	return run;
}

/* What is read is written wholly, what is written is not, and nothing else changes. */
static void check_run(const struct fencepost_run *run, const unsigned char *data,
		      const unsigned char *times)
{
	size_t end = run->samples * sizeof(uint64_t);

	if (data[run->bytes] != POISON)
		violation("FENCEPOST_RUN: access %u changes bytes behind its data", run->access);
	if (times[end] != POISON)
		violation("FENCEPOST_RUN: %u samples have more times", run->samples);
	if (!memcmp(times + end - 8, "\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5", 8))
		violation("FENCEPOST_RUN: sample %u has no time", run->samples);
}

/* Not where the struct is, which may be anywhere at the end of the room. */
static unsigned char *apart(struct fuzzer *f, unsigned char *place)
{
	unsigned char *p = buffer(f, 1024);

	return p >= f->room && p <= f->room + ROOM ? place : p;
}

static void run(struct fuzzer *f)
{
	struct file *file = any_file(f);
	struct fencepost_run run = some_run(f, file);
	unsigned char *data = apart(f, f->room), *times = apart(f, f->room + ROOM / 2);
	bool seen, own;

	run.data = (uintptr_t)data;
	run.times = (uintptr_t)times;
	corrupt(f, &run, sizeof(run));
	if (run.data != (uintptr_t)data)
		run.data = (uintptr_t)wild(f);
	if (run.times != (uintptr_t)times)
		run.times = (uintptr_t)wild(f);
	/* As many as there is room for before the struct. */
	if (run.samples <= FENCEPOST_MAX_SAMPLES)
		run.samples %= 128;
	own = run.data == (uintptr_t)f->room && run.times == (uintptr_t)(f->room + ROOM / 2) &&
	      run.bytes < 128 && run.samples < 16;
	memset(f->room, POISON, 128);
	memset(f->room + ROOM / 2, POISON, 128);
	if (!call(f, file, RUN, FENCEPOST_RUN, &run, sizeof(run), &seen) && seen && own)
		check_run(&run, data, times);
}

/* Of this module's own letter: others are the kernel's. */
static void unknown(struct fuzzer *f)
{
	unsigned char argument[64];
	unsigned long command;
	bool seen;

	do
		command = _IOC(below(f, 4), FENCEPOST_IOC_MAGIC,
			       one_in(f, 2) ? below(f, 8) : below(f, 256), below(f, 128));
	while (command == FENCEPOST_GET_INFO || command == FENCEPOST_RESERVE ||
	       command == FENCEPOST_POPULATE || command == FENCEPOST_RUN);
	memset(argument, POISON, sizeof(argument));
	call(f, any_file(f), UNKNOWN, command, argument, sizeof(argument), &seen);
}

/*
 * Mappings
 */

static void unmap(struct mapping *m)
{
	if (m->p)
		munmap(m->p, m->length);
	*m = (struct mapping){ .file = FILES };
}

static uint32_t type_of(const struct file *file, uint64_t offset, uint64_t length)
{
	for (unsigned i = 0; i < file->n; i++)
		if (offset >= file->ranges[i].offset &&
		    offset + length <= file->ranges[i].offset + file->ranges[i].length)
			return file->ranges[i].memory;
	return 0;
}

static void map(struct fuzzer *f)
{
	struct mapping *m = &f->mappings[below(f, MAPPINGS)];
	struct file *file = any_file(f);
	uint64_t offset = below(f, PAGES) * page, length = (1 + below(f, 3)) * page;
	int prot = one_in(f, 3) ? (int)below(f, 8) : PROT_READ;
	int flags = one_in(f, 16) ? MAP_PRIVATE : MAP_SHARED;
	void *p;

	if (file->fd < 0)
		return;
	unmap(m);
	if (file->n && !one_in(f, 4)) {
		const struct fencepost_range *range = &file->ranges[below(f, file->n)];

		offset = range->offset;
		length = range->length;
	}
	if (file->writable && !one_in(f, 4))
		prot = PROT_READ | PROT_WRITE;
	if (one_in(f, 16))
		offset = number(f) & -page;
	if (one_in(f, 16))
		length = number(f) & 0xffffffffffff;
	p = mmap(NULL, length, prot, flags | (one_in(f, 8) ? MAP_POPULATE : 0), file->fd,
		 (off_t)offset);
	judge(MMAP, p == MAP_FAILED ? errno : 0);
	if (p != MAP_FAILED)
		*m = (struct mapping){ .p = p, .length = (length + page - 1) & -page,
				       .memory = type_of(file, offset, length), .prot = prot,
				       .file = (unsigned)(file - f->files) };
}

static void change_protection(struct fuzzer *f, struct mapping *m)
{
	int prot = (int)below(f, 4);

	if (!mprotect(m->p, m->length, prot))
		m->prot = prot;
	if (one_in(f, 4) && !mprotect(m->p, m->length, prot | PROT_EXEC))
		violation("mprotect: a mapping is executable");
}

static void move(struct mapping *m)
{
	void *to = mmap(NULL, m->length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	to = mremap(m->p, m->length, m->length, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (to != MAP_FAILED)
		m->p = to;
}

static void shrink(struct mapping *m)
{
	if (m->length == page)
		return;
	munmap(m->p + m->length - page, page);
	m->length -= page;
}

static void touch(struct fuzzer *f, const struct mapping *m)
{
	unsigned char *at = m->p + below(f, m->length / 8) * 8;

	if ((m->prot & (PROT_READ | PROT_WRITE)) == (PROT_READ | PROT_WRITE))
		bar_store_faults(at);
	else if (m->prot & PROT_READ)
		bar_load_faults(at);
}

/* Children are to have it. */
static void advise(struct fuzzer *f, const struct mapping *m)
{
	int advice = (int)below(f, 26);

	if (advice != MADV_DONTFORK)
		madvise(m->p, m->length, advice);
}

static void use_mapping(struct fuzzer *f)
{
	struct mapping *m = &f->mappings[below(f, MAPPINGS)];

	if (!m->p)
		return;
	switch (below(f, 8)) {
	case 0: return change_protection(f, m);
	case 1: return move(m);
	case 2: return shrink(m);
	case 3: return unmap(m);
	case 4: return advise(f, m);
	default: return touch(f, m);
	}
}

static void have_child(struct fuzzer *f)
{
	pid_t child = bar_fork();

	if (!child) {
		use_mapping(f);
		_exit(0);
	}
	if (bar_wait(child))
		violation("fork: a child dies");
}

/* In a thousand; what costs much, mappings and children, is rarer. */
static void one_call(struct fuzzer *f)
{
	uint64_t n = below(f, 1000);

	if (n < 350)
		get_info(f);
	else if (n < 420)
		reserve(f);
	else if (n < 570)
		populate(f);
	else if (n < 650)
		run(f);
	else if (n < 960)
		unknown(f);
	else if (n < 972)
		map(f);
	else if (n < 999)
		use_mapping(f);
	else
		renew_file(f, any_file(f));
	if (one_in(f, 5000))
		have_child(f);
}

/* The room ends where a page does, and one follows that nobody may use. */
static void furnish(struct fuzzer *f)
{
	size_t whole = (ROOM + page - 1) & -page;
	unsigned char *p = mmap(NULL, page + whole + page, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p, page, PROT_READ) ||
	    mprotect(p + page + whole, page, PROT_NONE)) {
		printf("Bail out! can't have memory: %s\n", strerror(errno));
		exit(1);
	}
	f->fixed = p;
	f->room = p + page + whole - ROOM;
	for (unsigned i = 0; i < FILES; i++)
		f->files[i].fd = -1;
	for (unsigned i = 0; i < MAPPINGS; i++)
		f->mappings[i].file = FILES;
}

static void *fuzz(void *arg)
{
	struct fuzzer *f = arg;

	furnish(f);
	while (f->calls--)
		one_call(f);
	return NULL;
}

static void process(uint64_t seed, uint64_t calls, unsigned threads)
{
	static struct fuzzer fuzzers[THREADS];

	/* With the test it ends, lest it uses the devices of the next. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; i < threads; i++) {
		fuzzers[i].random = seed + i;
		fuzzers[i].calls = calls / threads;
		bar_thread(&fuzzers[i].thread, fuzz, &fuzzers[i]);
	}
	for (unsigned i = 0; i < threads; i++)
		pthread_join(fuzzers[i].thread, NULL);
	_exit(0);
}

/*
 * Devices go and come, one at a time, until all calls are made.  Mostly the second,
 * which has no interrupt: to look that up takes the debug kernel half a second.
 */
static void *disturb(void *arg)
{
	unsigned *times = arg;

	do {
		const char *device = devices[*times % 8 != 0];

		usleep(bar_is_debug() ? 300000 : 50000);
		if (bar_unbind(device) || bar_bind(device))
			violation("%s is not bound again", device);
		++*times;
	} while (!atomic_load(&shared->stop));
	return NULL;
}

static void fuzz_all(uint64_t seed, uint64_t calls)
{
	pid_t children[PROCESSES];
	pthread_t disturber;
	unsigned times = 0, died = 0;
	uint64_t few = calls / (1 + (PROCESSES - 1) * 4) + 1;

	for (unsigned i = 0; i < PROCESSES; i++) {
		children[i] = bar_fork();
		if (!children[i])
			process(seed + (uint64_t)i * THREADS, i ? few * 4 : few, i ? 1 : THREADS);
	}
	bar_thread(&disturber, disturb, &times);
	for (unsigned i = 0; i < PROCESSES; i++) {
		int status = bar_wait(children[i]);

		died += status != 0;
		if (status)
			printf("# process %u: %d\n", i, status);
	}
	atomic_store(&shared->stop, true);
	pthread_join(disturber, NULL);
	tap_is_int(died, 0, "%llu calls: every process ends well", (unsigned long long)calls);
	printf("# devices went and came %u times\n", times);
}

int main(void)
{
	uint64_t seed = bar_seed(), calls = bar_number("CALLS", bar_is_debug() ? 1000000 : 20000);

	page = bar_page();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED) {
		printf("Bail out! can't share memory: %s\n", strerror(errno));
		return 1;
	}
	alarm(PATIENCE_S);
	fuzz_all(seed, calls);
	if (!tap_is_int(atomic_load(&shared->violations), 0, "every call does what is documented"))
		printf("# first: %s\n", shared->first);
	for (unsigned i = 0; i < KINDS; i++) {
		unsigned long long n = atomic_load(&shared->calls[i]);
		unsigned long long worked = atomic_load(&shared->worked[i]);

		tap_ok(n && (i == UNKNOWN ? !worked : worked && worked < n),
		       "%s: %llu of %llu worked", kinds[i].name, worked, n);
	}
	return tap_done();
}
