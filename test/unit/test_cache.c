/* SPDX-License-Identifier: BSD-2-Clause */
#include "cache_help.h"

static void an_empty_cache_passes_but_for_what_we_hold(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);
	struct answer *a = asked(cache, QUESTION_STSHELD, "example.com", "");

	(void)state;
	assert_int_equal(a->state, ANSWER_ABSENT_INSECURE);
	answer_unref(a);
	assert_false(known(cache, QUESTION_MX, "example.com", ""));
	assert_false(known(cache, QUESTION_STS, "example.com", "1"));
	assert_int_equal(cache_entries(cache), 0);
	cache_free(cache);
	cache_free(NULL);
}

static void answers_about_hosts_are_kept_to_their_last_second(void **state)
{
	static const enum question_kind kinds[] = { QUESTION_ADDR, QUESTION_CNAME, QUESTION_TLSA,
		QUESTION_DS };
	struct cache *cache = fresh_cache(1 << 20);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		keep(cache, kinds[i], "mx.example.com", ANSWER_SECURE, 60);
		assert_true(known(cache, kinds[i], "mx.example.com", ""));
	}
	now += 59;
	assert_true(known(cache, QUESTION_TLSA, "mx.example.com", ""));
	now += 1;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		assert_false(known(cache, kinds[i], "mx.example.com", ""));
	cache_free(cache);
}

static void what_has_expired_already_is_not_kept(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);

	(void)state;
	keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, 0);
	keep(cache, QUESTION_TLSA, "mx.example.com", ANSWER_SECURE, -5);
	assert_int_equal(cache_entries(cache), 0);
	cache_free(cache);
}

static void of_answers_per_domain_only_failures_are_kept(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);

	(void)state;
	keep(cache, QUESTION_MX, "example.com", ANSWER_SECURE, 60);
	keep(cache, QUESTION_STSTXT, "example.com", ANSWER_ABSENT_SECURE, 60);
	keep(cache, QUESTION_TXT, "example.com", ANSWER_SECURE, 60);
	assert_int_equal(cache_entries(cache), 0);
	keep_failure(cache, QUESTION_MX, "example.com", "", 15);
	keep_failure(cache, QUESTION_STSTXT, "example.com", "", 15);
	keep_failure(cache, QUESTION_TXT, "example.com", "", 15);
	assert_true(known(cache, QUESTION_TXT, "example.com", ""));
	assert_true(known(cache, QUESTION_MX, "example.com", ""));
	assert_true(known(cache, QUESTION_STSTXT, "example.com", ""));
	now += 15;
	assert_false(known(cache, QUESTION_MX, "example.com", ""));
	assert_false(known(cache, QUESTION_STSTXT, "example.com", ""));
	cache_free(cache);
}

static void S13_a_fetched_policy_is_held_for_its_max_age(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);
	struct answer *a;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 604800, 0);
	a = asked(cache, QUESTION_STSHELD, "example.com", "");
	assert_int_equal(a->state, ANSWER_INSECURE);
	assert_int_equal(a->expires, now + 604800);
	assert_string_equal(a->id, "1");
	assert_int_equal(a->body.mode, STSBODY_ENFORCE);
	assert_string_equal(a->body.mx[0], "mx.example.com");
	assert_int_equal(strlen(a->text), a->text_len);
	answer_unref(a);
	now += 604799;
	assert_true(holds(cache, "example.com", "1"));
	now += 1;
	assert_false(holds(cache, "example.com", NULL));
	cache_free(cache);
}

static void STS_is_answered_by_the_held_policy_of_that_id_only(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);
	struct answer *a;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	a = asked(cache, QUESTION_STS, "example.com", "1");
	assert_int_equal(a->body.mode, STSBODY_ENFORCE);
	assert_int_equal(a->expires, now + 600);
	assert_string_equal(a->id, "1");
	answer_unref(a);
	assert_false(known(cache, QUESTION_STS, "example.com", "2"));
	assert_false(known(cache, QUESTION_STS, "www.example.com", "1"));
	now += 600;
	assert_false(known(cache, QUESTION_STS, "example.com", "1"));
	cache_free(cache);
}

static void a_newer_policy_replaces_the_held_one_of_whatever_id(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	keep_policy(cache, "example.com", "2", "testing", 600, 0);
	assert_true(holds(cache, "example.com", "2"));
	now += 300;
	keep_policy(cache, "example.com", "2", "testing", 600, 0);
	now += 599;
	assert_true(holds(cache, "example.com", "2"));
	assert_int_equal(cache_entries(cache), 1);
	cache_free(cache);
}

static void max_age_0_keeps_nothing_and_drops_what_was_held(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	keep_policy(cache, "example.com", "2", "none", 0, 0);
	assert_false(holds(cache, "example.com", NULL));
	assert_int_equal(cache_entries(cache), 0);
	cache_free(cache);
}

