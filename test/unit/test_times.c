/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "source/source.h"

/* What a question of this kind came to is put down in counts. */
static void ask_once(struct counts *counts, enum question_kind kind, enum answer_failure failure)
{
	struct list arrivals;
	struct ask ask = { .q.kind = kind, .arrivals = &arrivals };
	struct answer *a = failure != FAILURE_NONE ?
	    answer_failed(kind, failure, 1, "%s", "") : answer_new(kind, ANSWER_INSECURE, 1);

	list_init(&arrivals);
	list_init(&ask.arrived);
	ask_send(&ask, counts);
	assert_int_equal(counts->queries + counts->fetches, 1);
	ask_arrive(&ask, a);
	assert_int_equal(counts->queries + counts->fetches, 0);
	answer_unref(a);
}

static uint64_t sum(const struct danests_times *times)
{
	uint64_t all = 0;

	for (size_t i = 0; i < DANESTS_TIMES; i++)
		all += times->count[i];
	return all;
}

static void the_limits_go_1_2_5_and_the_last_has_none(void **state)
{
	(void)state;
	assert_int_equal(times_limit(0), 1);
	for (size_t i = 3; i < DANESTS_TIMES - 1; i++)
		assert_int_equal(times_limit(i), 10 * times_limit(i - 3));
	assert_int_equal(times_limit(1), 2);
	assert_int_equal(times_limit(2), 5);
	assert_int_equal(times_limit(DANESTS_TIMES - 2), 50000);
	assert_int_equal(times_limit(DANESTS_TIMES - 1), 0);
	assert_int_equal(times_limit(SIZE_MAX), 0);
}

static void a_time_is_put_where_it_is_at_most_the_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < DANESTS_TIMES - 1; i++) {
		struct danests_times times = {0};
		int64_t us = (int64_t)times_limit(i) * 1000;

		times_add(&times, us);
		assert_int_equal(times.count[i], 1);
		times_add(&times, us + 1);
		assert_int_equal(times.count[i], 1);
		assert_int_equal(times.count[i + 1], 1);
		assert_int_equal(times.sum_us, 2 * us + 1);
	}
}

static void a_clock_that_jumps_back_takes_nothing_away(void **state)
{
	struct danests_times times = {0};

	(void)state;
	times_add(&times, -5);
	times_add(&times, INT64_MAX / 4);
	assert_int_equal(times.count[0], 1);
	assert_int_equal(times.count[DANESTS_TIMES - 1], 1);
	assert_int_equal(times.sum_us, INT64_MAX / 4);
}

static void questions_are_counted_by_how_they_end(void **state)
{
	struct counts counts = {0};
	struct danests_status status = {0};

	(void)state;
	ask_once(&counts, QUESTION_MX, FAILURE_NONE);
	ask_once(&counts, QUESTION_TLSA, FAILURE_BOGUS);
	ask_once(&counts, QUESTION_STSTXT, FAILURE_TIMEOUT);
	ask_once(&counts, QUESTION_STS, FAILURE_NONE);
	ask_once(&counts, QUESTION_STS, FAILURE_STS_FETCH);
	ask_once(&counts, QUESTION_STS, FAILURE_LOCAL);
	ask_once(&counts, QUESTION_STS, FAILURE_STS_INVALID);
	ask_once(&counts, QUESTION_STS, FAILURE_STS_WEBPKI);
	counts_status(&counts, &status);
	assert_int_equal(status.queries_done, 3);
	assert_int_equal(status.queries_failed, 2);
	assert_int_equal(status.fetched, 1);
	assert_int_equal(status.fetch_errors, 2);
	assert_int_equal(status.fetch_invalid, 1);
	assert_int_equal(status.fetch_webpki, 1);
	assert_int_equal(sum(&status.query_times), 3);
	assert_int_equal(sum(&status.fetch_times), 5);
}

static void an_answer_counts_once_and_only_when_it_was_sent_for(void **state)
{
	struct counts counts = {0};
	struct list arrivals;
	struct ask ask = { .q.kind = QUESTION_MX, .arrivals = &arrivals };

	(void)state;
	list_init(&arrivals);
	list_init(&ask.arrived);
	ask_send(&ask, NULL);
	ask_arrive(&ask, NULL);
	list_remove(&ask.arrived);
	ask_send(&ask, &counts);
	ask_arrive(&ask, NULL); /* no memory for the answer: that is a failure */
	list_remove(&ask.arrived);
	ask_arrive(&ask, NULL);
	assert_int_equal(counts.queries_done, 1);
	assert_int_equal(counts.queries_failed, 1);
	assert_int_equal(counts.queries, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limits_go_1_2_5_and_the_last_has_none),
		cmocka_unit_test(a_time_is_put_where_it_is_at_most_the_limit),
		cmocka_unit_test(a_clock_that_jumps_back_takes_nothing_away),
		cmocka_unit_test(questions_are_counted_by_how_they_end),
		cmocka_unit_test(an_answer_counts_once_and_only_when_it_was_sent_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
