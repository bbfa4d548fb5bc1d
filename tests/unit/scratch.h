/* SPDX-License-Identifier: MIT */
/* scratch.h - folders of a test's own, where TMPDIR says. */
#ifndef FENCEPOST_SCRATCH_H
#define FENCEPOST_SCRATCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define SCRATCH_PATH 160

/* An empty one. */
static inline bool scratch_folder(char path[SCRATCH_PATH])
{
	const char *where = getenv("TMPDIR");

	snprintf(path, SCRATCH_PATH, "%s/fencepost-XXXXXX", where && *where ? where : "/tmp");
	return mkdtemp(path) != NULL;
}

#endif
