// SPDX-License-Identifier: MIT
#include "machine/pci.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* linux/ioport.h, which user space does not get. */
#define IORESOURCE_MEM	    0x00000200u
#define IORESOURCE_PREFETCH 0x00002000u

int fp_pci_address(const char *text, char address[FP_PCI_ADDRESS])
{
	unsigned domain = 0, bus, device, function;
	int used = 0;

	/* %x takes blanks and signs, too. */
	if (strspn(text, "0123456789abcdefABCDEF:.") != strlen(text))
		return -EINVAL;
	if (sscanf(text, "%8x:%2x:%2x.%1x%n", &domain, &bus, &device, &function, &used) != 4 ||
	    text[used]) {
		domain = 0;
		used = 0;
		if (sscanf(text, "%2x:%2x.%1x%n", &bus, &device, &function, &used) != 3 ||
		    text[used])
			return -EINVAL;
	}
	if (device > 0x1f || function > 7)
		return -EINVAL;
	snprintf(address, FP_PCI_ADDRESS, "%04x:%02x:%02x.%x", domain, bus, device, function);
	return 0;
}

int fp_pci_split(const char *name, char address[FP_PCI_ADDRESS], unsigned *bar)
{
	const char *dash = strstr(name, "-bar");
	char head[FP_PCI_ADDRESS];

	if (!dash || (size_t)(dash - name) >= sizeof(head))
		return -EINVAL;
	memcpy(head, name, (size_t)(dash - name));
	head[dash - name] = '\0';
	dash += strlen("-bar");
	if (*dash < '0' || *dash >= '0' + FP_PCI_BARS || dash[1])
		return -EINVAL;
	*bar = (unsigned)(*dash - '0');
	return fp_pci_address(head, address);
}

int fp_pci_bar_name(const char *text, char name[FP_PCI_BAR_NAME])
{
	char address[FP_PCI_ADDRESS];
	unsigned bar;
	int err = fp_pci_split(text, address, &bar);

	if (!err)
		snprintf(name, FP_PCI_BAR_NAME, "%s-bar%u", address, bar);
	return err;
}

static const char *path_or(const char *variable, const char *usual)
{
	const char *path = getenv(variable);

	return path && *path ? path : usual;
}

const char *fp_path_sysfs(void)
{
	return path_or("FENCEPOST_SYSFS", "/sys");
}

const char *fp_path_proc(void)
{
	return path_or("FENCEPOST_PROC", "/proc");
}

const char *fp_path_dev(void)
{
	return path_or("FENCEPOST_DEV", "/dev/fencepost");
}

const char *fp_path_run(void)
{
	return path_or("FENCEPOST_RUN_DIR", "/run/fencepost");
}

/* A file of the device's; to be freed. */
static char *file_path(const char *address, const char *file)
{
	char *path;

	return asprintf(&path, "%s/bus/pci/devices/%s/%s", fp_path_sysfs(), address, file) < 0
		       ? NULL
		       : path;
}

int fp_pci_bars(const char *address, struct fp_pci_bar bars[FP_PCI_BARS])
{
	char *path = file_path(address, "resource");
	FILE *f = path ? fopen(path, "re") : NULL;
	int err = f ? 0 : -errno;

	free(path);
	if (!f)
		return err;
	for (size_t i = 0; !err && i < FP_PCI_BARS; i++) {
		unsigned long long start, end, flags;

		if (fscanf(f, "%llx %llx %llx", &start, &end, &flags) != 3) {
			err = -EPROTO;
			break;
		}
		bars[i].bytes = end ? end - start + 1 : 0;
		bars[i].memory = bars[i].bytes && flags & IORESOURCE_MEM;
		bars[i].prefetchable = bars[i].memory && flags & IORESOURCE_PREFETCH;
	}
	fclose(f);
	return err;
}

int fp_pci_read(const char *address, const char *file, char *to, size_t size)
{
	char *path = file_path(address, file);
	int err = path ? fp_file_line(path, to, size) : -ENOMEM;

	free(path);
	return err;
}

int fp_pci_number(const char *address, const char *file, uint64_t *number)
{
	char text[32], *end;
	int err = fp_pci_read(address, file, text, sizeof(text));

	if (err)
		return err;
	*number = strtoull(text, &end, 0);
	return *text && !*end ? 0 : -EPROTO;
}
