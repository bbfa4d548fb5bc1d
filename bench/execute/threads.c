// SPDX-License-Identifier: MIT
/*
 * Executor threads: a program on each of several pinned CPUs.
 *
 * The threads meet before and after each batch, by spinning: a thread that sleeps
 * would start late.  The first one says how many loops a batch has and takes the
 * time.  The program's own thread sleeps meanwhile, and ends all of them when the
 * block's time is over by far: a loop that waits for what never comes looks at
 * stop, and a thread that does not end by that is ended by a signal.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/guard.h"
#include "base/message.h"
#include "execute/executor.h"
#include "machine/clock.h"
#include "measure/gap.h"
#include "work/disassemble.h"

#define MOST_LOOPS 65536u
#define HANGING    2000u       /* naps of 1 ms without a batch, in which they have run: it hangs */
#define RUN_NS	   500000000u  /* of CPU time, in those: who waits here spins */
#define STARVED	   2u	       /* times so many naps: others keep them from running */
#define LATE_NS	   500000000u  /* behind the block's time: two samples will do */
#define HOPELESS   4u	       /* times that: none without a gap will do, too */
#define SPINS	   20000u      /* until a CPU is given to whom it waits for: some 20 us */
#define PATIENCE   50u	       /* times 10 ms, from stop to a signal */
#define DISTURBED  20u	       /* times the least number of samples, until one is undisturbed */

struct team;

struct member {
	struct team *team;
	unsigned number;
	pthread_t thread;
	struct fp_batch batch;
	struct fp_log *log;
	const struct fp_sequence *sequence;
	bool started;
	atomic_bool ended;
	char reason[128];
	int err;
};

struct team {
	struct fp_workbench *bench;
	struct fp_outcome *outcome;
	struct member members[FP_WORKBENCH_THREADS];
	unsigned n;
	uint64_t end;	   /* of the block: ns */
	double operations; /* of the first program, a loop */
	uint64_t loops, most_loops; /* of the next batch */
	size_t kept, dropped; /* of this block */
	bool over;
	atomic_uint arrived, batches;
	atomic_bool disturbed, stopped;
};

/* Counted, not read from the clock: who is kept from running does not hang. */
struct watch {
	unsigned naps, batches;
	uint64_t used; /* CPU time, when the last batch was seen: ns */
};

/* ---- in a thread ---- */

/*
 * Until all have come, or somebody has stopped them all.  Who does not come soon is
 * kept from running, perhaps by who waits for him.
 */
static bool meet(struct team *t)
{
	unsigned turn = atomic_fetch_add(&t->arrived, 1) / t->n, spins = 0;

	while (atomic_load(&t->arrived) < (turn + 1) * t->n) {
		if (atomic_load(&t->stopped))
			return false;
		if (++spins > SPINS)
			sched_yield();
	}
	return !atomic_load(&t->stopped);
}

/* On the member's own batch, whose stop is looked at while it runs. */
static void run_loops(void *argument, uint64_t loops)
{
	struct member *m = argument;

	m->batch.loops = loops;
	m->batch.log = m->log->values;
	fp_sequence_run(m->sequence, &m->batch);
}

/* ns of one batch; value goes on from where it was. */
static double run_batch(struct member *m, uint64_t loops)
{
	struct fp_timed timed = { run_loops, m };
	struct fp_moment from = fp_moment_now(), to;
	double ns = fp_meter_time(m->team->bench->meter, &timed, loops);

	to = fp_moment_now();
	m->log->n = fp_sequence_records(m->sequence) * loops;
	m->batch.value += loops;
	if (fp_gap_between(&from, &to, (int)m->team->bench->cpus[m->number]))
		atomic_store(&m->team->disturbed, true);
	return ns;
}

/*
 * The block's time is over, and there are samples enough, of which one has no gap; late,
 * on a machine that is busy, two are enough, and later none.
 */
