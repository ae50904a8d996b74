/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/stamp.h"

#include <string.h>

#include "base/attr.h"
#include "base/civil.h"
#include "base/text.h"

/* Two digits, at most max. */
static bool two(const char *p, unsigned max, uint8_t *out)
{
	unsigned tens = (unsigned)(unsigned char)p[0] - '0';
	unsigned ones = (unsigned)(unsigned char)p[1] - '0';

	if (tens > 9 || ones > 9 || tens * 10 + ones > max)
		return false;
	*out = (uint8_t)(tens * 10 + ones);
	return true;
}

/* "02:59:06" and a fraction. The octets read, or 0. */
static size_t clock_time(const char *p, size_t len, struct stamp *out)
{
	size_t n = 8;

	if (len < n || p[2] != ':' || p[5] != ':' || !two(p, 23, &out->hour) ||
	    !two(p + 3, 59, &out->minute) || !two(p + 6, 60, &out->second))
		return 0;
	out->us = 0;
	if (n + 1 < len && (p[n] == '.' || p[n] == ',') && text_is_digit(p[n + 1]))
		n += 1 + stamp_fraction(p + n + 1, len - n - 1, &out->us);
	return n;
}

#define NAME(a, b, c) \
	((unsigned)(unsigned char)(a) << 16 | (unsigned)(unsigned char)(b) << 8 | \
	    (unsigned)(unsigned char)(c))

static uint8_t month_of(const char *p)
{
	switch (NAME(p[0], p[1], p[2])) {
	case NAME('J', 'a', 'n'): return 1;
	case NAME('F', 'e', 'b'): return 2;
	case NAME('M', 'a', 'r'): return 3;
	case NAME('A', 'p', 'r'): return 4;
	case NAME('M', 'a', 'y'): return 5;
	case NAME('J', 'u', 'n'): return 6;
	case NAME('J', 'u', 'l'): return 7;
	case NAME('A', 'u', 'g'): return 8;
	case NAME('S', 'e', 'p'): return 9;
	case NAME('O', 'c', 't'): return 10;
	case NAME('N', 'o', 'v'): return 11;
	case NAME('D', 'e', 'c'): return 12;
	default: return 0;
	}
}

/* "Nov  8 02:56:21", RFC 3164 4.1.2; also "Nov 08" and "Nov 8". */
static size_t bsd(const char *p, size_t len, struct stamp *out)
{
	const unsigned leap = 2000; /* which year it is, the reader has to find out */
	size_t at = 7, n;

	if (len < 14 || p[3] != ' ' || (out->month = month_of(p)) == 0)
		return 0;
	if (text_is_digit(p[5])) {
		const char day[2] = { p[4] == ' ' ? '0' : p[4], p[5] };

		if (!two(day, 31, &out->day))
			return 0;
	} else if (text_is_digit(p[4])) {
		out->day = (uint8_t)(p[4] - '0');
		at = 6;
	} else {
		return 0;
	}
	if (p[at - 1] != ' ' || out->day == 0 || out->day > civil_days_of(leap, out->month))
		return 0;
	n = clock_time(p + at, len - at, out);
	out->year = 0;
	out->zoned = false;
	out->offset = 0;
	return n == 0 ? 0 : at + n;
}

/* "Z", "+02:00", "+0200", "+02"; without any of it the time is local. */
static bool zone(const char **at, const char *end, struct stamp *out)
{
	const char *p = *at;
	uint8_t hours, minutes = 0;

	out->zoned = false;
	out->offset = 0;
	if (p == end || (*p != 'Z' && *p != 'z' && *p != '+' && *p != '-'))
		return true;
	out->zoned = true;
	if (*p == 'Z' || *p == 'z') {
		*at = p + 1;
		return true;
	}
	if (end - p < 3 || !two(p + 1, 23, &hours))
		return false;
	*at = p + 3;
	if (*at < end && **at == ':')
		(*at)++;
	if (end - *at >= 2 && two(*at, 59, &minutes))
		*at += 2;
	else if ((*at)[-1] == ':')
		return false;
	out->offset = (hours * 3600 + minutes * 60) * (*p == '-' ? -1 : 1);
	return true;
}

