// SPDX-License-Identifier: MIT
/*
 * bind and unbind: what is remembered, and that whatever fails leaves things as
 * they were.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "fake-pci.h"
#include "machine/binding.h"
#include "tap.h"

#define HEAD "fencepost binding 1\n"

static void test_there_and_back(void)
{
	fake_tree("nvme");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind");
	tap_is_str(driver(), "fencepost", "the module has it");
	tap_is_str(contents("run/" ADDRESS), HEAD "bar 2\ndriver nvme\n",
		   "what was there is remembered");
	tap_ok(strstr(fake.out, "was with nvme") && strstr(fake.out, "0000:00:04.0-bar2") &&
	       strstr(fake.out, "16777216 bytes, prefetchable") && !*fake.err,
	       "it says who had it, and where the BAR is");
	tap_is_int(quietly("unbind", "00:04.0", NULL, false), 0, "unbind, by the short address");
	tap_is_str(driver(), "nvme", "the former driver has it");
	tap_is_str(contents(DEVICE "/driver_override"), "(null)\n", "the override is as before");
	tap_is_str(contents("run/" ADDRESS), NULL, "nothing is remembered");
	tap_ok(strstr(fake.out, "given back to nvme") != NULL, "it says to whom");
}

static void test_relaxed(void)
{
	fake_tree("nvme");
	make_file("proc/cmdline", "root=/dev/vda iomem=relaxed quiet\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0,
		   "bind, where a claim keeps nobody off");
	tap_ok(strstr(fake.err, "warning: ") && strstr(fake.err, "iomem=relaxed"), "it warns");
	make_file("proc/cmdline", "root=/dev/vda quiet\n");
	quietly("unbind", ADDRESS, NULL, false);
	quietly("bind", ADDRESS, NULL, false);
	tap_is_str(fake.err, "", "elsewhere it does not");
	remove_path("proc/cmdline");
}

static void test_override(void)
{
	fake_tree("vfio-pci");
	make_file(DEVICE "/driver_override", "vfio-pci\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind what has an override");
	tap_is_str(contents("run/" ADDRESS),
		   HEAD "bar 2\ndriver vfio-pci\ndriver_override vfio-pci\n", "it is remembered");
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "unbind");
	tap_is_str(contents(DEVICE "/driver_override"), "vfio-pci", "it is restored");
	fake_tree("");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind what has no driver");
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "unbind");
	tap_is_str(driver(), "", "it has none again");
	tap_ok(strstr(fake.out, "no driver again") != NULL, "it says so");
}

static void test_bars(void)
{
	fake_tree("nvme");
	tap_is_int(quietly("bind", ADDRESS, "0", false), 0, "another BAR");
	tap_is_str(contents("run/" ADDRESS), HEAD "bar 0\ndriver nvme\n", "is remembered");
	tap_is_int(quietly("bind", ADDRESS, "2", false), 0, "once bound, a BAR is chosen anew");
	tap_is_str(contents("run/" ADDRESS), HEAD "bar 2\ndriver nvme\n",
		   "the former driver stays the same");
	tap_ok(strstr(fake.out, "already") != NULL, "it says that it is bound");
	fake_tree("nvme");
	tap_ok(quietly("bind", ADDRESS, "1", false) == FP_EXIT_USAGE && fake.one_line &&
	       strstr(fake.err, "I/O ports") && strstr(fake.err, "0, 2, 4"),
	       "a BAR of I/O ports: %s", fake.err);
	tap_ok(quietly("bind", ADDRESS, "3", false) == FP_EXIT_USAGE && fake.one_line &&
	       strstr(fake.err, "not there"), "a BAR that is not there: %s", fake.err);
	tap_ok(quietly("bind", ADDRESS, "6", false) == FP_EXIT_USAGE && fake.one_line &&
	       strstr(fake.err, "\"6\""), "a BAR beyond the last: %s", fake.err);
	tap_ok(quietly("bind", ADDRESS, "22", false) == FP_EXIT_USAGE && fake.one_line,
	       "a BAR of two digits: %s", fake.err);
	tap_is_str(driver(), "nvme", "nothing has changed");
	make_file(DEVICE "/resource", "0 0 0\n0xc000 0xc01f 0x40101\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n");
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && fake.one_line,
	       "no memory BAR: %s", fake.err);
}

static void test_names(void)
{
	fake_tree("nvme");
	tap_ok(quietly("bind", "junk", NULL, false) == FP_EXIT_USAGE && fake.one_line &&
	       strstr(fake.err, "0000:03:00.0"), "no address: %s", fake.err);
	tap_ok(quietly("bind", "0000:00:20.0", NULL, false) == FP_EXIT_USAGE && fake.one_line,
	       "no such slot: %s", fake.err);
	tap_ok(quietly("bind", "0000:00:05.0", NULL, false) == FP_EXIT_USAGE && fake.one_line &&
	       strstr(fake.err, "no such device"), "no such device: %s", fake.err);
	tap_ok(quietly("unbind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && fake.one_line &&
	       strstr(fake.err, "nvme has it"), "unbind what is not bound: %s", fake.err);
}

static void is_as_before(const char *what, int status)
{
	tap_ok(status == FP_EXIT_ROW_FAILED && fake.one_line, "%s: one line: %s", what, fake.err);
	tap_is_str(driver(), "nvme", "%s: the former driver has it", what);
	tap_is_str(contents(DEVICE "/driver_override"), "(null)\n", "%s: the override is as before",
		   what);
	tap_is_str(contents("run/" ADDRESS), NULL, "%s: nothing is remembered", what);
}

static void test_undo(void)
{
	fake_tree("nvme");
	fake.fails_at = "/nvme/unbind";
	is_as_before("a driver that does not let go", quietly("bind", ADDRESS, NULL, false));
	fake_tree("nvme");
	fake.fails_at = "/fencepost/bind";
	is_as_before("a module that does not take it", quietly("bind", ADDRESS, NULL, false));
	fake_tree("nvme");
	fake.no_node = true;
	is_as_before("a BAR without a file", quietly("bind", ADDRESS, NULL, false));
	fake_tree("nvme");
	fake.fails_at = "/fencepost/bind";
	setenv("FENCEPOST_RUN_DIR", "/proc/none/fencepost", 1);
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && fake.one_line,
	       "nowhere to remember it: %s", fake.err);
	tap_is_str(driver(), "nvme", "nothing has changed");
}

/* Nobody takes it back: what is remembered stays, for a second try. */
static void test_half_way(void)
{
	fake_tree("nvme");
	fake.fails_at = "/bind";
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_ROW_FAILED && fake.one_line &&
	       strstr(fake.err, "unbind tries again"), "nobody takes it: %s", fake.err);
	tap_is_str(contents("run/" ADDRESS), HEAD "bar 2\ndriver nvme\n", "it is still remembered");
	fake.fails_at = NULL;
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "unbind then gives it back");
	tap_is_str(driver(), "nvme", "to whom it belonged");
	fake_tree("");
	make_file(DEVICE "/driver_override", "fencepost\n");
	make_file("run/" ADDRESS, HEAD "bar 2\ndriver nvme\n");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind what was left half way");
	tap_is_str(contents("run/" ADDRESS), HEAD "bar 2\ndriver nvme\n",
		   "the first driver is remembered");
	fake_tree("nvme");
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind");
	fake.fails_at = "/nvme/bind";
	tap_ok(quietly("unbind", ADDRESS, NULL, false) == FP_EXIT_ROW_FAILED && fake.one_line,
	       "a former driver that does not take it back: %s", fake.err);
	fake.fails_at = NULL;
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "later it does");
	tap_is_str(driver(), "nvme", "and has it");
}

