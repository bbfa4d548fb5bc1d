// SPDX-License-Identifier: MIT
/* Every row of every architecture says all that the contract asks for. */
#include <ctype.h>

#include "arch.h"
#include "tap.h"

static bool is_id(const char *id)
{
	if (!*id)
		return false;
	for (; *id && *id != '@'; id++)
		if (!islower((unsigned char)*id) && !isdigit((unsigned char)*id) && *id != '_')
			return false;
	return !*id || id[1];
}

static bool has(const char *text)
{
	return text && *text;
}

/* A list, which may be empty, of "peer:name". */
static bool are_names(const char *const *names)
{
	for (; names && *names; names++) {
		const char *colon = strchr(*names, ':');

		if (!colon || colon == *names || colon[1] == '\0' || colon[1] == ' ')
			return false;
	}
	return names;
}

/* What nobody has a name for is found by nobody. */
static bool is_named(const char *const *names)
{
	return are_names(names) && *names;
}

static bool is_whole(const struct fp_barrier *b)
{
	bool orders = b->does & FP_ORDERED;

	return is_id(b->id) && b->text && has(b->feature) && has(b->orders) && has(b->does_not) &&
	       has(b->source) && is_named(b->names) && b->memory && b->kind < FP_KINDS &&
	       !(orders && b->seen_by == FP_NOBODY);
}

static size_t length(const char *name)
{
	return strcspn(name, " ");
}

static bool same(const char *a, const char *b)
{
	return length(a) == length(b) && !strncmp(a, b, length(a));
}

/* How often a peer's name stands in the barriers of one architecture. */
static int count_name(const struct fp_arch_tables *t, const char *name)
{
	int count = 0;

	for (size_t i = 0; i < t->n_barriers; i++)
		for (const char *const *n = t->barriers[i].names; *n; n++)
			count += same(*n, name);
	return count;
}

static void test_barriers(const struct fp_arch_tables *t)
{
	for (size_t i = 0; i < t->n_barriers; i++) {
		const struct fp_barrier *b = &t->barriers[i];

		tap_ok(is_whole(b), "%s: barrier %s has every column", t->name, b->id);
		for (const char *const *n = b->names; *n; n++)
			if (count_name(t, *n) != 1)
				tap_ok(false, "%s: %s stands in one row only", t->name, *n);
	}
	tap_is_str(t->barriers[0].id, "none", "%s: the first barrier is none", t->name);
	tap_is_str(t->barriers[0].text, "", "%s: none has no instruction", t->name);
}

static void test_accesses(const struct fp_arch_tables *t)
{
	unsigned plain = 0;

	for (size_t i = 0; i < t->n_accesses; i++) {
		const struct fp_access *a = &t->accesses[i];

		tap_ok(is_id(a->id) && has(a->text) && has(a->feature) && has(a->note) &&
		       has(a->source) && a->width && a->width <= 64 && a->memory,
		       "%s: access %s has every column", t->name, a->id);
		if (a->flavour == FP_PLAIN && a->width <= 8)
			plain |= a->width << (a->kind == FP_STORE ? 4 : 0);
	}
	tap_is_int(plain, 0xff, "%s: plain loads and stores of 1, 2, 4 and 8 bytes", t->name);
}

static void test_locks(const struct fp_arch_tables *t)
{
	tap_ok(t->n_locks, "%s: has a lock", t->name);
	for (size_t i = 0; i < t->n_locks; i++) {
		const struct fp_lock *l = &t->locks[i];

		tap_ok(is_id(l->id) && has(l->text) && has(l->unlock_text) && has(l->feature) &&
		       has(l->contains) && has(l->does_not) && has(l->source) && is_named(l->names),
		       "%s: lock %s has every column", t->name, l->id);
	}
}

static bool is_unit(unsigned bytes)
{
	return bytes == 1 || bytes == 4 || bytes == 8 || bytes == 64;
}

/* What a CPU lacks that has no direct stores. */
static bool is_direct(const struct fp_arch_tables *t, const char *feature)
{
	for (size_t i = 0; i < t->n_accesses; i++)
		if (t->accesses[i].flavour == FP_DIRECT && !strcmp(t->accesses[i].feature, feature))
			return true;
	return false;
}

/*
 * tests/unit/test_copy_rows.c sees what a copy stores here.  A copy that takes
 * direct stores where it finds them is none that needs them.
 */
static bool are_stores(const struct fp_arch_tables *t, const struct fp_copy *c)
{
	return c->stores <= FP_DIRECT && !(c->stores == FP_PLAIN && c->whole) &&
	       (c->stores == FP_DIRECT) == is_direct(t, c->feature);
}

