/* SPDX-License-Identifier: MIT */
/* tracer.h - two ways to run another program step by step, and its memory. */
#ifndef FENCEPOST_PROOF_TRACER_H
#define FENCEPOST_PROOF_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tracer;

/* What a way to step supplies. 0 or -errno, unless said otherwise. */
struct tracer_ops {
	/* Starts the command, held before its first instruction. */
	int (*start)(struct tracer *t, char *const command[]);
	/* Runs one instruction, or all; the signal that it then stopped by, or -errno. */
	int (*run)(struct tracer *t, bool step);
	void (*end)(struct tracer *t);
};

/* The kernel's ptrace; and an emulator's debug stub, by the remote serial protocol. */
extern const struct tracer_ops tracer_ptrace, tracer_remote;

struct tracer {
	const struct tracer_ops *ops;
	pid_t pid;
	int output; /* the program's stdout */
	int memory;
	int socket; /* the stub's */
};

/*
 * Starts the command with its stdout in t->output; prepare runs in the child.
 * The child dies with its parent.  0 or -errno; tracer_reap() in any case.
 */
int tracer_spawn(struct tracer *t, char *const command[], int (*prepare)(void));

/* Ends and reaps it. */
void tracer_reap(struct tracer *t);

/* The memory of the program, while it is stopped. 0 or -errno. */
int tracer_read(struct tracer *t, uint64_t address, void *to, size_t bytes);
int tracer_write(struct tracer *t, uint64_t address, const void *from, size_t bytes);

#endif
