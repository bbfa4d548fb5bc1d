// SPDX-License-Identifier: MIT
#include "base/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

char *fp_option_values(fp_option_value *value)
{
	char *text = NULL;
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);

	if (!to)
		return NULL;
	for (size_t i = 0; value(i); i++)
		fprintf(to, "%s%s", i ? ", " : "", value(i));
	fclose(to);
	return text;
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
	char *values = fp_option_values(value);

	fp_error("--%s %s: there is no such %s; take %s%s", option, text, what,
		 values ? values : "what --help says", more);
	free(values);
	return FP_EXIT_USAGE;
}