/* A copy may be our own shape, without a name elsewhere. */
static void test_copies(const struct fp_arch_tables *t)
{
	for (size_t i = 0; i < t->n_copies; i++) {
		const struct fp_copy *c = &t->copies[i];

		tap_ok(is_id(c->id) && has(c->feature) && are_stores(t, c) &&
		       is_unit(c->unit) && is_unit(c->align) && has(c->note) && has(c->source) &&
		       are_names(c->names),
		       "%s: copy %s has every column", t->name, c->id);
	}
}

static bool has_barrier(const struct fp_arch_tables *t, const char *id)
{
	for (size_t i = 0; i < t->n_barriers; i++)
		if (!strcmp(t->barriers[i].id, id))
			return true;
	return false;
}

/* The attribute serves as the memory type that is mapped as it. */
static bool is_attribute(const struct fp_arch_tables *t, const struct fp_mapped_as *m)
{
	for (const struct fp_attribute *a = t->attributes; a->name; a++)
		if (a->number == m->number)
			return a->memory & m->memory;
	return false;
}

/* How many attributes of all architectures have this number. */
static int count_attribute(unsigned number)
{
	int count = 0;

	for (int i = 0; i < FP_ARCHES; i++)
		for (const struct fp_attribute *a = fp_arch_tables[i].attributes; a->name; a++)
			count += a->number == number;
	return count;
}

static void test_facts(const struct fp_arch_tables *t)
{
	unsigned memory = 0;

	tap_ok(has(t->objdump_options), "%s: has objdump's words", t->name);
	tap_ok(has_barrier(t, t->flush) && has_barrier(t, t->before_doorbell) &&
	       has_barrier(t, t->full), "%s: %s, %s and %s are barriers", t->name, t->flush,
	       t->before_doorbell, t->full);
	for (const struct fp_mapped_as *m = t->mapped_as; m->memory; m++) {
		memory |= m->memory;
		tap_ok(is_attribute(t, m), "%s: memory type %u has an attribute that serves as it",
		       t->name, m->memory);
	}
	tap_is_int(memory, FP_ALL_MEMORY, "%s: every memory type has an attribute", t->name);
	for (const struct fp_attribute *a = t->attributes; a->name; a++)
		tap_is_int(count_attribute(a->number), 1, "%s: the number of %s is its own",
			   t->name, a->name);
}

/* What kernel developers call their barriers has an answer on every architecture. */
static void test_kernel_names(const struct fp_arch_tables *t)
{
	static const char *const names[] = {
		"kernel:mb", "kernel:rmb", "kernel:wmb", "kernel:smp_mb", "kernel:smp_rmb",
		"kernel:smp_wmb", "kernel:dma_rmb", "kernel:dma_wmb", "kernel:mmiowb",
		"kernel:smp_store_release", "kernel:smp_load_acquire", NULL };

	for (const char *const *n = names; *n; n++)
		tap_is_int(count_name(t, *n), 1, "%s: %s stands in one row", t->name, *n);
}

static void test_native(void)
{
	const struct fp_arch_tables *t = &fp_arch_tables[fp_native.id];
	struct fp_chain chains[2];

	for (size_t i = 1; i < t->n_barriers; i++)
		tap_ok(fp_native.barriers[i].bytes, "own barrier %s has code", t->barriers[i].id);
	for (size_t i = 0; i < t->n_accesses; i++)
		tap_ok(fp_native.accesses[i].bytes, "own access %s has code", t->accesses[i].id);
	for (size_t i = 0; i < t->n_locks; i++)
		tap_ok(fp_native.locks[i].bytes && fp_native.unlocks[i].bytes,
		       "own lock %s has code", t->locks[i].id);
	for (size_t i = 0; i < t->n_copies; i++)
		tap_ok(fp_native.copies[i], "own copy %s has a function", t->copies[i].id);
	fp_arch_chains(chains);
	tap_ok(chains[0].part == FP_PART_chain && chains[1].part == FP_PART_cross_chain,
	       "the chain and its cross-check are two instructions");
	tap_ok(has(chains[0].source) && has(chains[1].source), "their latencies have a source");
	tap_ok(!fp_arch_lacks("base"), "this CPU has the base");
	tap_ok(has(fp_arch_lacks("no such feature")), "a feature without a probe is lacking");
	for (const struct fp_published *p = fp_arch_published(); p->row; p++)
		tap_ok(p->cycles > 0 && has(p->source), "published figure of %s has a source",
		       p->row);
}

static bool is_known_before(int id)
{
	for (int i = 0; i < id; i++)
		if (!strcmp(fp_arch_tables[i].name, fp_arch_tables[id].name))
			return true;
	return false;
}

int main(void)
{
	for (int i = 0; i < FP_ARCHES; i++) {
		const struct fp_arch_tables *t = &fp_arch_tables[i];

		if (!tap_ok(has(t->name) && !is_known_before(i), "architecture %d has a name", i))
			continue;
		test_barriers(t);
		test_accesses(t);
		test_locks(t);
		test_copies(t);
		test_facts(t);
		test_kernel_names(t);
	}
	test_native();
	return tap_done();
}
