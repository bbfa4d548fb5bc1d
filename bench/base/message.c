// SPDX-License-Identifier: MIT
#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>

volatile sig_atomic_t fp_interrupted;

void fp_error(const char *format, ...)
{
	va_list args;

	/* One write, so that the line stays whole beside other programs' lines. */
	flockfile(stderr);
	fputs("fencepost: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	funlockfile(stderr);
}
