/* SPDX-License-Identifier: MIT */
/*
 * rows.h - the tables of the one architecture whose folder is FOLDER.  Only for
 * tables.c, which reads it once an architecture: so no guard.
 */
static const struct fp_barrier OF_FOLDER(barriers)[] = {
#include IN_FOLDER(barriers.def)
};
static const struct fp_access OF_FOLDER(accesses)[] = {
#include IN_FOLDER(accesses.def)
};
static const struct fp_lock OF_FOLDER(locks)[] = {
#include IN_FOLDER(locks.def)
};
static const struct fp_copy OF_FOLDER(copies)[] = {
#include IN_FOLDER(copies.def)
};

#define MEMORY(...)
#define FACT(...)
static const struct fp_attribute OF_FOLDER(attributes)[] = {
#define ATTRIBUTE(NUMBER, TYPES, NAME) { NUMBER, TYPES, NAME },
#include IN_FOLDER(facts.def)
#undef ATTRIBUTE
#undef MEMORY
	{ 0, 0, NULL }
};
#define ATTRIBUTE(...)
static const struct fp_mapped_as OF_FOLDER(mapped_as)[] = {
#define MEMORY(TYPE, NUMBER) { TYPE, NUMBER },
#include IN_FOLDER(facts.def)
#undef MEMORY
	{ 0, 0 }
};
#undef FACT
#define MEMORY(...)
#define FACT(NAME, TEXT) static const char OF_FOLDER(NAME)[] = TEXT;
#include IN_FOLDER(facts.def)
#undef ATTRIBUTE
#undef MEMORY
#undef FACT
