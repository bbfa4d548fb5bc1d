/* SPDX-License-Identifier: MIT */
/* general.h - copies by general registers and line writes, padding, and the form for kernels. */

/* 0 until probed; every thread that probes finds the same. */
static unsigned features;

void fencepost_copy_init(void)
{
	if (!__atomic_load_n(&features, __ATOMIC_RELAXED))
		__atomic_store_n(&features, PROBED | probe(), __ATOMIC_RELAXED);
}

INLINE unsigned cpu_features(void)
{
	unsigned has = __atomic_load_n(&features, __ATOMIC_RELAXED);

	if (LIKELY(has))
		return has;
	fencepost_copy_init();
	return __atomic_load_n(&features, __ATOMIC_RELAXED);
}

/*
 * A way copies exactly the bytes of rest.  Ways are alike but for the moves of
 * more than 8 bytes, each of which also serves for the steps to an aligned line.
 */
typedef void copy_function(char *to, const char *from, size_t bytes);

INLINE void head_to_8(struct rest *rest)
{
	head(rest, 1, move1);
	head(rest, 2, move2);
	head(rest, 4, move4);
}

INLINE void tail_from_4(struct rest *rest)
{
	tail(rest, 4, move4);
	tail(rest, 2, move2);
	tail(rest, 1, move1);
}

INLINE void copy_words(struct rest *rest, move_function *line)
{
	if (!is_aligned(rest->to, 8))
		head_to_8(rest);
	while (rest->bytes >= 8 && !is_aligned(rest->to, LINE)) {
		advance(rest, 8, move8);
		rest->bytes -= 8;
	}
	repeat(rest, LINE, line);
	repeat(rest, 8, move8);
	tail_from_4(rest);
}

static void words(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	copy_words(&rest, line_words);
}

static void line_writes(char *to, const char *from, size_t bytes)
{
	struct rest rest = REST(to, from, bytes);

	copy_words(&rest, line_write);
}

/* Volatile, lest the compiler clears the line with vectors. */
union line {
	volatile uint64_t words[LINE / 8];
	char bytes[LINE];
} __attribute__((aligned(64)));

typedef uint64_t any64 __attribute__((may_alias, aligned(1)));

INLINE void ram8(char *to, const char *from)
{
	*(volatile any64 *)to = *(const any64 *)from;
}

INLINE void ram1(char *to, const char *from)
{
	*(volatile char *)to = *from;
}

/* In RAM, from start on: the bytes, then zeros to the end of the line. */
static void fill_line(union line *line, size_t start, const char *from, size_t bytes)
{
	struct rest rest = REST(line->bytes + start, from, bytes);
	unsigned i;

	for (i = 0; i < LINE / 8; i++)
		line->words[i] = 0;
	repeat(&rest, 8, ram8);
	repeat(&rest, 1, ram1);
}

/* The bytes end in the line in which they begin; all after them in it are zeros. */
static void pad_line(char *to, const char *from, size_t bytes, copy_function *copy)
{
	size_t start = (uintptr_t)to & (LINE - 1);
	union line line;

	fill_line(&line, start, from, bytes);
	copy(to, line.bytes + start, LINE - start);
}

static void pad(char *to, const char *from, size_t bytes, copy_function *copy)
{
	size_t partial = (uintptr_t)(to + bytes) & (LINE - 1);
	size_t whole = bytes > partial ? bytes - partial : 0;

	if (whole)
		copy(to, from, whole);
	if (bytes && partial)
		pad_line(to + whole, from + whole, bytes - whole, copy);
}

static copy_function *kernel_way(unsigned flags)
{
	bool wanted = (flags & FENCEPOST_LINE_WRITES) || !WANTS_FLAG;

	return wanted && (cpu_features() & HAS_LINE_WRITE) ? line_writes : words;
}

void fencepost_copy_toio_kernel(volatile void *to, const void *from, size_t bytes,
				unsigned flags)
{
	copy_function *copy = kernel_way(flags);

	if (flags & FENCEPOST_PAD_LINE)
		pad((char *)to, (const char *)from, bytes, copy);
	else
		copy((char *)to, (const char *)from, bytes);
}
