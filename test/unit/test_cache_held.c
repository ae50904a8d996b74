/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies that are held, over a store. */
#include "cache_store_help.h"

static void S13_what_was_fetched_is_there_after_a_restart(void **state)
{
	struct answer *a;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 604800, 0);
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	reopen();
	now += 604799;
	a = asked(cache, QUESTION_STSHELD, "example.com", "");
	assert_int_equal(a->state, ANSWER_INSECURE);
	assert_string_equal(a->id, "1");
	assert_int_equal(a->body.mode, STSBODY_ENFORCE);
	assert_string_equal(a->body.mx[0], "mx.example.com");
	assert_int_equal(a->expires, now + 1);
	answer_unref(a);
	assert_true(known(cache, QUESTION_STS, "example.com", "1"));
	assert_false(known(cache, QUESTION_STS, "example.com", "2"));
	now += 1;
	assert_false(holds(cache, "example.com", NULL));
	assert_false(known(cache, QUESTION_STS, "example.com", "1"));
}

static void S24_max_age_0_leaves_nothing_on_disk_either(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 604800, 0);
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	reopen();
	keep_policy(cache, "example.com", "2", "none", 0, 0);
	assert_false(holds(cache, "example.com", NULL));
	assert_non_null(event(DANESTS_EVENT_CHANGED, "example.com"));
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	reopen();
	assert_false(holds(cache, "example.com", NULL));
	keep_policy(cache, "example.com", "2", "none", 0, 0);
	no_event();
}

static void memory_may_forget_what_the_disk_has(void **state)
{
	char name[40];

	(void)state;
	close_store();
	open_store(20000);
	for (unsigned i = 0; i < 300; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		keep_policy(cache, name, "1", "enforce", DAY, 100);
		keep(cache, QUESTION_ADDR, name, ANSWER_SECURE, 3600);
	}
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	assert_true(cache_bytes(cache) <= 20000);
	/* Policies do not push out everything else. */
	assert_true(known(cache, QUESTION_ADDR, "d299.example", ""));
	for (unsigned i = 0; i < 300; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		assert_true(holds(cache, name, "1"));
	}
	assert_true(cache_bytes(cache) <= 20000);
	cache_set_limit(cache, 0);
	assert_true(holds(cache, "d0.example", "1"));
	assert_true(known(cache, QUESTION_STS, "d1.example", "1"));
	assert_int_equal(cache_entries(cache), 0);
	assert_int_equal(cache_held_count(cache), 300);
	no_event();
}

static void S13_a_clock_a_day_ahead_or_behind_costs_nothing(void **state)
{
	(void)state;
	keep_policy(cache, "short.example", "1", "enforce", 3600, 0);
	keep_policy(cache, "long.example", "1", "enforce", STSBODY_MAX_AGE, 0);
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	now += DAY;
	for (int i = 0; i < 5; i++) /* what is over is swept out of memory */
		keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, 60);
	assert_false(holds(cache, "short.example", NULL));
	assert_true(holds(cache, "long.example", "1"));
	reopen();
	assert_false(holds(cache, "short.example", NULL));
	now -= DAY;
	assert_true(holds(cache, "short.example", "1"));
	now -= DAY;
	assert_true(holds(cache, "short.example", "1"));
	assert_true(holds(cache, "long.example", "1"));
	reopen();
	assert_true(holds(cache, "long.example", "1"));
	now += DAY;
	assert_true(holds(cache, "short.example", "1"));
	no_event();
}

/* What is given out, and what is told of it, are one. */
static void ends(const char *domain, time_t end, unsigned max_age)
{
	struct answer *a = asked(cache, QUESTION_STSHELD, domain, "");
	struct record r = record_of(domain);

	assert_int_equal(a->state, ANSWER_INSECURE);
	assert_int_equal(a->expires, end);
	assert_int_equal(r.expires, end);
	assert_int_equal(r.fetched, end - (time_t)max_age);
	answer_unref(a);
	a = asked(cache, QUESTION_STS, domain, "1");
	assert_int_equal(a->expires, end);
	answer_unref(a);
}

