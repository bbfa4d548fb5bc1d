// SPDX-License-Identifier: MIT
/*
 * What a device sees of each copy, the program's and the kernel's: makes every
 * case once where the host logs each access, and looks whether all bytes are
 * right and none outside was written.  What the log must say is in tests/golden/,
 * and tests/golden/check.sh holds it against that.
 *
 * A store to the first word of the BAR stands before each case.  Its 16 hex digits:
 *
 *   fe9 RR M BBB OO LLLLL   row, memory type, bytes, offset, and line: the case's
 *                           bytes begin at LLLLL * 64 + OO in the BAR
 *   fe9 ff ... and fe9 fe ...   begin and end what belongs to this test
 *
 * That marks stand in front of what they announce is the emulator's doing: it
 * makes accesses in the program's order.  /out/device-view.txt has the rows' names.
 *
 * Logged are all cases on WC and a few on the other types; there, all are made
 * without the log, which is slow.
 */
#include <errno.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "arch.h"
#include "bar.h"
#include "tap.h"

#define LINE 64
#define MARGIN 8
#define MOST_BYTES 256
#define MAX_ROWS 128
#define BLANK 0xff

#define MARK 0xfe9ULL
#define MARK_BEGIN 0xff
#define MARK_END 0xfe
#define N_MEMORY 3

struct row {
	char name[48];
	fp_copy_function *copy; /* NULL: the kernel's */
	uint32_t access;	/* then, enum fencepost_access */
	enum fp_direction direction;
	unsigned unit, align;
	unsigned memory; /* enum fp_memory */
	/* on one memory type */
	unsigned cases, wrong;
	char first[96]; /* what was wrong with the first */
};

struct one_case {
	struct row *row;
	unsigned number, bytes, offset;
	uint64_t at; /* in the BAR */
};

struct view {
	struct row rows[MAX_ROWS];
	unsigned n_rows;
	volatile uint64_t *mark;
	/* of one pass */
	int fd;
	char *map; /* from first on */
	uint64_t first, end;
	uint32_t memory;
	bool few;
};

/* In RAM, aligned to each other as both sides are in the BAR. */
static unsigned char source[LINE + MOST_BYTES] __attribute__((aligned(LINE)));
static unsigned char landing[2 * LINE + MOST_BYTES] __attribute__((aligned(LINE)));

static unsigned char pattern(size_t at)
{
	return (unsigned char)(at * 7 % 251 + 1);
}

/*
 * Rows
 */

/* What the module lets the kernel's memcpy() do: elsewhere it could make unaligned accesses. */
#if defined(__x86_64__)
#define MEMCPY_UNIT   1
#define MEMCPY_MEMORY FP_ALL_MEMORY
#elif defined(__aarch64__)
#define MEMCPY_UNIT   1
#define MEMCPY_MEMORY FP_WC
#else
#define MEMCPY_UNIT   16
#define MEMCPY_MEMORY FP_WC
#endif

static const struct {
	const char *name;
	uint32_t access;
	unsigned unit;
	enum fp_direction direction;
} accesses[] = {
	{ "memcpy_toio", FENCEPOST_MEMCPY_TOIO, 1, FP_COPY_TO },
	{ "memcpy_fromio", FENCEPOST_MEMCPY_FROMIO, 1, FP_COPY_FROM },
	{ "memset_io", FENCEPOST_MEMSET_IO, 1, FP_COPY_SET },
	{ "iowrite32_copy", FENCEPOST_IOWRITE32_COPY, 4, FP_COPY_TO },
	{ "iowrite64_copy", FENCEPOST_IOWRITE64_COPY, 8, FP_COPY_TO },
	{ "iosubmit_cmds512", FENCEPOST_IOSUBMIT_CMDS512, 64, FP_COPY_TO },
	{ "memcpy", FENCEPOST_MEMCPY, MEMCPY_UNIT, FP_COPY_TO },
	{ "writel", FENCEPOST_WRITEL, 4, FP_COPY_TO },
	{ "writeq", FENCEPOST_WRITEQ, 8, FP_COPY_TO },
	{ "writel_relaxed", FENCEPOST_WRITEL_RELAXED, 4, FP_COPY_TO },
	{ "writeq_relaxed", FENCEPOST_WRITEQ_RELAXED, 8, FP_COPY_TO },
	{ "raw_writel", FENCEPOST_RAW_WRITEL, 4, FP_COPY_TO },
	{ "raw_writeq", FENCEPOST_RAW_WRITEQ, 8, FP_COPY_TO },
	{ "readl", FENCEPOST_READL, 4, FP_COPY_FROM },
	{ "readq", FENCEPOST_READQ, 8, FP_COPY_FROM },
	{ "readl_relaxed", FENCEPOST_READL_RELAXED, 4, FP_COPY_FROM },
	{ "readq_relaxed", FENCEPOST_READQ_RELAXED, 8, FP_COPY_FROM },
	{ "raw_readl", FENCEPOST_RAW_READL, 4, FP_COPY_FROM },
	{ "raw_readq", FENCEPOST_RAW_READQ, 8, FP_COPY_FROM },
};

