// SPDX-License-Identifier: MIT
/* The descriptive columns of every architecture, in every binary. */
#include "arch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define BARRIER(ID, TEXT, FEATURE, ...) \
	{ .id = #ID, .text = TEXT, .feature = FEATURE, __VA_ARGS__ },
#define ACCESS(ID, TEXT, FEATURE, ...) \
	{ .id = #ID, .text = TEXT, .feature = FEATURE, __VA_ARGS__ },
#define LOCK(ID, TEXT, UNLOCK, FEATURE, ...) \
	{ .id = #ID, .text = TEXT, .unlock_text = UNLOCK, .feature = FEATURE, __VA_ARGS__ },
#define COPY(ID, FUNCTION, FEATURE, ...) \
	{ .id = ID, .feature = FEATURE, __VA_ARGS__ },

static const struct fp_barrier x86_barriers[] = {
#include "x86/barriers.def"
};
static const struct fp_access x86_accesses[] = {
#include "x86/accesses.def"
};
static const struct fp_lock x86_locks[] = {
#include "x86/locks.def"
};
static const struct fp_copy x86_copies[] = {
#include "x86/copies.def"
};

static const struct fp_barrier arm64_barriers[] = {
#include "arm64/barriers.def"
};
static const struct fp_access arm64_accesses[] = {
#include "arm64/accesses.def"
};
static const struct fp_lock arm64_locks[] = {
#include "arm64/locks.def"
};
static const struct fp_copy arm64_copies[] = {
#include "arm64/copies.def"
};

static const struct fp_barrier ppc64le_barriers[] = {
#include "ppc64le/barriers.def"
};
static const struct fp_access ppc64le_accesses[] = {
#include "ppc64le/accesses.def"
};
static const struct fp_lock ppc64le_locks[] = {
#include "ppc64le/locks.def"
};
static const struct fp_copy ppc64le_copies[] = {
#include "ppc64le/copies.def"
};

#define TABLES(NAME, PREFIX) { \
	.name = NAME, \
	.barriers = PREFIX##_barriers, .n_barriers = COUNT(PREFIX##_barriers), \
	.accesses = PREFIX##_accesses, .n_accesses = COUNT(PREFIX##_accesses), \
	.locks = PREFIX##_locks, .n_locks = COUNT(PREFIX##_locks), \
	.copies = PREFIX##_copies, .n_copies = COUNT(PREFIX##_copies), \
}

const struct fp_arch_tables fp_arch_tables[FP_ARCHES] = {
	[FP_X86_64] = TABLES("x86_64", x86),
	[FP_ARM64] = TABLES("arm64", arm64),
	[FP_PPC64LE] = TABLES("ppc64le", ppc64le),
};
