// SPDX-License-Identifier: MIT
#include "run/places.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/guard.h"
#include "base/message.h"
#include "measure/verify.h"
#include "memory/attribute.h"

#define REGION_BYTES (8u * 1024 * 1024) /* several destinations for a copy of 1 MiB */
#define LOOK_LIMIT_S 10u

unsigned fp_places_memory(const struct fp_places *p)
{
	unsigned memory = 0;

	for (size_t i = 0; i < p->n_mappings; i++)
		memory |= p->mappings[i].requested;
	return memory;
}

size_t fp_places_bars(const struct fp_places *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->all[i].target->is_bar;
	return n;
}

/* ---- one mapping ---- */

struct verification {
	struct fp_workbench *bench;
	struct fp_mapping *mapping;
};

static int verify(void *argument)
{
	struct verification *v = argument;

	return fp_verify(v->bench, v->mapping);
}

/* RAM that misbehaves is odd; a BAR that the cache serves would be timed under a wrong name. */
static int check_behaviour(struct fp_machine *machine, struct fp_workbench *bench,
			   struct fp_mapping *m, struct fp_refusal *refusal)
{
	struct verification v = { bench, m };
	char reason[128] = "";
	int err;

	fp_workbench_set_out_payload(bench, m);
	err = fp_guard(verify, &v, LOOK_LIMIT_S, reason, sizeof(reason));
	if (!err)
		return 0;
	if (err != -ENXIO) {
		snprintf(refusal->why, sizeof(refusal->why), "it can't be accessed as %s: %s",
			 fp_memory_name(m->requested), *reason ? reason : strerror(-err));
		return err;
	}
	snprintf(refusal->why, sizeof(refusal->why),
		 "asked for as %s, it behaves as %s memory (%s)",
		 fp_memory_name(m->requested), m->effective, m->verified_by);
	if (!m->is_ram)
		return -EPROTO;
	fp_machine_warn(machine, "%s: %s", m->place->name, refusal->why);
	return 0;
}

static void warn_of_pages(struct fp_machine *machine, const struct fp_mapping *m)
{
	if (!m->is_ram || machine->emulated)
		return;
	if (!*m->pages)
		fp_machine_warn(machine, "/proc/self/smaps can't be read: whether the RAM is in "
				"huge pages is not known");
	if (strstr(m->pages, "small pages"))
		fp_machine_warn(machine, "no huge pages: a missing store may miss the TLB, too "
				"(echo madvise > /sys/kernel/mm/transparent_hugepage/enabled)");
}

static void drop_mapping(struct fp_places *p)
{
	struct fp_mapping *m = &p->mappings[--p->n_mappings];

	m->place->target->unmap(m);
}

static int map_type(struct fp_places *p, struct fp_machine *machine, struct fp_workbench *bench,
		    struct fp_place *place, enum fp_memory memory, struct fp_refusal *refusal)
{
	struct fp_mapping *m = &p->mappings[p->n_mappings];
	int err = fp_place_map(machine, place, memory, m, refusal);

	if (err)
		return err;
	p->n_mappings++;
	warn_of_pages(machine, m);
	return check_behaviour(machine, bench, m, refusal);
}

/* ---- one place ---- */

static void warn_of_distortions(struct fp_machine *machine, const struct fp_device *d)
{
	char list[160] = "";

	for (unsigned bit = 1; bit; bit <<= 1) {
		const char *name = d->distorts & bit ? fp_distortion_name(bit) : NULL;

		if (name)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
				 *list ? ", " : "", name);
	}
	if (*list)
		fp_machine_warn(machine,
				"this kernel has %s: what kernel_ rows cost here says little about "
				"other kernels", list);
}

static int fill_place(struct fp_places *p, struct fp_machine *machine, struct fp_workbench *bench,
		      struct fp_place *place, struct fp_refusal *refusal)
{
	size_t before = p->n_mappings;
	int err = place->target->open(place, refusal);

	if (err)
		return err;
	for (size_t i = 0; !err && i < FP_MEMORY_TYPES; i++)
		if (place->wish.memory & fp_memory_types[i])
			err = map_type(p, machine, bench, place, fp_memory_types[i], refusal);
	if (!err)
		return 0;
	while (p->n_mappings > before)
		drop_mapping(p);
	place->target->close(place);
	return err;
}

static int status_of(int err)
{
	return err == -EPERM || err == -EACCES ? FP_EXIT_REFUSED : FP_EXIT_ROW_FAILED;
}

/* ---- all of them ---- */

static int refuse_nothing(const struct fp_place_list *found, const struct fp_asked *asked)
{
	char *why = fp_places_why_none(found, asked);

	fp_error("%s", why ? why : "out of memory");
	free(why);
	return asked->target && !found->n ? FP_EXIT_ROW_FAILED : FP_EXIT_NOTHING;
}

/* Uses what can be used; what was asked for by its name must be. */
static int use(struct fp_places *p, struct fp_machine *machine, struct fp_workbench *bench,
	       struct fp_place *place, bool by_name, int *last)
{
	struct fp_refusal refusal = { "" };
	int err;

	p->all[p->n] = *place;
	err = fill_place(p, machine, bench, &p->all[p->n], &refusal);
	if (!err) {
		p->n++;
		/* It is one kernel, for all of them. */
		if (place->target->is_bar && fp_places_bars(p) == 1)
			warn_of_distortions(machine, &p->mappings[p->n_mappings - 1].device);
		return 0;
	}
	*last = status_of(err);
	if (by_name)
		fp_error("target %s: %s", place->name, refusal.why);
	else
		fp_machine_warn(machine, "%s is left out: %s", place->name, refusal.why);
	return by_name ? *last : 0;
}

int fp_places_open(struct fp_places *p, struct fp_machine *machine, struct fp_workbench *bench,
		   const struct fp_request *r)
{
	int status = 0, last = 0;
	size_t tried = 0;

	if (fp_places_find(&p->found, &r->target)) {
		fp_error("out of memory");
		return FP_EXIT_ROW_FAILED;
	}
	for (size_t i = 0; !status && i < p->found.n; i++) {
		struct fp_place *place = &p->found.all[i];

		place->wish = fp_place_wish(place, r->memory, REGION_BYTES, r->allow_registers);
		if (!place->wish.memory)
			continue;
		tried++;
		if (p->n == FP_MAX_PLACES)
			fp_machine_warn(machine, "%s is left out: a run takes %u places",
					place->name, FP_MAX_PLACES);
		else
			status = use(p, machine, bench, place, r->target.place || p->found.n == 1,
				     &last);
	}
	if (!status && !tried)
		return refuse_nothing(&p->found, &r->target);
	if (!status && !p->n) {
		fp_error("nothing can run: every target is left out, for the reasons above");
		status = last;
	}
	return status;
}

void fp_places_close(struct fp_places *p)
{
	while (p->n_mappings)
		drop_mapping(p);
	while (p->n) {
		p->n--;
		p->all[p->n].target->close(&p->all[p->n]);
	}
	fp_places_free(&p->found);
}
