/* SPDX-License-Identifier: BSD-2-Clause */
/* A point in time as people and programs write it: RFC 3339 5.6. */
#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct moment {
	int64_t seconds; /* since 1970 */
	bool day;        /* only a date was written: its begin in UTC */
	bool part;       /* of a second was written behind them, and is cut off */
};

/*
 * "2026-08-01T12:00:00.5+02:00", or a date alone, and nothing behind it. A blank instead of the
 * T is what applications may choose to read, too. A leap second is the second after. False:
 * not such a text, *out is untouched.
 */
bool moment_read(struct moment *out, const char *text) ATTR_MUST_CHECK;

#endif
