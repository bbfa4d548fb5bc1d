// SPDX-License-Identifier: MIT
#include "work/sequencer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct fp_sequence {
	unsigned char *code;
	size_t size, used;
	size_t head, body_end;
	bool has_log;
	size_t records; /* a loop */
	struct fp_call *calls; /* what the laid calls find their arguments in */
	size_t n_calls;
};

#define MOST_CALLS 512u

static int protect(struct fp_sequence *s, int protection)
{
	return mprotect(s->code, s->size, protection) ? -errno : 0;
}

int fp_sequence_new(struct fp_sequence **sequence, size_t max_bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct fp_sequence *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->size = (max_bytes + page - 1) & ~(page - 1);
	s->code = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->code == MAP_FAILED) {
		err = -errno;
		s->code = NULL;
		goto out;
	}
	/* Asked now, so that a refusal is known before anything is planned on it. */
	err = protect(s, PROT_READ | PROT_EXEC);
out:
	if (err) {
		fp_sequence_free(s);
		s = NULL;
	}
	*sequence = s;
	return err;
}

void fp_sequence_free(struct fp_sequence *s)
{
	if (!s)
		return;
	if (s->code)
		munmap(s->code, s->size);
	free(s->calls);
	free(s);
}

static int append(struct fp_sequence *s, const struct fp_fragment *f)
{
	if (f->bytes > s->size - s->used)
		return -ENOSPC;
	memcpy(s->code + s->used, f->code, f->bytes);
	s->used += f->bytes;
	return 0;
}

int fp_sequence_begin(struct fp_sequence *s)
{
	int err = protect(s, PROT_READ | PROT_WRITE);

	if (err)
		return err;
	s->used = 0;
	s->n_calls = 0;
	s->has_log = false;
	s->records = 0;
	err = append(s, &fp_native.parts[FP_PART_entry]);
	s->head = s->body_end = s->used;
	return err;
}

int fp_sequence_record(struct fp_sequence *s)
{
	int err = append(s, &fp_native.parts[FP_PART_log_begin]);

	s->has_log = true;
	s->head = s->body_end = s->used;
	return err;
}

int fp_sequence_lay(struct fp_sequence *s, const struct fp_fragment *fragment, size_t times)
{
	int err = 0;

	while (times-- && !err)
		err = append(s, fragment);
	s->body_end = s->used;
	return err;
}

int fp_sequence_lay_part(struct fp_sequence *s, enum fp_part part, size_t times)
{
	s->records += part == FP_PART_record ? times : 0;
	return fp_sequence_lay(s, &fp_native.parts[part], times);
}

size_t fp_sequence_records(const struct fp_sequence *s)
{
	return s->records;
}

/* A call's record stays as long as its code; those with the same arguments share one. */
static const struct fp_call *keep_call(struct fp_sequence *s, const struct fp_call *call)
{
	if (!s->calls)
		s->calls = calloc(MOST_CALLS, sizeof(*s->calls));
	if (!s->calls)
		return NULL;
	for (size_t i = 0; i < s->n_calls; i++)
		if (!memcmp(&s->calls[i], call, sizeof(*call)))
			return &s->calls[i];
	if (s->n_calls == MOST_CALLS)
		return NULL;
	s->calls[s->n_calls] = *call;
	return &s->calls[s->n_calls++];
}

int fp_sequence_lay_call(struct fp_sequence *s, const struct fp_call *call, bool reads)
{
	enum fp_part part = reads ? FP_PART_call_from : FP_PART_call;
	const struct fp_call *kept = keep_call(s, call);
	size_t start = s->used;
	int err = kept ? fp_sequence_lay_part(s, part, 1) : -ENOMEM;

	return err ? err : fp_arch_set_call(s->code + start, s->used - start, kept);
}

static int make_executable(struct fp_sequence *s)
{
	int err = protect(s, PROT_READ | PROT_EXEC);

	if (!err)
		/* arm64 and ppc64le fetch stale instructions without this. */
		__builtin___clear_cache((char *)s->code, (char *)s->code + s->used);
	return err;
}

int fp_sequence_end(struct fp_sequence *s, const struct fp_fragment *tail)
{
	int err = append(s, &fp_native.parts[FP_PART_loop_end]);

	if (!err)
		err = fp_arch_close_loop(s->code, s->used, s->head);
	if (!err && tail)
		err = append(s, tail);
	if (!err && s->has_log)
		err = append(s, &fp_native.parts[FP_PART_log_end]);
	if (!err)
		err = append(s, &fp_native.parts[FP_PART_leave]);
	return err ? err : make_executable(s);
}

void fp_sequence_run(const struct fp_sequence *s, struct fp_batch *batch)
{
	void (*run)(struct fp_batch *);

	memcpy(&run, &s->code, sizeof(run));
	run(batch);
}

const void *fp_sequence_body(const struct fp_sequence *s, size_t *bytes)
{
	*bytes = s->body_end - s->head;
	return s->code + s->head;
}

const void *fp_sequence_code(const struct fp_sequence *s, size_t *bytes)
{
	*bytes = s->used;
	return s->code;
}
