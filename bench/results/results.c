// SPDX-License-Identifier: MIT
#include "results/results.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/quote.h"
#include "config.h"
#include "measure/statistics.h"
#include "memory/attribute.h"

/* JSON has no bytes outside UTF-8: a text with such is written as it is seen. */
static json_t *as_json(const char *text)
{
	json_t *value = json_string(text);
	size_t room = 4 * strlen(text) + 1;
	char *seen = value ? NULL : malloc(room);

	if (seen)
		value = json_string(fp_visible(text, seen, room));
	free(seen);
	return value;
}

/* Absent means not applicable: an empty string is not written. */
static void set_text(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(object, key, as_json(text));
}

static void set_count(json_t *object, const char *key, long long count)
{
	json_object_set_new(object, key, json_integer(count));
}

/* Six significant digits below a picosecond's thousandth are noise. */
static void set_real(json_t *object, const char *key, double value)
{
	if (isfinite(value))
		json_object_set_new(object, key, json_real(round(value * 1e6) / 1e6));
}

static void set_quantiles(json_t *object, const char *const keys[3], struct fp_quantiles q)
{
	set_real(object, keys[0], q.min);
	set_real(object, keys[1], q.p50);
	set_real(object, keys[2], q.p99);
}

/* Events that could be counted; a row without any has no such object. */
static void set_counters(json_t *object, const double events[FP_COUNTERS])
{
	json_t *counts = json_object();

	for (size_t i = 0; i < FP_COUNTERS; i++)
		set_real(counts, fp_counter_alias(i), events[i]);
	if (json_object_size(counts))
		json_object_set(object, "counters", counts);
	json_decref(counts);
}

static void set_figures(json_t *object, const struct fp_outcome *outcome,
			const struct fp_statistics *s, bool cycles)
{
	static const char *const ns[] = { "ns_min", "ns_p50", "ns_p99" };
	static const char *const in_cycles[] = { "cycles_min", "cycles_p50", "cycles_p99" };

	set_quantiles(object, ns, s->ns);
	set_real(object, "ns_block_min", s->ns_block_min);
	if (s->has_cycles && cycles)
		set_quantiles(object, in_cycles, s->cycles);
	set_count(object, "samples_kept", (long long)outcome->samples.n);
	set_count(object, "samples_dropped", (long long)outcome->samples.dropped);
	set_counters(object, outcome->counts);
}

static void set_value(json_t *object, const struct fp_value *value)
{
	switch (value->kind) {
	case FP_VALUE_NUMBER:
		set_count(object, value->key, value->number);
		break;
	case FP_VALUE_TEXT:
		set_text(object, value->key, value->text);
		break;
	case FP_VALUE_TRUTH:
		json_object_set_new(object, value->key, json_boolean(value->number));
		break;
	case FP_VALUE_REAL:
		set_real(object, value->key, value->real);
		break;
	}
}

static void set_values(json_t *object, const struct fp_values *values)
{
	for (unsigned i = 0; i < values->n; i++)
		set_value(object, &values->all[i]);
}

static void set_axes(json_t *object, const struct fp_row *row)
{
	json_t *axes = json_object();

	set_values(axes, &row->axes);
	if (row->axes.n)
		json_object_set(object, "axes", axes);
	json_decref(axes);
}

static void set_memory(json_t *object, const struct fp_results_input *in, const struct fp_row *row)
{
	int number = row->at[FP_AT_PAYLOAD].mapping;
	const struct fp_mapping *mapping = number < 0 ? NULL : &in->places->mappings[number];

	set_text(object, "target", row->target);
	set_text(object, "memory", fp_memory_name(fp_row_memory(row)));
	if (!mapping)
		return;
	set_text(object, "stage1", mapping->stage1);
	set_text(object, "effective", mapping->effective);
	set_text(object, "verified_by", mapping->verified_by);
}

static json_t *row_object(const struct fp_results_input *in, const struct fp_row *row)
{
	json_t *o = json_object();

	set_text(o, "family", row->family->name);
	set_text(o, "kernel", row->kernel);
	set_text(o, "barrier", row->barrier);
	set_memory(o, in, row);
	set_axes(o, row);
	set_count(o, "threads", 1);
	set_values(o, &row->fields);
	return o;
}

