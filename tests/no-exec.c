// SPDX-License-Identifier: MIT
/*
 * no-exec COMMAND...: runs a command on a system that refuses to make memory
 * executable, as systemd's MemoryDenyWriteExecute= does (Linux 6.3, prctl(2)
 * PR_SET_MDWE).  Exit status 77 where the kernel can't.
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#ifndef PR_MDWE_REFUSE_EXEC_GAIN
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)) {
		perror("no-exec: PR_SET_MDWE");
		return 77;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
