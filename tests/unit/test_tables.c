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

static bool is_named(const char *const *names)
{
	for (; names && *names; names++) {
		const char *colon = strchr(*names, ':');

		if (!colon || colon == *names || colon[1] == '\0' || colon[1] == ' ')
			return false;
	}
	return names;
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
	for (int i = 0; i < FP_PARTS; i++)
		tap_ok(fp_native.parts[i].bytes, "part %d has code", i);
	fp_arch_chains(chains);
	tap_ok(chains[0].part == FP_PART_chain && chains[1].part == FP_PART_cross_chain,
	       "the chain and its cross-check are two instructions");
	tap_ok(has(chains[0].source) && has(chains[1].source), "their latencies have a source");
	tap_ok(!fp_arch_lacks("base"), "this CPU has the base");
	tap_ok(has(fp_arch_lacks("no such feature")), "a feature without a probe is lacking");
	for (const struct fp_published *p = fp_arch_published(); p->row; p++)
		tap_ok(p->cycles > 0 && has(p->source), "published figure of %s has a source", p->row);
}

int main(void)
{
	static const char *const names[FP_ARCHES] = { "x86_64", "arm64", "ppc64le" };

	for (int i = 0; i < FP_ARCHES; i++) {
		tap_is_str(fp_arch_tables[i].name, names[i], "architecture %d", i);
		test_barriers(&fp_arch_tables[i]);
		test_accesses(&fp_arch_tables[i]);
		test_locks(&fp_arch_tables[i]);
		test_kernel_names(&fp_arch_tables[i]);
	}
	test_native();
	return tap_done();
}
