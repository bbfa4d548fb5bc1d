// SPDX-License-Identifier: MIT
/*
 * host - the host's side of what mailbox is in a guest of the lab.
 *
 *   host serve MONITOR CONSOLE MAILBOX   does what the guest asks for, until it is killed
 *   host fetch MAILBOX                   prints what the guest has put
 *
 * MONITOR.in and MONITOR.out are pipes to the emulator's monitor, which speaks QMP;
 * CONSOLE is the log of the guest's.  What was asked for is done once, however often it
 * is asked; of what was refused, the guest hears nothing.
 */

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailbox.h"

#define WAIT_US 20000

struct monitor {
	FILE *in, *out;
};

static void say(const char *what, const char *name, const char *why)
{
	fprintf(stderr, "lab/guest: %s %s: %s\n", what, name, why);
}

static FILE *open_file(const char *name, const char *end, const char *mode)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", name, end);
	file = fopen(path, mode);
	if (!file) {
		say("can't open", path, strerror(errno));
		exit(1);
	}
	return file;
}

/*
 * The monitor
 */

/* Events come in between. 0, or -EPROTO with the emulator's reason on stderr. */
static int wait_for_answer(struct monitor *m, const char *command)
{
	json_error_t error;
	json_t *answer, *refusal;
	const char *why;
	bool done = false;

	while (!done) {
		answer = json_loadf(m->out, JSON_DISABLE_EOF_CHECK, &error);
		if (!answer) {
			say("no answer to", command, error.text);
			return -EPROTO;
		}
		refusal = json_object_get(answer, "error");
		if (refusal) {
			why = json_string_value(json_object_get(refusal, "desc"));
			say("the emulator refused", command, why ? why : "without a reason");
			json_decref(answer);
			return -EPROTO;
		}
		done = json_object_get(answer, "return");
		json_decref(answer);
	}
	return 0;
}

/* Has the emulator do it, and waits until it's done. Takes the arguments. */
static int execute(struct monitor *m, const char *command, json_t *arguments)
{
	json_t *request = json_pack("{s:s, s:o}", "execute", command, "arguments", arguments);
	int err = 0;

	if (!request || json_dumpf(request, m->in, JSON_COMPACT) || fflush(m->in)) {
		say("can't ask the emulator for", command, strerror(errno));
		err = -EIO;
	}
	json_decref(request);
	return err ? err : wait_for_answer(m, command);
}

/* Opened for both ways: no end of these pipes waits for the other. */
static int open_monitor(struct monitor *m, const char *name)
{
	m->in = open_file(name, ".in", "r+");
	m->out = open_file(name, ".out", "r+");
	return execute(m, "qmp_capabilities", json_object());
}

/*
 * Questions
 */

static int unplug_hot(struct monitor *m)
{
	return execute(m, "device_del", json_pack("{s:s}", "id", "hot"));
}

static int trace(struct monitor *m, bool enable)
{
	static const char *const events[] = { "memory_region_ops_write", "memory_region_ops_read" };
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(events) / sizeof(events[0]) && !err; i++)
		err = execute(m, "trace-event-set-state",
			      json_pack("{s:s, s:b}", "name", events[i], "enable", enable));
	return err;
}

static int trace_on(struct monitor *m)
{
	return trace(m, true);
}

static int trace_off(struct monitor *m)
{
	return trace(m, false);
}

static const struct question {
	const char *words;
	int (*answer)(struct monitor *m);
} questions[] = {
	{ " unplug hot", unplug_hot },
	{ " trace on", trace_on },
	{ " trace off", trace_off },
};

static int answer(struct monitor *m, const char *words)
{
	const struct question *q;

	for (q = questions; q < questions + sizeof(questions) / sizeof(questions[0]); q++)
		if (!strncmp(words, q->words, strlen(q->words)))
			return q->answer(m);
	return -EINVAL;
}

/* The next whole line, once it is there. */
static char *next_line(FILE *console, char **line, size_t *room, size_t *length)
{
	long start = ftell(console);
	ssize_t n = getline(line, room, console);

	while (n < 1 || (*line)[n - 1] != '\n') {
		usleep(WAIT_US);
		fseek(console, start, SEEK_SET);
		n = getline(line, room, console);
	}
	*length = (size_t)n;
	return *line;
}

static void say_count(int mailbox, off_t size, unsigned long count)
{
	char text[32];

	snprintf(text, sizeof(text), "%08lu", count);
	if (pwrite(mailbox, text, 8, size - MAILBOX_PAGE) != 8)
		say("can't write to", "the mailbox", strerror(errno));
}

static int serve(const char *monitor, const char *log, const char *name)
{
	FILE *console = open_file(log, "", "r"), *mailbox = open_file(name, "", "r+");
	char *line = NULL, *asks, *words;
	unsigned long number, count = 0;
	size_t room = 0, length;
	struct monitor m;
	struct stat status;

	/* It ends with the guest's script, however that ends. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (fstat(fileno(mailbox), &status) || open_monitor(&m, monitor))
		return 1;
	for (;;) {
		next_line(console, &line, &room, &length);
		asks = memmem(line, length, MAILBOX_ASKS, strlen(MAILBOX_ASKS));
		if (!asks)
			continue;
		number = strtoul(asks + strlen(MAILBOX_ASKS), &words, 10);
		if (number == count + 1) {
			if (answer(&m, words))
				continue;
			count++;
		}
		say_count(fileno(mailbox), status.st_size, count);
	}
}

static int fetch(const char *name)
{
	FILE *mailbox = open_file(name, "", "r");
	static char buffer[1 << 16];
	size_t left, n = 0;

	if (!fgets(buffer, MAILBOX_PAGE, mailbox))
		return 1;
	left = strtoul(buffer, NULL, 10);
	fseek(mailbox, MAILBOX_PAGE, SEEK_SET);
	for (; left; left -= n) {
		n = fread(buffer, 1, left < sizeof(buffer) ? left : sizeof(buffer), mailbox);
		if (!n || fwrite(buffer, 1, n, stdout) != n) {
			say("can't copy from", name, strerror(errno));
			return 1;
		}
	}
	return fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "serve"))
		return serve(argv[2], argv[3], argv[4]);
	if (argc == 3 && !strcmp(argv[1], "fetch"))
		return fetch(argv[2]);
	fprintf(stderr, "usage: host serve MONITOR CONSOLE MAILBOX | fetch MAILBOX\n");
	return 2;
}
