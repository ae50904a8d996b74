/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "base/civil.h"

static void days_are_counted_from_1970(void **state)
{
	static const struct { int64_t year; unsigned month, day; int64_t days; } rows[] = {
		{ 1970, 1, 1, 0 }, { 1969, 12, 31, -1 }, { 1970, 12, 31, 364 }, { 2000, 2, 29, 11016 },
		{ 2000, 3, 1, 11017 }, { 2026, 11, 22, 20779 }, { 2100, 3, 1, 47541 },
		{ 1, 1, 1, -719162 }, { 0, 2, 29, -719469 }, { -1, 12, 31, -719529 },
		{ 9999, 12, 31, 2932896 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t year;
		unsigned month, day;

		assert_int_equal(civil_days(rows[i].year, rows[i].month, rows[i].day),
		    rows[i].days);
		civil_date(rows[i].days, &year, &month, &day);
		assert_int_equal(year, rows[i].year);
		assert_int_equal(month, rows[i].month);
		assert_int_equal(day, rows[i].day);
	}
}

/* Two eras around the beginning, each day: the next date, and the next number. */
static void no_day_is_left_out_or_counted_twice(void **state)
{
	int64_t year = -400, expected = civil_days(year, 1, 1);

	(void)state;
	for (; year <= 2400; year++) {
		for (unsigned month = 1; month <= 12; month++) {
			for (unsigned day = 1; day <= civil_days_of(year, month); day++) {
				int64_t y;
				unsigned m, d;

				assert_int_equal(civil_days(year, month, day), expected);
				civil_date(expected++, &y, &m, &d);
				assert_true(y == year && m == month && d == day);
			}
		}
	}
}

static void a_day_too_many_is_the_next_month_s_first(void **state)
{
	(void)state;
	assert_int_equal(civil_days(2025, 2, 29), civil_days(2025, 3, 1));
	assert_int_equal(civil_days(2025, 4, 31), civil_days(2025, 5, 1));
}

static void leap_years_are_those_of_the_calendar(void **state)
{
	(void)state;
	assert_true(civil_leap(2024) && civil_leap(2000) && civil_leap(0));
	assert_false(civil_leap(2026) || civil_leap(1900) || civil_leap(2100));
	assert_int_equal(civil_days_of(2024, 2), 29);
	assert_int_equal(civil_days_of(2100, 2), 28);
	assert_int_equal(civil_days_of(2026, 12), 31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_counted_from_1970),
		cmocka_unit_test(no_day_is_left_out_or_counted_twice),
		cmocka_unit_test(a_day_too_many_is_the_next_month_s_first),
		cmocka_unit_test(leap_years_are_those_of_the_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