static void S13_a_clock_years_ahead_at_the_fetch_costs_no_policy(void **state)
{
	const time_t years = 3 * (time_t)STSBODY_MAX_AGE;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 365 * DAY, 0);
	now += years;
	keep_policy(cache, "example.com", "1", "enforce", 365 * DAY, 0);
	keep_policy(cache, "short.example", "1", "enforce", 600, 0);
	now -= years;
	for (int i = 0; i < 2; i++) {
		ends("example.com", now + 365 * DAY, 365 * DAY);
		ends("short.example", now + 600, 600);
		now += 3600;
		assert_int_equal(cache_sync(cache), DANESTS_OK);
		reopen();
	}
	/* A refresh puts it right. */
	keep_policy(cache, "short.example", "1", "enforce", 600, 0);
	now += 599;
	ends("short.example", now + 1, 600);
	now += 1;
	assert_false(holds(cache, "short.example", NULL));
	no_event();
}

static void S13_a_clock_years_behind_costs_no_policy(void **state)
{
	static const int behind[] = { 1, 2 * DAY, 3650 * DAY };
	time_t first = now;

	(void)state;
	keep_policy(cache, "week.example", "1", "enforce", 7 * DAY, 0);
	keep_policy(cache, "year.example", "1", "enforce", 365 * DAY, 0);
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		now = first - behind[i];
		for (int j = 0; j < 2; j++) {
			ends("week.example", now + 7 * DAY, 7 * DAY);
			ends("year.example", now + 365 * DAY, 365 * DAY);
			reopen();
		}
		now = first + 5;
		ends("week.example", first + 7 * DAY, 7 * DAY);
		ends("year.example", first + 365 * DAY, 365 * DAY);
	}
	no_event();
}

static void S24_what_is_dropped_while_the_clock_is_ahead_does_not_come_back(void **state)
{
	(void)state;
	keep_policy(cache, "gone.example", "1", "enforce", 600, 0);
	keep_policy(cache, "purged.example", "1", "enforce", 600, 0);
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	reopen();
	now += DAY;
	keep_policy(cache, "gone.example", "2", "none", 0, 0);
	assert_int_equal(cache_held_drop(cache, "purged.example"), DANESTS_OK);
	now -= DAY;
	for (int i = 0; i < 2; i++) {
		assert_false(holds(cache, "gone.example", NULL));
		assert_false(holds(cache, "purged.example", NULL));
		assert_int_equal(cache_sync(cache), DANESTS_OK);
		reopen();
	}
}

static void S13_a_clock_that_leaps_during_a_fetch_costs_no_policy(void **state)
{
	struct question q = question(QUESTION_STS, "example.com", "1");
	struct answer *fetched;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	fetched = asked(cache, QUESTION_STS, "example.com", "1");
	now += DAY;
	cache_keep(cache, &q, fetched);
	assert_false(holds(cache, "example.com", NULL));
	now -= DAY;
	assert_true(holds(cache, "example.com", "1"));
	answer_unref(fetched);
}

static void S14_another_mode_is_told_once_also_after_a_restart(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "a", "enforce", DAY, 0);
	no_event(); /* the first one is no news */
	reopen();
	keep_policy(cache, "example.com", "b", "none", DAY, 0);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"),
	    "MTA-STS policy changed: was enforce (id a), is none (id b)");
	no_event();
	keep_policy(cache, "example.com", "b", "none", DAY, 0);
	no_event();
	keep_policy(cache, "example.com", "c", "testing", 0, 0);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "MTA-STS policy changed:"
	    " was none (id b), is testing (id c); it asks not to be remembered (max_age 0)");
	no_event();
}

static void another_policy_of_the_same_mode_is_told_without_a_warning(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "a", "enforce", DAY, 0);
	keep_policy(cache, "example.com", "b", "enforce", DAY, 0);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "");
	no_event();
}

