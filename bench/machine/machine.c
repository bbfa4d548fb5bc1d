// SPDX-License-Identifier: MIT
#include "machine/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/guard.h"
#include "base/message.h"

#define LOAD_LIMIT_S 60u

void fp_machine_warn(struct fp_machine *m, const char *format, ...)
{
	char text[FP_WARNING];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fp_error("warning: %s", text);
	if (m->n_warnings < FP_MAX_WARNINGS)
		memcpy(m->warnings[m->n_warnings++], text, sizeof(text));
}

static int load(void *argument)
{
	struct fp_machine *m = argument;

	return hwloc_topology_init(&m->topology) || hwloc_topology_load(m->topology) ? -errno : 0;
}

static int refuse_topology(int err, const char *why)
{
	fp_error("hwloc can't read this machine's topology: %s", *why ? why : strerror(-err));
	return FP_EXIT_REFUSED;
}

/* hwloc goes on without memory, into the void. */
static int load_topology(struct fp_machine *m)
{
	char why[128] = "";
	int err;

	/* fp_environment_read() says what is missing, and what of it. */
	if (!fp_environment_has_sysfs())
		setenv("HWLOC_HIDE_ERRORS", "2", 0);
	err = fp_guard(load, m, LOAD_LIMIT_S, why, sizeof(why));
	/* What is half made can't be given back. */
	if (err == -EFAULT || err == -ETIMEDOUT)
		m->topology = NULL;
	if (err)
		return refuse_topology(err, why);
	m->allowed = hwloc_bitmap_alloc();
	m->cpuset = hwloc_bitmap_alloc();
	if (!m->allowed || !m->cpuset)
		return refuse_topology(-ENOMEM, why);
	if (hwloc_get_cpubind(m->topology, m->allowed, HWLOC_CPUBIND_THREAD))
		hwloc_bitmap_copy(m->allowed, hwloc_topology_get_allowed_cpuset(m->topology));
	return 0;
}

/* The word handed in can lower the evidence, never raise it. */
static void judge(struct fp_machine *m, const char *evidence)
{
	m->emulated = m->cpu.emulated || (evidence && !strcmp(evidence, "emulated"));
	if (m->cpu.emulated && evidence && !strcmp(evidence, "hardware"))
		fp_machine_warn(m, "--evidence hardware is not taken: this CPU is emulated (%s)",
				m->cpu.hypervisor);
}

int fp_machine_open(struct fp_machine *m, int cpu, const char *evidence)
{
	int status;

	memset(m, 0, sizeof(*m));
	fp_arch_identify(&m->cpu);
	judge(m, evidence);
	status = load_topology(m);
	if (!status)
		status = fp_pin(m, cpu);
	if (!status)
		fp_environment_read(m);
	return status;
}

void fp_machine_close(struct fp_machine *m)
{
	hwloc_bitmap_free(m->allowed);
	hwloc_bitmap_free(m->cpuset);
	if (m->topology)
		hwloc_topology_destroy(m->topology);
}
