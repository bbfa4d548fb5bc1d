// SPDX-License-Identifier: MIT
#include "base/quote.h"

#include <stdbool.h>
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

void fp_put_line(FILE *to, enum fp_format format, const char *const *cells, size_t n)
{
	bool markdown = format == FP_MARKDOWN;

	fputs(markdown ? "| " : "", to);
	for (size_t i = 0; i < n; i++) {
		fputs(!i ? "" : markdown ? " | " : ",", to);
		(markdown ? fp_put_markdown : fp_put_csv)(to, cells[i]);
	}
	fputs(markdown ? " |\n" : "\r\n", to);
}
