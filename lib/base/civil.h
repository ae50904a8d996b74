/* SPDX-License-Identifier: BSD-2-Clause */
/* The Gregorian calendar, before its beginning too: ISO 8601. */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* Days from 1970-01-01 to that day. month is 1 to 12; a day that the month does not have is
 * counted on from its first. */
int64_t civil_days(int64_t year, unsigned month, unsigned day);

/* The same the other way round. */
void civil_date(int64_t days, int64_t *year, unsigned *month, unsigned *day);

bool civil_leap(int64_t year);
unsigned civil_days_of(int64_t year, unsigned month); /* 28 to 31 */

#endif
