// SPDX-License-Identifier: MIT
#include "base/option.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"

const char *fp_option_values(fp_option_value *value, char to[FP_OPTION_VALUES])
{
	size_t length = 0;

	*to = '\0';
	for (size_t i = 0; value(i); i++) {
		length += (size_t)snprintf(to + length, FP_OPTION_VALUES - length, "%s%s",
					   i ? ", " : "", value(i));
		assert(length < FP_OPTION_VALUES);
	}
	return to;
}

bool fp_option_takes(fp_option_value *value, const char *text, size_t *i)
{
	for (*i = 0; value(*i); ++*i)
		if (!strcmp(value(*i), text))
			return true;
	return false;
}

int fp_option_refuse(const char *option, const char *text, const char *what,
		     fp_option_value *value, const char *more)
{
	char values[FP_OPTION_VALUES];

	fp_error("--%s %s: there is no such %s; take %s%s", option, text, what,
		 fp_option_values(value, values), more);
	return FP_EXIT_USAGE;
}