static bool is_over(const struct team *t)
{
	size_t taken = t->kept + t->dropped, least = t->bench->min_samples;
	uint64_t now = fp_clock_now();

	if (now > t->end + LATE_NS)
		return taken >= 2 && (t->kept || now > t->end + HOPELESS * LATE_NS);
	return now >= t->end && taken >= least && (t->kept || taken >= DISTURBED * least);
}

/* The first thread's, between two batches: the others wait. */
static int keep(struct team *t, double ns)
{
	struct fp_samples *samples = &t->outcome->samples;
	bool disturbed = atomic_exchange(&t->disturbed, false), emulated = t->bench->emulated;
	bool trial = t->loops < t->most_loops && ns < FP_BATCH_NS / 2;
	int err = 0;

	if (trial && !emulated) {
		t->loops *= 2;
	} else if (!disturbed || emulated) {
		err = fp_samples_add(samples, ns / ((double)t->loops * t->operations), 0);
		t->kept++;
	} else {
		samples->dropped++;
		t->dropped++;
	}
	atomic_fetch_add(&t->batches, 1);
	t->over = err || is_over(t);
	return err;
}

static int work_on(void *argument)
{
	struct member *m = argument;
	struct team *t = m->team;
	int err = 0;

	while (!err && meet(t) && !t->over) {
		double ns = run_batch(m, t->loops);

		if (!meet(t))
			break;
		if (m->number == 0)
			err = keep(t, ns);
	}
	return err;
}

static void *start(void *argument)
{
	struct member *m = argument;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(m->team->bench->cpus[m->number], &cpu);
	m->err = -pthread_setaffinity_np(pthread_self(), sizeof(cpu), &cpu);
	if (m->err)
		snprintf(m->reason, sizeof(m->reason), "can't be pinned to CPU %u",
			 m->team->bench->cpus[m->number]);
	else
		m->err = fp_guard_thread(work_on, m, m->reason, sizeof(m->reason));
	/* Without this one the others would wait for ever. */
	if (m->err)
		atomic_store(&m->team->stopped, true);
	atomic_store(&m->ended, true);
	return NULL;
}

/* ---- in the program's own thread ---- */

static void stop(struct team *t)
{
	atomic_store(&t->stopped, true);
	for (unsigned i = 0; i < t->n; i++)
		__atomic_store_n(&t->members[i].batch.stop, 1, __ATOMIC_RELEASE);
}

static bool all_ended(struct team *t)
{
	bool all = true;

	for (unsigned i = 0; i < t->n; i++)
		all &= atomic_load(&t->members[i].ended);
	return all;
}

static void end_by_signal(struct team *t)
{
	for (unsigned i = 0; i < t->n; i++)
		if (!atomic_load(&t->members[i].ended))
			fp_guard_end(t->members[i].thread);
}

static void end_all(struct team *t)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	stop(t);
	for (unsigned i = 0; i < PATIENCE && !all_ended(t); i++)
		nanosleep(&pause, NULL);
	end_by_signal(t);
}

/* Since the last batch: 0 while all is well, -ETIMEDOUT if they hang, -EAGAIN if they can't run. */
static int look_at(struct watch *w, struct team *t)
{
	unsigned batches = atomic_load(&t->batches);

	if (!w->naps++ || batches != w->batches)
		*w = (struct watch){ 1, batches, fp_clock_process() };
	if (w->naps > HANGING && fp_clock_process() - w->used > RUN_NS)
		return -ETIMEDOUT;
	return w->naps > STARVED * HANGING ? -EAGAIN : 0;
}

/* 0, or why the block was ended: as look_at, or -EINTR. */
static int wait_for(struct team *t)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct watch watch = { 0 };
	int err = 0;

	while (!err && !all_ended(t)) {
		nanosleep(&pause, NULL);
		err = look_at(&watch, t);
		if (fp_interrupted)
			err = -EINTR;
		else if (atomic_load(&t->stopped))
			err = -ETIMEDOUT;
	}
	if (err)
		end_all(t);
	return err;
}