static void S11_a_failed_fetch_is_remembered_per_id_for_five_minutes(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);
	struct answer *a;

	(void)state;
	keep_failure(cache, QUESTION_STS, "example.com", "2", ANSWER_FETCH_RETRY);
	a = asked(cache, QUESTION_STS, "example.com", "2");
	assert_int_equal(a->failure, FAILURE_STS_FETCH);
	answer_unref(a);
	assert_false(known(cache, QUESTION_STS, "example.com", "3"));
	now += 299;
	assert_true(known(cache, QUESTION_STS, "example.com", "2"));
	now += 1;
	assert_false(known(cache, QUESTION_STS, "example.com", "2"));
	cache_free(cache);
}

static void S13_a_failed_fetch_leaves_the_held_policy_alone(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	keep_failure(cache, QUESTION_STS, "example.com", "2", 300);
	keep_failure(cache, QUESTION_STS, "example.com", "1", 300);
	assert_true(holds(cache, "example.com", "1"));
	cache_free(cache);
}

/* A machine that starts with a clock in the future, and is told the time. */
static void when_the_clock_goes_back_policies_live_on_and_nothing_else(void **state)
{
	const time_t year = STSBODY_MAX_AGE;
	struct cache *cache = fresh_cache(1 << 20);
	struct answer *a;

	(void)state;
	now += 4 * year;
	keep(cache, QUESTION_TLSA, "mx.example.com", ANSWER_ABSENT_INSECURE, 30);
	keep_failure(cache, QUESTION_STS, "example.com", "2", ANSWER_FETCH_RETRY);
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	now -= 3 * year;
	assert_false(known(cache, QUESTION_TLSA, "mx.example.com", ""));
	assert_false(known(cache, QUESTION_STS, "example.com", "2"));
	a = asked(cache, QUESTION_STSHELD, "example.com", "");
	assert_int_equal(a->body.mode, STSBODY_ENFORCE);
	assert_int_equal(a->expires, now + 600);
	answer_unref(a);
	a = asked(cache, QUESTION_STS, "example.com", "1");
	assert_int_equal(a->expires, now + 600);
	answer_unref(a);
	/* The others are swept out, too. */
	for (int i = 0; i < 3; i++)
		keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, 60);
	assert_int_equal(cache_entries(cache), 2);
	cache_free(cache);
}

static void S13_a_clock_two_days_ahead_costs_no_policy_in_memory_either(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	now += 600 + 2 * 86400 - 1;
	for (int i = 0; i < 5; i++)
		keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, 60);
	assert_false(holds(cache, "example.com", NULL));
	now -= 2 * 86400;
	assert_true(holds(cache, "example.com", "1"));
	now += 2 * 86400 + 1;
	for (int i = 0; i < 5; i++)
		keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, 60);
	assert_int_equal(cache_entries(cache), 1);
	cache_free(cache);
}

static void S13_a_clock_put_right_by_minutes_costs_no_policy(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);

	(void)state;
	keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, ANSWER_TTL_MAX);
	keep_policy(cache, "example.com", "1", "enforce", STSBODY_MAX_AGE, 0);
	assert_true(known(cache, QUESTION_ADDR, "mx.example.com", ""));
	now -= 600;
	assert_true(holds(cache, "example.com", "1"));
	assert_false(known(cache, QUESTION_ADDR, "mx.example.com", ""));
	cache_free(cache);
}

static void answers_given_out_outlive_the_cache(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);
	struct answer *held, *addr;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, 60);
	held = asked(cache, QUESTION_STSHELD, "example.com", "");
	addr = asked(cache, QUESTION_ADDR, "mx.example.com", "");
	cache_free(cache);
	assert_string_equal(held->id, "1");
	assert_int_equal(addr->state, ANSWER_SECURE);
	answer_unref(held);
	answer_unref(addr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_cache_passes_but_for_what_we_hold),
		cmocka_unit_test(answers_about_hosts_are_kept_to_their_last_second),
		cmocka_unit_test(what_has_expired_already_is_not_kept),
		cmocka_unit_test(of_answers_per_domain_only_failures_are_kept),
		cmocka_unit_test(S13_a_fetched_policy_is_held_for_its_max_age),
		cmocka_unit_test(STS_is_answered_by_the_held_policy_of_that_id_only),
		cmocka_unit_test(a_newer_policy_replaces_the_held_one_of_whatever_id),
		cmocka_unit_test(max_age_0_keeps_nothing_and_drops_what_was_held),
		cmocka_unit_test(S11_a_failed_fetch_is_remembered_per_id_for_five_minutes),
		cmocka_unit_test(S13_a_failed_fetch_leaves_the_held_policy_alone),
		cmocka_unit_test(when_the_clock_goes_back_policies_live_on_and_nothing_else),
		cmocka_unit_test(S13_a_clock_two_days_ahead_costs_no_policy_in_memory_either),
		cmocka_unit_test(S13_a_clock_put_right_by_minutes_costs_no_policy),
		cmocka_unit_test(answers_given_out_outlive_the_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
