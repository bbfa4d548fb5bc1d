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

#include "base/words.h"
#include "plan/family.h"

#define IDLE_UNROLL 64u
#define SLOTS	    64u /* stores laid in one loop, where a round has fewer */

extern const struct fp_family fp_family_barrier;

enum next { NEXT_NONE, NEXT_STORE, NEXT_LOAD };

/* What a row is made of, while it is planned. */
struct shape {
	const struct fp_profile *profile;
	size_t store, barrier; /* rows of the own architecture */
	unsigned behind;       /* stores before the barrier; 0: idle */
	enum next next;
};

static const struct fp_barrier *barrier_of(const struct shape *s)
{
	return &fp_arch_tables[fp_native.id].barriers[s->barrier];
}

static const struct fp_access *store_of(const struct shape *s)
{
	return &fp_arch_tables[fp_native.id].accesses[s->store];
}

/* A release store is itself the next store, an acquire load the next load. */
static bool stands_in(const struct fp_barrier *barrier, enum next next)
{
	return (barrier->kind == FP_RELEASE_STORE && next == NEXT_STORE) ||
	       (barrier->kind == FP_ACQUIRE_LOAD && next == NEXT_LOAD);
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

static void add_round(struct fp_program *p, const struct shape *s)
{
	if (s->next == NEXT_LOAD)
		fp_add_part(p, FP_PART_tie, 1);
	fp_repeat(p, s->behind);
	fp_add_part(p, FP_PART_next_line, 1);
	fp_add_access(p, s->store);
	fp_end(p);
	fp_add_barrier(p, s->barrier);
	if (s->next == NEXT_STORE && !stands_in(barrier_of(s), s->next))
		fp_add_part(p, FP_PART_store_next, 1);
	if (s->next == NEXT_LOAD && !stands_in(barrier_of(s), s->next))
		fp_add_part(p, FP_PART_load_next, 1);
	if (s->next == NEXT_LOAD)
		fp_add_part(p, FP_PART_cross_chain, pad_for(s->behind));
}

/* A small mapping has fewer lines: none twice in a loop. */
static unsigned rounds_of(const struct shape *s)
{
	unsigned rounds = s->next == NEXT_LOAD ? 1 : SLOTS / s->behind + 1;
	size_t lines = s->profile->region_lines;

	if (rounds > 1 && lines && rounds * s->behind > lines)
		rounds = (unsigned)(lines / s->behind);
	return rounds ? rounds : 1;
}

/* Ends in a drain, so that a batch is over when its stores have been performed. */
static void add_rounds(struct fp_work *work, const struct shape *s)
{
	struct fp_program *p = fp_work_add(work);
	unsigned rounds = rounds_of(s);

	p->operations = rounds;
	p->drains = true;
	p->walk.lines = rounds * s->behind;
	/* Non-temporal and direct stores miss by themselves, and so do all to a device. */
	p->walk.evicted = s->profile->is_ram && store_of(s)->flavour == FP_PLAIN;
	fp_repeat(p, rounds);
	add_round(p, s);
	fp_end(p);
}

static int make_behind(struct fp_row *row, const struct shape *s)
{
	struct shape base = *s;

	row->work.executor = &fp_sequence_executor;
	add_rounds(&row->work, s);
	base.barrier = 0;
	if (s->barrier)
		add_rounds(&row->work, &base);
	return fp_work_error(&row->work);
}

static int make_idle(struct fp_row *row, const struct shape *s)
{
	struct fp_program *p = fp_work_add(&row->work);

	row->work.executor = &fp_sequence_executor;
	p->operations = IDLE_UNROLL;
	fp_repeat(p, IDLE_UNROLL);
	fp_add_barrier(p, s->barrier);
	fp_end(p);
	return fp_work_error(&row->work);
}

static struct fp_row *add(struct fp_plan *plan, enum fp_memory memory, const char *kernel,
			  const struct shape *s)
{
	const struct fp_barrier *barrier = barrier_of(s);
	struct fp_row *row = fp_plan_add(plan, &(struct fp_row){
		.family = &fp_family_barrier, .kernel = kernel, .barrier = barrier->id,
		.at[FP_AT_PAYLOAD] = { memory, -1 } });

	if (row)
		fp_row_unsupported(row, fp_arch_lacks(barrier->feature));
	return row;
}

static int add_behind(struct fp_plan *plan, enum fp_memory memory, const struct shape *s)
{
	static const char *const names[] = { [NEXT_STORE] = "store", [NEXT_LOAD] = "load" };
	const struct fp_access *store = store_of(s);
	struct fp_row *row = add(plan, memory, store->id, s);

	if (!row)
		return -ENOMEM;
	row->label = s->barrier ? NULL : "base";
	fp_row_axis(row, "behind", s->behind);
	fp_row_axis_text(row, "next", names[s->next]);
	fp_set_text(&row->fields, "stores", fp_flavours[store->flavour]);
	/* Half of a small mapping is visited. */
	fp_row_room(row, s->profile, 2 * s->behind * fp_arch_line_bytes());
	fp_row_unsupported(row, fp_arch_lacks(store->feature));
	if (!(store->memory & memory))
		fp_row_unsupported(row, "this store is not allowed on this memory type");
	return make_behind(row, s);
}

static int add_depth(struct fp_plan *plan, enum fp_memory memory, struct shape s)
{
	int err = 0;

	for (s.barrier = 0; !err && s.barrier < fp_arch_tables[fp_native.id].n_barriers;
	     s.barrier++) {
		s.next = NEXT_STORE;
		err = add_behind(plan, memory, &s);
		s.next = NEXT_LOAD;
		if (!err)
			err = add_behind(plan, memory, &s);
	}
	return err;
}

static int add_idle(struct fp_plan *plan, enum fp_memory memory, struct shape s)
{
	int err = 0;

	for (s.barrier = 1; !err && s.barrier < fp_arch_tables[fp_native.id].n_barriers;
	     s.barrier++) {
		struct fp_row *row = add(plan, memory, "idle", &s);

		if (!row)
			return -ENOMEM;
		/* A flushed line goes to memory, which has a clock of its own. */
		row->core_bound = barrier_of(&s)->kind != FP_LINE_FLUSH;
		err = make_idle(row, &s);
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
	struct shape s = { .profile = profile };
	unsigned behind[16];
	size_t n = depths(plan_, profile, behind);
	int err = add_idle(plan_, memory, s);

	for (s.store = 0; !err && s.store < tables->n_accesses; s.store++) {
		if (!stands_before_barriers(&tables->accesses[s.store], plan_->scope))
			continue;
		for (size_t i = 0; !err && i < n; i++) {
			s.behind = behind[i];
			err = add_depth(plan_, memory, s);
		}
	}
	return err;
}

const struct fp_family fp_family_barrier = {
	.name = "barrier",
	.summary = "each barrier alone, and behind stores that have not been performed",
	.plan = plan,
};