static json_t *find_run(const json_t *runs, const char *name)
{
	json_t *run;
	size_t i;

	json_array_foreach(runs, i, run) {
		const char *this = json_string_value(json_object_get(run, "name"));

		if (this && !strcmp(this, name))
			return run;
	}
	return NULL;
}

/*
 * Google Benchmark's time becomes the row's minimum.  In a pinned busy loop CPU time is
 * real time.
 */
static void set_times(json_t *run, const struct fp_statistics *s)
{
	set_real(run, "real_time", s->ns.min > 0 ? s->ns.min : 0);
	json_object_set(run, "cpu_time", json_object_get(run, "real_time"));
}

/* As Google Benchmark writes what it could not run. */
static void set_error(json_t *run, const char *reason)
{
	json_object_set_new(run, "error_occurred", json_true());
	json_object_set_new(run, "error_message", as_json(reason));
	json_object_set_new(run, "iterations", json_integer(0));
	json_object_set_new(run, "real_time", json_real(0));
	json_object_set_new(run, "cpu_time", json_real(0));
}

/* What came of one row; cycles: they are a figure of it. */
static int set_outcome(json_t *run, enum fp_status status, const char *reason,
		       const struct fp_outcome *outcome, bool cycles)
{
	json_t *o = json_object_get(run, "fencepost");
	struct fp_statistics s;
	int err;

	set_text(o, "status", fp_status_name(status));
	set_text(o, "reason", reason);
	if (status != FP_RAN) {
		set_error(run, reason);
		return 0;
	}
	err = fp_statistics(&outcome->samples, &s);
	if (err)
		return err;
	set_times(run, &s);
	set_figures(o, outcome, &s, cycles);
	return 0;
}

static json_t *benchmark(const struct fp_results_input *in, const json_t *runs,
			 const struct fp_row *row)
{
	json_t *run = json_deep_copy(find_run(runs, row->name));

	if (run)
		json_object_set_new(run, "fencepost", row_object(in, row));
	return run;
}

/* What others have measured on this microarchitecture, for the reader to hold ours against. */
static json_t *published(void)
{
	json_t *array = json_array();

	for (const struct fp_published *p = fp_arch_published(); p->row; p++)
		json_array_append_new(array, json_pack("{s:s, s:f, s:s}", "row", p->row, "cycles",
						       p->cycles, "source", p->source));
	return array;
}

/* What each counter is here: "counted", or why not. */
static json_t *counters(const struct fp_counters *all)
{
	json_t *o = json_object();

	for (size_t i = 0; i < FP_COUNTERS; i++)
		set_text(o, all->all[i].alias, all->all[i].fd < 0 ? all->all[i].reason : "counted");
	return o;
}

/* 0: nobody has seen any, which is not known to be none. */
static void set_if_any(json_t *object, const char *key, int count)
{
	if (count > 0)
		set_count(object, key, count);
}

static json_t *topology(const struct fp_results_input *in)
{
	const struct fp_machine *m = in->machine;
	hwloc_topology_t t = m->topology;
	json_t *o = json_object();

	set_text(o, "architecture", fp_arch_tables[fp_native.id].name);
	set_text(o, "model", m->cpu.model);
	set_text(o, "microarchitecture", m->cpu.microarchitecture);
	set_if_any(o, "packages", hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PACKAGE));
	set_if_any(o, "numa_nodes", hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_NUMANODE));
	set_if_any(o, "cores", hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_CORE));
	set_if_any(o, "pus", hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_PU));
	set_count(o, "cpu", m->pinned);
	json_object_set_new(o, "published", published());
	json_object_set_new(o, "counters", counters(in->counters));
	return o;
}

static json_t *pinning(const struct fp_machine *m)
{
	json_t *o = json_object(), *threads = json_array();

	for (unsigned i = 0; i < m->n_cpus; i++)
		json_array_append_new(threads, json_integer(m->cpus[i]));
	json_object_set_new(o, "threads", threads);
	set_count(o, "cpu", m->pinned);
	set_count(o, "allowed", m->n_allowed);
	set_text(o, "how", m->how);
	return o;
}

