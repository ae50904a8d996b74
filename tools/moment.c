/* SPDX-License-Identifier: BSD-2-Clause */
/* A point in time as people and programs write it: RFC 3339 5.6, whole. */
#include <string.h>

#include "base/text.h"
#include "tools/tool.h"

/* Digits at *at, as many as there must be. */
static bool take_number(const char **at, size_t digits, unsigned max, unsigned *out)
{
	uint64_t value;

	if (strnlen(*at, digits) < digits || !text_number(*at, digits, 0, max, &value))
		return false;
	*at += digits;
	*out = (unsigned)value;
	return true;
}

static bool take_char(const char **at, const char *any)
{
	if (**at == '\0' || strchr(any, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

static unsigned days_of(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Days since 1970-01-01. Years begin in March here, so that February's last day is the
 * last of the year. */
static int64_t day_number(unsigned year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year - (month < 3 ? 1 : 0);
	int64_t m = month < 3 ? month + 9 : month - 3;
	int64_t era = (y < 0 ? y - 399 : y) / 400, of_era = y - era * 400;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 +
	    day - 1 - 719468;
}

static bool take_date(const char **at, int64_t *days)
{
	unsigned year, month, day;

	if (!take_number(at, 4, 9999, &year) || !take_char(at, "-") ||
	    !take_number(at, 2, 12, &month) || month == 0 || !take_char(at, "-") ||
	    !take_number(at, 2, 31, &day) || day == 0 || day > days_of(year, month))
		return false;
	*days = day_number(year, month, day);
	return true;
}

/* A leap second is the second after. */
static bool take_time(const char **at, int64_t *seconds)
{
	unsigned hour, minute, second;

	if (!take_number(at, 2, 23, &hour) || !take_char(at, ":") ||
	    !take_number(at, 2, 59, &minute) || !take_char(at, ":") ||
	    !take_number(at, 2, 60, &second))
		return false;
	*seconds = (int64_t)hour * 3600 + minute * 60 + second;
	if (!take_char(at, "."))
		return true;
	if (!text_is_digit(**at))
		return false;
	while (text_is_digit(**at))
		(*at)++;
	return true;
}

/* East of Greenwich, in seconds. */
static bool take_offset(const char **at, int64_t *seconds)
{
	bool west = **at == '-';
	unsigned hour, minute;

	*seconds = 0;
	if (take_char(at, "Zz"))
		return true;
	if (!take_char(at, "+-") || !take_number(at, 2, 23, &hour) || !take_char(at, ":") ||
	    !take_number(at, 2, 59, &minute))
		return false;
	*seconds = ((int64_t)hour * 3600 + minute * 60) * (west ? -1 : 1);
	return true;
}

bool tool_moment(const char *text, time_t *out)
{
	int64_t days, seconds, offset;

	/* A blank instead of the T is what applications may choose to read, too. */
	if (!take_date(&text, &days) || !take_char(&text, "Tt ") || !take_time(&text, &seconds) ||
	    !take_offset(&text, &offset) || *text != '\0')
		return false;
	*out = (time_t)(days * 86400 + seconds - offset);
	return true;
}
