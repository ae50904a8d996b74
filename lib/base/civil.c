/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/civil.h"

/* Years begin in March here, so that February's last day is the last of the year; 400 of them,
 * an era, are always as long. */
#define ERA_YEARS 400
#define ERA_DAYS 146097
#define MARCH_0000 (-719468) /* 0000-03-01, in days from 1970-01-01 */

int64_t civil_days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = year - (month < 3 ? 1 : 0);
	int64_t m = month < 3 ? month + 9 : month - 3;
	int64_t era = (y < 0 ? y - (ERA_YEARS - 1) : y) / ERA_YEARS, of_era = y - era * ERA_YEARS;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 +
	    day - 1 + MARCH_0000;
}

void civil_date(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t from = days - MARCH_0000;
	int64_t era = (from < 0 ? from - (ERA_DAYS - 1) : from) / ERA_DAYS;
	int64_t d = from - era * ERA_DAYS; /* of the era; its last year may be a day longer */
	int64_t y = (d - d / 1460 + d / 36524 - d / (ERA_DAYS - 1)) / 365;
	int64_t of_year = d - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;

	*day = (unsigned)(of_year - (153 * m + 2) / 5 + 1);
	*month = (unsigned)(m < 10 ? m + 3 : m - 9);
	*year = y + era * ERA_YEARS + (*month < 3 ? 1 : 0);
}

bool civil_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned civil_days_of(int64_t year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && civil_leap(year) ? 1U : 0U);
}
