/* SPDX-License-Identifier: BSD-2-Clause */
/* Most lines are of the same minute as the one before, and written the same way. */
#include <string.h>

#include "base/text.h"
#include "tools/report/stamp.h"

#define BSD_MINUTE 13 /* octets of "Nov 22 02:59:" */
#define ISO_MINUTE 17 /* "2026-11-22T02:59:" */

/* How many octets stand before the seconds, in a stamp that has been read. */
static size_t minute_octets(const char *p, size_t n)
{
	if (!text_is_digit(p[0]))
		return n > BSD_MINUTE && p[BSD_MINUTE - 1] == ':' ? BSD_MINUTE : 0;
	return n > ISO_MINUTE && p[4] == '-' && p[10] == 'T' ? ISO_MINUTE : 0;
}

static size_t seconds_octets(const char *p, size_t n)
{
	size_t i = 2;

	if (i < n && (p[i] == '.' || p[i] == ',')) {
		for (i++; i < n && text_is_digit(p[i]); i++)
			;
	}
	return i;
}

void stamp_remember(struct stamp_clock *c, const char *p, size_t n, const struct stamp *s)
{
	struct stamp_memo *m = &c->memo;
	size_t minute = minute_octets(p, n), zone;

	m->minute_len = 0;
	if (minute == 0 || c->minute == 0)
		return;
	zone = minute + seconds_octets(p + minute, n - minute);
	if (n - zone > sizeof(m->zone))
		return;
	memcpy(m->minute, p, minute);
	m->minute_len = (uint8_t)minute;
	memcpy(m->zone, p + zone, n - zone);
	m->zone_len = (uint8_t)(n - zone);
	m->yearless = s->year == 0;
}

static uint64_t eight(const char *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

/* Eight octets at a time, some of them twice. */
static bool same_minute(const struct stamp_memo *m, const char *p)
{
	const size_t last = m->minute_len - 8U;

	return eight(p + last) == eight(m->minute + last) && eight(p) == eight(m->minute) &&
	    eight(p + 5) == eight(m->minute + 5);
}

size_t stamp_again(const struct stamp_clock *c, const char *p, size_t len, int64_t *us)
{
	const struct stamp_memo *m = &c->memo;
	size_t n = m->minute_len + 2U;
	unsigned tens, ones;
	uint32_t fraction = 0;

	/* What is after the zone must be there, too: a stamp never ends a line. */
	if (m->minute_len == 0 || len <= n + m->zone_len || !same_minute(m, p))
		return 0;
	tens = (unsigned)(unsigned char)p[n - 2] - '0';
	ones = (unsigned)(unsigned char)p[n - 1] - '0';
	if (tens > 5 || ones > 9)
		return 0; /* also a leap second */
	if (p[n] == '.') {
		size_t digits = stamp_fraction(p + n + 1, len - n - 1, &fraction);

		if (digits == 0)
			return 0;
		n += 1 + digits;
	}
	if (len - n <= m->zone_len)
		return 0;
	for (size_t i = 0; i < m->zone_len; i++) {
		if (p[n + i] != m->zone[i])
			return 0;
	}
	*us = c->minute_us + (int64_t)(tens * 10 + ones) * 1000000 + fraction;
	return p[n + m->zone_len] == ' ' ? n + m->zone_len : 0;
}

int64_t stamp_time_again(struct stamp_clock *c, int64_t us)
{
	if (c->memo.yearless && c->zone.year == 0)
		c->guessed++;
	c->last_us = us;
	return us;
}
