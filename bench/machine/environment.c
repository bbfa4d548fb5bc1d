// SPDX-License-Identifier: MIT
/* The kernel, the machine's id, and what disturbs measurements on it. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "machine/machine.h"

static void read_kernel(struct fp_machine *m)
{
	struct utsname name;

	if (uname(&name))
		snprintf(m->kernel, sizeof(m->kernel), "unknown");
	else
		snprintf(m->kernel, sizeof(m->kernel), "%.64s %.32s", name.release, name.machine);
}

/*
 * Two machines with one id may be held against each other: the same core, the
 * same number of CPUs, the same hypervisor.
 */
static void make_id(struct fp_machine *m)
{
	snprintf(m->id, sizeof(m->id), "%s-%s-%dcpu-%s", fp_arch_tables[fp_native.id].name,
		 m->cpu.key, hwloc_get_nbobjs_by_type(m->topology, HWLOC_OBJ_PU),
		 m->cpu.hypervisor);
	for (char *c = m->id; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			*c = '-';
		else
			*c = (char)tolower((unsigned char)*c);
}

bool fp_environment_has_sysfs(void)
{
	return !access("/sys/devices/system/cpu", F_OK);
}

/* What is read there is left out of the results. */
static void check_file_systems(struct fp_machine *m)
{
	if (access("/proc/self/stat", F_OK))
		fp_machine_warn(m, "/proc is not there: counters, huge pages and what else the "
				"kernel says of itself there are not known "
				"(mount -t proc proc /proc)");
	if (!fp_environment_has_sysfs())
		fp_machine_warn(m, "/sys is not there: caches and the frequency governor are not "
				"known, and CPUs and nodes only as far as the CPU tells "
				"(mount -t sysfs sysfs /sys)");
}

static void check_governor(struct fp_machine *m)
{
	char path[96], governor[32];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor",
		 m->pinned);
	if (!fp_file_line(path, governor, sizeof(governor)) && strcmp(governor, "performance"))
		fp_machine_warn(m, "CPU %u's frequency governor is %s: times vary with the "
				"frequency, cycles do not (cpupower frequency-set -g performance)",
				m->pinned, governor);
}

static void check_sibling(struct fp_machine *m)
{
	hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(m->topology, m->pinned);
	hwloc_obj_t core = pu ? hwloc_get_ancestor_obj_by_type(m->topology, HWLOC_OBJ_CORE, pu)
			      : NULL;

	if (core && hwloc_bitmap_weight(core->cpuset) > 1)
		fp_machine_warn(m, "CPU %u shares its core with another hardware thread: keep "
				"that one idle", m->pinned);
}

static void check_load(struct fp_machine *m)
{
	double load;

	if (getloadavg(&load, 1) == 1 && load > (double)m->n_allowed * 0.9)
		fp_machine_warn(m, "the load average is %.1f on %u CPUs: other programs disturb "
				"the samples", load, m->n_allowed);
}

static void check_evidence(struct fp_machine *m)
{
	if (m->emulated)
		fp_machine_warn(m, "emulated (%s): the times say nothing about a real CPU",
				m->cpu.hypervisor);
}

void fp_environment_read(struct fp_machine *m)
{
	read_kernel(m);
	make_id(m);
	check_evidence(m);
	check_file_systems(m);
	check_governor(m);
	check_sibling(m);
	check_load(m);
}
