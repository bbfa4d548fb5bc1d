// SPDX-License-Identifier: MIT
/* Which rows of a plan are wanted; what they need stays with them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "plan/plan.h"

/* What nobody writes, and what takes time and memory without end. */
#define MOST_BYTES   4096u
#define MOST_DEPTH   100u     /* of parentheses */
#define MOST_STEPS   1000000u /* of one match: some ms */
#define MOST_HEAP_KI 16384u

struct filter {
	const char *option;
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

static void close_filter(struct filter *f)
{
	pcre2_match_context_free(f->limits);
	pcre2_match_data_free(f->match);
	pcre2_code_free(f->code);
}

static int refuse_text(const struct filter *f, int number, size_t offset, char *why, size_t size)
{
	char words[128] = "";

	pcre2_get_error_message(number, (PCRE2_UCHAR *)words, sizeof(words));
	snprintf(why, size, "%s is no regular expression of PCRE2's: %s, at byte %zu", f->option,
		 words, offset);
	return -EINVAL;
}

/* Bytes are bytes, whatever the expression begins with: names of rows are ASCII. */
static int compile(struct filter *f, const char *text, char *why, size_t size)
{
	pcre2_compile_context *limits = pcre2_compile_context_create(NULL);
	PCRE2_SIZE offset = 0;
	int number = 0;

	if (!limits)
		return -ENOMEM;
	pcre2_set_max_pattern_length(limits, MOST_BYTES);
	pcre2_set_parens_nest_limit(limits, MOST_DEPTH);
	f->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
				PCRE2_NEVER_UTF | PCRE2_NEVER_UCP, &number, &offset, limits);
	pcre2_compile_context_free(limits);
	return f->code ? 0 : refuse_text(f, number, offset, why, size);
}

static int open_filter(struct filter *f, const char *text, char *why, size_t size)
{
	int err = compile(f, text, why, size);

	if (err)
		return err;
	f->limits = pcre2_match_context_create(NULL);
	f->match = pcre2_match_data_create_from_pattern(f->code, NULL);
	if (!f->limits || !f->match)
		return -ENOMEM;
	pcre2_set_match_limit(f->limits, MOST_STEPS);
	pcre2_set_depth_limit(f->limits, MOST_STEPS);
	pcre2_set_heap_limit(f->limits, MOST_HEAP_KI);
	return 0;
}

/* What a limit ends is no answer. */
static int match(const struct filter *f, const char *name, bool *matches, char *why, size_t size)
{
	int found = pcre2_match(f->code, (PCRE2_SPTR)name, strlen(name), 0, 0, f->match, f->limits);
	char words[128] = "";

	*matches = found >= 0;
	if (*matches || found == PCRE2_ERROR_NOMATCH)
		return 0;
	pcre2_get_error_message(found, (PCRE2_UCHAR *)words, sizeof(words));
	snprintf(why, size, "%s can't be matched with %.150s: %s; write it simpler", f->option,
		 name, words);
	return -EINVAL;
}

/* Clears the marks of the rows whose name does not match as wanted. */
static int mark(const struct fp_plan *plan, const char *option, const char *text, bool wanted,
		bool *kept, char *why, size_t size)
{
	bool matches;
	struct filter f = { .option = option };
	int err = text ? open_filter(&f, text, why, size) : 0;

	for (size_t i = 0; text && !err && i < plan->n; i++) {
		err = match(&f, plan->rows[i].name, &matches, why, size);
		kept[i] &= matches == wanted;
	}
	close_filter(&f);
	return err;
}

/* Whether a row that was not kept is now. */
static bool keep_needed(const struct fp_plan *plan, size_t row, bool *kept)
{
	bool more = false;

	for (unsigned i = 0; i < FP_ROW_NEEDS && plan->rows[row].needs[i]; i++) {
		const struct fp_row *needed = fp_plan_find_id(plan, plan->rows[row].needs[i]);

		if (!needed || kept[needed - plan->rows])
			continue;
		kept[needed - plan->rows] = more = true;
	}
	return more;
}

/* What is needed may need something itself. */
static void keep_all_needed(const struct fp_plan *plan, bool *kept)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < plan->n; i++)
			more |= kept[i] && keep_needed(plan, i, kept);
	}
}

static void drop_others(struct fp_plan *plan, const bool *kept)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		if (kept[i])
			plan->rows[n++] = plan->rows[i];
		else
			fp_row_free(&plan->rows[i]);
	}
	plan->n = n;
}

int fp_plan_filter(struct fp_plan *plan, const char *include, const char *exclude, char *why,
		   size_t size)
{
	bool *kept = malloc(plan->n + 1);
	int err = kept ? 0 : -ENOMEM;

	for (size_t i = 0; kept && i < plan->n; i++)
		kept[i] = true;
	if (!err)
		err = mark(plan, "--filter", include, true, kept, why, size);
	if (!err)
		err = mark(plan, "--exclude", exclude, false, kept, why, size);
	if (!err) {
		keep_all_needed(plan, kept);
		drop_others(plan, kept);
	}
	if (err == -ENOMEM)
		snprintf(why, size, "no memory to filter the rows");
	free(kept);
	return err;
}
