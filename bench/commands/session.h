/* SPDX-License-Identifier: MIT */
/*
 * session.h - one run of the program, from the machine to the views.
 */
#ifndef FENCEPOST_SESSION_H
#define FENCEPOST_SESSION_H

#include <stdbool.h>

#include "commands/options.h"
#include "machine/machine.h"
#include "measure/harness.h"
#include "plan/family.h"
#include "run/places.h"

struct fp_session {
	const struct fp_options *options;
	struct fp_machine machine;
	struct fp_workbench bench;
	struct fp_places places;
	struct fp_profile profile;
	struct fp_harness harness;
	struct fp_plan plan;
	bool interrupted; /* before all was measured */
};

/* Each returns 0 or an enum fp_exit after one line on stderr. */

/* Pins, maps, verifies, profiles and plans. */
int fp_session_open(struct fp_session *session, const struct fp_options *options);
void fp_session_close(struct fp_session *session);

/* Runs the plan and writes everything. */
int fp_session_run(struct fp_session *session);

/* lookup.c: --list, --api, --show. */
int fp_lookup_list(const struct fp_options *options);
int fp_lookup_rows(struct fp_session *session);
int fp_lookup_api(const struct fp_options *options);
int fp_lookup_show(struct fp_session *session, const char *name);

#endif
