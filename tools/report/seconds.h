/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times of lines, compared. Most containers write whole seconds, so copies of one line agree
 * on these only.
 */
#ifndef REPORT_SECONDS_H
#define REPORT_SECONDS_H

#include <stdbool.h>
#include <stdint.h>

#define SECOND_US INT64_C(1000000)

/* Rounded down, also before 1970. */
static inline int64_t seconds(int64_t us)
{
	return us / SECOND_US - (us % SECOND_US < 0);
}

/* Not further apart than so many seconds, in either order: clocks are set back now and then. */
static inline bool seconds_near(int64_t a, int64_t b, uint64_t span)
{
	uint64_t apart = a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;

	return apart <= span * (uint64_t)SECOND_US;
}

/* The same, and a was not in a later second than b. */
static inline bool seconds_since(int64_t a, int64_t b, uint64_t span)
{
	return seconds(a) <= seconds(b) && seconds_near(a, b, span);
}

#endif
