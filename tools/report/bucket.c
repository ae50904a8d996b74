/* SPDX-License-Identifier: BSD-2-Clause */
/* Hours, days, weeks and months of UTC. */
#include <stdio.h>
#include <time.h>

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

/* More months later, on its first day. */
static int64_t month_begin(int64_t t, int more)
{
	time_t seconds = (time_t)t;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL)
		return t;
	tm.tm_mon += more;
	tm.tm_mday = 1;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	return timegm(&tm);
}

int64_t bucket_begin(enum bucket b, int64_t t)
{
	switch (b) {
	case BUCKET_HOUR:
		return floor_to(t, 0, HOUR);
	case BUCKET_WEEK:
		return floor_to(t, FIRST_MONDAY, 7 * (int64_t)DAY);
	case BUCKET_MONTH:
		return month_begin(t, 0);
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
		return month_begin(begin, 1);
	case BUCKET_DAY:
		break;
	}
	return begin + DAY;
}

void bucket_text(enum bucket b, int64_t begin, char out[BUCKET_TEXT])
{
	time_t seconds = (time_t)begin;
	struct tm tm = {0};

	/* A year that does not fit into an int cannot come from microseconds in 64 bits. */
	(void)gmtime_r(&seconds, &tm);
	if (b == BUCKET_HOUR)
		text_format(out, BUCKET_TEXT, "%04d-%02d-%02dT%02d:00:00Z", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour);
	else if (b == BUCKET_MONTH)
		text_format(out, BUCKET_TEXT, "%04d-%02d", tm.tm_year + 1900, tm.tm_mon + 1);
	else
		text_format(out, BUCKET_TEXT, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday);
}