static json_t *warnings(const struct fp_machine *m)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < m->n_warnings; i++)
		json_array_append_new(array, as_json(m->warnings[i]));
	return array;
}

static json_t *distortions(unsigned bits)
{
	json_t *array = json_array();

	for (unsigned bit = 1; bit; bit <<= 1)
		if (bits & bit && fp_distortion_name(bit))
			json_array_append_new(array, json_string(fp_distortion_name(bit)));
	return array;
}

static void set_hex(json_t *object, const char *key, const char *format, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), format, number);
	set_text(object, key, text);
}

static json_t *device_object(const struct fp_mapping *m)
{
	json_t *o = json_object();

	set_text(o, "address", m->device.address);
	set_hex(o, "vendor", "%04x", m->device.vendor);
	set_hex(o, "device", "%04x", m->device.device);
	set_hex(o, "class", "%06x", m->device.class_code);
	set_count(o, "bar", m->device.bar);
	set_count(o, "bytes", (long long)m->device.bar_bytes);
	json_object_set_new(o, "prefetchable", json_boolean(m->device.prefetchable));
	set_count(o, "offset", (long long)m->offset);
	json_object_set_new(o, "distorts", distortions(m->device.distorts));
	return o;
}

static json_t *mapping_object(const struct fp_mapping *m)
{
	json_t *o = json_object();

	set_text(o, "target", m->place->name);
	set_text(o, "memory", fp_memory_name(m->requested));
	json_object_set_new(o, "ram", json_boolean(m->is_ram));
	set_count(o, "bytes", (long long)m->bytes);
	set_text(o, "pages", m->pages);
	set_text(o, "stage1", m->stage1);
	set_text(o, "effective", m->effective);
	set_text(o, "verified_by", m->verified_by);
	if (m->numa_node >= 0)
		set_count(o, "numa_node", m->numa_node);
	if (*m->device.address)
		json_object_set_new(o, "device", device_object(m));
	return o;
}

static json_t *harness(const struct fp_harness *h)
{
	json_t *o = json_object();

	set_real(o, "nop_ns", h->nop_ns);
	if (h->nop_cycles > 0)
		set_real(o, "nop_cycles", h->nop_cycles);
	if (h->known_cycles > 0) {
		set_real(o, "known_cycles", h->known_cycles);
		set_text(o, "source", h->source);
		set_real(o, "added_ns", h->added_ns);
	}
	return o;
}

/* "ram, 0000:00:04.0-bar2" */
static json_t *names(const struct fp_places *p)
{
	json_t *all = json_string("");

	for (size_t i = 0; i < p->n; i++) {
		json_t *before = all;

		all = json_sprintf("%s%s%s", json_string_value(before), i ? ", " : "",
				   p->all[i].name);
		json_decref(before);
	}
	return all;
}

static json_t *target(const struct fp_results_input *in)
{
	const struct fp_places *p = in->places;
	json_t *o = json_object(), *mappings = json_array();

	json_object_set_new(o, "name", names(p));
	for (size_t i = 0; i < p->n_mappings; i++)
		json_array_append_new(mappings, mapping_object(&p->mappings[i]));
	json_object_set_new(o, "mappings", mappings);
	if (in->profile->outstanding)
		set_count(o, "outstanding_stores", in->profile->outstanding);
	if (in->harness->nop_ns > 0)
		json_object_set_new(o, "harness", harness(in->harness));
	return o;
}

/* What Google Benchmark did not find out it writes as -1, 0 or as an empty list. */
static void drop_unknown(json_t *theirs)
{
	static const char *const figures[] = { "num_cpus", "mhz_per_cpu" };

	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		if (json_number_value(json_object_get(theirs, figures[i])) <= 0)
			json_object_del(theirs, figures[i]);
	if (!json_array_size(json_object_get(theirs, "caches")))
		json_object_del(theirs, "caches");
}

/* Only gcc's version does not say whose it is. */
#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

