/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PARSE_MXPATTERN_H
#define PARSE_MXPATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* One mx value to its canonical form: lower case A-labels, "*." kept, a final
 * dot dropped; out holds 256 bytes. DANESTS_OK or DANESTS_EINVAL (S16). */
int mxpattern_parse(char out[256], const char *text, size_t len) ATTR_MUST_CHECK;

/* What is wrong with one that is refused, in words. Static. */
const char *mxpattern_bad(const char *text, size_t len);

/* RFC 8461 4.1 (S17): '*' stands for exactly one whole label, the leftmost.
 * Both in canonical form. */
bool mxpattern_match(const char *pattern, const char *host);

#endif
