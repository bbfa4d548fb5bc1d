// SPDX-License-Identifier: MIT
#include "run/patience.h"

#include <math.h>

#include "machine/clock.h"

#define TIMES	   5.0 /* what the run was meant to take */
#define LEAST_S	   5.0
#define SLACK_S	   1.0 /* from the beginning on */
#define OVER	   4.0 /* times what is allowed */
#define MOST_S	   1.0 /* that a block waits for its CPU */

void fp_patience_start(struct fp_patience *p, double meant_s)
{
	double allowed = meant_s > 0 ? fmax(TIMES * meant_s, LEAST_S) : INFINITY;

	*p = (struct fp_patience){ .allowed_s = allowed, .due_s = SLACK_S,
				   .started = fp_clock_now() };
}

bool fp_patience_begin(struct fp_patience *p, double meant_s)
{
	bool in_time = p->waited_s <= p->due_s;

	p->due_s += TIMES * meant_s;
	p->cut_short += !in_time;
	p->block_wall = fp_clock_now();
	p->block_cpu = fp_clock_process();
	return in_time;
}

void fp_patience_end(struct fp_patience *p)
{
	double wall = (double)(fp_clock_now() - p->block_wall);
	double waited = (wall - (double)(fp_clock_process() - p->block_cpu)) / 1e9;

	p->waited_s += fmax(0, fmin(waited, MOST_S));
	p->stood_s += fmax(0, waited - MOST_S);
}

bool fp_patience_is_late(const struct fp_patience *p)
{
	return p->waited_s > p->allowed_s;
}

bool fp_patience_is_over(const struct fp_patience *p)
{
	return p->waited_s > OVER * p->allowed_s;
}

static double passed(const struct fp_patience *p)
{
	return (double)(fp_clock_now() - p->started) / 1e9 - p->stood_s;
}

double fp_patience_share(const struct fp_patience *p)
{
	double all = passed(p);

	return all > 0 ? fmin(p->waited_s / all, 1) : 0;
}

double fp_patience_left(const struct fp_patience *p, size_t number, size_t all, size_t round)
{
	double each = passed(p) / (double)number, to_come = each * (double)(all - number);
	double first = number < round ? each * (double)(round - number) : 0;
	double share = fp_patience_share(p);

	if (share <= 0)
		return to_come;
	/* At this rate it is late then, and blocks behind the first round are left out. */
	return fmin(to_come, fmax(first, (p->allowed_s - p->waited_s) / share));
}
