// SPDX-License-Identifier: MIT
#include "machine/binding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "machine/pci.h"

static char *binding_path(const char *address)
{
	char *path;

	return asprintf(&path, "%s/%s", fp_path_run(), address) < 0 ? NULL : path;
}

int fp_binding_read(const char *address, struct fp_binding *b)
{
	char *path = binding_path(address), word[24], value[64];
	FILE *f = path ? fopen(path, "re") : NULL;
	int err = f ? 0 : -errno, n = 0;

	memset(b, 0, sizeof(*b));
	while (f && fscanf(f, "%23s %63s\n", word, value) == 2) {
		n++;
		if (!strcmp(word, "bar"))
			b->bar = (unsigned)strtoul(value, NULL, 10);
		else if (!strcmp(word, "driver"))
			snprintf(b->driver, sizeof(b->driver), "%s", value);
		else if (!strcmp(word, "driver_override"))
			snprintf(b->driver_override, sizeof(b->driver_override), "%s", value);
	}
	if (f)
		fclose(f);
	free(path);
	return f && !n ? -EPROTO : err;
}

int fp_binding_write(const char *address, const struct fp_binding *b)
{
	char *path = binding_path(address);
	struct fp_file file;
	int err = path ? 0 : -ENOMEM;

	if (!err && mkdir(fp_path_run(), 0755) && errno != EEXIST)
		err = -errno;
	if (!err)
		err = fp_file_open(&file, path);
	if (!err) {
		fprintf(file.stream, "bar %u\n", b->bar);
		if (*b->driver)
			fprintf(file.stream, "driver %s\n", b->driver);
		if (*b->driver_override)
			fprintf(file.stream, "driver_override %s\n", b->driver_override);
		err = fp_file_commit(&file);
	}
	free(path);
	return err;
}

void fp_binding_remove(const char *address)
{
	char *path = binding_path(address);

	if (path)
		unlink(path);
	free(path);
}
