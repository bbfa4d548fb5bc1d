// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "base/message.h"
#include "commands/command.h"

#define OUTPUT_BYTES (4u * 1024 * 1024) /* results of --full as JSON are about 1 MiB */

/* Where there is no /dev/null: a file that nobody else sees. */
static int open_nothing(void)
{
	int fd = open("/dev/null", O_RDWR);

	return fd < 0 ? memfd_create("nothing", 0) : fd;
}

/*
 * With a standard stream closed the next file opened would take its number, and
 * what is meant for the terminal would end up in it.
 */
static int check_streams(void)
{
	bool no_stdout = fcntl(STDOUT_FILENO, F_GETFD) < 0;

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open_nothing() != fd)
			return FP_EXIT_OUTPUT;
	if (!no_stdout)
		return 0;
	fp_error("standard output is closed: nothing would be seen of the results");
	return FP_EXIT_OUTPUT;
}

static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* Whatever has reported it before has set the status. */
	if (status != FP_EXIT_OUTPUT)
		fp_error("standard output can't be written (%s)", strerror(errno));
	return FP_EXIT_OUTPUT;
}

int main(int argc, char **argv)
{
	static char output[OUTPUT_BYTES];
	struct fp_options options;
	int status = check_streams();

	if (status)
		return status;
	/* A reader that has gone is a write error with a message, not a death. */
	signal(SIGPIPE, SIG_IGN);
	/* A limit on files' size is a full disk to whoever writes: EFBIG. */
	signal(SIGXFSZ, SIG_IGN);
	/*
	 * All that is printed is written at once, in finish(): a write that fails in
	 * the middle of printing would leave no word of why.
	 */
	setvbuf(stdout, output, _IOFBF, sizeof(output));
	fp_json_count_refusals();
	status = fp_options_parse(&options, argc, argv);
	if (status)
		return finish(status < 0 ? 0 : status);
	return finish(options.chosen->run(&options));
}
