// SPDX-License-Identifier: MIT
/* Programs of others: only where nobody can have put them, heard, bounded, and apart. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/tool.h"
#include "tap.h"

static char folder[] = "/tmp/fencepost-tool-XXXXXX";
static char why[512], *heard;
static size_t heard_bytes;

static const char *in_folder(const char *name)
{
	static char path[4][256];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

/* A program of a line of shell, in a folder of the scratch folder. */
static void write_program(const char *name, const char *line, mode_t mode)
{
	FILE *to = fopen(in_folder(name), "w");

	fprintf(to, "#!/bin/sh\n%s\n", line);
	fclose(to);
	chmod(in_folder(name), mode);
}

/* ---- where it is ---- */

/* PATH is that, and the program is called "it". */
static int find(const char *path)
{
	char found[4096];
	int err;

	setenv("PATH", path, 1);
	*why = '\0';
	err = fp_tool_find("it", found, sizeof(found), why, sizeof(why));
	if (!err && strcmp(found, in_folder("bin/it")))
		err = -EEXIST;
	return err;
}

static void is_found(const char *what)
{
	tap_is_int(find(in_folder("bin")), 0, "%s: is found", what);
}

/* Others than root take what they find. */
static void is_left(const char *what)
{
	if (geteuid()) {
		tap_is_int(find(in_folder("bin")), 0, "%s: is found by others than root", what);
		return;
	}
	tap_is_int(find(in_folder("bin")), -ENOENT, "%s: root does not run it", what);
	tap_ok(strstr(why, in_folder("bin")) && strstr(why, "not run as root"), "%s: says so: %s",
	       what, why);
}

static void test_root(void)
{
	is_found("a program in a folder of one's own");
	chmod(in_folder("bin"), 0777);
	is_left("a folder that everybody can write");
	chmod(in_folder("bin"), 01777);
	is_left("a sticky one");
	chmod(in_folder("bin"), 0755);
	chmod(in_folder("bin/it"), 0757);
	is_left("a file that everybody can write");
	chmod(in_folder("bin/it"), 0755);
	chmod(folder, 0777);
	is_left("a folder in one that everybody can write");
	chmod(folder, 0755);
	if (geteuid()) {
		tap_skip("only root can give a file away");
		return;
	}
	if (chown(in_folder("bin"), 1, 0))
		tap_ok(false, "a folder is given away");
	is_left("a folder of somebody else");
	if (chown(in_folder("bin"), 0, 1))
		tap_ok(false, "a folder is given away");
	is_found("a folder of another group that can't write it");
	chmod(in_folder("bin"), 0775);
	is_left("a folder of another group that can");
	if (chown(in_folder("bin"), 0, 0))
		tap_ok(false, "a folder is taken back");
	is_found("a folder that root's group can write");
	chmod(in_folder("bin"), 0755);
}

static void test_path(void)
{
	char before[4096], path[1024];

	tap_is_int(find("/nonexistent"), -ENOENT, "no folder of PATH has it");
	tap_is_str(why, "it is not installed", "and that is said");
	if (!getcwd(before, sizeof(before)) || chdir(in_folder("bin")))
		tap_ok(false, "a folder to go to");
	tap_is_int(find("."), -ENOENT, "the current folder is passed over");
	tap_ok(strstr(why, "\".\"") && strstr(why, "not run"), "says so: %s", why);
	tap_is_int(find(""), -ENOENT, "so is an empty entry");
	tap_is_int(find(":../bin:"), -ENOENT, "and a relative one");
	snprintf(path, sizeof(path), ".:%s:bin:", in_folder("bin"));
	tap_is_int(find(path), 0, "the next entry counts");
	unsetenv("PATH");
	tap_is_int(fp_tool_find("sh", path, sizeof(path), why, sizeof(why)), 0, "without PATH");
	if (chdir(before))
		tap_ok(false, "and back");
	mkdir(in_folder("bin/dir"), 0755);
	setenv("PATH", in_folder("bin"), 1);
	tap_is_int(fp_tool_find("dir", path, sizeof(path), why, sizeof(why)), -ENOENT,
		   "a folder is no program");
	rmdir(in_folder("bin/dir"));
}

/* ---- how it is run ---- */

static int run_with(struct fp_tool tool, const char *line)
{
	const char *const argv[] = { "it", "an argument; $x", NULL };
	FILE *said = open_memstream(&heard, &heard_bytes);
	int err;

	free(heard);
	heard = NULL;
	write_program("bin/it", line, 0755);
	setenv("PATH", in_folder("bin"), 1);
	tool.argv = argv;
	*why = '\0';
	err = fp_tool_run(&tool, said, why, sizeof(why));
	fclose(said);
	return err;
}

