/* SPDX-License-Identifier: MIT */
/*
 * proof.h - what the stepping proof and the program that it steps agree on.
 *
 * The subject says on its stdout where its struct proof_case is, then one line
 * a row: where its function is, and what the CPU lacks for it, if anything.  It
 * then raises PROOF_READY, reads the case, raises PROOF_READY again, makes the
 * one copy that the case asks for, and so on for ever.
 */
#ifndef FENCEPOST_PROOF_H
#define FENCEPOST_PROOF_H

#include <signal.h>
#include <stdint.h>

#define PROOF_READY  SIGUSR1
#define PROOF_MARGIN 64 /* bytes watched on either side of the destination */
#define PROOF_FROM   16 /* source offsets are below it */
#define PROOF_BYTES  256
#define PROOF_MAGIC  0x66656e6365706f73

struct proof_case {
	uint64_t row;	 /* of the architecture's copies; then the mutants follow */
	uint64_t offset; /* of the destination, from a line; below 64 */
	uint64_t from;	 /* offset of the source, from a line */
	uint64_t bytes;
	uint64_t magic;
	uint64_t unused[2];
	uint64_t done; /* the subject's answer; read together with the area behind it */
	unsigned char area[PROOF_MARGIN + 64 + PROOF_BYTES + PROOF_MARGIN];
} __attribute__((aligned(64)));

/* The source, at any distance from its start that a copy may stray to. */
static inline unsigned char proof_pattern(long at)
{
	return (unsigned char)((at + PROOF_MARGIN) * 7 % 251 + 1);
}

/* How a copy can fail its claim. */
enum proof_fault {
	PROOF_NONE,
	PROOF_OUTSIDE,
	PROOF_AGAIN,
	PROOF_ORDER,
	PROOF_GAP,
	PROOF_WRONG,
	PROOF_MISSING,
	PROOF_ENDLESS,
	PROOF_DIED,
};

/* Copies that are wrong on purpose, and one that is right: MUTANT(name, fault, what it does). */
#define PROOF_MUTANTS(MUTANT)                                                                      \
	MUTANT(right, PROOF_NONE, "writes each byte once, ascending")                              \
	MUTANT(twice, PROOF_AGAIN, "writes its last byte twice")                                   \
	MUTANT(overlap, PROOF_AGAIN, "ends in a word that overlaps the one before")                \
	MUTANT(descending, PROOF_ORDER, "writes the last byte first")                              \
	MUTANT(beyond, PROOF_OUTSIDE, "writes one byte behind the end")                            \
	MUTANT(before, PROOF_OUTSIDE, "writes one byte before the start")                          \
	MUTANT(rewrite, PROOF_OUTSIDE, "reads a byte behind the end and writes it back")           \
	MUTANT(wrong, PROOF_WRONG, "writes a wrong byte in the middle")                            \
	MUTANT(missing, PROOF_MISSING, "leaves the last byte out")                                 \
	MUTANT(dies, PROOF_DIED, "dies half way")

#endif