/* Those that were not started have ended. */
static int start_all(struct team *t)
{
	int err = 0;

	for (unsigned i = 0; i < t->n; i++) {
		struct member *m = &t->members[i];

		if (!err)
			err = -pthread_create(&m->thread, NULL, start, m);
		m->started = !err;
		if (err)
			atomic_store(&m->ended, true);
	}
	if (err)
		stop(t);
	return err;
}

static void join_all(struct team *t)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->members[i].started)
			pthread_join(t->members[i].thread, NULL);
}

/*
 * The first that has a reason of its own speaks for all; where we did not wait for
 * them to end it is none that they were ended.
 */
static int judge(struct team *t, int err)
{
	bool gave_up = err == -EAGAIN || err == -EINTR;

	for (unsigned i = 0; i < t->n; i++) {
		const struct member *m = &t->members[i];

		if (!m->err || (gave_up && m->err == -ETIMEDOUT))
			continue;
		snprintf(t->outcome->why, sizeof(t->outcome->why), "thread %u: %s", i,
			 *m->reason ? m->reason : strerror(-m->err));
		return m->err;
	}
	if (err == -ETIMEDOUT)
		snprintf(t->outcome->why, sizeof(t->outcome->why),
			 "the threads have not come on for %u s", HANGING / 1000);
	if (err == -EAGAIN)
		t->outcome->samples.dropped++;
	return gave_up ? 0 : err;
}

static void make_members(struct team *t)
{
	for (unsigned i = 0; i < t->n; i++) {
		struct member *m = &t->members[i];

		m->team = t;
		m->number = i;
		m->sequence = fp_workbench_sequence(t->bench, i);
		m->batch = t->bench->batch;
		m->batch.value = 0;
		m->log = &t->bench->logs[i];
	}
}

static int run(const struct fp_work *work, struct fp_workbench *bench, double budget_ns,
	       struct fp_outcome *outcome)
{
	struct team t = {
		.bench = bench,
		.outcome = outcome,
		.n = work->n,
		.end = fp_clock_now() + (uint64_t)budget_ns,
		.operations = work->programs[0].operations,
		.loops = 1,
		.most_loops = MOST_LOOPS,
	};
	sigset_t before;
	int err = work->n <= bench->n_cpus ? 0 : -ENODEV, late;

	for (unsigned i = 0; i < t.n && !err; i++)
		err = fp_workbench_log(bench, i, fp_workbench_sequence(bench, i), &t.most_loops);
	if (err)
		return err;
	make_members(&t);
	fp_guard_hold(&before);
	err = start_all(&t);
	late = wait_for(&t);
	join_all(&t);
	fp_guard_release(&before);
	fp_counters_none(outcome->counts);
	outcome->samples.blocks++;
	return judge(&t, err ? err : late);
}

static int prepare(const struct fp_work *work, struct fp_workbench *bench)
{
	int err = 0;

	for (unsigned i = 0; !err && i < work->n; i++) {
		struct fp_sequence *sequence = fp_workbench_sequence(bench, i);

		err = sequence ? fp_program_lay(&work->programs[i], sequence, &bench->ram)
			       : -ENOMEM;
	}
	return err;
}

static int show(const struct fp_work *work, struct fp_workbench *bench, const char *note, FILE *to)
{
	int err = 0;

	fprintf(to, "# %u CPUs at once, each with a loop of its own%s\n", work->n, note);
	for (unsigned i = 0; !err && i < work->n; i++) {
		size_t bytes;
		const void *code = fp_sequence_code(fp_workbench_sequence(bench, i), &bytes);

		fprintf(to, "# CPU %u, %.0f operations a loop\n", i, work->programs[i].operations);
		err = fp_disassemble(code, bytes, to);
	}
	return err;
}

const struct fp_executor fp_threads_executor = {
	.name = "threads",
	.processes = 1,
	.prepare = prepare,
	.run = run,
	.show = show,
};
