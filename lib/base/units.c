/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/units.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* Digits, then one of the units; the first unit stands for "none given". */
static bool units_parse(const char *text, const struct unit *units, size_t count, uint64_t max,
    uint64_t *out)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t number, factor = 0;

	if (!text_number(text, digits, 0, max, &number))
		return false;
	for (size_t i = 0; i < count; i++)
		if (text_equal_nocase(text + digits, units[i].name))
			factor = units[i].factor;
	if (factor == 0 || number > max / factor)
		return false;
	*out = number * factor;
	return true;
}

bool units_time(const char *text, int64_t *out_ms)
{
	static const struct unit units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 }, { "w", 604800000 },
	};
	const uint64_t ten_years = UINT64_C(3650) * 86400000;
	uint64_t ms;

	if (!units_parse(text, units, COUNT_OF(units), ten_years, &ms))
		return false;
	*out_ms = (int64_t)ms;
	return true;
}

bool units_size(const char *text, uint64_t *out)
{
	static const struct unit units[] = {
		{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 },
	};

	return units_parse(text, units, COUNT_OF(units), UINT64_C(1) << 40, out);
}
