// SPDX-License-Identifier: MIT
#include "commands/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "commands/catalogue.h"
#include "families/families.h"
#include "results/results.h"
#include "run/planning.h"
#include "run/runner.h"
#include "views/views.h"

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
	char why[128], where[192];
	int err = plan_rows(s);

	if (err) {
		fp_error("can't plan the rows: %s", strerror(-err));
		return FP_EXIT_ROW_FAILED;
	}
	if (!o->show && fp_plan_filter(&s->plan, o->filter, o->exclude, why, sizeof(why))) {
		fp_error("--filter or --exclude is no extended regular expression: %s", why);
		return FP_EXIT_USAGE;
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
 * process group's kill often sends along; a third one ends the program.
 */
static void interrupt(int number)
{
	if (++fp_interrupted == 2)
		signal(number, SIG_DFL);
}

static void catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = interrupt };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int output_error(const char *path, int err)
{
	fp_error("%s: can't be written (%s)", path, strerror(-err));
	return FP_EXIT_OUTPUT;
}

static int write_json(const json_t *root, const char *path)
{
	char *text = json_dumps(root, FP_JSON_FLAGS);
	struct fp_file file;
	int err = text ? fp_file_open(&file, path) : -ENOMEM;

	if (!err) {
		fprintf(file.stream, "%s\n", text);
		err = fp_file_commit(&file);
	}
	free(text);
	return err ? output_error(path, err) : 0;
}

static int width_of(FILE *to)
{
	struct winsize size;

	return ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 100;
}

static int print(const struct fp_options *o, const json_t *root)
{
	bool to_stdout = o->json && !strcmp(o->json, "-");
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	int err;

	if (o->json && !to_stdout) {
		int status = write_json(root, o->json);

		if (status)
			return status;
	}
	err = fp_table_write(root, stdout, to_stdout ? FP_JSON : o->format, colour,
			     width_of(stdout));
	if (!err && fflush(stdout))
		err = -errno;
	return err ? output_error("standard output", err) : 0;
}

static int write_views(const json_t *root, const char *folder)
{
	struct fp_views_result result;
	int err = fp_views_write(root, folder, &result);

	if (err == -ENOENT) {
		fp_error("warning: gnuplot is missing: no pictures (install gnuplot-nox)");
		err = 0;
	}
	if (err && *result.why)
		fp_error("%s", result.why);
	else if (err)
		output_error(folder, err);
	else if (*result.why)
		fp_error("warning: %s", result.why);
	return err ? FP_EXIT_OUTPUT : 0;
}

/* Whatever of the output works is written; the first failure is the status. */
static int write_all(const struct fp_session *s, const json_t *root, const char *folder)
{
	char *path = NULL;
	int status = FP_EXIT_OUTPUT, printed;

	if (asprintf(&path, "%s/results.json", folder) >= 0)
		status = write_json(root, path);
	free(path);
	if (!status)
		status = write_views(root, folder);
	if (!status && !s->options->output)
		fp_output_latest(folder);
	printed = print(s->options, root);
	if (!status && isatty(STDERR_FILENO))
		fprintf(stderr, "Written to %s (report.html, results.json, plots/)\n", folder);
	return status ? status : printed;
}

/* Asked before the run, so that it is not lost at its end. */
static int try_json(const char *path)
{
	struct fp_file file;
	int err;

	if (!path || !strcmp(path, "-"))
		return 0;
	err = fp_file_open(&file, path);
	if (err)
		return output_error(path, err);
	fp_file_abandon(&file);
	return 0;
}

static json_t *results(struct fp_session *s, const char *json)
{
	return fp_results_make(&(struct fp_results_input){
		.machine = &s->machine,
		.plan = &s->plan,
		.profile = &s->profile,
		.places = &s->places,
		.harness = &s->harness,
		.counters = &s->bench.counters,
		.seed = s->options->seed,
		.command = s->options->command,
		.partial = fp_interrupted != 0,
		.json = json,
	});
}

static int status_of(const struct fp_plan *plan)
{
	if (fp_interrupted)
		return FP_EXIT_INTERRUPTED;
	for (size_t i = 0; i < plan->n; i++)
		if (plan->rows[i].status == FP_FAILED)
			fp_error("%s failed: %s", plan->rows[i].name, plan->rows[i].reason);
	return fp_plan_count(plan, FP_FAILED) ? FP_EXIT_ROW_FAILED : 0;
}

static int run_plan(struct fp_session *s, char **json)
{
	unsigned rounds = efforts[s->options->scope].rounds;
	struct fp_runner runner = {
		.plan = &s->plan,
		.families = fp_families,
		.bench = &s->bench,
		.mappings = s->places.mappings,
		.seed = s->options->seed,
		.rounds = s->machine.emulated ? EMULATED_ROUNDS : rounds,
		.limit_s = ROW_LIMIT_S,
		.progress = isatty(STDERR_FILENO),
	};
	int err = fp_runner_run(&runner, json);

	if (err)
		fp_error("Google Benchmark could not run the rows: %s", strerror(-err));
	return err ? FP_EXIT_ROW_FAILED : 0;
}

int fp_session_run(struct fp_session *s)
{
	char *folder = NULL, *json = NULL;
	json_t *root = NULL;
	int status, written;

	if (!fp_plan_count(&s->plan, FP_RAN)) {
		fp_error("nothing can run: %s: %s", s->plan.rows[0].name, s->plan.rows[0].reason);
		return FP_EXIT_NOTHING;
	}
	catch_interrupts();
	status = fp_output_folder(s->options->output, &folder);
	if (status)
		goto out;
	status = try_json(s->options->json);
	if (status)
		goto out;
	fp_workbench_set_out_payload(&s->bench, &s->places.mappings[0]);
	fp_harness_measure(&s->bench, &s->harness);
	status = run_plan(s, &json);
	if (status)
		goto out;
	root = results(s, json);
	written = root ? write_all(s, root, folder) : output_error(folder, -ENOMEM);
	status = status_of(&s->plan);
	if (written && status != FP_EXIT_INTERRUPTED)
		status = written;
out:
	json_decref(root);
	free(json);
	free(folder);
	return status;
}