static struct row *add_row(struct view *v, const char *prefix, const char *name)
{
	struct row *row = &v->rows[v->n_rows++];

	snprintf(row->name, sizeof(row->name), "%s%s", prefix, name);
	return row;
}

/* The C library's copies are known by its version. */
static void name_version(struct row *row)
{
	if (!strncmp(row->name, "glibc_", 6))
		snprintf(row->name + strlen(row->name), sizeof(row->name) - strlen(row->name),
			 "@%s", gnu_get_libc_version());
}

static void skip_row(const char *name, const char *lacks)
{
	char why[160];

	snprintf(why, sizeof(why), "this CPU lacks what %s needs: %s", name, lacks);
	tap_skip(why);
}

static void add_user_rows(struct view *v)
{
	const struct fp_arch_tables *own = &fp_arch_tables[fp_native.id];

	for (size_t i = 0; i < own->n_copies; i++) {
		const struct fp_copy *copy = &own->copies[i];
		const char *lacks = fp_arch_lacks(copy->feature);
		struct row *row;

		if (lacks) {
			skip_row(copy->id, lacks);
			continue;
		}
		/* For RAM alone. */
		if (copy->memory && !(copy->memory & (FP_WC | FP_UC | FP_DEV)))
			continue;
		row = add_row(v, "", copy->id);
		row->copy = fp_native.copies[i];
		row->direction = copy->direction;
		row->unit = copy->unit;
		row->align = copy->align;
		row->memory = copy->memory ? copy->memory : FP_ALL_MEMORY;
		name_version(row);
	}
}

static void add_kernel_rows(struct view *v, const struct fencepost_info *info)
{
	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
		struct row *row;

		if (!(info->accesses >> accesses[i].access & 1))
			continue;
		row = add_row(v, "kernel_", accesses[i].name);
		row->access = accesses[i].access;
		row->direction = accesses[i].direction;
		row->unit = row->align = accesses[i].unit;
		row->memory = row->access == FENCEPOST_MEMCPY ? MEMCPY_MEMORY : FP_ALL_MEMORY;
	}
}

static bool write_rows(const struct view *v)
{
	FILE *f = fopen("/out/device-view.txt", "w");
	struct utsname name;

	if (!f)
		return false;
	uname(&name);
	fprintf(f, "kernel %s\npasses %d\n", name.release, N_MEMORY);
	for (unsigned i = 0; i < v->n_rows; i++)
		fprintf(f, "row %02x %s\n", i, v->rows[i].name);
	return !fclose(f);
}

/*
 * Cases
 */

typedef void case_function(struct view *v, const struct one_case *c);

static bool is_one_of(unsigned value, const unsigned char *these, size_t n)
{
	return memchr(these, (int)value, n) != NULL;
}

static bool is_wanted(const struct view *v, unsigned bytes, unsigned offset)
{
	static const unsigned char few_sizes[] = { 1, 3, 4, 8, 15, 16, 33, 60, 64, 80 };
	static const unsigned char few_offsets[] = { 0, 1, 4, 8, 63 };

	return !v->few || (is_one_of(bytes, few_sizes, sizeof(few_sizes)) &&
			   is_one_of(offset, few_offsets, sizeof(few_offsets)));
}

/* One row's cases of a size; each has room of its own in the BAR, with a line before it. */
static uint64_t each_offset(struct view *v, struct one_case *c, uint64_t at, case_function *run)
{
	static const unsigned char offsets[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 63 };

	for (size_t i = 0; i < sizeof(offsets); i++) {
		c->offset = offsets[i];
		if (c->offset % c->row->align || !is_wanted(v, c->bytes, c->offset))
			continue;
		c->at = at + LINE + c->offset;
		at = (c->at + c->bytes + 2 * MARGIN + LINE - 1) & -(uint64_t)LINE;
		if (at > v->end) {
			printf("Bail out! the BAR is too small\n");
			exit(1);
		}
		run(v, c);
	}
	return at;
}

