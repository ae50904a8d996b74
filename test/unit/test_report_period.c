/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "danests.h"
#include "tools/report/view.h"

#define DAY 86400
#define LAST 1795316400 /* 2026-11-22T03:00:00Z, a Sunday */

static void written(int64_t t, char out[BUCKET_TEXT + 8])
{
	char day[BUCKET_TEXT];
	int64_t second = t - bucket_begin(BUCKET_DAY, t);

	bucket_text(BUCKET_DAY, t, day);
	if (second == 0)
		snprintf(out, BUCKET_TEXT + 8, "%s", day);
	else
		snprintf(out, BUCKET_TEXT + 8, "%s+%ds", day, (int)second);
}

static void periods_are_whole_days_that_end_with_the_last_line(void **state)
{
	static const struct { const char *since, *until, *begin, *end; } rows[] = {
		{ NULL, NULL, "2026-11-16", "2026-11-23" },
		{ "1d", NULL, "2026-11-22", "2026-11-23" },
		{ "7D", NULL, "2026-11-16", "2026-11-23" },
		{ "30d", NULL, "2026-10-24", "2026-11-23" },
		{ "1m", NULL, "2026-10-23", "2026-11-23" },
		{ "6m", NULL, "2026-05-23", "2026-11-23" },
		{ "12m", NULL, "2025-11-23", "2026-11-23" },
		{ "2026-11-01", NULL, "2026-11-01", "2026-11-23" },
		/* A date as until belongs to it. */
		{ "2026-11-01", "2026-11-02", "2026-11-01", "2026-11-03" },
		{ "2026-11-01", "2026-11-01", "2026-11-01", "2026-11-02" },
		/* Times are exact; until is not part of it, a part of a second is. */
		{ "2026-11-22T02:00:00Z", NULL, "2026-11-22+7200s", "2026-11-23" },
		{ "2026-11-22t02:00:00.75+02:00", "2026-11-22 03:00:00Z", "2026-11-22",
			"2026-11-22+10800s" },
		{ "2026-11-21", "2026-11-22T00:00:00.000Z", "2026-11-21", "2026-11-22" },
		{ "2026-11-21", "2026-11-22T00:00:00.001Z", "2026-11-21", "2026-11-22+1s" },
		{ "2026-11-21T23:00:00-05:30", NULL, "2026-11-22+16200s", "2026-11-23" },
		/* What is relative ends with until, where that is no relative one itself. */
		{ "7d", "2026-08-31", "2026-08-25", "2026-09-01" },
		{ "6m", "2026-08-31", "2026-03-01", "2026-09-01" },
		{ "6m", "2024-08-31", "2024-03-01", "2024-09-01" },
		{ "1m", "2024-03-30", "2024-03-01", "2024-03-31" },
		{ NULL, "2026-08-31", "2026-08-25", "2026-09-01" },
		{ NULL, "2026-08-31T12:00:00Z", "2026-08-25", "2026-08-31+43200s" },
		{ "1d", "2026-08-31T12:00:00Z", "2026-08-31", "2026-08-31+43200s" },
		{ "14d", "7d", "2026-11-09", "2026-11-16" },
		{ NULL, "7d", "2026-11-09", "2026-11-16" },
		{ "2m", "1m", "2026-09-23", "2026-10-23" },
		/* Never the wrong way round. */
		{ "2026-11-10", "2026-11-01", "2026-11-10", "2026-11-10" },
		{ "2027-01-01", NULL, "2027-01-01", "2027-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct period p = PERIOD_USUAL;
		char begin[BUCKET_TEXT + 8], end[BUCKET_TEXT + 8];
		int64_t since, until;

		if (rows[i].since != NULL)
			assert_int_equal(period_since(&p, rows[i].since), DANESTS_OK);
		if (rows[i].until != NULL)
			assert_int_equal(period_until(&p, rows[i].until), DANESTS_OK);
		period_resolve(&p, LAST, &since, &until);
		written(since, begin);
		written(until, end);
		if (strcmp(begin, rows[i].begin) != 0 || strcmp(end, rows[i].end) != 0)
			fail_msg("%s to %s: %s to %s", rows[i].since, rows[i].until, begin, end);
	}
}

static void what_is_no_period_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"", "d", "7", "0d", "0m", "-1d", "+1d", " 7d", "7d ", "7 d", "7w", "7dd", "36501d",
		"1201m", "99999999999d", "2026", "2026-08", "2026-8-1", "2026-02-29", "2026-04-31",
		"2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "26-01-01", "2026-08-01T",
		"2026-08-01T12:00", "2026-08-01T12:00:00", "2026-08-01T24:00:00Z",
		"2026-08-01T12:60:00Z", "2026-08-01T12:00:61Z", "2026-08-01T12:00:00.Z",
		"2026-08-01T12:00:00+2:00", "2026-08-01T12:00:00+0200", "2026-08-01T12:00:00Zx",
		"2026-08-01x", "yesterday",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct period p = PERIOD_USUAL;
		const struct period usual = PERIOD_USUAL;

		if (period_since(&p, bad[i]) != DANESTS_EINVAL ||
		    period_until(&p, bad[i]) != DANESTS_EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(p.since == usual.since && p.until == usual.until && p.usual &&
		    p.days == 0 && p.months == 0 && p.until_days == 0 && p.until_months == 0);
	}
}

