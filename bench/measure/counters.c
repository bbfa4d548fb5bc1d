// SPDX-License-Identifier: MIT
#include "measure/counters.h"

#include <errno.h>
#include <math.h>
#include <perfmon/pfmlib.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct fp_counter known[FP_COUNTERS] = {
	{ .alias = "cycles", .event = "perf::PERF_COUNT_HW_CPU_CYCLES" },
	{ .alias = "instructions", .event = "perf::PERF_COUNT_HW_INSTRUCTIONS" },
	{ .alias = "page_faults", .event = "perf::PERF_COUNT_SW_PAGE_FAULTS" },
};

const char *fp_counter_alias(size_t number)
{
	return known[number].alias;
}

static void explain(struct fp_counter *c, const char *who, const char *why)
{
	snprintf(c->reason, sizeof(c->reason), "%s: %s", who, why);
}

static const char *why_not_opened(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return "not allowed (kernel.perf_event_paranoid)";
	case ENOENT:
	case EOPNOTSUPP:
	case ENODEV:
		return "this machine has no such counter";
	}
	return strerror(err);
}

static void open_one(struct fp_counter *c)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	pfm_perf_encode_arg_t arg = { .attr = &attr, .size = sizeof(arg) };
	int err = pfm_get_os_event_encoding(c->event, PFM_PLM3, PFM_OS_PERF_EVENT, &arg);

	c->fd = -1;
	if (err != PFM_SUCCESS) {
		explain(c, "libpfm4", pfm_strerror(err));
		return;
	}
	attr.disabled = 1;
	attr.exclude_kernel = 1;
	attr.exclude_hv = 1;
	attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	c->fd = perf_event_open(&attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (c->fd < 0)
		explain(c, "perf_event_open", why_not_opened(errno));
}

void fp_counters_open(struct fp_counters *counters)
{
	int err = pfm_initialize();

	memcpy(counters->all, known, sizeof(known));
	for (size_t i = 0; i < FP_COUNTERS; i++) {
		counters->all[i].fd = -1;
		if (err == PFM_SUCCESS)
			open_one(&counters->all[i]);
		else
			explain(&counters->all[i], "libpfm4", pfm_strerror(err));
	}
}

void fp_counters_close(struct fp_counters *counters)
{
	for (size_t i = 0; i < FP_COUNTERS; i++)
		if (counters->all[i].fd >= 0)
			close(counters->all[i].fd);
	pfm_terminate();
}

static void command_all(const struct fp_counters *counters, unsigned long command)
{
	for (size_t i = 0; i < FP_COUNTERS; i++)
		if (counters->all[i].fd >= 0)
			ioctl(counters->all[i].fd, command, 0);
}

static double read_one(const struct fp_counter *c)
{
	uint64_t value, enabled, running, got[3];

	if (c->fd < 0 || read(c->fd, got, sizeof(got)) != sizeof(got))
		return NAN;
	value = got[0];
	enabled = got[1];
	running = got[2];
	return running == enabled ? (double)value : NAN;
}

static void count(struct fp_counters *counters, const struct fp_measurement *m,
		  const struct fp_timed *timed, uint64_t loops, double events[FP_COUNTERS])
{
	if (m->prepare.run)
		m->prepare.run(m->prepare.context, loops);
	command_all(counters, PERF_EVENT_IOC_RESET);
	command_all(counters, PERF_EVENT_IOC_ENABLE);
	timed->run(timed->context, loops);
	command_all(counters, PERF_EVENT_IOC_DISABLE);
	for (size_t i = 0; i < FP_COUNTERS; i++)
		events[i] = read_one(&counters->all[i]);
}

void fp_counters_batch(struct fp_counters *counters, const struct fp_measurement *m,
		       uint64_t loops, double per_operation[FP_COUNTERS])
{
	double base[FP_COUNTERS] = { 0 }, operations = (double)loops * m->operations;

	count(counters, m, &m->measured, loops, per_operation);
	if (m->base.run)
		count(counters, m, &m->base, loops, base);
	for (size_t i = 0; i < FP_COUNTERS; i++)
		per_operation[i] = (per_operation[i] - base[i]) / operations;
}

void fp_counters_none(double per_operation[FP_COUNTERS])
{
	for (size_t i = 0; i < FP_COUNTERS; i++)
		per_operation[i] = NAN;
}
