/* SPDX-License-Identifier: BSD-2-Clause */
/* From when until when: as people write it, and what it is once the last line is known. */
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "danests.h"
#include "tools/report/view.h"

#define DAY 86400
#define USUAL_DAYS 7
#define MAX_DAYS 36500
#define MAX_MONTHS 1200

/* ---- As written ---- */

/* Exactly so many digits, at most max; -1: not there. *at moves past them. */
static int take_number(const char **at, size_t digits, unsigned max)
{
	uint64_t value;

	if (strnlen(*at, digits) < digits || !text_number(*at, digits, 0, max, &value))
		return -1;
	*at += digits;
	return (int)value;
}

static bool take_char(const char **at, const char *any)
{
	if (**at == '\0' || strchr(any, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

/* "2026-08-01", in seconds */
static bool take_date(const char **at, int64_t *out)
{
	int year, month, day;

	if ((year = take_number(at, 4, 9999)) < 0 || !take_char(at, "-") ||
	    (month = take_number(at, 2, 12)) < 1 || !take_char(at, "-") ||
	    (day = take_number(at, 2, 31)) < 1 ||
	    (unsigned)day > civil_days_of(year, (unsigned)month))
		return false;
	*out = civil_days(year, (unsigned)month, (unsigned)day) * DAY;
	return true;
}

/* "12:00:00.5", in seconds; part: there is more than that. A leap second is the one after. */
static bool take_time(const char **at, int64_t *out, bool *part)
{
	int hour, minute, second;

	if ((hour = take_number(at, 2, 23)) < 0 || !take_char(at, ":") ||
	    (minute = take_number(at, 2, 59)) < 0 || !take_char(at, ":") ||
	    (second = take_number(at, 2, 60)) < 0)
		return false;
	*out = (int64_t)hour * 3600 + minute * 60 + second;
	if (!take_char(at, "."))
		return true;
	if (!text_is_digit(**at))
		return false;
	for (; text_is_digit(**at); (*at)++)
		*part = *part || **at != '0';
	return true;
}

/* "Z", "+02:00": east of Greenwich, in seconds. */
static bool take_offset(const char **at, int64_t *seconds)
{
	int hour, minute, sign = **at == '-' ? -1 : 1;

	*seconds = 0;
	if (take_char(at, "Zz"))
		return true;
	if (!take_char(at, "+-") || (hour = take_number(at, 2, 23)) < 0 || !take_char(at, ":") ||
	    (minute = take_number(at, 2, 59)) < 0)
		return false;
	*seconds = sign * ((int64_t)hour * 3600 + minute * 60);
	return true;
}

/* A date, or a time as RFC 3339 5.6 has it; whole: it was a date only. */
static bool read_moment(const char *text, int64_t *out, bool *whole, bool *part)
{
	int64_t day, second, offset;

	*part = false;
	if (!take_date(&text, &day))
		return false;
	*out = day;
	*whole = *text == '\0';
	if (*whole)
		return true;
	if (!take_char(&text, "Tt ") || !take_time(&text, &second, part) ||
	    !take_offset(&text, &offset) || *text != '\0')
		return false;
	*out = day + second - offset;
	return true;
}

/* "7d", "6m" */
static bool read_span(const char *text, unsigned *days, unsigned *months)
{
	size_t len = strlen(text);
	uint64_t n;

	if (len < 2 || len > 8)
		return false;
	if (text_lower(text[len - 1]) == 'd' && text_number(text, len - 1, 1, MAX_DAYS, &n)) {
		*days = (unsigned)n;
		*months = 0;
		return true;
	}
	if (text_lower(text[len - 1]) == 'm' && text_number(text, len - 1, 1, MAX_MONTHS, &n)) {
		*days = 0;
		*months = (unsigned)n;
		return true;
	}
	return false;
}

int period_since(struct period *p, const char *text)
{
	bool whole, part;
	int64_t t;

	if (read_span(text, &p->days, &p->months)) {
		p->since = PERIOD_OPEN_SINCE;
	} else if (read_moment(text, &t, &whole, &part)) {
		p->since = t;
		p->days = p->months = 0;
	} else {
		return DANESTS_EINVAL;
	}
	p->usual = false;
	return DANESTS_OK;
}

int period_until(struct period *p, const char *text)
{
	bool whole, part;
	int64_t t;

	if (read_span(text, &p->until_days, &p->until_months)) {
		p->until = PERIOD_OPEN_UNTIL;
	} else if (read_moment(text, &t, &whole, &part)) {
		p->until = t + (whole ? DAY : part ? 1 : 0);
		p->until_days = p->until_months = 0;
	} else {
		return DANESTS_EINVAL;
	}
	return DANESTS_OK;
}

/* ---- As it is then ---- */

/* So many days or months whose last day is the one before `end`, the begin of a day. */
static int64_t span_begin(int64_t end, unsigned days, unsigned months)
{
	unsigned month, day, last;
	int64_t year, at;

	if (months == 0)
		return end - (int64_t)days * DAY;
	civil_date(end / DAY - 1, &year, &month, &day);
	at = year * 12 + month - 1 - months;
	year = at / 12 - (at % 12 < 0);
	month = (unsigned)(at - year * 12) + 1;
	/* A month without such a day: its last one. */
	last = civil_days_of(year, month);
	return (civil_days(year, month, day < last ? day : last) + 1) * DAY;
}

/* The begin of the day after the one that t is in. */
static int64_t day_end(int64_t t)
{
	return bucket_next(BUCKET_DAY, bucket_begin(BUCKET_DAY, t));
}

void period_resolve(const struct period *p, int64_t last, int64_t *since, int64_t *until)
{
	bool none = last == PERIOD_OPEN_SINCE;
	int64_t end = none ? 0 : day_end(last), from = end;

	*until = p->until != PERIOD_OPEN_UNTIL ? p->until : end;
	if (p->until_days > 0 || p->until_months > 0)
		*until = span_begin(end, p->until_days, p->until_months);
	else if (p->until != PERIOD_OPEN_UNTIL)
		from = day_end(p->until - 1);
	*since = p->since;
	if (p->usual)
		*since = span_begin(day_end(*until - 1), USUAL_DAYS, 0);
	else if (p->days > 0 || p->months > 0)
		*since = span_begin(from, p->days, p->months);
	/* Without any line nothing is relative to anything. */
	if (none && p->since == PERIOD_OPEN_SINCE && p->until == PERIOD_OPEN_UNTIL)
		*since = *until = 0;
	if (*until < *since)
		*until = *since;
}

int64_t period_floor(const struct period *p, int64_t last)
{
	int64_t since, until;

	if (last == PERIOD_OPEN_SINCE)
		return p->since;
	period_resolve(p, last, &since, &until);
	return since;
}
