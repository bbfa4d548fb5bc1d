// SPDX-License-Identifier: MIT
/* Programs on several CPUs at once: they meet, count on, record, and end. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "base/guard.h"
#include "base/message.h"
#include "execute/executor.h"
#include "machine/clock.h"
#include "tap.h"

#define REGION (64u * 1024)

static struct fp_workbench bench;
static struct fp_mapping mapping;
static size_t store, load;
static struct fp_cpu cpu;

/* A CPU that is there alone has to do for all. */
static void use_cpus(void)
{
	cpu_set_t allowed;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (unsigned i = 0; i < CPU_SETSIZE && bench.n_cpus < 3; i++)
		if (CPU_ISSET(i, &allowed))
			bench.cpus[bench.n_cpus++] = i;
	for (; bench.n_cpus < 3; bench.n_cpus++)
		bench.cpus[bench.n_cpus] = bench.cpus[0];
}

struct job {
	struct fp_work work;
	struct fp_outcome outcome;
};

static int run_job(void *argument)
{
	struct job *job = argument;
	int err = fp_threads_executor.prepare(&job->work, &bench);

	return err ? err : fp_threads_executor.run(&job->work, &bench, 5e6, &job->outcome);
}

/* As the runner does it. */
static int run_within(struct job *job, unsigned limit_s)
{
	char reason[128] = "";
	int err;

	fp_workbench_set_out_payload(&bench, &mapping);
	err = fp_guard(run_job, job, limit_s, reason, sizeof(reason));
	if (*reason)
		printf("# the program's own thread: %s\n", reason);
	return err;
}

static int run(struct job *job)
{
	return run_within(job, 20);
}

static void drop(struct job *job)
{
	fp_samples_free(&job->outcome.samples);
	fp_work_free(&job->work);
	*job = (struct job){ .work = { .executor = &fp_threads_executor } };
}

/* The second thread's load sees a value that the first one has stored. */
static void add_writer(struct job *job)
{
	struct fp_program *p = fp_work_add(&job->work);

	fp_add_part(p, FP_PART_value_up, 1);
	fp_add_access_at(p, store, FP_AT_FLAG);
}

static void add_reader(struct job *job)
{
	struct fp_program *p = fp_work_add(&job->work);

	fp_add_access_at(p, load, FP_AT_FLAG);
	fp_add_part(p, FP_PART_record, 1);
}

static bool never_falls(const struct fp_log *log)
{
	for (size_t i = 1; i < log->n; i++)
		if (log->values[i] < log->values[i - 1])
			return false;
	return true;
}

static void test_values(struct job *job)
{
	add_writer(job);
	add_reader(job);
	add_reader(job);
	tap_is_int(run(job), 0, "three threads run a block %s", job->outcome.why);
	/* Three on fewer CPUs disturb each other. */
	tap_ok(job->outcome.samples.n + job->outcome.samples.dropped >= 2,
	       "it has taken samples");
	tap_ok(bench.logs[1].n && never_falls(&bench.logs[1]) && never_falls(&bench.logs[2]),
	       "what they have recorded of a counter never falls: %zu values", bench.logs[1].n);
	tap_ok(bench.logs[1].values[bench.logs[1].n - 1] > 1, "and it has risen");
	tap_is_int(run(job), 0, "they run a second block");
	/* A loop of an emulated CPU may be as long as a batch. */
	if (!cpu.emulated)
		tap_ok(bench.logs[1].n > 16, "whose batches have many loops, too: %zu",
		       bench.logs[1].n);
	drop(job);
}

static void test_round_trip(struct job *job)
{
	struct fp_program *ping = fp_work_add(&job->work), *pong = fp_work_add(&job->work);

	fp_add_part(ping, FP_PART_value_up, 1);
	fp_add_access_at(ping, store, FP_AT_FLAG);
	fp_add_part_at(ping, FP_PART_await, FP_AT_REPLY);
	fp_add_part(pong, FP_PART_value_up, 1);
	fp_add_part_at(pong, FP_PART_await, FP_AT_FLAG);
	fp_add_access_at(pong, store, FP_AT_REPLY);
	tap_is_int(run(job), 0, "two threads hand a flag over %s", job->outcome.why);
	tap_is_int(run(job), 0, "and once more, in a second block");
	tap_is_int(job->outcome.samples.blocks, 2, "two blocks are counted");
	drop(job);
}

