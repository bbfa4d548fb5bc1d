/* SPDX-License-Identifier: MIT */
/* moves.h - the walk over a copy: moves of ascending and of descending widths. */

#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define LINE ((size_t)FENCEPOST_LINE)

/* What is left of a copy. */
struct rest {
	char *to;
	const char *from;
	size_t bytes;
};
#define REST(TO, FROM, BYTES) { (char *)(TO), (const char *)(FROM), (BYTES) }

typedef void move_function(char *to, const char *from);

INLINE void advance(struct rest *rest, size_t width, move_function *move)
{
	move(rest->to, rest->from);
	rest->to += width;
	rest->from += width;
}

/* From here on, every width is a power of two. */
INLINE void repeat(struct rest *rest, size_t width, move_function *move)
{
	const char *end = rest->from + (rest->bytes & ~(width - 1));

	while (rest->from != end)
		advance(rest, width, move);
	rest->bytes &= width - 1;
}

/* The destination is aligned to width, and to twice the width if bytes are left for that. */
INLINE void head(struct rest *rest, size_t width, move_function *move)
{
	if (((uintptr_t)rest->to & width) && rest->bytes >= width) {
		advance(rest, width, move);
		rest->bytes -= width;
	}
}

/* Less than twice the width is left, or the bits above it have been dealt with. */
INLINE void tail(struct rest *rest, size_t width, move_function *move)
{
	if (rest->bytes & width)
		advance(rest, width, move);
}

INLINE bool is_aligned(const char *to, size_t width)
{
	return !((uintptr_t)to & (width - 1));
}

/*
 * What an architecture adds: move1 to move8, whose stores go to the device;
 * line_words, a line by general registers; line_write, the store of a whole line
 * in one; WANTS_FLAG, the flag that a caller has to give for that, or 0; and probe.
 */
enum {
	PROBED = 1,
	HAS_LINE_WRITE = 2, /* MOVDIR64B, ST64B */
};
static unsigned probe(void);