/* RFC 3339 5.6, and journalctl's and others' ways to write it. */
static size_t iso(const char *p, size_t len, struct stamp *out)
{
	const char *at = p + 11, *end = p + len;
	uint8_t century, year;
	size_t n;

	if (len < 19 || p[4] != '-' || p[7] != '-' ||
	    (p[10] != 'T' && p[10] != ' ' && p[10] != 't') || !two(p, 99, &century) ||
	    !two(p + 2, 99, &year) || !two(p + 5, 12, &out->month) || out->month == 0 ||
	    !two(p + 8, 31, &out->day) || out->day == 0)
		return 0;
	out->year = century * 100 + year;
	if (out->year == 0 || out->day > civil_days_of(out->year, out->month))
		return 0;
	n = clock_time(at, (size_t)(end - at), out);
	at += n;
	if (n == 0 || !zone(&at, end, out))
		return 0;
	return (size_t)(at - p);
}

/* "1763779146.123456": as many digits as there have been since 2001, and will be until 2286, so
 * that half of a number is none. */
static size_t unix_time(const char *p, size_t len, struct stamp *out)
{
	int64_t seconds = 0, year, of_day;
	unsigned month, day;
	uint32_t us;
	size_t n = 0;

	for (; n < len && n < 10 && text_is_digit(p[n]); n++)
		seconds = seconds * 10 + (p[n] - '0');
	if (n != 10 || p[0] == '0' || len < 12 || p[10] != '.' || !text_is_digit(p[11]))
		return 0;
	n += 1 + stamp_fraction(p + 11, len - 11, &us);
	civil_date(seconds / 86400, &year, &month, &day);
	of_day = seconds % 86400;
	*out = (struct stamp){ .year = (int32_t)year, .month = (uint8_t)month,
		.day = (uint8_t)day, .hour = (uint8_t)(of_day / 3600),
		.minute = (uint8_t)(of_day / 60 % 60), .second = (uint8_t)(of_day % 60),
		.zoned = true, .us = us };
	return n;
}

/* The zone's name. Only those of Greenwich are clear; another is taken for the local one. */
static size_t zone_name(const char *p, size_t len, struct stamp *out)
{
	size_t n = 0;

	while (n < len && n < 6 && text_is_alpha(p[n]))
		n++;
	if (n == 3 && (memcmp(p, "UTC", n) == 0 || memcmp(p, "GMT", n) == 0))
		out->zoned = true;
	return n;
}

/* "Sun 2026-11-22 02:59:06 UTC", journalctl's short-full. */
static size_t full(const char *p, size_t len, struct stamp *out)
{
	static const char days[] = "MonTueWedThuFriSatSun";
	size_t i = 0, n, name;

	if (len < 24 || p[3] != ' ' || !text_is_digit(p[4]))
		return 0;
	while (days[i] != '\0' && memcmp(days + i, p, 3) != 0)
		i += 3;
	n = days[i] == '\0' ? 0 : iso(p + 4, len - 4, out);
	if (n == 0)
		return 0;
	n += 4;
	if (out->zoned || n == len || p[n] != ' ')
		return 0;
	if (p[n + 1 < len ? n + 1 : n] == '+' || p[n + 1 < len ? n + 1 : n] == '-') {
		const char *at = p + n + 1;

		return zone(&at, p + len, out) ? (size_t)(at - p) : 0;
	}
	name = zone_name(p + n + 1, len - n - 1, out);
	return name == 0 ? 0 : n + 1 + name;
}

size_t stamp_read(const char *p, size_t len, struct stamp *out)
{
	size_t n;

	if (len < 12)
		return 0;
	if (text_is_digit(p[0]))
		return p[4] == '-' ? iso(p, len, out) : unix_time(p, len, out);
	if (!text_is_upper(p[0]))
		return 0;
	n = bsd(p, len, out);
	return n > 0 ? n : full(p, len, out);
}
