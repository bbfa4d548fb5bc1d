/* SPDX-License-Identifier: MIT */
/*
 * value.h - what a row says of itself, as data: its axes, and fields of its results.
 */
#ifndef FENCEPOST_PLAN_VALUE_H
#define FENCEPOST_PLAN_VALUE_H

#include <stdbool.h>
#include <stddef.h>

enum fp_value_kind { FP_VALUE_NUMBER, FP_VALUE_TEXT, FP_VALUE_TRUTH, FP_VALUE_REAL };

struct fp_value {
	const char *key; /* outlives the row, and so does text */
	enum fp_value_kind kind;
	union {
		const char *text;
		long long number; /* of FP_VALUE_TRUTH: 0 or 1 */
		double real;
	};
};

#define FP_VALUES 12u

struct fp_values {
	struct fp_value all[FP_VALUES];
	unsigned n;
};

/* Each sets the value of that key, a new one behind the others. */
void fp_set_number(struct fp_values *values, const char *key, long long number);
void fp_set_text(struct fp_values *values, const char *key, const char *text);
void fp_set_truth(struct fp_values *values, const char *key, bool truth);
void fp_set_real(struct fp_values *values, const char *key, double real);

/* NULL if there is none. */
const struct fp_value *fp_value_find(const struct fp_values *values, const char *key);

/* "8", "load"; into buf where it has no text of its own. */
const char *fp_value_text(const struct fp_value *value, char *buf, size_t n);

#endif
