// SPDX-License-Identifier: MIT
/*
 * What a program may do with a mapping: fork, mremap, mprotect, munmap, madvise,
 * threads.  Its memory type and its bytes stay; its range lives as long as it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define PAGES 8

/* A mapping of PAGES pages; each page's first word is its seal. */
struct mapped {
	int fd;
	unsigned char *p;
	uint32_t memory;
};

static size_t page;

static void give_up(const char *what)
{
	printf("Bail out! can't %s: %s\n", what, strerror(errno));
	exit(1);
}

static volatile uint64_t *word_of(const struct mapped *m, size_t n)
{
	return (volatile uint64_t *)(m->p + n * page);
}

static uint64_t seal_of(const struct mapped *m, size_t n)
{
	return 0x5ea1000000000000u + m->memory * 0x100 + n;
}

static struct mapped fresh(uint32_t memory)
{
	struct mapped m = { .fd = bar_open(BAR_CMB), .memory = memory };

	m.p = bar_take(m.fd, 0, PAGES * page, memory);
	return m;
}

static struct mapped sealed(uint32_t memory)
{
	struct mapped m = fresh(memory);

	for (size_t i = 0; i < PAGES; i++)
		*word_of(&m, i) = seal_of(&m, i);
	return m;
}

static void done(const struct mapped *m)
{
	munmap(m->p, PAGES * page);
	close(m->fd);
}

/* Pages [from, to) as mapped at p: seals, type and page-table entries. */
static bool intact_at(const struct mapped *m, const void *p, size_t from, size_t to)
{
	struct fencepost_mapping mapping;
	const volatile uint64_t *word = p;

	for (size_t i = from; i < to; i++, word += page / sizeof(*word))
		if (*word != seal_of(m, i))
			return false;
	return !bar_populate(m->fd, p, (to - from) * page, &mapping) &&
	       mapping.memory == m->memory && mapping.stage1 == bar_expected(m->memory);
}

static bool intact(const struct mapped *m, size_t from, size_t to)
{
	return intact_at(m, m->p + from * page, from, to);
}

static bool nothing_at(const struct mapped *m, const void *p)
{
	struct fencepost_mapping mapping;

	return bar_populate(m->fd, p, page, &mapping) == -ENXIO;
}