/* It waits for what nobody stores. */
static void test_waits_for_ever(struct job *job)
{
	struct fp_program *p = fp_work_add(&job->work);
	uint64_t begin = fp_clock_now();

	fp_add_part(p, FP_PART_value_up, 1);
	fp_add_part_at(p, FP_PART_await, FP_AT_REPLY);
	add_reader(job);
	tap_is_int(run(job), -ETIMEDOUT, "a block whose threads wait for ever is ended");
	tap_ok(*job->outcome.why, "and says so: %s", job->outcome.why);
	tap_ok(fp_clock_now() - begin < 15000000000u, "before the row's own limit");
	drop(job);
}

/* The row's own limit is over while its threads still work on what its guard would drop. */
static void test_limit(struct job *job)
{
	struct fp_program *p = fp_work_add(&job->work);

	fp_add_part(p, FP_PART_value_up, 1);
	fp_add_part_at(p, FP_PART_await, FP_AT_REPLY);
	add_reader(job);
	tap_is_int(run_within(job, 1), -ETIMEDOUT, "a limit below that of the threads is kept to");
	drop(job);
	add_writer(job);
	add_reader(job);
	tap_is_int(run(job), 0, "the next block runs");
	drop(job);
}

/* Loops that do not look at stop are ended by a signal. */
static void test_hangs(struct job *job)
{
	struct fp_program *p = fp_work_add(&job->work);

	fp_repeat(p, 64);
	fp_add(p, &(struct fp_step){ .kind = FP_STEP_LOCK, .times = 1 });
	fp_end(p);
	add_reader(job);
	tap_is_int(run(job), -ETIMEDOUT, "a thread that takes a lock twice is ended");
	tap_ok(*job->outcome.why, "and named: %s", job->outcome.why);
	drop(job);
}

static void test_dies(struct job *job)
{
	struct fp_program *p = fp_work_add(&job->work);
	void *address = mapping.address;

	fp_add_access(p, store);
	add_reader(job);
	mapping.address = (void *)64;
	tap_is_int(run(job), -EFAULT, "a thread that dies costs the block");
	tap_ok(strstr(job->outcome.why, "thread 0: died of SIGSEGV"), "and says of what: %s",
	       job->outcome.why);
	mapping.address = address;
	drop(job);
	add_writer(job);
	add_reader(job);
	tap_is_int(run(job), 0, "the next block runs");
	drop(job);
}

static void test_interrupt(struct job *job)
{
	struct fp_program *p = fp_work_add(&job->work);

	fp_add_part(p, FP_PART_value_up, 1);
	fp_add_part_at(p, FP_PART_await, FP_AT_REPLY);
	add_reader(job);
	fp_interrupted = 1;
	tap_is_int(run(job), 0, "an interrupt ends a block, which is no error");
	fp_interrupted = 0;
	drop(job);
}

static void test_too_many(struct job *job)
{
	bench.n_cpus = 1;
	add_writer(job);
	add_reader(job);
	tap_is_int(run(job), -ENODEV, "more threads than CPUs are an error");
	bench.n_cpus = 3;
	drop(job);
}

/* Each program of a sequence has a log of its own. */
static void test_base_records(void)
{
	struct fp_work work = { .executor = &fp_sequence_executor };
	struct fp_outcome outcome = { .why = "" };
	int err;

	fp_workbench_set_out_payload(&bench, &mapping);
	for (int i = 0; i < 2; i++) {
		struct fp_program *p = fp_work_add(&work);

		fp_add_access(p, load);
		fp_add_part(p, FP_PART_record, 1);
	}
	err = work.executor->prepare(&work, &bench);
	if (!err)
		err = work.executor->run(&work, &bench, 1e6, &outcome);
	tap_is_int(err, 0, "a sequence records, and so does its base");
	fp_samples_free(&outcome.samples);
	fp_work_free(&work);
}

int main(void)
{
	struct job job = { .work = { .executor = &fp_threads_executor } };

	fp_arch_identify(&cpu);
	store = fp_find_access("store8");
	load = fp_find_access("load8");
	mapping = (struct fp_mapping){ .address = aligned_alloc(REGION, REGION), .bytes = REGION,
				       .requested = FP_WB, .is_ram = true };
	if (!tap_ok(!fp_workbench_open(&bench, false), "a workbench opens"))
		return tap_done();
	use_cpus();
	bench.min_samples = 8;
	test_values(&job);
	test_round_trip(&job);
	test_waits_for_ever(&job);
	test_limit(&job);
	test_hangs(&job);
	test_dies(&job);
	test_interrupt(&job);
	test_too_many(&job);
	test_base_records();
	fp_workbench_close(&bench);
	free(mapping.address);
	return tap_done();
}
