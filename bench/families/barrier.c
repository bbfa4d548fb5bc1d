// SPDX-License-Identifier: MIT
/*
 * Family barrier: what each barrier costs, alone and behind stores that have
 * not been performed yet.
 *
 * Behind stores a barrier's cost hides in one of two places, so that each row
 * is timed twice, as the difference to the same loop without the barrier:
 *
 *   next:store  stores, barrier, one store to a line in L1, over and over.  The
 *               stores of one round can't start before the barrier lets them:
 *               what the barrier takes from a stream of stores.
 *   next:load   stores, barrier, a load from a line in L1, and a slow chain on
 *               the loaded value that gives the stores time to drain; the next
 *               round's addresses wait for the chain.  How long the barrier
 *               holds the next load up.
 *
 * The rows without a barrier are the base: their time is that of the loop.
 */
#include <errno.h>

#include "families/family.h"

#define IDLE_UNROLL 64u
#define SLOTS	    64u /* stores laid in one loop, where a round has fewer */

/* A release store is itself the next store, an acquire load the next load. */
static bool stands_in(const struct fp_barrier *barrier, enum fp_next next)
{
	return (barrier->kind == FP_RELEASE_STORE && next == FP_NEXT_STORE) ||
	       (barrier->kind == FP_ACQUIRE_LOAD && next == FP_NEXT_LOAD);
}

static void lay_stores(struct fp_laying *l, const struct fp_row *row)
{
	for (unsigned i = 0; i < row->behind; i++) {
		fp_lay_part(l, FP_PART_next_line, 1);
		fp_lay(l, &fp_native.accesses[row->kernel_index], 1);
	}
}

static void lay_round(struct fp_laying *l, const struct fp_row *row, size_t barrier)
{
	const struct fp_barrier *desc = &fp_arch_tables[fp_native.id].barriers[barrier];

	if (row->next == FP_NEXT_LOAD)
		fp_lay_part(l, FP_PART_tie, 1);
	lay_stores(l, row);
	fp_lay(l, &fp_native.barriers[barrier], 1);
	if (row->next == FP_NEXT_STORE && !stands_in(desc, row->next))
		fp_lay_part(l, FP_PART_store_next, 1);
	if (row->next == FP_NEXT_LOAD && !stands_in(desc, row->next))
		fp_lay_part(l, FP_PART_load_next, 1);
	if (row->next == FP_NEXT_LOAD)
		fp_lay_part(l, FP_PART_cross_chain, row->pad);
}

/* Ends in a drain, so that a batch is over when its stores have been performed. */
static int lay_loop(struct fp_sequence *sequence, const struct fp_row *row, size_t barrier,
		    unsigned rounds)
{
	struct fp_laying l = fp_lay_begin(sequence);

	while (rounds--)
		lay_round(&l, row, barrier);
	return fp_lay_end(&l, &fp_native.parts[FP_PART_drain]);
}

static int lay_idle(const struct fp_row *row, struct fp_bench *bench)
{
	struct fp_laying l = fp_lay_begin(bench->measured);

	fp_lay(&l, &fp_native.barriers[row->barrier_index], IDLE_UNROLL);
	return fp_lay_end(&l, NULL);
}

static int lay(const struct fp_row *row, struct fp_bench *bench, struct fp_layout *layout)
{
	const size_t none = 0;
	unsigned rounds;
	int err;

	if (!row->behind) {
		layout->operations = IDLE_UNROLL;
		return lay_idle(row, bench);
	}
	rounds = row->next == FP_NEXT_LOAD ? 1 : SLOTS / row->behind + 1;
	/* A small mapping: no line twice in a loop. */
	if (rounds > 1 && rounds * row->behind > bench->region_lines)
		rounds = (unsigned)(bench->region_lines / row->behind);
	layout->operations = rounds;
	layout->lines = rounds * row->behind;
	/* Non-temporal and direct stores miss by themselves, and so do all to a device. */
	if (row->memory == FP_WB &&
	    fp_arch_tables[fp_native.id].accesses[row->kernel_index].flavour == FP_PLAIN)
		layout->evicted_lines = layout->lines;
	layout->has_base = row->barrier_index != none;
	err = lay_loop(bench->measured, row, row->barrier_index, rounds);
	if (!err && layout->has_base)
		err = lay_loop(bench->base, row, none, rounds);
	return err;
}

/*
 * Links for the stores to drain: one that misses takes up to 150 ns alone, each
 * further one about 2 ns on the machines at hand; a link takes 2 to 5 cycles.
 * Too few would let one round's stores run into the next round's load; too many
 * make the base long, and the difference to it noisy.  A constant, not a
 * measurement: the base of one run must be that of the next.
 */
static unsigned pad_for(unsigned behind)
{
	return 400 + 4 * behind;
}

