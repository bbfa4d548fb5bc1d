// SPDX-License-Identifier: MIT
/*
 * A device is pulled from its slot while it is used.  The emulator does it once:
 * afterwards LAB_HOT is no more.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load.h"
#include "tap.h"

/* A slot's button gives 5 seconds to think again, which a busy host makes many more. */
#define PATIENCE_MS 200000

static int pull(const char *variable)
{
	if (system("mailbox ask unplug hot"))
		return -EIO;
	for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
		/* The folder goes when the driver has let go. */
		if (access(bar_sysfs(variable), F_OK))
			return 0;
		usleep(10000);
	}
	return -ETIMEDOUT;
}

int main(void)
{
	uint64_t random;

	if (!getenv("LAB_HOT")) {
		printf("1..0 # SKIP no device can be pulled from this emulated machine\n");
		return 0;
	}
	random = bar_seed();
	tap_is_str(load_round("LAB_HOT", pull, &random), "", "hot unplug under load");
	return tap_done();
}
