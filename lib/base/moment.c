/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/moment.h"

#include <string.h>

#include "base/civil.h"
#include "base/text.h"

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
	*out = civil_days(year, (unsigned)month, (unsigned)day) * 86400;
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

bool moment_read(struct moment *out, const char *text)
{
	struct moment at = { .day = true };
	int64_t second, offset;

	if (!take_date(&text, &at.seconds))
		return false;
	if (*text != '\0') {
		if (!take_char(&text, "Tt ") || !take_time(&text, &second, &at.part) ||
		    !take_offset(&text, &offset) || *text != '\0')
			return false;
		at.seconds += second - offset;
		at.day = false;
	}
	*out = at;
	return true;
}