static const struct fp_tool plain = { NULL, AT_FDCWD, -1, STDOUT_FILENO };

static void test_run(void)
{
	int to = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), input;
	char wanted[256];

	tap_is_int(run_with(plain, "echo \"$1\"; echo no >&2"), 0, "a tool runs");
	tap_is_str(heard, "an argument; $x\n", "its argument is text, its stdout is heard");
	tap_is_int(run_with((struct fp_tool){ NULL, to, -1, STDERR_FILENO }, "pwd >&2; echo no"), 0,
		   "in a folder");
	snprintf(wanted, sizeof(wanted), "%s\n", folder);
	tap_is_str(heard, wanted, "in which it is; its stderr is heard");
	tap_is_int(run_with(plain, "/bin/cat; echo end"), 0, "it has nothing to read");
	tap_is_str(heard, "end\n", "and knows");
	input = open(in_folder("bin/it"), O_RDONLY | O_CLOEXEC);
	tap_is_int(run_with((struct fp_tool){ NULL, AT_FDCWD, input, STDOUT_FILENO },
			    "/bin/cat"),
		   0, "or something");
	tap_ok(heard && !strncmp(heard, "#!/bin/sh", 9), "which it reads");
	close(input);
	close(to);
	tap_is_int(run_with(plain, "exit 3"), -EIO, "a status is an error");
	tap_is_str(why, "it ended with status 3", "that is told");
	tap_is_int(run_with(plain, "kill -9 $$"), -EIO, "so is a signal");
	tap_is_str(why, "it was ended by signal 9", "and told");
	tap_is_int(run_with(plain, "/bin/cat /dev/zero | /usr/bin/head -c 20000000"), 0,
		   "a talker");
	tap_ok(heard_bytes > 16000000 && heard_bytes <= 16u << 20, "is heard so far: %zu",
	       heard_bytes);
	run_with(plain, "read -r pid name state parent group rest </proc/$$/stat; echo $group");
	tap_ok(atoi(heard) > 0 && atoi(heard) != getpgrp(),
	       "it is in a process group of its own, which Ctrl-C does not reach");
}

static bool is_gone(const char *file)
{
	FILE *from = fopen(file, "r");
	int pid = 0, tries = 200;

	if (!from || fscanf(from, "%d", &pid) != 1)
		return false;
	fclose(from);
	/* What has lost its parent is taken in by another one. */
	while (!kill(pid, 0) && tries--) {
		char path[64], line[64] = "";
		FILE *status;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		status = fopen(path, "r");
		if (status && fgets(line, sizeof(line), status) && strstr(line, ") Z")) {
			fclose(status);
			break;
		}
		if (status)
			fclose(status);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return tries > 0;
}

static void test_limit(void)
{
	char line[256];
	time_t begin = time(NULL);

	setenv("FENCEPOST_TOOL_SECONDS", "1", 1);
	snprintf(line, sizeof(line), "/bin/sleep 60 & echo $! >%s; wait", in_folder("pid"));
	tap_is_int(run_with(plain, line), -ETIMEDOUT, "a tool that hangs");
	tap_is_str(why, "it did not end within 1 s", "is told of");
	tap_ok(time(NULL) - begin < 20, "after the limit");
	tap_ok(is_gone(in_folder("pid")), "with what it had started");
	snprintf(line, sizeof(line), "exec >&- 2>&-; exec /bin/sleep 60");
	tap_is_int(run_with(plain, line), -ETIMEDOUT, "so is one that has closed its end");
	unsetenv("FENCEPOST_TOOL_SECONDS");
	unlink(in_folder("pid"));
}

/* With 0, 1 and 2 closed the ends of pipes get these numbers. */
static void test_closed(void)
{
	int saved[3], ret;

	for (int fd = 0; fd < 3; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	fflush(stdout);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	ret = run_with(plain, "/bin/cat; echo heard; echo no >&2");
	for (int fd = 0; fd < 3; fd++) {
		dup2(saved[fd], fd);
		close(saved[fd]);
	}
	tap_is_int(ret, 0, "without stdin, stdout and stderr");
	tap_is_str(heard, "heard\n", "it has its own");
}

int main(void)
{
	char *path = strdup(getenv("PATH"));

	if (!tap_ok(mkdtemp(folder) && !mkdir(in_folder("bin"), 0755), "a scratch folder"))
		return tap_done();
	chmod(folder, 0755);
	write_program("bin/it", "exit 0", 0755);
	test_root();
	test_path();
	test_run();
	test_limit();
	test_closed();
	setenv("PATH", path, 1);
	unlink(in_folder("bin/it"));
	rmdir(in_folder("bin"));
	tap_is_int(rmdir(folder), 0, "nothing is left");
	free(heard);
	free(path);
	return tap_done();
}
