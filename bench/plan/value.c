// SPDX-License-Identifier: MIT
#include "plan/value.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static struct fp_value *place_for(struct fp_values *values, const char *key)
{
	unsigned i = 0;

	while (i < values->n && strcmp(values->all[i].key, key))
		i++;
	assert(i < FP_VALUES);
	if (i == values->n)
		values->n++;
	return &values->all[i];
}

void fp_set_number(struct fp_values *values, const char *key, long long number)
{
	*place_for(values, key) = (struct fp_value){ .key = key, .kind = FP_VALUE_NUMBER,
							.number = number };
}

void fp_set_text(struct fp_values *values, const char *key, const char *text)
{
	*place_for(values, key) = (struct fp_value){ .key = key, .kind = FP_VALUE_TEXT,
							.text = text };
}

void fp_set_truth(struct fp_values *values, const char *key, bool truth)
{
	*place_for(values, key) = (struct fp_value){ .key = key, .kind = FP_VALUE_TRUTH,
							.number = truth };
}

void fp_set_real(struct fp_values *values, const char *key, double real)
{
	*place_for(values, key) = (struct fp_value){ .key = key, .kind = FP_VALUE_REAL,
							.real = real };
}

const struct fp_value *fp_value_find(const struct fp_values *values, const char *key)
{
	for (unsigned i = 0; i < values->n; i++)
		if (!strcmp(values->all[i].key, key))
			return &values->all[i];
	return NULL;
}

const char *fp_value_text(const struct fp_value *value, char *buf, size_t n)
{
	switch (value->kind) {
	case FP_VALUE_TEXT:
		return value->text;
	case FP_VALUE_TRUTH:
		return value->number ? "yes" : "no";
	case FP_VALUE_NUMBER:
		snprintf(buf, n, "%lld", value->number);
		break;
	case FP_VALUE_REAL:
		snprintf(buf, n, "%g", value->real);
		break;
	}
	return buf;
}
