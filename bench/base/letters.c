// SPDX-License-Identifier: MIT
#include "base/letters.h"

#include <string.h>
#include <unistd.h>

char *fp_letters(char to[FP_LETTERS + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char drawn[FP_LETTERS];

	/* Names are tried in turn: the same letters again cost a try. */
	if (getentropy(drawn, sizeof(drawn)))
		memset(drawn, 0, sizeof(drawn));
	for (unsigned i = 0; i < FP_LETTERS; i++)
		to[i] = letters[drawn[i] % 32];
	to[FP_LETTERS] = '\0';
	return to;
}
