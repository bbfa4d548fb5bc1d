// SPDX-License-Identifier: MIT
/*
 * fencepost_copy_toio() writes what it promises, in each way that this CPU can
 * go, and its source stands alone.
 *
 * The source is included, not linked, to choose the way.  Once and ascending is
 * for the proof of the copies, which looks at single stores.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fencepost_copy.c"
#include "tap.h"

#define MOST    300u
#define CANARY  0xff
#define PATTERN 251u /* the values are 1 to 251: no zero and no canary */

/* Pages between two that fault. */
struct area {
	unsigned char *start, *end;
};

static struct area make_area(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (bytes + page - 1) / page * page;
	unsigned char *all = mmap(NULL, whole + 2 * page, PROT_NONE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct area area = { all + page, all + page + whole };

	if (all == MAP_FAILED || mprotect(area.start, whole, PROT_READ | PROT_WRITE)) {
		puts("Bail out! no memory");
		exit(1);
	}
	return area;
}

static struct area source, destination;

typedef void toio_function(volatile void *to, const void *from, size_t bytes, unsigned flags);

/* One copy: from and to are in the areas above, canaries all around. */
struct trial {
	toio_function *copy;
	unsigned flags;
	unsigned char *to;
	const unsigned char *from;
	size_t bytes;
};

static size_t padding(const struct trial *t)
{
	size_t partial = (uintptr_t)(t->to + t->bytes) % FENCEPOST_LINE;

	return t->bytes && partial && (t->flags & FENCEPOST_PAD_LINE) ? FENCEPOST_LINE - partial
								      : 0;
}

static bool all_are(const unsigned char *from, const unsigned char *end, unsigned char value)
{
	while (from < end && *from == value)
		from++;
	return from >= end;
}

#define MARGIN 256u /* bytes on each side that are looked at */

static bool is_right(const struct trial *t)
{
	unsigned char *low = t->to - destination.start > MARGIN ? t->to - MARGIN
								: destination.start;
	unsigned char *padded = t->to + t->bytes, *after = padded + padding(t);
	unsigned char *high = destination.end - after > MARGIN ? after + MARGIN : destination.end;

	memset(low, CANARY, (size_t)(high - low));
	t->copy(t->to, t->from, t->bytes, t->flags);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return all_are(low, t->to, CANARY) && !memcmp(t->to, t->from, t->bytes) &&
	       all_are(padded, after, 0) && all_are(after, high, CANARY);
}

/* Prints the first that is wrong; returns how many are. */
static int count_wrong(const struct trial *t, int wrong)
{
	if (is_right(t))
		return wrong;
	if (!wrong)
		printf("# wrong: %zu bytes to offset %zu, from %zu before the end\n", t->bytes,
		       (size_t)((uintptr_t)t->to % FENCEPOST_LINE), (size_t)(source.end - t->from));
	return wrong + 1;
}

/* Each size to each offset in a line, from a source that ends where the page ends. */
static int sizes_and_offsets(struct trial t)
{
	int wrong = 0;

	for (t.bytes = 0; t.bytes <= MOST; t.bytes++)
		for (unsigned offset = 0; offset < FENCEPOST_LINE; offset++) {
			t.to = destination.start + MARGIN + offset;
			t.from = source.end - t.bytes;
			wrong = count_wrong(&t, wrong);
		}
	return wrong;
}

/* The destination begins, or ends, where a page does, and the source begins there. */
static int at_guards(struct trial t)
{
	int wrong = 0;

	t.from = source.start;
	for (t.bytes = 0; t.bytes <= MOST; t.bytes++) {
		t.to = destination.start;
		wrong = count_wrong(&t, wrong);
		t.to = destination.end - t.bytes;
		wrong = count_wrong(&t, wrong);
		/* All that is padded is in the last line of the page. */
		t.to = destination.end - FENCEPOST_LINE - (t.bytes & ~(FENCEPOST_LINE - 1));
		wrong = count_wrong(&t, wrong);
	}
	return wrong;
}

static int large(struct trial t)
{
	static const size_t sizes[] = { 1024, 4096, 4097, 65535, 65536, 1048575, 1048576 };
	int wrong = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (unsigned offset = 0; offset < FENCEPOST_LINE; offset += 9) {
			t.bytes = sizes[i];
			t.to = destination.start + offset;
			t.from = source.end - t.bytes;
			wrong = count_wrong(&t, wrong);
		}
	return wrong;
}

/* No copy that anybody can want; but it must not run wild. */
static int overlapping(const struct trial *form)
{
	unsigned char *begin = destination.start, *to = begin + MARGIN;
	int wild = 0;

	for (size_t bytes = 0; bytes <= MOST; bytes += 7)
		for (int shift = -70; shift <= 70; shift += 5) {
			size_t end = (bytes + FENCEPOST_LINE - 1) & ~(size_t)(FENCEPOST_LINE - 1);

			memset(begin, CANARY, MOST + 3 * MARGIN);
			form->copy(to, to + shift, bytes, form->flags);
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			end = form->flags & FENCEPOST_PAD_LINE ? end : bytes;
			wild += !all_are(begin, to, CANARY) ||
				!all_are(to + end, begin + MOST + 3 * MARGIN, CANARY);
		}
	return wild;
}

static void test_form(const char *name, toio_function *copy, unsigned flags)
{
	struct trial t = { .copy = copy, .flags = flags };
	const char *padded = flags & FENCEPOST_PAD_LINE ? ", padded" : "";
	const char *writes = flags & FENCEPOST_LINE_WRITES ? ", line writes" : "";

	tap_is_int(sizes_and_offsets(t), 0, "%s%s%s: sizes to %u at each offset", name, padded,
		   writes, MOST);
	tap_is_int(at_guards(t), 0, "%s%s%s: at the first and the last byte of a page", name,
		   padded, writes);
	tap_is_int(overlapping(&t), 0, "%s%s%s: overlapping: nothing outside is written", name,
		   padded, writes);
	tap_is_int(large(t), 0, "%s%s%s: sizes to 1 MiB", name, padded, writes);
}

/*
 * A way for each set of features that this CPU could have been without.  Where
 * line writes need the caller's word they fault on RAM.
 */
static void test_ways(void)
{
	unsigned has = probe() & ~(WANTS_FLAG ? (unsigned)HAS_LINE_WRITE : 0u);
	char name[128];

	for (unsigned some = has;; some = (some - 1) & has) {
		features = PROBED | some;
		for (unsigned flags = 0; flags < 4; flags++) {
			snprintf(name, sizeof(name), "features %x, %s", some, fencepost_copy_way());
			test_form(name, fencepost_copy_toio, flags);
			snprintf(name, sizeof(name), "features %x, kernel form", some);
			test_form(name, fencepost_copy_toio_kernel, flags);
		}
		if (!some)
			break;
	}
}

static void test_first_use(void)
{
	struct trial t = { fencepost_copy_toio, 0, destination.start, source.start, MOST };

	features = 0;
	tap_ok(is_right(&t), "the first copy is right");
	tap_is_int(features, WANTS_FLAG ? 0 : PROBED | probe(), "and knows the CPU if it has to");
	features = 0;
	fencepost_copy_init();
	tap_is_int(features, PROBED | probe(), "fencepost_copy_init() knows it, too");
}

static int shell(const char *command)
{
	char line[256];
	FILE *out = popen(command, "r");

	if (!out)
		return -1;
	while (fgets(line, sizeof(line), out))
		printf("# %s", line);
	return pclose(out);
}

#define STRICT " -Wall -Wextra -Wshadow -Werror -pedantic 2>&1 "

/* In a folder that holds nothing but the two files. */
static int compile(const char *command)
{
	char all[1024];

	snprintf(all, sizeof(all),
		 "d=$(mktemp -d) || exit 1; cp '" TEST_SOURCE "' '" TEST_HEADER "' $d && cd $d && "
		 "{ %s; }; e=$?; rm -rf $d; exit $e", command);
	return shell(all);
}

static void test_alone(void)
{
	/* Of an emulator's guest: not for the compiler, which is the host's. */
	unsetenv("LD_LIBRARY_PATH");
	if (shell(TEST_CC " --version > /dev/null 2>&1")) {
		tap_skip("no compiler: " TEST_CC);
		return;
	}
	tap_is_int(compile(TEST_CC STRICT "-std=c99 -fsyntax-only -x c fencepost_copy.h"), 0,
		   "the header alone is C99");
	tap_is_int(compile(TEST_CXX STRICT "-std=c++98 -fsyntax-only -x c++ fencepost_copy.h"), 0,
		   "the header alone is C++98");
	tap_is_int(compile(TEST_CC STRICT "-std=c99 -O2 -c fencepost_copy.c"), 0,
		   "with it the source is C99 with GNU assembler");
	tap_is_int(compile(TEST_CXX STRICT "-std=c++11 -O2 -c -x c++ fencepost_copy.c"), 0,
		   "and C++11");
	tap_is_int(compile(TEST_CC STRICT "-O3 -c -DFENCEPOST_COPY_KERNEL fencepost_copy.c"), 0,
		   "so is the kernel's form");
}

/*
 * Names of vector and floating-point registers on every architecture, and the
 * instructions of ppc64le, whose registers are numbers.
 */
#define VECTORS "[xyz]mm[0-9]|[[:space:],{][vqds][0-9]+([],.}]|$)|" \
	"[[:space:]]((lx|stx)v|lvx|stvx|lf[ds]|stf[ds])"

static void test_general_registers(void)
{
	const char *command =
		TEST_CC " -O3 -c -DFENCEPOST_COPY_KERNEL fencepost_copy.c && "
		TEST_OBJDUMP " -d --no-show-raw-insn fencepost_copy.o > s && "
		"grep -q toio_kernel s && ! grep -E '" VECTORS "' s";

	if (shell(TEST_CC " --version > /dev/null 2>&1; "
		  TEST_OBJDUMP " --version > /dev/null 2>&1"))
		tap_skip("no disassembler: " TEST_OBJDUMP);
	else
		tap_is_int(compile(command), 0, "the kernel's form has no vector register");
}

int main(void)
{
	source = make_area(1048576);
	destination = make_area(1048576 + 4096);
	for (unsigned char *p = source.start; p < source.end; p++)
		*p = (unsigned char)(1 + (size_t)(p - source.start) % PATTERN);
	test_first_use();
	test_ways();
	test_alone();
	test_general_registers();
	return tap_done();
}
