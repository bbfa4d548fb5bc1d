// SPDX-License-Identifier: MIT
/*
 * Who may not have a BAR: who lacks CAP_SYS_RAWIO, and everybody once the kernel
 * is locked down.  That can't be undone: this is a guest's last test.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bar.h"
#include "tap.h"

#define LOCKDOWN "/sys/kernel/security/lockdown"
#define NOBODY	 65534

/* The node is theirs: what is missing is the capability. */
static void without_capability(void)
{
	pid_t child;

	chmod(bar_path(BAR_CMB), 0666);
	child = bar_fork();
	if (!child) {
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(99);
		_exit(-bar_open(BAR_CMB));
	}
	tap_is_int(bar_wait(child), EPERM, "without CAP_SYS_RAWIO a BAR does not open");
	chmod(bar_path(BAR_CMB), 0600);
}

static void locked_down(void)
{
	int fd = bar_open(BAR_CMB);
	volatile uint32_t *p = bar_take(fd, 0, bar_page(), FENCEPOST_WC);
	struct fencepost_info info;

	tap_is_int(fp_file_put(LOCKDOWN, "integrity"), 0, "the kernel is locked down");
	tap_is_int(bar_open(BAR_CMB), -EPERM, "a BAR does not open");
	tap_is_int(bar_info(fd, &info), 0, "what was open stays open");
	tap_ok(!bar_store_faults(p), "with its mappings");
	munmap((void *)p, bar_page());
	close(fd);
}

int main(void)
{
	without_capability();
	if (access(LOCKDOWN, W_OK))
		tap_skip("this kernel can't be locked down");
	else
		locked_down();
	return tap_done();
}
