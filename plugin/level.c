/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/level.h"

#include <string.h>

static const char *const words[LEVEL_COUNT] = {
	[LEVEL_NOTFOUND]    = "NOTFOUND",
	[LEVEL_NONE]        = "none",
	[LEVEL_MAY]         = "may",
	[LEVEL_ENCRYPT]     = "encrypt",
	[LEVEL_DANE]        = "dane",
	[LEVEL_DANE_ONLY]   = "dane-only",
	[LEVEL_FINGERPRINT] = "fingerprint",
	[LEVEL_VERIFY]      = "verify",
	[LEVEL_SECURE]      = "secure",
	[LEVEL_TEMP]        = "TEMP",
	[LEVEL_PERM]        = "PERM",
};

uint8_t level_of(const char *word)
{
	uint8_t i;

	for (i = 0; i < LEVEL_COUNT - 1; i++)
		if (strcmp(words[i], word) == 0)
			break;
	return i;
}

const char *level_word(unsigned level)
{
	return words[level < LEVEL_COUNT ? level : LEVEL_COUNT - 1];
}