/* ---- what is believed ---- */

static mode_t mode_of(const char *path)
{
	struct stat st;

	return stat(fake_path(path), &st) ? 0 : st.st_mode & 07777;
}

static void test_modes(void)
{
	const mode_t masks[] = { 0, 022, 077 };

	for (size_t i = 0; i < 3; i++) {
		mode_t before;

		fake_tree("nvme");
		before = umask(masks[i]);
		tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "bind, umask %03o", masks[i]);
		tap_is_int(umask(before), masks[i], "umask %03o: is as it was", masks[i]);
		tap_is_int(mode_of("run/" ADDRESS), 0644, "umask %03o: the record", masks[i]);
		tap_is_int(mode_of("run"), 0755, "umask %03o: its folder", masks[i]);
	}
}

/* A device that the module has, and what is said of it. */
static void bound_with(const char *record)
{
	fake_tree("fencepost");
	make_file(DEVICE "/driver_override", "fencepost\n");
	make_file("run/" ADDRESS, record);
}

static void is_refused(const char *what, const char *words)
{
	int status = quietly("unbind", ADDRESS, NULL, false);

	tap_ok(status == FP_EXIT_REFUSED && fake.one_line && !*fake.out &&
	       strstr(fake.err, words), "unbind, %s: %s", what, fake.err);
	tap_ok(fake.writes == 0, "%s: nothing is written to sysfs", what);
	status = quietly("bind", ADDRESS, NULL, false);
	tap_ok(status == FP_EXIT_REFUSED && fake.one_line && !*fake.out &&
	       strstr(fake.err, words) && fake.writes == 0, "bind, %s: %s", what, fake.err);
}

