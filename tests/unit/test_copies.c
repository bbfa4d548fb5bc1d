// SPDX-License-Identifier: MIT
/*
 * Every copy that this CPU has, byte for byte: each size to 300 at each offset
 * of a line, for several alignments of the source.  Pages that can't be touched
 * stand directly before and behind both buffers; the bytes between a
 * destination and them are watched.  A fault fails its row, by name.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "arch.h"
#include "base/guard.h"
#include "tap.h"

#define MAX_BYTES 300
#define OFFSETS	  64
#define MARGIN	  64
#define LIMIT_S	  60

/* Pages between two that can't be touched. */
struct buffer {
	unsigned char *start, *end;
};

struct trial {
	const struct fp_copy *row;
	fp_copy_function *copy;
	struct buffer to, from;
	/* The case at hand: also what a report of a fault names. */
	unsigned char *at;
	const unsigned char *source;
	size_t bytes;
	unsigned long cases;
	char why[160];
};

/* What the source holds; never 0 or what surrounds a destination. */
static unsigned char pattern[4 * MAX_BYTES];
static unsigned char around[MAX_BYTES + 2 * MARGIN];

static bool map(struct buffer *b)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *p = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + page, page, PROT_READ | PROT_WRITE))
		return false;
	b->start = p + page;
	b->end = b->start + page;
	return true;
}

static void set_up_patterns(void)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (unsigned char)(i * 7 % 251 + 1);
	memset(around, 0xfd, sizeof(around));
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static const unsigned char *wanted(const struct trial *t)
{
	static unsigned char same[MAX_BYTES];

	if (t->row->direction != FP_COPY_SET)
		return t->source;
	memset(same, t->source[0], t->bytes);
	return same;
}

/* Makes the case's copy and looks at the destination and at what is around it. */
static bool is_right(struct trial *t)
{
	size_t before = least(MARGIN, (size_t)(t->at - t->to.start));
	size_t behind = least(MARGIN, (size_t)(t->to.end - t->at) - t->bytes);

	memset(t->at - before, around[0], before + t->bytes + behind);
	t->copy(t->at, t->source, t->bytes);
	t->cases++;
	if (!memcmp(t->at - before, around, before) &&
	    !memcmp(t->at, wanted(t), t->bytes) &&
	    !memcmp(t->at + t->bytes, around, behind))
		return true;
	snprintf(t->why, sizeof(t->why), "wrong bytes %s",
		 memcmp(t->at, wanted(t), t->bytes)	   ? "in the destination" :
		 memcmp(t->at - before, around, before) ? "before it" :
							  "behind it");
	return false;
}

/* The source begins where its page begins, or shortly behind. */
static bool from_front(struct trial *t, unsigned char *at, size_t bytes)
{
	static const unsigned char offsets[] = { 0, 1, 7, 8, 15 };

	t->at = at;
	t->bytes = bytes;
	for (size_t i = 0; i < sizeof(offsets); i++) {
		t->source = t->from.start + offsets[i];
		if (!is_right(t))
			return false;
	}
	return true;
}

/* The source ends where its page ends. */
static bool from_back(struct trial *t, unsigned char *at, size_t bytes)
{
	t->at = at;
	t->bytes = bytes;
	t->source = t->from.end - bytes;
	/* The one byte of it has to be there, whatever the count. */
	if (!bytes && t->row->direction == FP_COPY_SET)
		t->source--;
	return is_right(t);
}

/* As far from the front of the page, and as far from its end. */
static bool try_offset(struct trial *t, size_t bytes, size_t offset)
{
	unsigned char *front = t->to.start + offset, *back = t->to.end - bytes - offset;
	bool right = true;

	if (offset % t->row->align == 0)
		right = from_front(t, front, bytes) && from_back(t, front, bytes);
	if (right && (uintptr_t)back % t->row->align == 0)
		right = from_back(t, back, bytes) && (offset || from_front(t, back, bytes));
	return right;
}

static int try_all(void *trial)
{
	struct trial *t = trial;

	for (size_t bytes = 0; bytes <= MAX_BYTES; bytes += t->row->unit)
		for (size_t offset = 0; offset < OFFSETS; offset++)
			if (!try_offset(t, bytes, offset))
				return 1;
	return 0;
}

static void fill(struct buffer *b)
{
	size_t size = (size_t)(b->end - b->start);

	for (size_t i = 0; i < size; i++)
		b->start[i] = pattern[i % sizeof(pattern)];
}

static void test_row(struct trial *t)
{
	int err = fp_guard(try_all, t, LIMIT_S, t->why, sizeof(t->why));

	if (err)
		tap_ok(false, "%s: %s: %zu bytes to %p from %p (pages at %p and %p)", t->row->id,
		       t->why, t->bytes, (void *)t->at, (const void *)t->source,
		       (void *)t->to.start, (void *)t->from.start);
	else
		tap_ok(t->cases, "%s is right in %lu cases", t->row->id, t->cases);
}

int main(void)
{
	const struct fp_arch_tables *own = &fp_arch_tables[fp_native.id];
	struct trial t = { 0 };

	set_up_patterns();
	if (!tap_ok(map(&t.to) && map(&t.from), "there are pages to copy between"))
		return tap_done();
	fill(&t.from);
	for (size_t i = 0; i < own->n_copies; i++) {
		const char *lacks = fp_arch_lacks(own->copies[i].feature);

		t.row = &own->copies[i];
		t.copy = fp_native.copies[i];
		t.cases = 0;
		if (lacks)
			printf("# not run: %s: %s\n", t.row->id, lacks);
		else
			test_row(&t);
	}
	return tap_done();
}
