// SPDX-License-Identifier: MIT
/*
 * mailbox - talks to the host of a guest of the lab.
 *
 *   mailbox put < FILE     hands it the file
 *   mailbox ask WORD...    asks it for something, and waits until it's done
 *
 * LAB_MAIL is the address of the device that mailbox.h describes.  Questions go to
 * the console.
 *
 * Stores are of 8 aligned bytes each: some CPUs refuse others on a BAR.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailbox.h"

#define PATIENCE_MS 120000
#define AGAIN_MS    1000

static void die(const char *what, const char *name)
{
	fprintf(stderr, "mailbox: %s %s: %s\n", what, name, strerror(errno));
	exit(1);
}

static int open_in(const char *device, const char *file, int flags)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "/sys/bus/pci/devices/%s/%s", device, file);
	fd = open(name, flags | O_CLOEXEC);
	if (fd < 0)
		die("can't open", name);
	return fd;
}

static volatile uint64_t *map_mailbox(const char *device, size_t *size)
{
	int enable = open_in(device, "enable", O_WRONLY);
	int bar = open_in(device, "resource2", O_RDWR);
	struct stat status;
	void *map;

	if (write(enable, "1", 1) != 1)
		die("can't enable", device);
	if (fstat(bar, &status))
		die("can't look at", device);
	*size = status.st_size;
	map = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, bar, 0);
	if (map == MAP_FAILED)
		die("can't map", device);
	close(bar);
	close(enable);
	return map;
}

static void store(volatile uint64_t *to, const char *from, size_t length)
{
	uint64_t word;

	for (; length; length -= length < 8 ? length : 8) {
		word = 0;
		memcpy(&word, from, length < 8 ? length : 8);
		*to++ = word;
		from += 8;
	}
}

static size_t store_stdin(volatile uint64_t *to, size_t room)
{
	static char buffer[1 << 16];
	size_t length, total = 0;

	/* Whole words but for the last: fread() comes short at the end only. */
	while ((length = fread(buffer, 1, sizeof(buffer), stdin))) {
		if (length > room - total) {
			errno = EFBIG;
			die("can't take all of", "stdin");
		}
		store(to + total / 8, buffer, length);
		total += length;
	}
	if (ferror(stdin))
		die("can't read", "stdin");
	return total;
}

static int put(volatile uint64_t *mailbox, size_t size)
{
	size_t length = store_stdin(mailbox + MAILBOX_PAGE / 8, size - 2 * MAILBOX_PAGE);
	char text[32];

	__sync_synchronize();
	store(mailbox, text, snprintf(text, sizeof(text), "%zu\n", length));
	return 0;
}

/*
 * The host looks for lines on the console. A message of the kernel's, of a level that
 * is shown there, stays in one piece: others get into what is written to a terminal.
 */
static void ask_on_console(unsigned number, char **words)
{
	int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char line[256];

	snprintf(line, sizeof(line), "<4>" MAILBOX_ASKS "%u", number);
	for (; *words; words++) {
		strncat(line, " ", sizeof(line) - strlen(line) - 1);
		strncat(line, *words, sizeof(line) - strlen(line) - 2);
	}
	/* Without it the message waits for more of its line. */
	strcat(line, "\n");
	if (log < 0 || write(log, line, strlen(line)) < 0)
		die("can't write to", "/dev/kmsg");
	close(log);
}

static int ask(volatile uint64_t *done, char **words)
{
	uint64_t before = *done;
	char count[9] = "";
	int ms;

	memcpy(count, &before, sizeof(before));
	for (ms = 0; *done == before; ms++) {
		if (ms % AGAIN_MS == 0)
			ask_on_console((unsigned)atoi(count) + 1, words);
		if (ms == PATIENCE_MS) {
			fprintf(stderr, "mailbox: the host does not answer '%s'\n", *words);
			return 1;
		}
		usleep(1000);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *device = getenv("LAB_MAIL");
	volatile uint64_t *mailbox;
	size_t size;

	if (device && argc == 2 && !strcmp(argv[1], "put")) {
		mailbox = map_mailbox(device, &size);
		return put(mailbox, size);
	}
	if (device && argc > 2 && !strcmp(argv[1], "ask")) {
		mailbox = map_mailbox(device, &size);
		return ask(mailbox + (size - MAILBOX_PAGE) / 8, argv + 2);
	}
	fprintf(stderr, "usage: LAB_MAIL=ADDRESS mailbox put < FILE | ask WORD...\n");
	return 2;
}
