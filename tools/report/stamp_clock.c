/* SPDX-License-Identifier: BSD-2-Clause */
/* Which time it is that a stamp says. */
#include <stdlib.h>
#include <time.h>

#include "base/civil.h"
#include "tools/report/stamp.h"

#define SECOND INT64_C(1000000)
#define DAY 86400
#define QUARTER 900     /* clocks are put on and back, and zones differ, by whole ones */
#define BACK (92 * DAY) /* how far a log without years may go back; else it is the next year */
#define DISORDER 120    /* seconds that lines stand in the wrong order at most */

/* Seconds east of Greenwich at that time. */
static int64_t offset_at(int64_t t)
{
	time_t at = (time_t)t;
	struct tm tm;

	return localtime_r(&at, &tm) == NULL ? 0 : tm.tm_gmtoff;
}

void stamp_clock_init(struct stamp_clock *c, const struct line_zone *zone)
{
	*c = (struct stamp_clock){ .zone = *zone, .last_us = STAMP_NONE };
	c->now_offset = offset_at(zone->now);
}

static int64_t floor_of(int64_t value, int64_t by)
{
	return (value < 0 ? value - (by - 1) : value) / by;
}

/* What the clocks of this zone show as local, they show at most twice: with the offset of the
 * day before, and with that of the day after. */
static void learn_offsets(struct stamp_clock *c, int64_t local)
{
	int64_t before = offset_at(local - DAY), after = offset_at(local + DAY);
	bool first = offset_at(local - before) == before;
	bool second = offset_at(local - after) == after;

	c->quarter = floor_of(local, QUARTER);
	c->known = true;
	c->offset = first || !second ? before : after;
	c->later = first && second ? after : c->offset;
}

/* Local seconds to UTC. */
static int64_t from_local(struct stamp_clock *c, int64_t local)
{
	int64_t t;

	if (!c->known || floor_of(local, QUARTER) != c->quarter)
		learn_offsets(c, local);
	t = local - c->offset;
	if (c->later < c->offset && c->last_us != STAMP_NONE &&
	    floor_of(c->last_us, SECOND) > t + DISORDER)
		return local - c->later;
	return t;
}

static int64_t local_minute(const struct stamp *s, int64_t year)
{
	return civil_days(year, s->month, s->day) * DAY + s->hour * 3600 + s->minute * 60;
}

/* In this zone; an hour more or less does not matter to those who ask. */
static int64_t year_at(const struct stamp_clock *c, int64_t t)
{
	int64_t year;
	unsigned month, day;

	civil_date(floor_of(t + c->now_offset, DAY), &year, &month, &day);
	return year;
}

/* The year of a stamp that has none: a log goes on, so it is the first one that is not long
 * before the last line. What was guessed is not in the future. February has a 29th only
 * in some. */
static int64_t find_year(struct stamp_clock *c, const struct stamp *s)
{
	int64_t tomorrow = c->zone.now + DAY + c->now_offset, year = c->zone.year;
	bool guess = c->zone.year == 0;

	if (c->last_us != STAMP_NONE) {
		int64_t last = floor_of(c->last_us, SECOND);

		year = year_at(c, last) - 1;
		while (local_minute(s, year) < last + c->now_offset - BACK)
			year++;
	} else if (guess) {
		year = year_at(c, c->zone.now + DAY);
	}
	while (guess && local_minute(s, year) > tomorrow)
		year--;
	while (s->day > civil_days_of(year, s->month))
		year--;
	return year;
}

/* What is written of a minute, in one number that is never 0. */
static uint64_t minute_of(const struct stamp *s)
{
	uint64_t zone = s->zoned ? (uint64_t)(s->offset / 60 + 1440) + 1 : 0;

	return ((((uint64_t)s->year << 4 | s->month) << 5 | s->day) << 5 | s->hour) << 18 |
	    (uint64_t)s->minute << 12 | zone;
}

static int64_t minute_us(struct stamp_clock *c, const struct stamp *s)
{
	int64_t local = local_minute(s, s->year == 0 ? find_year(c, s) : s->year);

	if (s->zoned)
		return (local - s->offset) * SECOND;
	return from_local(c, local) * SECOND;
}

int64_t stamp_time(struct stamp_clock *c, const struct stamp *s)
{
	uint64_t minute = minute_of(s);

	if (minute != c->minute) {
		c->minute_us = minute_us(c, s);
		/* In an hour that comes twice it is the line before that decides. */
		c->minute = !s->zoned && c->later != c->offset ? 0 : minute;
	}
	if (s->year == 0 && c->zone.year == 0)
		c->guessed++;
	c->last_us = c->minute_us + s->second * SECOND + s->us;
	return c->last_us;
}

/* Seconds of the year that brings s closest to what the clock on the outer wall showed. */
static int64_t closest(const struct stamp *s, int64_t outer)
{
	int64_t year, best = 0;
	unsigned month, day;

	if (s->year != 0)
		return local_minute(s, s->year) + s->second;
	civil_date(floor_of(outer, DAY), &year, &month, &day);
	for (int64_t y = year - 1; y <= year + 1; y++) {
		int64_t t = local_minute(s, y) + s->second;

		if (y == year - 1 || llabs(t - outer) < llabs(best - outer))
			best = t;
	}
	return best;
}

int64_t stamp_time_within(struct stamp_clock *c, const struct stamp *s,
    const struct stamp *outer)
{
	int64_t at, t, offset;

	if (s->zoned || !outer->zoned)
		return stamp_time(c, s);
	at = local_minute(outer, outer->year) + outer->second - outer->offset;
	t = closest(s, at);
	offset = floor_of(t - at + QUARTER / 2, QUARTER) * QUARTER;
	if (llabs(offset) > DAY || llabs(t - at - offset) > DISORDER)
		return stamp_time(c, outer); /* that was long in coming */
	c->last_us = (t - offset) * SECOND + s->us;
	return c->last_us;
}