/* Address space that nobody uses, for what goes to a fixed address. */
static void *room(size_t length)
{
	return mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* How a store to the first word ends in a child: 0 or a signal. */
static int store_in_child(const struct mapped *m)
{
	pid_t child = bar_fork();

	if (child)
		return bar_wait(child);
	signal(SIGSEGV, SIG_DFL);
	*word_of(m, 0) = seal_of(m, 0);
	_exit(0);
}

static void child_shares(uint32_t memory)
{
	struct mapped m = sealed(memory);
	pid_t child = bar_fork();

	if (!child) {
		bool good = intact(&m, 0, PAGES);

		*word_of(&m, 1) = 42;
		_exit(!good);
	}
	tap_is_int(bar_wait(child), 0, "%s: a child sees the mapping, as the same type",
		   bar_memory_name(memory));
	tap_is_int((long long)*word_of(&m, 1), 42, "%s: and its parent sees what it writes",
		   bar_memory_name(memory));
	done(&m);
}

/* The parent's mapping and file are gone before the child looks, at pages new to it as well. */
static void child_survives(uint32_t memory)
{
	struct mapped m = sealed(memory);
	int go[2], fd;
	pid_t child;

	if (pipe(go))
		give_up("make a pipe");
	child = bar_fork();
	if (!child) {
		char byte;

		_exit(read(go[0], &byte, 1) != 1 || !intact(&m, 0, PAGES));
	}
	done(&m);
	fd = bar_open(BAR_CMB);
	tap_is_int(bar_reserve(fd, 0, page, memory == FENCEPOST_WC ? FENCEPOST_UC : FENCEPOST_WC),
		   -EBUSY, "%s: a child's mapping keeps the range", bar_memory_name(memory));
	if (write(go[1], "", 1) != 1)
		give_up("wake a child");
	tap_is_int(bar_wait(child), 0, "%s: a child's mapping survives its parent's",
		   bar_memory_name(memory));
	tap_is_int(bar_reserve(fd, 0, page, memory == FENCEPOST_WC ? FENCEPOST_UC : FENCEPOST_WC),
		   0, "%s: the range goes with the child", bar_memory_name(memory));
	close(fd);
	close(go[0]);
	close(go[1]);
}

static void move(uint32_t memory)
{
	struct mapped m = sealed(memory);
	unsigned char *was = m.p, *to = room(PAGES * page);

	m.p = mremap(m.p, PAGES * page, PAGES * page, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	tap_ok(m.p == to && intact(&m, 0, PAGES), "%s: a mapping moves, and stays what it is",
	       bar_memory_name(memory));
	tap_ok(nothing_at(&m, was), "%s: and is no more where it was", bar_memory_name(memory));
	to = room(2 * page);
	to = mremap(m.p, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	tap_ok(to != MAP_FAILED && intact_at(&m, to, 0, 2) && intact(&m, 2, PAGES),
	       "%s: a part of it moves, too", bar_memory_name(memory));
	munmap(to, 2 * page);
	done(&m);
}

static void resize(void)
{
	struct mapped m = sealed(FENCEPOST_WC);
	size_t length = PAGES * page;

	tap_ok(mremap(m.p, length, length + page, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT,
	       "a mapping does not grow");
	tap_ok(mremap(m.p, 0, page, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT,
	       "nor is it doubled");
	tap_ok(mremap(m.p, length, length, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL) == MAP_FAILED &&
	       errno == EINVAL, "nor moved with its address kept");
	tap_ok(intact(&m, 0, PAGES), "none of that does it harm");
	tap_ok(mremap(m.p, length, length - 2 * page, 0) == m.p && intact(&m, 0, PAGES - 2) &&
	       nothing_at(&m, m.p + (PAGES - 2) * page), "it shrinks");
	done(&m);
}

/* No bit of an address, of entries that the CPU does not use either. */
static bool shows_no_address(const struct mapped *m)
{
	struct fencepost_mapping mapping;
	int err = bar_populate(m->fd, m->p, PAGES * page, &mapping);

	return err || !(mapping.entry & 0x0000fffffffff000 & -(uint64_t)page);
}

static void protect(uint32_t memory)
{
	struct mapped m = sealed(memory);
	size_t length = PAGES * page;
	const char *name = bar_memory_name(memory);

	tap_is_int(mprotect(m.p, length, PROT_READ), 0, "%s: a mapping becomes read-only", name);
	tap_ok(intact(&m, 0, PAGES), "%s: and stays what it is", name);
	tap_is_int(store_in_child(&m), 128 + SIGSEGV, "%s: and is read-only", name);
	tap_is_int(mprotect(m.p + page, page, PROT_READ | PROT_WRITE), 0,
		   "%s: a page is writable again", name);
	*word_of(&m, 1) = seal_of(&m, 1);
	tap_ok(intact(&m, 0, PAGES), "%s: across three parts it's the same still", name);
	mprotect(m.p, length, PROT_NONE);
	tap_ok(shows_no_address(&m), "%s: without any access its entries show no address", name);
	tap_is_int(mprotect(m.p, length, PROT_READ | PROT_WRITE), 0, "%s: all is writable again",
		   name);
	tap_ok(!store_in_child(&m) && intact(&m, 0, PAGES), "%s: and stays what it is", name);
	tap_ok(mprotect(m.p, length, PROT_READ | PROT_EXEC) && errno == EACCES,
	       "%s: it never becomes executable", name);
	done(&m);
}

static void hole(uint32_t memory)
{
	struct mapped m = sealed(memory);
	struct fencepost_mapping mapping;
	const char *name = bar_memory_name(memory);

	munmap(m.p + 3 * page, 2 * page);
	tap_ok(intact(&m, 0, 3) && intact(&m, 5, PAGES),
	       "%s: both sides of a hole stay what they are", name);
	tap_is_int(bar_populate(m.fd, m.p, PAGES * page, &mapping), -ENXIO, "%s: not the hole",
		   name);
	tap_ok(mmap(m.p + 3 * page, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, m.fd,
		    (off_t)(3 * page)) != MAP_FAILED && intact(&m, 0, PAGES),
		    "%s: it is filled again", name);
	/* What follows in memory must follow in the BAR. */
	mmap(m.p + 3 * page, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, m.fd, 0);
	tap_is_int(bar_populate(m.fd, m.p, PAGES * page, &mapping), -ENXIO,
		   "%s: but not with another part of the BAR", name);
	done(&m);
}

static void outlives_file(void)
{
	struct mapped m = fresh(FENCEPOST_WC);
	int other = bar_open(BAR_CMB);
	struct fencepost_mapping mapping;

	close(m.fd);
	for (size_t i = 0; i < PAGES; i++)
		*word_of(&m, i) = seal_of(&m, i);
	tap_ok(*word_of(&m, PAGES - 1) == seal_of(&m, PAGES - 1),
	       "pages come in after the file is closed");
	tap_is_int(bar_populate(other, m.p, page, &mapping), -ENXIO,
		   "another file does not know the mapping");
	tap_ok(!bar_map(other, 0, page) && errno == ENXIO, "nor the range");
	tap_is_int(bar_reserve(other, 0, page, FENCEPOST_WC), 0,
		   "but may have one of the same type");
	tap_is_int(bar_reserve(other, 0, page, FENCEPOST_UC), -EBUSY, "and none of another");
	munmap(m.p, (PAGES - 1) * page);
	close(other);
	other = bar_open(BAR_CMB);
	tap_is_int(bar_reserve(other, 0, page, FENCEPOST_UC), -EBUSY,
		   "a page that is mapped still keeps all of its range");
	munmap(m.p + (PAGES - 1) * page, page);
	tap_is_int(bar_reserve(other, 0, page, FENCEPOST_UC), 0,
		   "when it goes, others have the range");
	close(other);
}

static void read_only_file(void)
{
	struct mapped m = sealed(FENCEPOST_WC), reader = { .memory = FENCEPOST_WC };

	reader.fd = open(bar_path(BAR_CMB), O_RDONLY | O_CLOEXEC);
	tap_is_int(bar_reserve(reader.fd, 0, PAGES * page, FENCEPOST_WC), 0, "a reader reserves");
	tap_ok(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, reader.fd, 0) == MAP_FAILED &&
	       errno == EACCES, "and may not write");
	reader.p = mmap(NULL, PAGES * page, PROT_READ, MAP_SHARED, reader.fd, 0);
	tap_ok(reader.p != MAP_FAILED && intact(&reader, 0, PAGES), "and reads");
	tap_ok(mprotect(reader.p, page, PROT_READ | PROT_WRITE) && errno == EACCES, "for good");
	tap_ok(mmap(NULL, page, PROT_READ, MAP_PRIVATE, reader.fd, 0) == MAP_FAILED &&
	       errno == EINVAL, "and has no private mapping");
	done(&reader);
	done(&m);
}

/* After FENCEPOST_POPULATE neither a load nor a store costs a fault. */
static void populated(uint32_t memory)
{
	struct mapped m = fresh(memory);
	struct fencepost_mapping mapping;
	struct rusage before, after;
	int err = bar_populate(m.fd, m.p, PAGES * page, &mapping);
	long faults;

	getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < PAGES; i++)
		*word_of(&m, i) = *word_of(&m, i) + 1;
	getrusage(RUSAGE_SELF, &after);
	faults = after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt;
	tap_is_int(err ? err : faults, 0,
		   "%s: what is populated does not fault", bar_memory_name(memory));
	done(&m);
}

/* Threads that fault the same pages in at the same time. */
struct faulter {
	pthread_t thread;
	pthread_barrier_t *start;
	struct mapped *m;
	unsigned number;
};

static void *fault_in(void *arg)
{
	struct faulter *f = arg;

	pthread_barrier_wait(f->start);
	for (size_t i = 0; i < PAGES; i++)
		word_of(f->m, i)[f->number] = seal_of(f->m, i) + f->number;
	return NULL;
}

static unsigned lost_words(const struct mapped *m, unsigned threads)
{
	unsigned lost = 0;

	for (size_t i = 0; i < PAGES; i++)
		for (unsigned n = 0; n < threads; n++)
			lost += word_of(m, i)[n] != seal_of(m, i) + n;
	return lost;
}

static void threads_fault(void)
{
	struct faulter faulters[4];
	unsigned lost = 0;

	for (int round = 0; round < 20; round++) {
		struct mapped m = fresh(FENCEPOST_WC);
		pthread_barrier_t start;

		pthread_barrier_init(&start, NULL, 4);
		for (unsigned n = 0; n < 4; n++) {
			faulters[n] = (struct faulter){ .start = &start, .m = &m, .number = n };
			bar_thread(&faulters[n].thread, fault_in, &faulters[n]);
		}
		for (unsigned n = 0; n < 4; n++)
			pthread_join(faulters[n].thread, NULL);
		lost += lost_words(&m, 4) + !intact(&m, 0, PAGES);
		pthread_barrier_destroy(&start);
		done(&m);
	}
	tap_is_int(lost, 0, "4 threads fault the same pages in, 20 times");
}

/* Some advice is taken, and some is refused: bytes and type stay. */
static void advice(uint32_t memory)
{
	static const int given[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE,
		MADV_REMOVE, MADV_COLD, MADV_PAGEOUT, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
		MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_DODUMP, MADV_DONTDUMP, MADV_WIPEONFORK,
		MADV_KEEPONFORK, 22 /* MADV_POPULATE_READ */,
		23 /* MADV_POPULATE_WRITE */, 24 /* MADV_DONTNEED_LOCKED */, 25 /* MADV_COLLAPSE */,
	};
	struct mapped m = sealed(memory);

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		madvise(m.p, PAGES * page, given[i]);
		if (!intact(&m, 0, PAGES))
			tap_ok(false, "%s: advice %d does harm", bar_memory_name(memory), given[i]);
	}
	mlock(m.p, PAGES * page);
	msync(m.p, PAGES * page, MS_SYNC | MS_INVALIDATE);
	tap_ok(intact(&m, 0, PAGES), "%s: no advice changes bytes or type",
	       bar_memory_name(memory));
	tap_ok(madvise(m.p, page, MADV_DONTNEED) && errno == EINVAL, "%s: pages are not given up",
	       bar_memory_name(memory));
	done(&m);
}

static void not_for_children(void)
{
	struct mapped m = sealed(FENCEPOST_WC);

	madvise(m.p, PAGES * page, MADV_DONTFORK);
	tap_is_int(store_in_child(&m), 128 + SIGSEGV,
		   "a mapping that is not for children is not there");
	tap_ok(intact(&m, 0, PAGES), "and here it stays what it is");
	done(&m);
}

/* The range is the open file's, not the descriptor's. */
static void duplicates(void)
{
	struct mapped m = sealed(FENCEPOST_WC);
	int copy = dup(m.fd), other = bar_open(BAR_CMB);

	done(&m);
	m.fd = copy;
	m.p = bar_map(copy, 0, PAGES * page);
	tap_ok(m.p && intact(&m, 0, PAGES), "a duplicate has the range");
	tap_is_int(bar_reserve(other, 0, page, FENCEPOST_UC), -EBUSY, "it keeps it");
	done(&m);
	tap_is_int(bar_reserve(other, 0, page, FENCEPOST_UC), 0, "and gives it back");
	close(other);
}

/* A child takes the file from its parent. */
static void passed_on(void)
{
	struct mapped m = sealed(FENCEPOST_WC);
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid_t child = bar_fork();

	if (!child) {
		struct mapped mine = { .memory = m.memory };

		done(&m);
		mine.fd = (int)syscall(SYS_pidfd_getfd, pidfd, m.fd, 0);
		mine.p = mine.fd < 0 ? NULL : bar_map(mine.fd, 0, PAGES * page);
		_exit(!mine.p || !intact(&mine, 0, PAGES));
	}
	tap_is_int(bar_wait(child), 0, "a file that is passed on has its range");
	tap_ok(intact(&m, 0, PAGES), "and here it stays what it is");
	close(pidfd);
	done(&m);
}

/* Who does not fault it in reads and writes none of it. */
static void not_from_elsewhere(void)
{
	struct mapped m = sealed(FENCEPOST_WC);
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	uint64_t word = 0;

	tap_ok(pread(mem, &word, sizeof(word), (off_t)(uintptr_t)m.p) < 0 && !word,
	       "a debugger does not read a BAR");
	tap_ok(pwrite(mem, &word, sizeof(word), (off_t)(uintptr_t)m.p) < 0 && intact(&m, 0, PAGES),
	       "nor does it write");
	close(mem);
	done(&m);
}

static void each_type(void (*test)(uint32_t memory))
{
	for (uint32_t memory = FENCEPOST_WC; memory <= FENCEPOST_DEVICE; memory++)
		test(memory);
}

int main(void)
{
	page = bar_page();
	each_type(child_shares);
	each_type(child_survives);
	each_type(move);
	resize();
	each_type(protect);
	each_type(hole);
	outlives_file();
	read_only_file();
	each_type(populated);
	threads_fault();
	each_type(advice);
	not_for_children();
	duplicates();
	passed_on();
	not_from_elsewhere();
	return tap_done();
}
