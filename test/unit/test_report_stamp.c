/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/civil.h"
#include "tools/report/stamp.h"

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define LORD_HOWE "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
#define SECOND INT64_C(1000000)

static int64_t utc(int year, unsigned month, unsigned day, int hour, int minute, int second)
{
	return civil_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

static void set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

/* The clock of a file that is read at noon of 2026-11-22. */
static struct stamp_clock clock_of(const char *zone, int year)
{
	struct stamp_clock c;

	set_zone(zone);
	stamp_clock_init(&c, &(struct line_zone){
		.now = utc(2026, 11, 22, 12, 0, 0), .year = year });
	return c;
}

/* As the reader of lines does it: what is remembered first. */
static int64_t read_time(struct stamp_clock *c, const char *text)
{
	size_t len = strlen(text);
	struct stamp s = {0};
	int64_t us;

	if (stamp_again(c, text, len, &us) == len - 1)
		return stamp_time_again(c, us);
	assert_int_equal(stamp_read(text, len, &s), len - 1);
	us = stamp_time(c, &s);
	stamp_remember(c, text, len - 1, &s);
	return us;
}

static void every_way_to_write_a_time_is_read(void **state)
{
	static const struct { const char *text; int64_t us; } rows[] = {
		{ "Nov  8 02:56:21 ", 1794106581000000 }, { "Nov 08 02:56:21 ", 1794106581000000 },
		{ "Nov 8 02:56:21 ", 1794106581000000 },
		{ "Nov 18 02:56:21.5 ", 1794970581500000 },
		{ "Nov 18 02:56:21.123456789123 ", 1794970581123456 },
		{ "2026-06-05T14:09:33.208849+02:00 ", 1780661373208849 },
		{ "2026-06-05T14:09:33+02:00 ", 1780661373000000 },
		{ "2026-06-05T14:09:33.2+02:00 ", 1780661373200000 },
		{ "2026-06-05T14:09:33.208849123-05:30 ", 1780688373208849 },
		{ "2026-06-05T14:09:33Z ", 1780668573000000 },
		{ "2026-06-05t14:09:33z ", 1780668573000000 },
		{ "2026-06-05T14:09:33,25Z ", 1780668573250000 },
		{ "2026-06-05T14:09:33+0200 ", 1780661373000000 },
		{ "2026-06-05T14:09:33.208849+0200 ", 1780661373208849 },
		{ "2026-06-05T14:09:33+02 ", 1780661373000000 },
		{ "2026-06-05 14:09:33 ", 1780668573000000 },
		{ "2026-06-05T14:09:33 ", 1780668573000000 },
		{ "1763779146.123456 ", 1763779146123456 }, { "1763779146.5 ", 1763779146500000 },
		{ "Sun 2026-11-22 02:59:06 UTC ", 1795316346000000 },
		{ "Sun 2026-11-22 02:59:06 GMT ", 1795316346000000 },
		{ "Sun 2026-11-22 02:59:06 CET ", 1795316346000000 }, /* the zone is UTC here */
		{ "Sun 2026-11-22 02:59:06 +0530 ", 1795296546000000 },
		{ "Sun 2026-11-22 02:59:06.25 UTC ", 1795316346250000 },
		{ "2024-02-29T00:00:00Z ", 1709164800000000 },
		{ "1969-12-31T23:59:59Z ", -1000000 },
		{ "2016-12-31T23:59:60Z ", 1483228800000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct stamp_clock c = clock_of("UTC0", 0);

		assert_true(read_time(&c, rows[i].text) == rows[i].us);
		assert_true(read_time(&c, rows[i].text) == rows[i].us);
		assert_true(c.last_us == rows[i].us);
	}
}

static void what_is_no_time_is_not_read(void **state)
{
	static const char *const rows[] = {
		"", "N", "Nov  8", "Nov  8 02:56:2", "ov  8 02:56:21 mail ",
		"nov  8 02:56:21 mail ",
		"Nov  0 02:56:21 mail ", "Nov 31 02:56:21 mail ", "Feb 30 02:56:21 mail ",
		"Nov 8  02:56:21 mail ", "Nov  8 24:56:21 mail ", "Nov  8 02:60:21 mail ",
		"Nov  8 02:56:61 mail ", "Nov  8 02.56.21 mail ", "Nov  8T02:56:21 mail ",
		"Nox  8 02:56:21 mail ", "026-06-05T14:09:33+02:00 ", "0000-06-05T14:09:33Z ",
		"2026-13-05T14:09:33Z ", "2026-00-05T14:09:33Z ", "2026-06-31T14:09:33Z ",
		"2025-02-29T14:09:33Z ", "2026-06-05X14:09:33Z ", "2026-06-05T14:09:33+2:00 ",
		"2026-06-05T14:09:33+02: ", "2026-06-05T14:09:33+24:00 ", "2026-06-5T14:09:33Z  ",
		"763779146.123456 ", "17637791467.123456 ", "1763779146 mail ", "1763779146. mail ",
		"0763779146.123456 ", "Sun 2026-11-22 02:59:06 ", "Son 2026-11-22 02:59:06 UTC ",
		"Sun 2026-11-22 02:59:06Z UTC ", "un 2026-11-22 02:59:06 UTC ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct stamp s;

		if (stamp_read(rows[i], strlen(rows[i]), &s) != 0)
			fail_msg("%s", rows[i]);
	}
}

/* Each prefix in memory of its own, so that reading behind it is seen. */
static void a_time_is_never_read_beyond_its_end(void **state)
{
	static const char *const rows[] = {
		"Nov  8 02:56:21.5 ", "2026-06-05T14:09:33.208849+02:00 ", "1763779146.123456 ",
		"Sun 2026-11-22 02:59:06.25 +0530 ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t len = 0; len < strlen(rows[i]); len++) {
			struct stamp_clock c = clock_of("UTC0", 0);
			char *copy = malloc(len == 0 ? 1 : len);
			struct stamp s;
			int64_t us;

			assert_non_null(copy);
			memcpy(copy, rows[i], len);
			(void)read_time(&c, rows[i]);
			assert_true(stamp_read(copy, len, &s) <= len);
			assert_true(stamp_again(&c, copy, len, &us) <= len);
			free(copy);
		}
	}
}

/* Lines of one file after the other: what they say, and when that was. */
static void a_log_without_years_goes_on(void **state)
{
	static const struct {
		const char *what;
		int year; /* of zone */
		struct { const char *text; int year; } lines[6];
	} rows[] = {
		{ "the latest that is not in the future", 0,
			{ { "Nov 22 11:00:00 ", 2026 }, { "Nov 23 11:59:00 ", 2026 } } },
		{ "after tomorrow is last year", 0, { { "Nov 23 12:01:00 ", 2025 } } },
		{ "last December",
			0, { { "Dec 31 23:59:59 ", 2025 }, { "Jan  1 00:00:01 ", 2026 } } },
		{ "New Year in the wrong order", 0,
			{ { "Dec 31 23:59:59 ", 2025 }, { "Jan  1 00:00:01 ", 2026 },
			{ "Dec 31 23:59:59 ", 2025 }, { "Jan  1 00:00:02 ", 2026 } } },
		{ "a file that begins with the disorder", 0,
			{ { "Jan  1 00:00:01 ", 2026 }, { "Dec 31 23:59:59 ", 2025 } } },
		{ "as told", 2019, { { "Nov 22 11:00:00 ", 2019 }, { "Jan  1 00:00:00 ", 2020 },
			{ "Dec 31 00:00:00 ", 2019 }, { "Jan  2 00:00:00 ", 2020 },
			{ "Jun 30 00:00:00 ", 2020 }, { "Feb  1 00:00:00 ", 2021 } } },
		{ "as told, also of the future", 2030, { { "Nov 22 11:00:00 ", 2030 } } },
		{ "a gap of more than half a year", 2019,
			{ { "Jan 22 11:00:00 ", 2019 }, { "Sep 22 11:00:00 ", 2019 } } },
		{ "files in the wrong order", 0,
			{ { "Nov 22 11:00:00 ", 2026 }, { "Oct 22 11:00:00 ", 2026 },
			{ "Sep 22 11:00:00 ", 2026 } } },
		{ "never after tomorrow", 0,
			{ { "Nov 20 11:00:00 ", 2026 }, { "Jan 22 11:00:00 ", 2026 } } },
		{ "February has 29 days", 0,
			{ { "Feb 29 11:00:00 ", 2024 }, { "Mar  1 00:00:00 ", 2024 } } },
		{ "February has 29 days when told so", 2025, { { "Feb 29 11:00:00 ", 2024 } } },
		{ "a line with a year tells", 0, { { "2021-12-31T23:59:59Z ", 2021 },
			{ "Jan  1 00:00:00 ", 2022 } } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct stamp_clock c = clock_of("UTC0", rows[i].year);

		for (size_t k = 0; k < 6 && rows[i].lines[k].text != NULL; k++) {
			int64_t year, us = read_time(&c, rows[i].lines[k].text);
			unsigned month, day;

			civil_date(us / SECOND / 86400, &year, &month, &day);
			if (year != rows[i].lines[k].year)
				fail_msg("%s: %s is of %d", rows[i].what, rows[i].lines[k].text,
				    (int)year);
		}
	}
}

static void the_seconds_of_all_years_follow_one_another(void **state)
{
	struct stamp_clock c = clock_of(BERLIN, 2015);
	const int64_t end = utc(2025, 1, 1, 0, 0, 0);

	(void)state;
	for (int64_t t = utc(2015, 6, 1, 0, 0, 0); t < end; t += 1799) {
		time_t at = (time_t)t;
		struct tm tm;
		char text[32];

		assert_non_null(localtime_r(&at, &tm));
		assert_int_equal(strftime(text, sizeof(text), "%b %e %H:%M:%S ", &tm), 16);
		assert_true(read_time(&c, text) == t * SECOND);
	}
	assert_int_equal(c.guessed, 0);
}

static void a_year_that_was_guessed_is_counted(void **state)
{
	struct stamp_clock c = clock_of("UTC0", 0);

	(void)state;
	(void)read_time(&c, "Nov 20 11:00:00 ");
	(void)read_time(&c, "Nov 20 11:00:01 ");
	(void)read_time(&c, "2026-11-20T11:00:01Z ");
	(void)read_time(&c, "2026-11-20T11:00:01Z ");
	assert_int_equal(c.guessed, 2);
}

/* Central Europe puts its clocks back from 3:00 to 2:00 (1:00 UTC), on from 2:00 to 3:00; Lord Howe
 * Island half an hour, from 2:00 to 1:30 (15:00 UTC of the day before). */
static void an_hour_that_comes_twice_is_told_by_the_line_before(void **state)
{
	static const struct {
		const char *zone;
		struct { const char *text; int day, hour, minute, second; } lines[8];
	} rows[] = {
		{ BERLIN,
			{ { "Oct 25 01:59:59 ", 24, 23, 59, 59 },
			{ "Oct 25 02:00:00 ", 25, 0, 0, 0 },
			{ "Oct 25 02:30:00 ", 25, 0, 30, 0 }, { "Oct 25 02:30:00 ", 25, 0, 30, 0 },
			{ "Oct 25 02:59:59 ", 25, 0, 59, 59 }, { "Oct 25 02:00:00 ", 25, 1, 0, 0 },
			{ "Oct 25 02:30:00 ",
				25, 1, 30, 0 }, { "Oct 25 03:00:00 ", 25, 2, 0, 0 } } },
		/* Lines in the wrong order are no step back. */
		{ BERLIN,
			{ { "Oct 25 02:30:59 ", 25, 0, 30, 59 },
			{ "Oct 25 02:30:58 ", 25, 0, 30, 58 },
			{ "Oct 25 02:29:59 ", 25, 0, 29, 59 }, { "Oct 25 02:31:00 ", 25, 0, 31, 0 },
			{ "Oct 25 02:20:00 ",
				25, 1, 20, 0 }, { "Oct 25 02:19:59 ", 25, 1, 19, 59 } } },
		{ BERLIN,
			{ { "Oct 25 02:30:00 ", 25, 0, 30, 0 } } },
		{ LORD_HOWE,
			{ { "Apr  5 01:15:00 ", 4, 14, 15, 0 },
			{ "Apr  5 01:45:00 ", 4, 14, 45, 0 },
			{ "Apr  5 01:31:00 ",
				4, 15, 1, 0 }, { "Apr  5 02:00:00 ", 4, 15, 30, 0 } } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct stamp_clock c = clock_of(rows[i].zone, 2026);

		for (size_t k = 0; k < 8 && rows[i].lines[k].text != NULL; k++) {
			unsigned month = rows[i].zone[0] == '<' ? 4 : 10;
			int64_t us = read_time(&c, rows[i].lines[k].text);

			if (us != SECOND * utc(2026, month, (unsigned)rows[i].lines[k].day,
			    rows[i].lines[k].hour, rows[i].lines[k].minute,
			    rows[i].lines[k].second))
				fail_msg("row %zu: %s", i, rows[i].lines[k].text);
		}
	}
}

static void an_hour_that_does_not_exist_is_as_if_the_clock_had_not_been_put_on(void **state)
{
	struct stamp_clock c = clock_of(BERLIN, 2026);

	(void)state;
	assert_true(read_time(&c, "Mar 29 01:59:59 ") == SECOND * utc(2026, 3, 29, 0, 59, 59));
	assert_true(read_time(&c, "Mar 29 02:30:00 ") == SECOND * utc(2026, 3, 29, 1, 30, 0));
	assert_true(read_time(&c, "Mar 29 03:00:00 ") == SECOND * utc(2026, 3, 29, 1, 0, 0));
}

static void each_line_has_its_own_zone(void **state)
{
	struct stamp_clock c = clock_of(BERLIN, 0);
	const int64_t t = SECOND * utc(2026, 6, 5, 12, 9, 33);

	(void)state;
	assert_true(read_time(&c, "2026-06-05T14:09:33+02:00 ") == t);
	assert_true(read_time(&c, "2026-06-05T14:09:33+02:00 ") == t);
	assert_true(read_time(&c, "2026-06-05T14:09:33+03:00 ") == t - 3600 * SECOND);
	assert_true(read_time(&c, "2026-06-05T14:09:33Z ") == t + 7200 * SECOND);
	assert_true(read_time(&c, "2026-06-05T14:09:33 ") == t);
	assert_true(read_time(&c, "Jun  5 14:09:34.5 ") == t + SECOND * 3 / 2);
	assert_true(read_time(&c, "Jun  5 14:09:60 ") == t + 27 * SECOND);
	assert_true(read_time(&c, "2026-06-05T14:09:33-00:30 ") == t + 9000 * SECOND);
}

static void a_stamp_in_front_of_another_gives_year_and_zone(void **state)
{
	static const struct { const char *outer, *inner; int64_t us; } rows[] = {
		/* The zone of the container, not of this process. */
		{ "2024-07-11T20:54:00.9Z ", "Jul 11 20:54:00 ", 1720731240000000 },
		{ "2024-07-11T20:54:00.9Z ", "Jul 12 02:24:00 ", 1720731240000000 },
		{ "2024-07-11T22:54:00.9+02:00 ", "Jul 11 13:53:59 ", 1720731239000000 },
		{ "2025-01-01T00:00:00.1Z ", "Dec 31 23:59:59 ", 1735689599000000 },
		{ "2024-12-31T23:30:00.1Z ", "Jan  1 00:30:00 ", 1735687800000000 },
		{ "2024-07-11T20:54:00.9Z ", "2024-07-11 20:53:58.25 ", 1720731238250000 },
		/* It has its own. */
		{ "2024-07-11T20:54:00.9Z ", "2024-07-11T20:53:58Z ", 1720731238000000 },
		/* It was long in coming: then the outer one is what is known. */
		{ "2024-07-11T20:54:00.9Z ", "Jul 11 20:49:00 ", 1720731240900000 },
		{ "2024-07-11T20:54:00.9Z ", "Jul  1 20:54:00 ", 1720731240900000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct stamp_clock c = clock_of(BERLIN, 0);
		struct stamp outer, inner;

		assert_true(stamp_read(rows[i].outer, strlen(rows[i].outer), &outer) > 0);
		assert_true(stamp_read(rows[i].inner, strlen(rows[i].inner), &inner) > 0);
		assert_true(stamp_time_within(&c, &inner, &outer) == rows[i].us);
		assert_int_equal(c.guessed, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_write_a_time_is_read),
		cmocka_unit_test(what_is_no_time_is_not_read),
		cmocka_unit_test(a_time_is_never_read_beyond_its_end),
		cmocka_unit_test(a_log_without_years_goes_on),
		cmocka_unit_test(the_seconds_of_all_years_follow_one_another),
		cmocka_unit_test(a_year_that_was_guessed_is_counted),
		cmocka_unit_test(an_hour_that_comes_twice_is_told_by_the_line_before),
		cmocka_unit_test(
		    an_hour_that_does_not_exist_is_as_if_the_clock_had_not_been_put_on),
		cmocka_unit_test(each_line_has_its_own_zone),
		cmocka_unit_test(a_stamp_in_front_of_another_gives_year_and_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
