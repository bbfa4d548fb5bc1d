// SPDX-License-Identifier: MIT
/* The descriptive columns of every architecture, in every binary. */
#include <linux/fencepost.h>

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

/* x86/barriers.def and x86_barriers, for the FOLDER x86. */
#define STRING(TEXT) #TEXT
#define PATH(FOLDER, FILE) STRING(FOLDER/FILE)
#define IN_FOLDER(FILE) PATH(FOLDER, FILE)
#define JOIN(FOLDER, TABLE) FOLDER##_##TABLE
#define JOINED(FOLDER, TABLE) JOIN(FOLDER, TABLE)
#define OF_FOLDER(TABLE) JOINED(FOLDER, TABLE)

/* An include takes no name from a list: these are the lines of architectures.def again. */
#define FOLDER x86
#include "rows.h"
#undef FOLDER
#define FOLDER arm64
#include "rows.h"
#undef FOLDER
#define FOLDER ppc64le
#include "rows.h"
#undef FOLDER

#define ARCHITECTURE(ID, NAME, FOLDER) [FP_##ID] = { \
	.name = #NAME, \
	.barriers = FOLDER##_barriers, .n_barriers = COUNT(FOLDER##_barriers), \
	.accesses = FOLDER##_accesses, .n_accesses = COUNT(FOLDER##_accesses), \
	.locks = FOLDER##_locks, .n_locks = COUNT(FOLDER##_locks), \
	.copies = FOLDER##_copies, .n_copies = COUNT(FOLDER##_copies), \
	.attributes = FOLDER##_attributes, .mapped_as = FOLDER##_mapped_as, \
	.objdump_options = FOLDER##_objdump_options, .flush = FOLDER##_flush, \
	.before_doorbell = FOLDER##_before_doorbell, .full = FOLDER##_full, \
},

const struct fp_arch_tables fp_arch_tables[FP_ARCHES] = {
#include "architectures.def"
};
