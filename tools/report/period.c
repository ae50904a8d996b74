/* SPDX-License-Identifier: BSD-2-Clause */
/* From when until when: as people write it, and what it is once the last line is known. */
#include <string.h>

#include "base/civil.h"
#include "base/moment.h"
#include "base/text.h"
#include "danests.h"
#include "tools/report/view.h"

#define DAY 86400
#define USUAL_DAYS 7
#define MAX_DAYS 36500
#define MAX_MONTHS 1200

/* ---- As written ---- */

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
	struct moment at;

	if (read_span(text, &p->days, &p->months)) {
		p->since = PERIOD_OPEN_SINCE;
	} else if (moment_read(&at, text)) {
		p->since = at.seconds;
		p->days = p->months = 0;
	} else {
		return DANESTS_EINVAL;
	}
	p->usual = false;
	return DANESTS_OK;
}

int period_until(struct period *p, const char *text)
{
	struct moment at;

	if (read_span(text, &p->until_days, &p->until_months)) {
		p->until = PERIOD_OPEN_UNTIL;
	} else if (moment_read(&at, text)) {
		p->until = at.seconds + (at.day ? DAY : at.part ? 1 : 0);
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
