// SPDX-License-Identifier: MIT
/* Text from outside is text in each language that it is put into, and on a terminal. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/quote.h"
#include "tap.h"

#define C1	 "\xc2\x9b"	/* what a terminal takes for ESC [ */
#define BACKWARD "\xe2\x80\xae" /* turns the direction */
#define EURO	 "\xe2\x82\xac"

/* ---- characters ---- */

static void is_shown(const char *text, size_t bytes, bool wanted, const char *what)
{
	bool shown;

	tap_is_int((long long)fp_character(text, &shown), (long long)bytes, "%s: %zu byte%s", what,
		   bytes, bytes == 1 ? "" : "s");
	tap_ok(shown == wanted, "%s is %sshown", what, wanted ? "" : "not ");
}

static void test_characters(void)
{
	is_shown("a", 1, true, "a letter");
	is_shown("\xc3\xa9", 2, true, "an accent");
	is_shown(EURO, 3, true, "the euro");
	is_shown("\xf0\x9f\x98\x80", 4, true, "a face");
	is_shown("\n", 1, false, "a line's end");
	is_shown("\033", 1, false, "escape");
	is_shown("\x7f", 1, false, "delete");
	is_shown(C1, 2, false, "a control character of C1");
	is_shown(BACKWARD, 3, false, "a turn of the direction");
	is_shown("\xe2\x80\xa8", 3, false, "Unicode's end of a line");
	is_shown("\xff", 1, false, "a byte of no character");
	is_shown("\x9b", 1, false, "a byte of C1 alone");
	is_shown("\xe2\x82", 1, false, "half a character");
	is_shown("\xc0\xaf", 1, false, "a slash, too long");
	is_shown("\xe0\x80\xaf", 1, false, "a slash, longer still");
	is_shown("\xed\xa0\x80", 1, false, "half a pair of UTF-16");
	is_shown("\xf4\x90\x80\x80", 1, false, "a number that is too large");
}

static void is_visible(const char *text, const char *wanted)
{
	char buf[64];

	tap_is_str(fp_visible(text, buf, sizeof(buf)), wanted, "visible: %s", wanted);
}

static void test_visible(void)
{
	char buf[6], text[] = "a\n" C1 EURO "\xff\x7f";

	is_visible("a b", "a b");
	is_visible("a\nb\tc\r", "a\\nb\\tc\\r");
	is_visible("\033[31m\001\x7f", "\\x1b[31m\\x01\\x7f");
	is_visible("\xff" EURO C1, "\\xff" EURO "\\xc2\\x9b");
	is_visible(BACKWARD, "\\xe2\\x80\\xae");
	tap_is_str(fp_visible("abc\033d", buf, sizeof(buf)), "abc", "no half an escape at the end");
	tap_is_str(fp_visible("abcdefgh", buf, sizeof(buf)), "abcde", "no more than there is room");
	tap_is_str(fp_blank(text), "a   " EURO "  ", "blanks, as many as there were bytes");
}

/* ---- languages ---- */

static char *put(void (*function)(FILE *to, const char *text), const char *text)
{
	/* As in fixture.h. */
	static char *written;
	size_t bytes;
	FILE *to = open_memstream(&written, &bytes);

	function(to, text);
	fclose(to);
	return written;
}

static void is_put(void (*function)(FILE *to, const char *text), const char *language,
		   const char *text, const char *wanted)
{
	char *written = put(function, text);

	tap_is_str(written, wanted, "%s: %s", language, wanted);
	free(written);
}

static void test_languages(void)
{
	is_put(fp_put_csv, "csv", "a b", "a b");
	is_put(fp_put_csv, "csv", "a,\"b\"", "\"a,\"\"b\"\"\"");
	is_put(fp_put_csv, "csv", "a\r\n\033b", "a   b");
	is_put(fp_put_csv, "csv", "=1+2", "'=1+2");
	is_put(fp_put_csv, "csv", "@SUM(A1),\"", "\"'@SUM(A1),\"\"\"");
	is_put(fp_put_csv, "csv", "-0.07", "-0.07");
	is_put(fp_put_csv, "csv", "-1+cmd", "'-1+cmd");
	is_put(fp_put_markdown, "markdown", "a|b`<i>&\\*[x]\n" C1,
	       "a\\|b\\`&lt;i>&amp;\\\\\\*\\[x\\]  ");
	is_put(fp_put_html, "html", "<b a=\"c\" d='e'>&\033\xff" EURO,
	       "&lt;b a=&quot;c&quot; d=&#39;e&#39;&gt;&amp;  " EURO);
}

/* What the shell makes of it is what it was. */
static void test_word(const char *text)
{
	char *quoted = put(fp_put_shell, text), *line, back[64] = "", seen[128];
	FILE *shell;
	bool shown = true;

	for (size_t bytes, at = 0; quoted[at] && shown; at += bytes)
		bytes = fp_character(quoted + at, &shown);
	tap_ok(shown, "shell: %s is seen", quoted);
	if (access("/bin/bash", X_OK)) {
		tap_skip("bash is not installed");
	} else if (asprintf(&line, "exec /bin/bash -c 'printf %%s \"$1\"' - %s", quoted) > 0) {
		/* The outer shell may not know $'...'. */
		setenv("FENCEPOST_LINE", line, 1);
		shell = popen("exec /bin/bash -c \"$FENCEPOST_LINE\"", "r");
		back[shell ? fread(back, 1, sizeof(back) - 1, shell) : 0] = '\0';
		tap_ok(shell && !pclose(shell) && !strcmp(back, text), "shell: it reads %s back",
		       fp_visible(text, seen, sizeof(seen)));
		free(line);
	}
	free(quoted);
}

static void test_shell(void)
{
	is_put(fp_put_shell, "shell", "--filter=^copy/a@6.1", "'--filter=^copy/a@6.1'");
	is_put(fp_put_shell, "shell", "--output", "--output");
	is_put(fp_put_shell, "shell", "", "''");
	test_word("$(id) `id` !! ~ * \"a\" \\n");
	test_word("it's");
	test_word("it's\n\033[31m \\ $x");
	test_word("\xff" C1 "1" EURO);
}

/* ---- messages ---- */

/* What is said with a stderr of one's own; free() it. */
static char *said(const char *name)
{
	FILE *file = tmpfile();
	int real = dup(STDERR_FILENO);
	char *text = calloc(1, 8192);

	dup2(fileno(file), STDERR_FILENO);
	fp_error("--filter %s: no such thing; see --help", name);
	dup2(real, STDERR_FILENO);
	close(real);
	if (pread(fileno(file), text, 8191, 0) < 0)
		*text = '\0';
	fclose(file);
	return text;
}

static void test_messages(void)
{
	char *text = said("a\nfencepost: all is well\033[2J"), name[100001];

	tap_is_str(text,
		   "fencepost: --filter a\\nfencepost: all is well\\x1b[2J: no such thing; "
		   "see --help\n",
		   "a message is one line");
	free(text);
	memset(name, 1, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	text = said(name);
	tap_ok(strlen(text) < 8000 && strstr(text, "--filter \\x01") &&
		       strstr(text, "; see --help\n"),
	       "of a very long name a message has both ends");
	free(text);
}

int main(void)
{
	test_characters();
	test_visible();
	test_languages();
	test_shell();
	test_messages();
	return tap_done();
}
