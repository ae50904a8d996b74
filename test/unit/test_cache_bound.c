/* SPDX-License-Identifier: BSD-2-Clause */
#include "cache_help.h"

static void S27_the_bound_holds_whatever_comes(void **state)
{
	static const char *const modes[] = { "enforce", "testing", "none" };
	const size_t max = 300000;
	struct cache *cache = fresh_cache(max);
	char name[40];

	(void)state;
	for (unsigned i = 0; i < 6000; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		keep(cache, QUESTION_ADDR, name, ANSWER_SECURE, 60);
		if (i % 7 == 0)
			keep_policy(cache, name, "1", modes[i % 3], 600, i % 5 == 0 ? 30000 : 10);
		keep_failure(cache, QUESTION_STS, name, "1", 300);
		assert_true(cache_bytes(cache) <= max);
	}
	assert_true(cache_entries(cache) > 100);
	cache_free(cache);
}

static void a_bound_too_small_for_anything_keeps_nothing(void **state)
{
	struct cache *cache = fresh_cache(0);

	(void)state;
	keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, 60);
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	assert_int_equal(cache_entries(cache), 0);
	cache_free(cache);
}

static void S27_enforce_policies_are_pushed_out_last(void **state)
{
	struct cache *cache = fresh_cache(200000);
	char name[40];

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		text_format(name, sizeof(name), "keep%u.example", i);
		keep_policy(cache, name, "1", "enforce", 86400, 100);
	}
	for (unsigned i = 0; i < 5000; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		keep_policy(cache, name, "1", i % 2 ? "testing" : "none", 86400, 200);
		keep(cache, QUESTION_ADDR, name, ANSWER_SECURE, 3600);
		keep_failure(cache, QUESTION_STS, name, "2", 300);
	}
	for (unsigned i = 0; i < 50; i++) {
		text_format(name, sizeof(name), "keep%u.example", i);
		assert_true(holds(cache, name, "1"));
	}
	cache_free(cache);
}

static void plain_answers_go_before_any_policy(void **state)
{
	struct cache *cache = fresh_cache(200000);
	char name[40];

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		text_format(name, sizeof(name), "keep%u.example", i);
		keep_policy(cache, name, "1", "testing", 86400, 100);
	}
	for (unsigned i = 0; i < 5000; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		keep(cache, QUESTION_ADDR, name, ANSWER_SECURE, 3600);
	}
	for (unsigned i = 0; i < 50; i++) {
		text_format(name, sizeof(name), "keep%u.example", i);
		assert_true(holds(cache, name, "1"));
	}
	cache_free(cache);
}

static void a_few_huge_policies_do_not_push_out_the_small(void **state)
{
	struct cache *cache = fresh_cache(400000);
	char name[40];
	unsigned kept = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		text_format(name, sizeof(name), "small%u.example", i);
		keep_policy(cache, name, "1", "enforce", 86400, 0);
		text_format(name, sizeof(name), "huge%u.example", i);
		keep_policy(cache, name, "1", "enforce", 86400, 60000);
	}
	for (unsigned i = 0; i < 100; i++) {
		text_format(name, sizeof(name), "small%u.example", i);
		kept += holds(cache, name, "1");
	}
	assert_int_equal(kept, 100);
	cache_free(cache);
}

static void what_is_used_stays_longer(void **state)
{
	struct cache *cache = fresh_cache(400000);
	char name[40];
	unsigned kept = 0;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		keep(cache, QUESTION_ADDR, name, ANSWER_SECURE, 3600);
		if (i == 0)
			continue;
		kept += known(cache, QUESTION_ADDR, "d0.example", "");
	}
	assert_int_equal(kept, 4999);
	cache_free(cache);
}

static void what_expired_is_swept_out_by_what_comes_in(void **state)
{
	struct cache *cache = fresh_cache(1 << 20);
	char name[40];
	size_t most;

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		keep(cache, QUESTION_ADDR, name, ANSWER_SECURE, 60);
	}
	most = cache_entries(cache);
	assert_int_equal(most, 500);
	now += 61;
	for (unsigned i = 0; i < 300; i++)
		keep(cache, QUESTION_TLSA, "mx.example.com", ANSWER_SECURE, 60);
	assert_int_equal(cache_entries(cache), 1);
	cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S27_the_bound_holds_whatever_comes),
		cmocka_unit_test(a_bound_too_small_for_anything_keeps_nothing),
		cmocka_unit_test(S27_enforce_policies_are_pushed_out_last),
		cmocka_unit_test(plain_answers_go_before_any_policy),
		cmocka_unit_test(a_few_huge_policies_do_not_push_out_the_small),
		cmocka_unit_test(what_is_used_stays_longer),
		cmocka_unit_test(what_expired_is_swept_out_by_what_comes_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
