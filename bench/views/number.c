// SPDX-License-Identifier: MIT
#include "views/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *view_short(double value, char *buf, size_t n)
{
	double size = fabs(value);

	if (!isfinite(value))
		snprintf(buf, n, "%s", "");
	else if (size < 0.005)
		snprintf(buf, n, "0.00");
	else
		snprintf(buf, n, "%.*f", size < 9.995 ? 2 : size < 99.95 ? 1 : 0, value);
	return buf;
}

const char *view_exact(double value, char *buf, size_t n)
{
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(buf, n, "%.*g", digits, value);
		if (strtod(buf, NULL) == value)
			break;
	}
	return buf;
}
