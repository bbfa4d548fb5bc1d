// SPDX-License-Identifier: MIT
/*
 * mailbox - hands a file from a guest of the lab to its host.
 *
 *   mailbox /sys/bus/pci/devices/ADDRESS < FILE
 *
 * The device is an ivshmem-plain one, whose BAR 2 is a file of the host's.
 * There the length comes first, as text, and the data at offset 4096.  The
 * length is stored last: a host that finds one finds the data, too.
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

#define DATA_OFFSET 4096

static void die(const char *what, const char *name)
{
	fprintf(stderr, "mailbox: %s %s: %s\n", what, name, strerror(errno));
	exit(1);
}

static int open_in(const char *folder, const char *file, int flags)
{
	char name[4096];
	int fd;

	snprintf(name, sizeof(name), "%s/%s", folder, file);
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
	close(enable);
	close(bar);
	return map;
}

static void put(volatile uint64_t *to, const char *from, size_t length)
{
	uint64_t word;

	for (; length; length -= length < 8 ? length : 8) {
		word = 0;
		memcpy(&word, from, length < 8 ? length : 8);
		*to++ = word;
		from += 8;
	}
}

static size_t put_stdin(volatile uint64_t *to, size_t room)
{
	static char buffer[1 << 16];
	size_t length, total = 0;

	/* Whole words but for the last: fread() comes short at the end only. */
	while ((length = fread(buffer, 1, sizeof(buffer), stdin))) {
		if (length > room - total) {
			errno = EFBIG;
			die("can't take all of", "stdin");
		}
		put(to + total / 8, buffer, length);
		total += length;
	}
	if (ferror(stdin))
		die("can't read", "stdin");
	return total;
}

int main(int argc, char **argv)
{
	volatile uint64_t *mailbox;
	size_t size, length;
	char text[32];

	if (argc != 2) {
		fprintf(stderr, "usage: mailbox /sys/bus/pci/devices/ADDRESS < FILE\n");
		return 2;
	}
	mailbox = map_mailbox(argv[1], &size);
	length = put_stdin(mailbox + DATA_OFFSET / 8, size - DATA_OFFSET);
	__sync_synchronize();
	put(mailbox, text, snprintf(text, sizeof(text), "%zu\n", length));
	return 0;
}