static int add(struct fp_plan *plan, const struct fp_row *common, const struct fp_access *store,
	       enum fp_next next, const struct fp_profile *profile)
{
	static const char *const names[] = { [FP_NEXT_STORE] = "store", [FP_NEXT_LOAD] = "load" };
	const struct fp_barrier *barrier =
		&fp_arch_tables[fp_native.id].barriers[common->barrier_index];
	struct fp_row *row = fp_plan_add(plan, common);

	if (!row)
		return -ENOMEM;
	fp_row_unsupported(row, fp_arch_lacks(barrier->feature));
	/* A flushed line goes to memory, which has a clock of its own. */
	row->core_bound = !row->behind && barrier->kind != FP_LINE_FLUSH;
	if (!row->behind)
		return 0;
	row->next = next;
	row->pad = next == FP_NEXT_LOAD ? pad_for(row->behind) : 0;
	row->label = row->barrier_index ? NULL : "base";
	fp_row_axis(row, "behind", row->behind);
	fp_row_axis_text(row, "next", names[next]);
	/* Half of a small mapping is visited. */
	fp_row_needs(row, profile, 2 * row->behind * fp_arch_line_bytes());
	fp_row_unsupported(row, fp_arch_lacks(store->feature));
	if (!(store->memory & row->memory))
		fp_row_unsupported(row, "this store is not allowed on this memory type");
	return 0;
}

static int add_behind(struct fp_plan *plan, struct fp_row *row, const struct fp_access *store,
		      const struct fp_profile *profile)
{
	static const char *const flavours[] = { "plain", "nontemporal", "direct", "plain" };
	int err = 0;

	row->stores = flavours[store->flavour];
	for (size_t i = 0; !err && i < fp_arch_tables[fp_native.id].n_barriers; i++) {
		row->barrier_index = i;
		row->barrier = fp_arch_tables[fp_native.id].barriers[i].id;
		err = add(plan, row, store, FP_NEXT_STORE, profile);
		if (!err)
			err = add(plan, row, store, FP_NEXT_LOAD, profile);
	}
	return err;
}

static int add_idle(struct fp_plan *plan, struct fp_row *row)
{
	int err = 0;

	for (size_t i = 1; !err && i < fp_arch_tables[fp_native.id].n_barriers; i++) {
		row->barrier_index = i;
		row->barrier = fp_arch_tables[fp_native.id].barriers[i].id;
		err = add(plan, row, NULL, FP_NEXT_NONE, NULL);
	}
	return err;
}

/*
 * 1, 8, and up to twice what the CPU can hold, rounded up to a power of two so
 * that a row's name does not change with a measurement's noise.
 */
static size_t depths(const struct fp_plan *plan, const struct fp_profile *profile, unsigned *to)
{
	unsigned most = 16;
	size_t n = 0;

	while (most < 2 * profile->outstanding)
		most *= 2;
	if (plan->scope != FP_QUICK)
		to[n++] = 1;
	to[n++] = 8;
	for (unsigned depth = 16; plan->scope == FP_FULL && depth < most; depth *= 2)
		to[n++] = depth;
	if (plan->scope == FP_DEFAULT && most > 32)
		to[n++] = most / 4;
	if (plan->scope != FP_QUICK)
		to[n++] = most;
	return n;
}

/* One plain width: they all miss in the same way.  Of the others the whole lines. */
static bool stands_before_barriers(const struct fp_access *access, enum fp_scope scope)
{
	if (access->kind != FP_STORE || access->flavour == FP_EXCLUSIVE)
		return false;
	if (access->flavour == FP_PLAIN)
		return access->width == 8;
	return access->width == 64 || access->flavour == FP_DIRECT || scope == FP_FULL;
}

static int plan(struct fp_plan *plan_, enum fp_memory memory, const struct fp_profile *profile)
{
	const struct fp_arch_tables *tables = &fp_arch_tables[fp_native.id];
	struct fp_row row = { .family = &fp_family_barrier, .kernel = "idle", .memory = memory };
	unsigned behind[16];
	size_t n = depths(plan_, profile, behind);
	int err = add_idle(plan_, &row);

	for (size_t a = 0; !err && a < tables->n_accesses; a++) {
		if (!stands_before_barriers(&tables->accesses[a], plan_->scope))
			continue;
		row.kernel = tables->accesses[a].id;
		row.kernel_index = a;
		for (size_t i = 0; !err && i < n; i++) {
			row.behind = behind[i];
			err = add_behind(plan_, &row, &tables->accesses[a], profile);
		}
	}
	return err;
}

const struct fp_family fp_family_barrier = {
	.name = "barrier",
	.summary = "each barrier alone, and behind stores that have not been performed",
	.plan = plan,
	.lay = lay,
};