static void another_body_behind_the_same_id_is_told_with_one_warning(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "a", "enforce", DAY, 0);
	keep_policy(cache, "example.com", "a", "enforce", DAY, 5);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "");
	assert_string_equal(event(DANESTS_EVENT_SAME_ID, "example.com"), "MTA-STS policy changed,"
	    " but its id (a) did not: was enforce, is enforce");
	no_event();
	keep_policy(cache, "example.com", "a", "testing", DAY, 5);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "");
	assert_non_null(strstr(event(DANESTS_EVENT_SAME_ID, "example.com"),
	    "was enforce, is testing"));
	no_event();
}

static void a_policy_that_is_over_is_replaced_without_a_word(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "a", "enforce", 600, 0);
	now += 600;
	keep_policy(cache, "example.com", "b", "none", 600, 0);
	no_event();
}

static void S14_the_time_of_use_is_exact_to_a_day_and_survives(void **state)
{
	time_t first = now;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 30 * DAY, 0);
	assert_int_equal(record_of("example.com").used, first);
	now += DAY - 1;
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(record_of("example.com").used, first);
	now += 1;
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(record_of("example.com").used, first + DAY);
	reopen();
	assert_int_equal(record_of("example.com").used, first + DAY);
	/* The clock was ahead at that time. */
	now = first - DAY;
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(record_of("example.com").used, first - DAY);
}

static void S27_a_refresh_is_no_use(void **state)
{
	time_t first = now;
	struct record r;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 30 * DAY, 0);
	now += 3 * DAY;
	keep_policy(cache, "example.com", "1", "enforce", 30 * DAY, 0);
	r = record_of("example.com");
	assert_int_equal(r.used, first);
	assert_int_equal(r.fetched, now);
	assert_int_equal(r.expires, now + 30 * DAY);
	no_event();
	/* But what had run out is new. */
	now += 31 * DAY;
	keep_policy(cache, "example.com", "1", "enforce", 30 * DAY, 0);
	assert_int_equal(record_of("example.com").used, now);
}

static void S11_what_shall_be_new_comes_from_a_remembered_failure_at_most(void **state)
{
	struct list arrivals;
	struct ask ask = { .q = question(QUESTION_STS, "example.com", "1"), .arrivals = &arrivals };

	(void)state;
	list_init(&arrivals);
	keep_policy(cache, "example.com", "1", "enforce", DAY, 0);
	assert_int_equal(cache_ask_anew(cache, &ask), SOURCE_PASS);
	keep_failure(cache, QUESTION_STS, "example.com", "1", ANSWER_FETCH_RETRY);
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(cache_ask_anew(cache, &ask), SOURCE_ANSWERED);
	assert_int_equal(ask.answer->failure, FAILURE_STS_FETCH);
	answer_unref(ask.answer);
	cache_forget(cache);
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(cache_ask_anew(cache, &ask), SOURCE_PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(S13_what_was_fetched_is_there_after_a_restart),
		WITH_STORE(S24_max_age_0_leaves_nothing_on_disk_either),
		WITH_STORE(memory_may_forget_what_the_disk_has),
		WITH_STORE(S13_a_clock_a_day_ahead_or_behind_costs_nothing),
		WITH_STORE(S13_a_clock_years_ahead_at_the_fetch_costs_no_policy),
		WITH_STORE(S13_a_clock_years_behind_costs_no_policy),
		WITH_STORE(S24_what_is_dropped_while_the_clock_is_ahead_does_not_come_back),
		WITH_STORE(S13_a_clock_that_leaps_during_a_fetch_costs_no_policy),
		WITH_STORE(S14_another_mode_is_told_once_also_after_a_restart),
		WITH_STORE(another_policy_of_the_same_mode_is_told_without_a_warning),
		WITH_STORE(another_body_behind_the_same_id_is_told_with_one_warning),
		WITH_STORE(a_policy_that_is_over_is_replaced_without_a_word),
		WITH_STORE(S14_the_time_of_use_is_exact_to_a_day_and_survives),
		WITH_STORE(S27_a_refresh_is_no_use),
		WITH_STORE(S11_what_shall_be_new_comes_from_a_remembered_failure_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
