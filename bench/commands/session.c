// SPDX-License-Identifier: MIT
#include "commands/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "commands/catalogue.h"
#include "commands/deliver.h"
#include "commands/output.h"
#include "families/families.h"
#include "results/results.h"
#include "run/planning.h"
#include "run/runner.h"

#define PROFILE_BYTES (2u * 1024 * 1024)
#define ROW_LIMIT_S   10u

/* How many blocks and their length: quick 4 x 8 ms, default 6 x 15, full 10 x 20, versus 8 x 6. */
static const struct {
	unsigned rounds;
	double budget_ns;
} efforts[] = {
	[FP_QUICK] = { 4, 8e6 },
	[FP_DEFAULT] = { 6, 15e6 },
	[FP_FULL] = { 10, 20e6 },
	[FP_VERSUS] = { 8, 6e6 },
};

/* An emulated run shows that rows work; its times say nothing, so it takes few. */
#define EMULATED_ROUNDS	   1u
#define EMULATED_BUDGET_NS 0.0
#define MIN_SAMPLES	   16u
#define EMULATED_SAMPLES   2u


static int refuse_bench(int err)
{
	if (err != -EACCES && err != -EPERM) {
		fp_error("can't prepare the timed loops: %s", strerror(-err));
		return FP_EXIT_ROW_FAILED;
	}
	fp_error("nothing can run: this system refuses executable memory (mprotect: %s); allow it "
		 "for this program (SELinux: execmem; systemd: MemoryDenyWriteExecute=no)",
		 strerror(-err));
	return FP_EXIT_NOTHING;
}

/* How long a block is; an emulated one is over at once. */
static int open_bench(struct fp_session *s)
{
	bool emulated = s->machine.emulated;
	int err = fp_workbench_open(&s->bench, emulated);

	if (err)
		return refuse_bench(err);
	_Static_assert(sizeof(s->bench.cpus) == sizeof(s->machine.cpus), "as many in both");
	s->bench.n_cpus = s->machine.n_cpus;
	if (s->machine.bound)
		fp_meter_stay_on(s->bench.meter, (int)s->machine.pinned);
	memcpy(s->bench.cpus, s->machine.cpus, sizeof(s->machine.cpus));
	s->bench.budget_ns = emulated ? EMULATED_BUDGET_NS : efforts[s->options->scope].budget_ns;
	s->bench.min_samples = emulated ? EMULATED_SAMPLES : MIN_SAMPLES;
	return 0;
}

static int open_places(struct fp_session *s)
{
	const struct fp_options *o = s->options;
	const struct fp_request request = { o->target, o->memory, o->allow_registers };

	return fp_places_open(&s->places, &s->machine, &s->bench, &request);
}

static void measure_on(struct fp_session *s, const struct fp_mapping *mapping)
{
	fp_workbench_set_out_payload(&s->bench, mapping);
	s->profile.outstanding = fp_profile_outstanding(&s->bench);
}

/*
 * How many missing stores the CPU holds is its own affair and measured on RAM:
 * a row has the same name whether RAM is in the run or not.
 */
static void measure_profile(struct fp_session *s)
{
	const struct fp_target *target = fp_target_profiled();
	struct fp_place place = { .target = target };
	struct fp_refusal refusal;
	struct fp_mapping mapping;

	s->profile.cpus = s->bench.n_cpus;
	if (s->places.mappings[0].place->target == target) {
		measure_on(s, &s->places.mappings[0]);
		return;
	}
	if (!target)
		return;
	place.wish = fp_place_wish(&place, 0, PROFILE_BYTES, false);
	if (fp_place_map(&s->machine, &place, target->memory, &mapping, &refusal))
		return;
	measure_on(s, &mapping);
	target->unmap(&mapping);
}

/* What --show names is looked for among all rows. */
static int plan_rows(struct fp_session *s)
{
	const struct fp_options *o = s->options;

	s->plan.scope = o->show ? FP_FULL : o->scope;
	return fp_plan_rows(&(struct fp_planning){
		.plan = &s->plan,
		.families = fp_families,
		.only = o->show ? NULL : o->family,
		.places = &s->places,
		.profile = s->profile,
		.memory = o->memory,
	});
}

static int plan_all(struct fp_session *s)
{
	const struct fp_options *o = s->options;
	char why[384], where[192];
	int err = plan_rows(s);

	if (err) {
		fp_error("can't plan the rows: %s", strerror(-err));
		return FP_EXIT_ROW_FAILED;
	}
	if (!o->show)
		err = fp_plan_filter(&s->plan, o->filter, o->exclude, why, sizeof(why));
	if (err) {
		fp_error("%s", why);
		return err == -EINVAL ? FP_EXIT_USAGE : FP_EXIT_REFUSED;
	}
	if (s->plan.n)
		return 0;
	if (!o->filter && !o->exclude && o->family) {
		fp_error("%s has no row of what was asked for; see --list rows --full",
			 o->family->name);
		return FP_EXIT_NOTHING;
	}
	fp_error("no row matches --filter %s%s%s; %s", o->filter ? o->filter : "(all)",
		 o->exclude ? " --exclude " : "", o->exclude ? o->exclude : "",
		 fp_catalogue_elsewhere(o->filter, where, sizeof(where)) ? where
									  : "see --list rows");
	return FP_EXIT_NOTHING;
}

