/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENARIO_READER_H
#define SCENARIO_READER_H

#include "world.h"

struct reader {
	struct world *world;
	unsigned number; /* of the line */
	char *at;        /* what is left of it */
};

/* The next word, or NULL. */
char *reader_word(struct reader *r);

/* Says what is wrong with this line; returns false. */
bool reader_bad(struct reader *r, const char *what, const char *word);

/* The rest of the line into an answer. */
bool reader_data(struct reader *r, struct answer *a);

#endif
