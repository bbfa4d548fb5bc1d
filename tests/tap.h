/* SPDX-License-Identifier: MIT */
/*
 * tap.h - the Test Anything Protocol for unit tests in C.
 *
 * One numbered line a test, and what differed on "# " lines below it.  The plan
 * is last: a program that dies before it counts as failed.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_lines, tap_failures;

#define TAP_FORMAT(n) __attribute__((format(printf, n, (n) + 1))) static inline
#define TAP_LINE(good)                                                                             \
	do {                                                                                       \
		va_list args;                                                                      \
		va_start(args, fmt);                                                               \
		printf("%sok %d - ", (good) ? "" : "not ", ++tap_lines);                           \
		vprintf(fmt, args);                                                                \
		puts("");                                                                          \
		fflush(stdout);                                                                    \
		va_end(args);                                                                      \
		tap_failures += !(good);                                                           \
	} while (0)

/* Each returns whether the test passed, for tests that build on it. */
TAP_FORMAT(2) bool tap_ok(bool good, const char *fmt, ...)
{
	TAP_LINE(good);
	return good;
}

TAP_FORMAT(3) bool tap_is_int(long long got, long long want, const char *fmt, ...)
{
	TAP_LINE(got == want);
	if (got != want)
		printf("# got %lld, want %lld\n", got, want);
	return got == want;
}

/* NULL equals only NULL. */
TAP_FORMAT(3) bool tap_is_str(const char *got, const char *want, const char *fmt, ...)
{
	bool good = got && want ? !strcmp(got, want) : got == want;

	TAP_LINE(good);
	if (!good)
		printf("# got  %s\n# want %s\n", got ? got : "NULL", want ? want : "NULL");
	return good;
}

/*
 * What is tried now, as a comment: where a program dies, its last line says of what.
 */
TAP_FORMAT(1) void tap_now(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("# now: ", stdout);
	vprintf(fmt, args);
	puts("");
	fflush(stdout);
	va_end(args);
}

/* One test that can't run here. */
static inline void tap_skip(const char *why)
{
	printf("ok %d # SKIP %s\n", ++tap_lines, why);
}

/* Prints the plan; returns main()'s exit status. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_lines);
	return fflush(stdout) || tap_failures;
}

#endif
