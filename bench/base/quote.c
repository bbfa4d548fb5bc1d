// SPDX-License-Identifier: MIT
#include "base/quote.h"

#include <stdlib.h>
#include <string.h>

/* ---- what text is made of ---- */

/* Bytes of a character of UTF-8 by its first byte; 0: no such byte begins one. */
static size_t announced(unsigned char first)
{
	if (first < 0x80)
		return 1;
	return first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/* As announced(), of the whole character, and its number. */
static size_t decode(const unsigned char *text, unsigned *code)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = announced(*text);

	*code = n == 1 ? *text : *text & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (text[i] & 0x3fu);
	}
	if (n && (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)))
		return 0;
	return n;
}

/* C0, delete and C1; and what ends lines and turns directions in Unicode. */
static bool is_obeyed(unsigned code)
{
	return code < ' ' || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

size_t fp_character(const char *text, bool *shown)
{
	unsigned code;
	size_t bytes = decode((const unsigned char *)text, &code);

	*shown = bytes && !is_obeyed(code);
	return bytes ? bytes : 1;
}

char *fp_blank(char *text)
{
	bool shown;
	size_t bytes;

	for (char *at = text; *at; at += bytes) {
		bytes = fp_character(at, &shown);
		if (!shown)
			memset(at, ' ', bytes);
	}
	return text;
}

/* Each byte of what is not to be seen, in at most four characters; returns their number. */
static int escape(const char *text, size_t bytes, char *to)
{
	static const char named[] = "\t\n\r", names[] = "tnr";
	const char *name = strchr(named, *text);
	int n = 0;

	if (bytes == 1 && name)
		return sprintf(to, "\\%c", names[name - named]);
	for (size_t i = 0; i < bytes; i++)
		n += sprintf(to + n, "\\x%02x", (unsigned char)text[i]);
	return n;
}

/* The character at text as it is to be seen; its length, and how many bytes it is of. */
static int show(const char *text, char to[16 + 1], size_t *bytes)
{
	bool shown;

	*bytes = fp_character(text, &shown);
	if (!shown)
		return escape(text, *bytes, to);
	memcpy(to, text, *bytes);
	return (int)*bytes;
}

char *fp_visible(const char *text, char *buf, size_t n)
{
	size_t used = 0, bytes;
	char character[16 + 1];

	for (; *text; text += bytes) {
		int length = show(text, character, &bytes);

		if (used + (size_t)length >= n)
			break;
		memcpy(buf + used, character, (size_t)length);
		used += (size_t)length;
	}
	buf[used] = '\0';
	return buf;
}

/* ---- languages ---- */

static bool is_plain_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_./:,@%+=-";

	return *text && !text[strspn(text, plain)];
}

static bool all_shown(const char *text)
{
	bool shown = true;

	for (size_t bytes; *text && shown; text += bytes)
		bytes = fp_character(text, &shown);
	return shown;
}

/* In '...' only "'" is not itself; in $'...' escapes are read. */
void fp_put_shell(FILE *to, const char *text)
{
	bool escapes = !all_shown(text);
	char character[16 + 1];

	if (is_plain_word(text)) {
		fputs(text, to);
		return;
	}
	fputs(escapes ? "$'" : "'", to);
	for (size_t bytes; *text; text += bytes) {
		int length = show(text, character, &bytes);

		if (*text == '\'')
			fputs(escapes ? "\\'" : "'\\''", to);
		else if (*text == '\\' && escapes)
			fputs("\\\\", to);
		else
			fwrite(character, 1, (size_t)length, to);
	}
	fputc('\'', to);
}

static void put_shown(FILE *to, const char *text, size_t bytes, bool shown)
{
	if (shown)
		fwrite(text, 1, bytes, to);
	else
		fputc(' ', to);
}

static bool is_number(const char *text)
{
	char *end;

	strtod(text, &end);
	return !*end;
}

void fp_put_csv(FILE *to, const char *text)
{
	bool formula = *text && strchr("=+-@\t\r", *text) && !is_number(text), shown;
	bool quoted = strpbrk(text, ",\"");

	fputs(quoted ? "\"" : "", to);
	fputs(formula ? "'" : "", to);
	for (size_t bytes; *text; text += bytes) {
		bytes = fp_character(text, &shown);
		if (*text == '"')
			fputc('"', to);
		put_shown(to, text, bytes, shown);
	}
	fputs(quoted ? "\"" : "", to);
}

void fp_put_markdown(FILE *to, const char *text)
{
	bool shown;

	for (size_t bytes; *text; text += bytes) {
		bytes = fp_character(text, &shown);
		if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '&')
			fputs("&amp;", to);
		else if (strchr("|\\`*[]", *text))
			fprintf(to, "\\%c", *text);
		else
			put_shown(to, text, bytes, shown);
	}
}

static const char *entity(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void fp_put_html(FILE *to, const char *text)
{
	bool shown;

	for (size_t bytes; *text; text += bytes) {
		bytes = fp_character(text, &shown);
		if (entity(*text))
			fputs(entity(*text), to);
		else
			put_shown(to, text, bytes, shown);
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