static unsigned next_size(unsigned bytes)
{
	return bytes < 80 ? bytes + 1 : bytes == 80 ? 128 : bytes * 2;
}

static uint64_t each_size(struct view *v, unsigned number, uint64_t at, case_function *run)
{
	struct one_case c = { .row = &v->rows[number], .number = number };

	if (!(c.row->memory >> v->memory & 1))
		return at;
	for (c.bytes = 1; c.bytes <= MOST_BYTES; c.bytes = next_size(c.bytes))
		if (c.bytes % c.row->unit == 0)
			at = each_offset(v, &c, at, run);
	return at;
}

static void each_case(struct view *v, case_function *run)
{
	uint64_t at = v->first;

	for (unsigned i = 0; i < v->n_rows; i++)
		at = each_size(v, i, at, run);
}

__attribute__((format(printf, 2, 3)))
static void blame(const struct one_case *c, const char *fmt, ...)
{
	struct row *row = c->row;
	va_list args;
	int n;

	if (row->wrong++)
		return;
	n = snprintf(row->first, sizeof(row->first), "%u bytes at offset %u: ", c->bytes,
		     c->offset);
	va_start(args, fmt);
	vsnprintf(row->first + n, sizeof(row->first) - (size_t)n, fmt, args);
	va_end(args);
}

/*
 * What is in the BAR, in the words that hold a case and its margins
 */

struct image {
	uint64_t at; /* in the BAR */
	size_t words;
	union {
		uint64_t word[MOST_BYTES / 8 + 4];
		unsigned char byte[MOST_BYTES + 32];
	};
};

static unsigned char wanted(const struct one_case *c, size_t i)
{
	return c->row->direction == FP_COPY_SET ? source[c->offset] : source[c->offset + i];
}

/* filled: with what is copied. */
static void draw(struct image *image, const struct one_case *c, bool filled)
{
	size_t start;

	image->at = (c->at - MARGIN) & ~7ULL;
	image->words = (c->at + c->bytes + MARGIN + 7 - image->at) / 8;
	memset(image->byte, BLANK, sizeof(image->byte));
	start = c->at - image->at;
	for (size_t i = 0; filled && i < c->bytes; i++)
		image->byte[start + i] = wanted(c, i);
}

static volatile uint64_t *words_at(const struct view *v, uint64_t at)
{
	return (volatile uint64_t *)(v->map + (at - v->first));
}

static void lay(struct view *v, const struct one_case *c)
{
	struct image image;
	volatile uint64_t *words;

	draw(&image, c, c->row->direction == FP_COPY_FROM);
	words = words_at(v, image.at);
	for (size_t i = 0; i < image.words; i++)
		words[i] = image.word[i];
}

static void check(struct view *v, const struct one_case *c)
{
	const volatile uint64_t *words;
	struct image image;

	draw(&image, c, true);
	words = words_at(v, image.at);
	for (size_t i = 0; i < image.words; i++)
		if (words[i] != image.word[i]) {
			blame(c, "the device has %016llx at byte %lld, not %016llx",
			      (unsigned long long)words[i], (long long)(image.at + i * 8 - c->at),
			      (unsigned long long)image.word[i]);
			return;
		}
}

/*
 * One copy
 */

static sigjmp_buf recovery;

static void recover(int number)
{
	siglongjmp(recovery, number);
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_handler = recover, .sa_flags = SA_NODEFER };

	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGILL, &action, NULL);
}

static void copy_by_user(struct view *v, const struct one_case *c, void *ram)
{
	void *device = v->map + (c->at - v->first);
	int number = sigsetjmp(recovery, 0);

	if (number)
		blame(c, "SIG%s", sigabbrev_np(number));
	else if (c->row->direction == FP_COPY_FROM)
		c->row->copy(ram, device, c->bytes);
	else
		c->row->copy(device, ram, c->bytes);
}

static void copy_by_kernel(struct view *v, const struct one_case *c, void *ram)
{
	uint64_t times[1];
	struct fencepost_run run = {
		.offset = c->at,
		.places = 1,
		.bytes = c->bytes,
		.access = c->row->access,
		.barrier = FENCEPOST_NO_BARRIER,
		.section = FENCEPOST_NO_SECTION,
		.loops = 1,
		.samples = 1,
		.data = (uintptr_t)ram,
		.times = (uintptr_t)times,
	};
	int err = bar_run(v->fd, &run);

	if (err)
		blame(c, "%s", strerror(-err));
}