static json_t *context(const struct fp_results_input *in)
{
	const struct fp_machine *m = in->machine;
	json_t *o = json_object();

	set_count(o, "schema", FP_RESULTS_SCHEMA);
	set_text(o, "machine_id", m->id);
	set_text(o, "evidence", m->emulated ? "emulated" : "hardware");
	set_text(o, "hypervisor", m->cpu.hypervisor);
	json_object_set_new(o, "topology", topology(in));
	set_text(o, "kernel", m->kernel);
	set_text(o, "microcode", m->cpu.microcode);
	set_text(o, "compiler", COMPILER);
	set_text(o, "flags", FENCEPOST_CFLAGS);
	json_object_set_new(o, "pinning", pinning(m));
	json_object_set_new(o, "warnings", warnings(m));
	json_object_set_new(o, "target", target(in));
	json_object_set_new(o, "partial", json_boolean(in->partial));
	return o;
}

static int set_context(json_t *root, const struct fp_results_input *in)
{
	json_t *context_object = json_object_get(root, "context");

	if (!json_is_object(context_object))
		return -EINVAL;
	drop_unknown(context_object);
	json_object_set_new(context_object, "fencepost", context(in));
	json_object_set_new(context_object, "seed",
			    json_sprintf("%llu", (unsigned long long)in->seed));
	set_text(context_object, "options", in->command);
	return 0;
}

/*
 * Google Benchmark writes names of the machine and of the program as they are: what JSON
 * does not take, or nobody is to see, becomes blanks, where a line's end is one anyway.
 */
static json_t *read_runs(const char *json)
{
	char *text = strdup(json);
	json_t *root = text ? json_loads(fp_blank(text), 0, NULL) : NULL;

	free(text);
	return root;
}

json_t *fp_results_begin(const struct fp_results_input *in)
{
	unsigned long refused = fp_json_refusals();
	json_t *root = read_runs(in->json), *runs, *merged = json_array();
	int err = set_context(root, in);

	runs = json_incref(json_object_get(root, "benchmarks"));
	for (size_t i = 0; !err && i < in->plan->n; i++)
		err = json_array_append_new(merged, benchmark(in, runs, &in->plan->rows[i]));
	json_decref(runs);
	json_object_set_new(root, "benchmarks", merged);
	if (!err && fp_json_refusals() == refused)
		return root;
	json_decref(root);
	return NULL;
}

int fp_results_finish(json_t *root, const struct fp_results_input *in)
{
	const json_t *runs = json_object_get(root, "benchmarks");
	unsigned long refused = fp_json_refusals();
	int err = set_context(root, in);

	for (size_t i = 0; !err && i < in->plan->n; i++) {
		const struct fp_row *row = &in->plan->rows[i];
		json_t *run = json_array_get(runs, i);

		/* Its family may have judged it. */
		set_values(json_object_get(run, "fencepost"), &row->fields);
		/* Only what no store waits for is a matter of core cycles. */
		err = set_outcome(run, row->status, row->reason, &row->outcome,
				  row->core_bound && !in->machine->emulated);
	}
	return fp_json_refusals() == refused ? err : -ENOMEM;
}

/* A row without a sample was not come to. */
static int recover(json_t *run, const struct fp_recorded *row)
{
	if (row->has_status)
		return set_outcome(run, row->status, row->reason, &row->outcome, false);
	if (row->outcome.samples.n)
		return set_outcome(run, FP_RAN, "", &row->outcome, true);
	return set_outcome(run, FP_SKIPPED, "interrupted", &row->outcome, false);
}

int fp_results_recover(struct fp_record *record)
{
	json_t *own = json_object_get(json_object_get(record->document, "context"), "fencepost");
	const json_t *runs = json_object_get(record->document, "benchmarks");
	unsigned long refused = fp_json_refusals();
	int err = json_object_set_new(own, "partial", json_true());

	for (size_t i = 0; !err && i < record->n; i++)
		err = recover(json_array_get(runs, i), &record->rows[i]);
	return err || fp_json_refusals() != refused ? -ENOMEM : 0;
}
