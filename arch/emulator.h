/* SPDX-License-Identifier: MIT */
/*
 * emulator.h - whether qemu-user runs this program, for every architecture.
 *
 * The kernel knows the emulator's name, not the program's: "qemu-arm64-static".  It
 * tells it to prctl(2) PR_GET_NAME, too, which needs no /proc.
 */
#ifndef FENCEPOST_EMULATOR_H
#define FENCEPOST_EMULATOR_H

#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>

static inline bool is_named_as_emulator(void)
{
	char name[16] = "";

	return !prctl(PR_GET_NAME, name) && !strncmp(name, "qemu-", 5);
}

#endif
