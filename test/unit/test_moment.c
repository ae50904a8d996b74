/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/moment.h"

static void moments_are_those_of_RFC_3339_and_dates(void **state)
{
	static const struct { const char *text; int64_t seconds; bool day, part; } rows[] = {
		{ "2026-11-22", 1795305600, true, false },
		{ "2026-11-22T00:00:00Z", 1795305600, false, false },
		{ "2026-11-22 05:30:01+05:30", 1795305601, false, false },
		{ "2026-11-21t23:00:00.000-01:00", 1795305600, false, false },
		{ "2026-11-22T00:00:00.001z", 1795305600, false, true },
		{ "2026-11-21T23:59:60Z", 1795305600, false, false },
		{ "1969-12-31T23:59:59Z", -1, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct moment at = {0};

		assert_true(moment_read(&at, rows[i].text));
		assert_true(at.seconds == rows[i].seconds);
		assert_int_equal(at.day, rows[i].day);
		assert_int_equal(at.part, rows[i].part);
	}
}

static void others_are_none_and_leave_what_was_there(void **state)
{
	static const char *const rows[] = { "", "2026", "2026-11", "2026-02-29", "2026-13-01",
		"2026-00-10", "2026-11-00", "26-11-22", "2026-11-22T", "2026-11-22T24:00:00Z",
		"2026-11-22T00:60:00Z", "2026-11-22T00:00:61Z", "2026-11-22T00:00:00",
		"2026-11-22T00:00:00.Z", "2026-11-22T00:00:00+1:00", "2026-11-22T00:00:00Zx",
		"2026-11-22x", " 2026-11-22", "2026-11-22T00:00Z", "2026-11-22T00:00:00+24:00" };
	struct moment at = { 5, true, true };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_false(moment_read(&at, rows[i]));
		assert_true(at.seconds == 5 && at.day && at.part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_those_of_RFC_3339_and_dates),
		cmocka_unit_test(others_are_none_and_leave_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