static void test_forged(void)
{
	static const struct {
		const char *what, *record, *where;
	} forged[] = {
		{ "junk", "junk", "line 1: it breaks off" },
		{ "a line of junk", "junk\n", "line 1: " },
		{ "nothing", "", "line 1: " },
		{ "another version", "fencepost binding 2\nbar 2\n", "line 1: " },
		{ "no BAR", HEAD, "line 2: " },
		{ "a BAR too far", HEAD "bar 6\n", "line 2: " },
		{ "a BAR of words", HEAD "bar 2 3\n", "line 2: " },
		{ "a way up", HEAD "bar 2\ndriver ../../../../victim\n", "line 3: " },
		{ "a folder above", HEAD "bar 2\ndriver ..\n", "line 3: " },
		{ "a path", HEAD "bar 2\ndriver nvme/../../victim\n", "line 3: " },
		{ "no name", HEAD "bar 2\ndriver \n", "line 3: " },
		{ "a byte of control", HEAD "bar 2\ndriver nv\033me\n", "line 3: " },
		{ "an override with a way up", HEAD "bar 2\ndriver nvme\ndriver_override ../x\n",
		  "line 4: " },
		{ "two drivers", HEAD "bar 2\ndriver nvme\ndriver nvme\n", "line 4: " },
		{ "another order", HEAD "bar 2\ndriver_override nvme\ndriver nvme\n", "line 4: " },
		{ "a line more", HEAD "bar 2\ndriver nvme\nmore\n", "line 4: " },
		{ "no newline at its end", HEAD "bar 2\ndriver nvme", "line 3: it breaks off" },
		{ "a name too long", HEAD "bar 2\ndriver "
		  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl\n",
		  "line 3: " },
	};

	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++) {
		bound_with(forged[i].record);
		is_refused(forged[i].what, forged[i].where);
		tap_is_str(contents("run/" ADDRESS), forged[i].record, "%s: stays as it is",
			   forged[i].what);
	}
	bound_with(HEAD "bar 2\ndriver budget dvb\n");
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0, "a name with a blank is one");
	tap_is_str(driver(), "budget dvb", "and that driver has it again");
}

static void test_others(void)
{
	const char *record = HEAD "bar 2\ndriver nvme\n";

	bound_with(record);
	chmod(fake_path("run/" ADDRESS), 0666);
	is_refused("a record that everybody can write", "can be written by other users");
	chmod(fake_path("run/" ADDRESS), 0664);
	is_refused("a record that a group can write", "can be written by other users");
	bound_with(record);
	chmod(fake_path("run"), 0777);
	is_refused("a folder that everybody can write", "can be written by other users");
	bound_with(record);
	make_file("elsewhere", record);
	remove_path("run/" ADDRESS);
	make_link("run/" ADDRESS, "elsewhere");
	is_refused("a record that is a link", "it is a link");
	bound_with(record);
	remove_path("run");
	make_file("elsewhere/" ADDRESS, record);
	make_link("run", "elsewhere");
	is_refused("a folder that is a link", "can't be opened");
	if (geteuid()) {
		tap_skip("only root can make a record of another user");
		return;
	}
	bound_with(record);
	if (chown(fake_path("run/" ADDRESS), 65534, 65534))
		abort();
	is_refused("a record of another user", "belongs to another user");
	bound_with(record);
	if (chown(fake_path("run"), 65534, 65534))
		abort();
	is_refused("a folder of another user", "belongs to another user");
}

static void test_not_remembered(void)
{
	bound_with(HEAD "bar 2\n");
	remove_path("run");
	tap_is_int(quietly("unbind", ADDRESS, NULL, false), 0,
		   "unbind what someone else has bound");
	tap_ok(strstr(fake.out, "nothing was remembered") != NULL, "it claims nothing: %s",
	       fake.out);
}

/* What could not be given back is not taken. */
static void test_override_that_is_none(void)
{
	fake_tree("nvme");
	make_file(DEVICE "/driver_override", "../victim\n");
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && fake.one_line &&
	       fake.writes == 0, "an override with a path: %s", fake.err);
	make_file(DEVICE "/driver_override",
		  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmno\n");
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && fake.one_line &&
	       fake.writes == 0, "an override that is too long to be kept: %s", fake.err);
	tap_is_str(driver(), "nvme", "nothing has changed");
}

static void test_module(void)
{
	fake_tree("nvme");
	remove_path("sys/bus/pci/drivers/fencepost");
	tap_ok(quietly("bind", ADDRESS, NULL, false) == FP_EXIT_REFUSED && fake.one_line &&
	       strstr(fake.err, "there is none"), "no module: %s", fake.err);
	tap_is_str(driver(), "nvme", "nothing has changed");
	fake.loads = true;
	tap_is_int(quietly("bind", ADDRESS, NULL, false), 0, "a module that can be loaded is");
	tap_is_str(driver(), "fencepost", "and takes it");
}

int main(void)
{
	umask(022);
	if (!fake_begin())
		return 1;
	test_there_and_back();
	test_relaxed();
	test_override();
	test_bars();
	test_names();
	test_undo();
	fake_places();
	test_half_way();
	test_modes();
	test_forged();
	test_others();
	test_not_remembered();
	test_override_that_is_none();
	test_module();
	fake_end();
	return tap_done();
}
