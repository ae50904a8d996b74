/* SPDX-License-Identifier: BSD-2-Clause */
/* A point in time as people and programs write it: RFC 3339 5.6, whole. */
#include <string.h>

#include "base/civil.h"
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

static bool take_date(const char **at, int64_t *days)
{
	unsigned year, month, day;

	if (!take_number(at, 4, 9999, &year) || !take_char(at, "-") ||
	    !take_number(at, 2, 12, &month) || month == 0 || !take_char(at, "-") ||
	    !take_number(at, 2, 31, &day) || day == 0 || day > civil_days_of(year, month))
		return false;
	*days = civil_days(year, month, day);
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
