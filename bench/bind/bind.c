// SPDX-License-Identifier: MIT
#include "bind/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "base/file.h"
#include "bind/inuse.h"
#include "machine/binding.h"
#include "machine/pci.h"

#define DRIVER	     "fencepost"
#define NODE_TRIES   100 /* of 20 ms */
#define NO_OVERRIDE  "(null)" /* how an empty driver_override reads */
#define NOT_REMEMBERED -1

/* A device on its way from one driver to another. */
struct device {
	const struct fp_binder *binder;
	const char *word; /* "bind", "unbind" */
	char address[FP_PCI_ADDRESS];
	char driver[FP_DRIVER_NAME]; /* that holds it now; "": none */
	struct fp_pci_bar bars[FP_PCI_BARS];
	struct fp_binding binding;
};

/* ---- what there is ---- */

/* -EPROTO: what the link leads to is no driver. */
static int read_driver(const char *address, char driver[FP_DRIVER_NAME])
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *name;
	ssize_t length;

	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/driver", fp_path_sysfs(), address);
	length = readlink(path, target, sizeof(target) - 1);
	*driver = '\0';
	if (length <= 0)
		return 0;
	target[length] = '\0';
	name = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
	return fp_driver_name(name, driver);
}

static const char *holder(const struct device *d)
{
	return *d->driver ? d->driver : "no driver";
}

static int find_device(struct device *d, const char *text)
{
	int err;

	if (fp_pci_address(text, d->address)) {
		fp_error("%s %s: this is no PCI address; it looks like 0000:03:00.0 (lspci -D "
			 "lists them)", d->word, text);
		return FP_EXIT_USAGE;
	}
	err = fp_pci_bars(d->address, d->bars);
	if (err) {
		fp_error("%s %s: there is no such device (%s); lspci -D lists them", d->word,
			 d->address, strerror(-err));
		return FP_EXIT_USAGE;
	}
	if (!read_driver(d->address, d->driver))
		return 0;
	fp_error("%s %s: its driver in sysfs has a name that is none; nothing is changed", d->word,
		 d->address);
	return FP_EXIT_REFUSED;
}

/* "0, 2": the BARs that can be bound. */
static const char *memory_bars(const struct device *d, char *buf, size_t size)
{
	*buf = '\0';
	for (unsigned i = 0; i < FP_PCI_BARS; i++)
		if (d->bars[i].memory)
			snprintf(buf + strlen(buf), size - strlen(buf), "%s%u", *buf ? ", " : "",
				 i);
	return buf;
}

static unsigned best_bar(const struct device *d)
{
	unsigned best = 0;

	for (unsigned i = 0; i < FP_PCI_BARS; i++) {
		const struct fp_pci_bar *a = &d->bars[i], *b = &d->bars[best];

		if (a->memory && (!b->memory || a->prefetchable > b->prefetchable ||
				  (a->prefetchable == b->prefetchable && a->bytes > b->bytes)))
			best = i;
	}
	return best;
}

static int choose_bar(struct device *d, const char *text)
{
	char list[32];
	unsigned bar;

	if (!*memory_bars(d, list, sizeof(list))) {
		fp_error("%s %s: the device has no memory BAR", d->word, d->address);
		return FP_EXIT_REFUSED;
	}
	if (!text) {
		d->binding.bar = best_bar(d);
		return 0;
	}
	bar = (unsigned)(*text - '0');
	if (bar >= FP_PCI_BARS || text[1]) {
		fp_error("%s %s: \"%s\" is no number of a BAR; its memory BARs are %s", d->word,
			 d->address, text, list);
		return FP_EXIT_USAGE;
	}
	if (!d->bars[bar].memory) {
		fp_error("%s %s: BAR %u is %s; its memory BARs are %s", d->word, d->address, bar,
			 d->bars[bar].bytes ? "one of I/O ports" : "not there", list);
		return FP_EXIT_USAGE;
	}
	d->binding.bar = bar;
	return 0;
}

static int check_use(const struct device *d, bool force)
{
	char why[256];

	if (!fp_device_in_use(d->address, why, sizeof(why)))
		return 0;
	if (force) {
		fp_error("warning: %s is taken from %s although %s", d->address, holder(d), why);
		return 0;
	}
	fp_error("%s %s: %s has it, and %s; --force takes it nevertheless", d->word, d->address,
		 holder(d), why);
	return FP_EXIT_REFUSED;
}

static int check_permission(const struct device *d)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/driver_override", fp_path_sysfs(),
		 d->address);
	if (!access(path, W_OK))
		return 0;
	fp_error("%s %s: %s has it; %s can't be written (%s): run it as root", d->word, d->address,
		 holder(d), path, strerror(errno));
	return FP_EXIT_REFUSED;
}

