/* SPDX-License-Identifier: BSD-2-Clause */
/* What a parser forgives or ignores, in words: for those who look before they publish. */
#ifndef PARSE_NOTE_H
#define PARSE_NOTE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

#define NOTE_MAX 100 /* notes that are kept; hostile text is worth no more */

struct notes {
	struct buf text; /* lines of printable ASCII, each with its line feed */
	size_t count;
	size_t more;     /* that were not kept */
};

/* notes may be NULL: then nobody wants to know. */
void note_add(struct notes *notes, const char *fmt, ...) ATTR_PRINTF(2, 3);
void notes_free(struct notes *notes);

/* Octets of any kind for a message: printable, cut with "..." where they are many. */
#define NOTE_SHOWN 81
const char *note_shown(char out[NOTE_SHOWN], const char *text, size_t len);

#endif