static void mark(struct view *v, unsigned row, const struct one_case *c)
{
	uint64_t value = MARK << 52 | (uint64_t)row << 44 | (uint64_t)v->memory << 40;

	if (c)
		value |= (uint64_t)c->bytes << 28 | (uint64_t)c->offset << 20 |
			 (c->at - c->offset) / LINE;
	*v->mark = value;
}

static void check_landing(const struct one_case *c)
{
	const unsigned char *p = landing + LINE + c->offset;

	if (memcmp(p, source + c->offset, c->bytes))
		blame(c, "other bytes than the device has");
	else if (p[-1] != BLANK || p[c->bytes] != BLANK)
		blame(c, "bytes outside are written");
}

static void make(struct view *v, const struct one_case *c)
{
	bool from = c->row->direction == FP_COPY_FROM;
	unsigned char *ram = (from ? landing + LINE : source) + c->offset;

	if (from)
		memset(landing, BLANK, sizeof(landing));
	mark(v, c->number, c);
	if (c->row->copy)
		copy_by_user(v, c, ram);
	else
		copy_by_kernel(v, c, ram);
	c->row->cases++;
	if (from)
		check_landing(c);
}

static void make_and_check(struct view *v, const struct one_case *c)
{
	lay(v, c);
	make(v, c);
	check(v, c);
}

/*
 * Passes
 */

static void trace(const char *command)
{
	if (system(command)) {
		printf("Bail out! '%s' failed\n", command);
		exit(1);
	}
}

static void make_all_logged(struct view *v)
{
	each_case(v, lay);
	trace("mailbox ask trace on");
	mark(v, MARK_BEGIN, NULL);
	each_case(v, make);
	mark(v, MARK_END, NULL);
	trace("mailbox ask trace off");
}

static void report(struct view *v)
{
	for (unsigned i = 0; i < v->n_rows; i++) {
		struct row *row = &v->rows[i];

		if (!row->cases)
			continue;
		tap_ok(!row->wrong, "%s on %s: all bytes are right and none outside, %u cases",
		       row->name, bar_memory_name(v->memory), row->cases);
		if (row->wrong)
			printf("# %u cases are wrong; the first: %s\n", row->wrong, row->first);
		row->cases = row->wrong = 0;
	}
}

static void pass(struct view *v, uint32_t memory, bool few, bool logged)
{
	struct fencepost_mapping mapping;
	struct fencepost_info info;

	v->fd = bar_open(BAR_CMB);
	bar_info(v->fd, &info);
	v->first = info.page_bytes;
	v->end = info.bytes;
	v->memory = memory;
	v->few = few;
	v->map = bar_take(v->fd, v->first, v->end - v->first, memory);
	bar_populate(v->fd, v->map, v->end - v->first, &mapping);
	if (logged)
		make_all_logged(v);
	each_case(v, logged ? check : make_and_check);
	munmap(v->map, v->end - v->first);
	close(v->fd);
}

/* A kernel that looks for mistakes takes its time: no log there, and a few cases. */
static bool is_slow(void)
{
	const char *guest = getenv("LAB_GUEST");

	return guest && strstr(guest, "-debug");
}

static void all_passes(struct view *v, uint32_t memory)
{
	bool few = memory != FENCEPOST_WC;

	if (is_slow()) {
		pass(v, memory, true, false);
	} else {
		pass(v, memory, few, true);
		if (few)
			pass(v, memory, false, false);
	}
	report(v);
}

static struct view view;

int main(void)
{
	struct fencepost_info info;
	int fd = bar_open(BAR_CMB);

	if (!tap_ok(fd >= 0 && !bar_info(fd, &info), "the controller's memory buffer opens"))
		return tap_done();
	for (size_t i = 0; i < sizeof(source); i++)
		source[i] = pattern(i);
	view.mark = bar_take(fd, 0, info.page_bytes, FENCEPOST_WC);
	add_user_rows(&view);
	add_kernel_rows(&view, &info);
	tap_ok(write_rows(&view), "the rows' names are written");
	catch_faults();
	for (uint32_t memory = FENCEPOST_WC; memory <= N_MEMORY; memory++)
		all_passes(&view, memory);
	return tap_done();
}
