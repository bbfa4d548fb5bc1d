// SPDX-License-Identifier: MIT
#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"

/* A line is to be read: of a name that goes on and on it has both ends. */
#define HEAD_BYTES 1024u
#define TAIL_BYTES 512u
#define LINE_BYTES (4 * (HEAD_BYTES + TAIL_BYTES) + 64)

volatile sig_atomic_t fp_interrupted;

/* What to do about it stands at the end. */
static void shorten(char *text)
{
	static const char gap[] = " ... ";
	size_t length = strlen(text);

	if (length <= HEAD_BYTES + TAIL_BYTES)
		return;
	memcpy(text + HEAD_BYTES, gap, strlen(gap));
	memmove(text + HEAD_BYTES + strlen(gap), text + length - TAIL_BYTES, TAIL_BYTES + 1);
}

/* One write, so that the line stays whole beside other programs' lines. */
static void put_line(const char *begin, char *text)
{
	char line[LINE_BYTES];
	size_t used = strlen(begin);

	shorten(text);
	memcpy(line, begin, used);
	fp_visible(text, line + used, sizeof(line) - used - 1);
	strcat(line + used, "\n");
	fputs(line, stderr);
}

/* Without memory for all of it there is its beginning. */
static void say(const char *begin, const char *format, va_list args)
{
	char part[HEAD_BYTES], *whole;
	va_list again;

	va_copy(again, args);
	if (vasprintf(&whole, format, args) < 0) {
		whole = NULL;
		vsnprintf(part, sizeof(part), format, again);
	}
	va_end(again);
	put_line(begin, whole ? whole : part);
	free(whole);
}

void fp_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("fencepost: ", format, args);
	va_end(args);
}

void fp_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("", format, args);
	va_end(args);
}
