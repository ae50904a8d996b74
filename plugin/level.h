/* SPDX-License-Identifier: BSD-2-Clause */
/* The level words of replies, as small numbers: for tables and counters. */
#ifndef PLUGIN_LEVEL_H
#define PLUGIN_LEVEL_H

#include <stdint.h>

enum level {
	LEVEL_NOTFOUND,
	LEVEL_NONE, /* this and others no policy ever comes to: overrides do */
	LEVEL_MAY,
	LEVEL_ENCRYPT,
	LEVEL_DANE,
	LEVEL_DANE_ONLY,
	LEVEL_FINGERPRINT,
	LEVEL_VERIFY,
	LEVEL_SECURE,
	LEVEL_TEMP,
	LEVEL_PERM,
	LEVEL_COUNT
};

/* A word that there is no number for becomes the last one, which nobody takes for a
 * policy. */
uint8_t level_of(const char *word);

/* Static. */
const char *level_word(unsigned level);

#endif
