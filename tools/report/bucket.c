/* SPDX-License-Identifier: BSD-2-Clause */
/* Hours, days, weeks and months of UTC. */
#include "base/civil.h"
#include "base/text.h"
#include "tools/report/view.h"

#define HOUR 3600
#define DAY 86400
/* 1970-01-05 was a Monday. */
#define FIRST_MONDAY (4 * (int64_t)DAY)

/* The last multiple of size after base that is not after t, also before 1970. */
static int64_t floor_to(int64_t t, int64_t base, int64_t size)
{
	int64_t past = (t - base) % size;

	return t - (past < 0 ? past + size : past);
}

/* The day that t is in. */
static int64_t date_of(int64_t t, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t begin = floor_to(t, 0, DAY);

	civil_date(begin / DAY, year, month, day);
	return begin;
}

static int64_t month_begin(int64_t t)
{
	unsigned month, day;
	int64_t year;

	date_of(t, &year, &month, &day);
	return civil_days(year, month, 1) * DAY;
}

int64_t bucket_begin(enum bucket b, int64_t t)
{
	switch (b) {
	case BUCKET_HOUR:
		return floor_to(t, 0, HOUR);
	case BUCKET_WEEK:
		return floor_to(t, FIRST_MONDAY, 7 * (int64_t)DAY);
	case BUCKET_MONTH:
		return month_begin(t);
	case BUCKET_DAY:
		break;
	}
	return floor_to(t, 0, DAY);
}

int64_t bucket_next(enum bucket b, int64_t begin)
{
	switch (b) {
	case BUCKET_HOUR:
		return begin + HOUR;
	case BUCKET_WEEK:
		return begin + 7 * (int64_t)DAY;
	case BUCKET_MONTH:
		return month_begin(begin + 31 * (int64_t)DAY);
	case BUCKET_DAY:
		break;
	}
	return begin + DAY;
}

void bucket_text(enum bucket b, int64_t begin, char out[BUCKET_TEXT])
{
	unsigned month, day;
	int64_t year, second = begin - date_of(begin, &year, &month, &day);
	int n = (int)year; /* of microseconds in 64 bits: six digits */

	if (b == BUCKET_HOUR)
		text_format(out, BUCKET_TEXT, "%04d-%02u-%02uT%02d:00:00Z", n, month, day,
		    (int)(second / HOUR));
	else if (b == BUCKET_MONTH)
		text_format(out, BUCKET_TEXT, "%04d-%02u", n, month);
	else
		text_format(out, BUCKET_TEXT, "%04d-%02u-%02u", n, month, day);
}
