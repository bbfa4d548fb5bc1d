// SPDX-License-Identifier: MIT
#include "base/quote.h"

#include <string.h>

void fp_put_csv(FILE *to, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, to);
		return;
	}
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', to);
		fputc(*text, to);
	}
	fputc('"', to);
}

void fp_put_markdown(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '&')
			fputs("&amp;", to);
		else if ((unsigned char)*text < ' ')
			fputc(' ', to);
		else
			fprintf(to, strchr("|\\`*[]", *text) ? "\\%c" : "%c", *text);
	}
}