static void the_last_of_two_counts(void **state)
{
	struct period p = PERIOD_USUAL;
	int64_t since, until;

	(void)state;
	assert_int_equal(period_since(&p, "2026-11-01"), DANESTS_OK);
	assert_int_equal(period_since(&p, "1d"), DANESTS_OK);
	assert_int_equal(period_until(&p, "1m"), DANESTS_OK);
	assert_int_equal(period_until(&p, "2026-11-20"), DANESTS_OK);
	period_resolve(&p, LAST, &since, &until);
	assert_int_equal(until - since, DAY);
	assert_int_equal(period_since(&p, "2m"), DANESTS_OK);
	assert_int_equal(period_since(&p, "2026-11-19"), DANESTS_OK);
	period_resolve(&p, LAST, &since, &until);
	assert_int_equal(until - since, 2 * DAY);
}

static void all_time_is_open_and_without_a_line_nothing_is_relative(void **state)
{
	struct period all = PERIOD_ALL, usual = PERIOD_USUAL;
	int64_t since, until;

	(void)state;
	period_resolve(&all, LAST, &since, &until);
	assert_true(since == PERIOD_OPEN_SINCE);
	assert_int_equal(until, LAST - 3 * 3600 + DAY);
	period_resolve(&usual, INT64_MIN, &since, &until);
	assert_int_equal(since, 0);
	assert_int_equal(until, 0);
	assert_int_equal(period_since(&usual, "2026-11-22"), DANESTS_OK);
	assert_int_equal(period_until(&usual, "2026-11-22"), DANESTS_OK);
	period_resolve(&usual, INT64_MIN, &since, &until);
	assert_int_equal(until - since, DAY);
}

/* Lines only get newer: what may be dropped at one may never be needed again. */
static void the_floor_never_goes_back_and_ends_at_the_begin(void **state)
{
	static const char *const since[] = { NULL, "1d", "31d", "1m", "6m", "12m", "2026-01-01" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(since); i++) {
		struct period p = PERIOD_USUAL;
		int64_t last = period_floor(&p, INT64_MIN), begin, end;

		if (since[i] != NULL)
			assert_int_equal(period_since(&p, since[i]), DANESTS_OK);
		for (int64_t t = LAST - 800 * DAY; t <= LAST; t += DAY / 3) {
			int64_t floor = period_floor(&p, t);

			assert_true(floor >= last);
			last = floor;
			period_resolve(&p, t, &begin, &end);
			assert_int_equal(floor, begin);
		}
	}
}

static void buckets_begin_where_people_expect_it(void **state)
{
	static const struct { enum bucket b; int64_t t; const char *text, *next; } rows[] = {
		{ BUCKET_DAY, LAST, "2026-11-22", "2026-11-23" },
		{ BUCKET_HOUR, LAST + 59, "2026-11-22T03:00:00Z", "2026-11-22T04:00:00Z" },
		{ BUCKET_HOUR, LAST - 1, "2026-11-22T02:00:00Z", "2026-11-22T03:00:00Z" },
		{ BUCKET_WEEK, LAST, "2026-11-16", "2026-11-23" },
		{ BUCKET_WEEK, LAST + DAY, "2026-11-23", "2026-11-30" },
		{ BUCKET_MONTH, LAST, "2026-11", "2026-12" },
		{ BUCKET_MONTH, LAST + 10 * DAY, "2026-12", "2027-01" },
		{ BUCKET_DAY, 0, "1970-01-01", "1970-01-02" },
		{ BUCKET_DAY, -1, "1969-12-31", "1970-01-01" },
		{ BUCKET_HOUR, -1, "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z" },
		{ BUCKET_WEEK, 0, "1969-12-29", "1970-01-05" },
		{ BUCKET_MONTH, -1, "1969-12", "1970-01" },
		/* The ends of what microseconds in 64 bits can be. */
		{ BUCKET_HOUR, INT64_MAX / 1000000, "294247-01-10T04:00:00Z",
			"294247-01-10T05:00:00Z" },
		{ BUCKET_HOUR, INT64_MIN / 1000000, "-290308-12-21T19:00:00Z",
			"-290308-12-21T20:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t begin = bucket_begin(rows[i].b, rows[i].t);
		char text[BUCKET_TEXT];

		assert_true(begin <= rows[i].t && rows[i].t < bucket_next(rows[i].b, begin));
		bucket_text(rows[i].b, begin, text);
		assert_string_equal(text, rows[i].text);
		bucket_text(rows[i].b, bucket_next(rows[i].b, begin), text);
		assert_string_equal(text, rows[i].next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(periods_are_whole_days_that_end_with_the_last_line),
		cmocka_unit_test(what_is_no_period_changes_nothing),
		cmocka_unit_test(the_last_of_two_counts),
		cmocka_unit_test(all_time_is_open_and_without_a_line_nothing_is_relative),
		cmocka_unit_test(the_floor_never_goes_back_and_ends_at_the_begin),
		cmocka_unit_test(buckets_begin_where_people_expect_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