static bool has_driver(const char *driver)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/pci/drivers/%s", fp_path_sysfs(), driver);
	return !access(path, F_OK);
}

static int check_module(const struct device *d)
{
	char why[256] = "";

	if (has_driver(DRIVER))
		return 0;
	if (!d->binder->load(why, sizeof(why)) && has_driver(DRIVER))
		return 0;
	fp_error("%s %s: the kernel module is not loaded: %s", d->word, d->address,
		 *why ? why : "it has loaded and registers no driver");
	return FP_EXIT_REFUSED;
}

/* ---- steps ---- */

static int tell_driver(const struct device *d, const char *driver, const char *file)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/bus/pci/drivers/%s/%s", fp_path_sysfs(), driver,
		     file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return d->binder->write(path, d->address);
}

/* An empty line clears it. */
static int set_override(const struct device *d, const char *driver)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/driver_override", fp_path_sysfs(),
		 d->address);
	return d->binder->write(path, *driver ? driver : "\n");
}

/* What could not be given back is not taken away. */
static int read_override(const struct device *d, char override[FP_DRIVER_NAME])
{
	char text[FP_DRIVER_NAME + 1];

	*override = '\0';
	if (fp_pci_read(d->address, "driver_override", text, sizeof(text)) || !*text ||
	    !strcmp(text, NO_OVERRIDE))
		return 0;
	if (!fp_driver_name(text, override))
		return 0;
	fp_error("%s %s: its driver_override in sysfs is no name of a driver, and could not be "
		 "given back; clear it first", d->word, d->address);
	return FP_EXIT_REFUSED;
}

static void node_path(const struct device *d, char *path, size_t size)
{
	snprintf(path, size, "%s/%s-bar%u", fp_path_dev(), d->address, d->binding.bar);
}

/* udev may take a moment. */
static int wait_for_node(const struct device *d)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	char path[PATH_MAX];

	node_path(d, path, sizeof(path));
	for (int i = 0; i < NODE_TRIES; i++) {
		if (!access(path, F_OK))
			return 0;
		nanosleep(&moment, NULL);
	}
	return -ENOENT;
}

/* Away from whoever has it now: to whom it belonged.  What could not be done, or NULL. */
static const char *give_back(const struct device *d, int *err)
{
	char now[FP_DRIVER_NAME];

	*err = read_driver(d->address, now);
	if (*err)
		return "its driver in sysfs has a name that is none";
	if (!strcmp(now, DRIVER)) {
		*err = tell_driver(d, DRIVER, "unbind");
		if (*err)
			return "it can't be unbound from " DRIVER;
		*now = '\0';
	}
	*err = set_override(d, d->binding.driver_override);
	if (*err)
		return "its driver_override can't be restored";
	if (!*d->binding.driver || !strcmp(now, d->binding.driver))
		return NULL;
	*err = tell_driver(d, d->binding.driver, "bind");
	return *err ? "its former driver does not take it back" : NULL;
}

static int undo(const struct device *d, const char *what, int err)
{
	int again = 0;
	const char *left = give_back(d, &again);

	if (left) {
		fp_error("%s %s: %s (%s), and then %s (%s); unbind tries again", d->word,
			 d->address, what, strerror(-err), left, strerror(-again));
	} else {
		fp_binding_remove(d->address);
		fp_error("%s %s: %s (%s); it is with %s again", d->word, d->address, what,
			 strerror(-err), *d->binding.driver ? d->binding.driver : "no driver");
	}
	return err == -EPERM || err == -EACCES ? FP_EXIT_REFUSED : FP_EXIT_ROW_FAILED;
}

/* What a former run has written of it: 0, NOT_REMEMBERED, or an enum fp_exit. */
static int recall(const struct device *d, struct fp_binding *binding)
{
	char why[PATH_MAX + 128];
	int err = fp_binding_read(d->address, binding, why, sizeof(why));

	if (!err || err == -ENOENT)
		return err ? NOT_REMEMBERED : 0;
	fp_error("%s %s: %s; nothing is changed (without a record, unbind leaves the device with "
		 "no driver)", d->word, d->address, why);
	return FP_EXIT_REFUSED;
}

/*
 * What to give it back to.  One that a former run has left half way between two
 * drivers is given back to whom that one had it from.
 */
