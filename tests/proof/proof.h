/* SPDX-License-Identifier: MIT */
/* proof.h - what the stepping proof and the copies that it must find wrong agree on. */
#ifndef FENCEPOST_PROOF_H
#define FENCEPOST_PROOF_H

#include "arch.h"

/* How a copy can fail its claim. */
enum proof_fault {
	PROOF_NONE,
	PROOF_OUTSIDE,
	PROOF_READ,
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
	MUTANT(late, PROOF_ORDER, "writes the last byte first, of more than 300")                  \
	MUTANT(beyond, PROOF_OUTSIDE, "writes one byte behind the end")                            \
	MUTANT(before, PROOF_OUTSIDE, "writes one byte before the start")                          \
	MUTANT(rewrite, PROOF_READ, "reads a byte behind the end and writes it back")              \
	MUTANT(reads, PROOF_READ, "reads a byte that it has written")                             \
	MUTANT(afar, PROOF_OUTSIDE, "writes a byte 1 KiB behind the end")                          \
	MUTANT(wrong, PROOF_WRONG, "writes a wrong byte in the middle")                            \
	MUTANT(missing, PROOF_MISSING, "leaves the last byte out")                                 \
	MUTANT(dies, PROOF_DIED, "dies half way")                                                  \
	MUTANT(endless, PROOF_ENDLESS, "hangs half way")

enum {
#define MUTANT(NAME, ...) PROOF_MUTANT_##NAME,
	PROOF_MUTANTS(MUTANT)
#undef MUTANT
	PROOF_N_MUTANTS
};

struct proof_mutant {
	fp_copy_function *copy;
	enum proof_fault fault;
	const char *does;
};
extern const struct proof_mutant proof_mutants[PROOF_N_MUTANTS];

#endif