int fp_session_open(struct fp_session *s, const struct fp_options *options)
{
	int status;

	memset(s, 0, sizeof(*s));
	s->options = options;
	status = fp_machine_open(&s->machine, options->cpu, options->evidence);
	if (!status)
		status = open_bench(s);
	if (!status)
		status = open_places(s);
	if (!status && s->machine.n_warnings && options->strict) {
		fp_error("--strict: not measuring, because of the warning%s above",
			 s->machine.n_warnings == 1 ? "" : "s");
		status = FP_EXIT_REFUSED;
	}
	if (!status) {
		measure_profile(s);
		status = plan_all(s);
	}
	return status;
}

void fp_session_close(struct fp_session *s)
{
	fp_plan_free(&s->plan);
	fp_places_close(&s->places);
	fp_workbench_close(&s->bench);
	fp_machine_close(&s->machine);
}

/*
 * The first one ends the run in good order; so does a second one, which a
 * process group's kill often sends along; a third one ends the program.  Where the
 * CPU time is used up the kernel repeats its signal every second until the time's
 * hard limit.
 */
static void interrupt(int number)
{
	if (number == SIGXCPU && fp_interrupted)
		return;
	if (++fp_interrupted == 2)
		signal(number, SIG_DFL);
}

/* What was ignored from the start, as by nohup, stays so. */
static void catch_interrupts(void)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU };
	struct sigaction action = { .sa_handler = interrupt }, before;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (!sigaction(ending[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(ending[i], &action, NULL);
}

static struct fp_results_input results_of(const struct fp_session *s, const char *json)
{
	return (struct fp_results_input){
		.machine = &s->machine,
		.plan = &s->plan,
		.profile = &s->profile,
		.places = &s->places,
		.harness = &s->harness,
		.counters = &s->bench.counters,
		.seed = s->options->seed,
		.command = s->options->command,
		.partial = s->interrupted,
		.json = json,
	};
}

static int status_of(const struct fp_session *s)
{
	const struct fp_plan *plan = &s->plan;

	if (s->interrupted)
		return FP_EXIT_INTERRUPTED;
	for (size_t i = 0; i < plan->n; i++)
		if (plan->rows[i].status == FP_FAILED)
			fp_error("%s failed: %s", plan->rows[i].name, plan->rows[i].reason);
	return fp_plan_count(plan, FP_FAILED) ? FP_EXIT_ROW_FAILED : 0;
}

static int harness_error(int err)
{
	fp_error("Google Benchmark could not run the rows: %s", strerror(-err));
	return FP_EXIT_ROW_FAILED;
}

/* The document as it is before anything is measured; NULL after a line on stderr. */
static json_t *begin_document(struct fp_session *s)
{
	struct fp_results_input input;
	json_t *root = NULL;
	char *json;
	int err = fp_runner_name(&s->plan, &json);

	if (!err) {
		input = results_of(s, json);
		root = fp_results_begin(&input);
	}
	if (!root)
		harness_error(err ? err : -ENOMEM);
	free(json);
	return root;
}

/* A run without a journal loses all when it is killed: said, and no reason not to measure. */
static void begin_journal(struct fp_journal *journal, const struct fp_runner *runner,
			  const struct fp_output *output, const json_t *root)
{
	int err = fp_journal_begin(journal, output->stage.fd, root, fp_runner_turns(runner));

	if (err)
		fp_runner_no_journal(err);
}

static int run_plan(struct fp_session *s, const struct fp_output *output, const json_t *root)
{
	unsigned rounds = efforts[s->options->scope].rounds;
	struct fp_journal journal;
	struct fp_runner runner = {
		.plan = &s->plan,
		.families = fp_families,
		.bench = &s->bench,
		.mappings = s->places.mappings,
		.machine = &s->machine,
		.seed = s->options->seed,
		.rounds = s->machine.emulated ? EMULATED_ROUNDS : rounds,
		.limit_s = ROW_LIMIT_S,
		.progress = isatty(STDERR_FILENO),
		.journal = &journal,
	};
	int err;

	begin_journal(&journal, &runner, output, root);
	err = fp_runner_run(&runner);
	fp_journal_close(&journal);
	s->interrupted = runner.interrupted;
	return err ? harness_error(err) : 0;
}

/* What came of it, to everybody who asked. */
static int deliver(struct fp_session *s, json_t *root, struct fp_output *output,
		   struct fp_json_file *json, bool *kept)
{
	struct fp_results_input input = results_of(s, NULL);
	int err = fp_results_finish(root, &input), written, status;

	if (err)
		return harness_error(err);
	written = fp_deliver(s->options, root, output, json, kept);
	status = status_of(s);
	return written && status != FP_EXIT_INTERRUPTED ? written : status;
}

static int run_into(struct fp_session *s, struct fp_output *output, struct fp_json_file *json,
		    bool *kept)
{
	json_t *root;
	int status;

	fp_workbench_set_out_payload(&s->bench, &s->places.mappings[0]);
	fp_harness_measure(&s->bench, &s->harness);
	root = begin_document(s);
	status = root ? run_plan(s, output, root) : FP_EXIT_ROW_FAILED;
	if (!status)
		status = deliver(s, root, output, json, kept);
	json_decref(root);
	return status;
}

int fp_session_run(struct fp_session *s)
{
	struct fp_output output;
	struct fp_json_file json = { .path = NULL };
	bool kept = false;
	int status;

	if (!fp_plan_count(&s->plan, FP_RAN)) {
		fp_error("nothing can run: %s: %s", s->plan.rows[0].name, s->plan.rows[0].reason);
		return FP_EXIT_NOTHING;
	}
	catch_interrupts();
	status = fp_output_open(&output, s->options->output);
	if (!status)
		status = fp_json_open(&json, s->options->json);
	if (!status)
		status = run_into(s, &output, &json, &kept);
	fp_file_abandon(&json.file);
	fp_output_close(&output, kept);
	return status;
}