static int remember(struct device *d)
{
	struct fp_binding before;
	unsigned bar = d->binding.bar;
	int status = read_override(d, d->binding.driver_override);

	snprintf(d->binding.driver, sizeof(d->binding.driver), "%s", d->driver);
	if (status || (strcmp(d->driver, DRIVER) && strcmp(d->binding.driver_override, DRIVER)))
		return status;
	status = recall(d, &before);
	d->binding = before;
	d->binding.bar = bar;
	return status == NOT_REMEMBERED ? 0 : status;
}

/* Before anything changes, so that whatever happens can be undone. */
static int write_down(const struct device *d)
{
	char why[PATH_MAX + 128];

	if (!fp_binding_write(d->address, &d->binding, why, sizeof(why)))
		return 0;
	fp_error("bind %s: %s, and without it nobody would know to whom to give it back",
		 d->address, why);
	return FP_EXIT_REFUSED;
}

static int attach(struct device *d)
{
	int err = set_override(d, DRIVER);

	if (err)
		return undo(d, "its driver_override can't be set", err);
	if (*d->driver) {
		err = tell_driver(d, d->driver, "unbind");
		if (err)
			return undo(d, "its driver does not let it go", err);
	}
	err = tell_driver(d, DRIVER, "bind");
	if (err)
		return undo(d, "the module does not take it; dmesg may say why", err);
	err = wait_for_node(d);
	return err ? undo(d, "the module has it, but there is no file of that BAR", err) : 0;
}

/* Its claim keeps sysfs and /dev/mem off a BAR, but for a kernel that was told not to mind. */
static void warn_of_relaxed(const struct device *d)
{
	char path[PATH_MAX], *line;
	size_t bytes;

	snprintf(path, sizeof(path), "%s/cmdline", fp_path_proc());
	if (fp_file_read(path, &line, &bytes))
		return;
	if (strstr(line, "iomem=relaxed"))
		fp_error("warning: this kernel was booted with iomem=relaxed: others may map %s "
			 "with another memory type meanwhile", d->address);
	free(line);
}

static void say_bound(const struct device *d)
{
	const struct fp_pci_bar *bar = &d->bars[d->binding.bar];
	char path[PATH_MAX];

	node_path(d, path, sizeof(path));
	if (!strcmp(d->driver, DRIVER))
		printf("%s is with %s already.\n", d->address, DRIVER);
	else
		printf("%s was with %s, is with %s now.\n", d->address, holder(d), DRIVER);
	printf("BAR %u, %llu bytes%s: %s\nGive it back with: run-bench unbind %s\n", d->binding.bar,
	       (unsigned long long)bar->bytes, bar->prefetchable ? ", prefetchable" : "", path,
	       d->address);
}

int fp_bind(const struct fp_binder *binder, const char *text, const char *bar, bool force)
{
	struct device d = { .binder = binder, .word = "bind" };
	bool bound;
	int status = find_device(&d, text);

	if (!status)
		status = choose_bar(&d, bar);
	bound = !strcmp(d.driver, DRIVER);
	if (!status && !bound)
		status = check_use(&d, force);
	if (!status)
		status = check_permission(&d);
	if (!status && !bound)
		status = check_module(&d);
	if (status)
		return status;
	status = remember(&d);
	if (!status)
		status = write_down(&d);
	if (!status && !bound)
		status = attach(&d);
	if (!status) {
		warn_of_relaxed(&d);
		say_bound(&d);
	}
	return status;
}

static void say_given_back(const struct device *d, bool remembered)
{
	if (!remembered)
		printf("%s is with no driver: nothing was remembered of who had it before.\n",
		       d->address);
	else if (*d->binding.driver)
		printf("%s is given back to %s.\n", d->address, d->binding.driver);
	else
		printf("%s is with no driver again, as before.\n", d->address);
}

int fp_unbind(const struct fp_binder *binder, const char *text)
{
	struct device d = { .binder = binder, .word = "unbind" };
	int status = find_device(&d, text), err = 0, known;
	const char *left;

	if (status)
		return status;
	known = recall(&d, &d.binding);
	if (known == NOT_REMEMBERED && strcmp(d.driver, DRIVER)) {
		fp_error("unbind %s: it is not bound to %s; %s has it", d.address, DRIVER,
			 holder(&d));
		return FP_EXIT_REFUSED;
	}
	status = known > 0 ? known : check_permission(&d);
	if (status)
		return status;
	left = give_back(&d, &err);
	if (left) {
		fp_error("unbind %s: %s (%s)", d.address, left, strerror(-err));
		return err == -EPERM || err == -EACCES ? FP_EXIT_REFUSED : FP_EXIT_ROW_FAILED;
	}
	fp_binding_remove(d.address);
	say_given_back(&d, known != NOT_REMEMBERED);
	return 0;
}
