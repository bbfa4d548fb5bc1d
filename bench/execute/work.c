// SPDX-License-Identifier: MIT
#include "execute/executor.h"

#include <assert.h>

struct fp_program *fp_work_add(struct fp_work *work)
{
	assert(work->n < FP_PROGRAMS);
	work->programs[work->n] = (struct fp_program){ .operations = 1 };
	return &work->programs[work->n++];
}

int fp_work_error(const struct fp_work *work)
{
	for (unsigned i = 0; i < work->n; i++)
		if (work->programs[i].err)
			return work->programs[i].err;
	return 0;
}

void fp_work_free(struct fp_work *work)
{
	while (work->n)
		fp_program_free(&work->programs[--work->n]);
}
