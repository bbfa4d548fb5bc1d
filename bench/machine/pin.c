// SPDX-License-Identifier: MIT
/* Pins the program to one CPU, by hwloc. */
#include <errno.h>
#include <string.h>

#include "base/message.h"
#include "machine/machine.h"

/*
 * CPU 0 takes most interrupts and housekeeping on Linux, so the default is the
 * last allowed CPU of the last allowed core that does not contain CPU 0.
 */
static unsigned choose(struct fp_machine *m)
{
	hwloc_obj_t core = NULL;
	int chosen = -1;

	while ((core = hwloc_get_next_obj_by_type(m->topology, HWLOC_OBJ_CORE, core)) != NULL)
		if (hwloc_bitmap_intersects(core->cpuset, m->allowed) &&
		    !hwloc_bitmap_isset(core->cpuset, 0)) {
			hwloc_bitmap_and(m->cpuset, core->cpuset, m->allowed);
			chosen = hwloc_bitmap_first(m->cpuset);
		}
	if (chosen >= 0) {
		m->how = "chosen: a core away from CPU 0";
		return (unsigned)chosen;
	}
	m->how = m->n_allowed == 1 ? "the only CPU allowed" : "chosen: the last CPU allowed";
	return (unsigned)hwloc_bitmap_last(m->allowed);
}

/* A core of its own is best, then the one with CPU 0, then a thread of a core that is taken. */
static int rank(const struct fp_machine *m, unsigned cpu, hwloc_const_bitmap_t taken)
{
	hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(m->topology, cpu);
	hwloc_obj_t core = pu ? hwloc_get_ancestor_obj_by_type(m->topology, HWLOC_OBJ_CORE, pu)
			      : NULL;

	if (core && hwloc_bitmap_intersects(core->cpuset, taken))
		return 2;
	return core && hwloc_bitmap_isset(core->cpuset, 0);
}

/* The pinned one, then others as they are ranked beside those that are taken already. */
static void choose_others(struct fp_machine *m)
{
	hwloc_bitmap_t taken = hwloc_bitmap_dup(m->cpuset);

	m->cpus[m->n_cpus++] = m->pinned;
	for (int wanted = 0; taken && wanted <= 2; wanted++)
		for (int cpu = hwloc_bitmap_first(m->allowed); cpu >= 0 && m->n_cpus < FP_MAX_CPUS;
		     cpu = hwloc_bitmap_next(m->allowed, cpu)) {
			if (hwloc_bitmap_isset(taken, (unsigned)cpu) ||
			    rank(m, (unsigned)cpu, taken) > wanted)
				continue;
			hwloc_bitmap_set(taken, (unsigned)cpu);
			m->cpus[m->n_cpus++] = (unsigned)cpu;
		}
	hwloc_bitmap_free(taken);
}

static int refuse(const struct fp_machine *m, int cpu)
{
	char *list = NULL;

	hwloc_bitmap_list_asprintf(&list, m->allowed);
	fp_error("--cpu %d: not among the CPUs this process may use (%s)", cpu, list ? list : "?");
	free(list);
	return FP_EXIT_USAGE;
}

int fp_pin(struct fp_machine *m, int cpu)
{
	m->n_allowed = (unsigned)hwloc_bitmap_weight(m->allowed);
	if (cpu >= 0 && !hwloc_bitmap_isset(m->allowed, (unsigned)cpu))
		return refuse(m, cpu);
	if (cpu >= 0)
		m->how = "--cpu";
	m->pinned = cpu >= 0 ? (unsigned)cpu : choose(m);
	hwloc_bitmap_only(m->cpuset, m->pinned);
	choose_others(m);
	m->bound = hwloc_set_cpubind(m->topology, m->cpuset, HWLOC_CPUBIND_THREAD) == 0;
	if (m->bound)
		return 0;
	m->how = "not pinned";
	fp_machine_warn(m, "can't pin to CPU %u (%s): samples may come from several CPUs",
			m->pinned, strerror(errno));
	return 0;
}

static bool is_pinned(const struct fp_machine *m)
{
	hwloc_bitmap_t now = hwloc_bitmap_alloc();
	bool is = !now || hwloc_get_cpubind(m->topology, now, HWLOC_CPUBIND_THREAD) ||
		  hwloc_bitmap_isequal(now, m->cpuset);

	hwloc_bitmap_free(now);
	return is;
}

int fp_pin_again(const struct fp_machine *m)
{
	if (!m->bound || is_pinned(m))
		return 0;
	return hwloc_set_cpubind(m->topology, m->cpuset, HWLOC_CPUBIND_THREAD) ? -errno : 1;
}
