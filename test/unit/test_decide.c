/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables themselves are tested by test/scenario; this is the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts_help.h"

static void nothing_known_is_no_leave_to_deliver(void **state)
{
	struct facts *facts = facts_of("example.com");
	danests_policy *policy;

	(void)state;
	assert_int_equal(decide(&policy, facts, NOW), DANESTS_OK);
	assert_int_equal(danests_policy_level(policy), DANESTS_LEVEL_DEFER);
	assert_int_equal(danests_policy_dane(policy), DANESTS_DANE_ERROR);
	assert_int_equal(danests_policy_expires(policy), NOW);
	danests_policy_unref(policy);
	facts_free(facts);
}

/* N3: a question still open counts as failed. */
static void open_questions_count_as_failed(void **state)
{
	struct facts *facts = facts_of("example.com");
	danests_policy *policy;

	(void)state;
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	learn(facts, "MX example.com", absent(QUESTION_MX));
	expect_next(facts, "ADDR example.com");
	assert_int_equal(decide(&policy, facts, NOW), DANESTS_OK);
	assert_int_equal(danests_policy_level(policy), DANESTS_LEVEL_DEFER);
	assert_int_equal(danests_policy_expires(policy), NOW);
	assert_string_equal(danests_policy_reason(policy), "ADDR example.com: no answer");
	danests_policy_unref(policy);
	facts_free(facts);
}

static struct facts *relay_without_tlsa(time_t expires)
{
	struct facts *facts = facts_of("[mx.example.com]:587");

	expect_next(facts, "STSTXT mx.example.com,STSHELD mx.example.com,ADDR mx.example.com");
	learn(facts, "ADDR mx.example.com", answer_new(QUESTION_ADDR, ANSWER_INSECURE, expires));
	learn(facts, "STSTXT mx.example.com", absent(QUESTION_STSTXT));
	learn(facts, "STSHELD mx.example.com", answer_new(QUESTION_STSHELD,
	    ANSWER_ABSENT_INSECURE, 0));
	return facts;
}

static void expiry_is_never_in_the_past(void **state)
{
	struct facts *facts = relay_without_tlsa(NOW - 5);
	danests_policy *policy;

	(void)state;
	assert_int_equal(decide(&policy, facts, NOW), DANESTS_OK);
	assert_int_equal(danests_policy_expires(policy), NOW);
	danests_policy_unref(policy);
	facts_free(facts);
}

/* That nothing is held is not what the policy rests on. */
static void absent_held_policy_does_not_shorten(void **state)
{
	struct facts *facts = relay_without_tlsa(NOW + 50);
	danests_policy *policy;

	(void)state;
	assert_int_equal(decide(&policy, facts, NOW), DANESTS_OK);
	assert_int_equal(danests_policy_expires(policy), NOW + 50);
	danests_policy_unref(policy);
	facts_free(facts);
}

static void policy_outlives_its_facts(void **state)
{
	struct facts *facts = relay_without_tlsa(NOW + 50);
	danests_policy *policy, *again;

	(void)state;
	assert_int_equal(decide(&policy, facts, NOW), DANESTS_OK);
	facts_free(facts);
	again = danests_policy_ref(policy);
	danests_policy_unref(policy);
	assert_string_equal(danests_policy_nexthop(again), "[mx.example.com]:587");
	assert_string_equal(danests_policy_domain(again), "mx.example.com");
	assert_int_equal(danests_policy_hosts(again), 1);
	assert_string_equal(danests_policy_host(again, 0)->name, "mx.example.com");
	assert_null(danests_policy_host(again, 1));
	assert_null(danests_policy_sts(again));
	assert_true(danests_policy_mx_secure(again));
	danests_policy_unref(again);
	danests_policy_unref(NULL);
}

static void every_number_has_a_word(void **state)
{
	(void)state;
	for (int i = DANESTS_ESYSTEM; i <= 0; i++)
		assert_string_not_equal(danests_strerror(i), "?");
	assert_string_equal(danests_strerror(-99), "?");
	for (int i = DANESTS_LEVEL_NONE; i <= DANESTS_LEVEL_DEFER; i++)
		assert_string_not_equal(danests_level_name((enum danests_level)i), "?");
	for (int i = DANESTS_DANE_NONE; i <= DANESTS_DANE_ERROR; i++)
		assert_string_not_equal(danests_dane_name((enum danests_dane)i), "?");
	for (int i = DANESTS_HOST_NONE; i <= DANESTS_HOST_GONE; i++)
		assert_string_not_equal(danests_host_state_name((enum danests_host_state)i),
		    "?");
	for (int i = DANESTS_STS_ABSENT; i <= DANESTS_STS_ERROR; i++)
		assert_string_not_equal(danests_sts_state_name((enum danests_sts_state)i),
		    "?");
	assert_string_equal(danests_result_name(DANESTS_STS_WEBPKI_INVALID), "sts-webpki-invalid");
	assert_string_equal(danests_result_name(DANESTS_DANE_REQUIRED), "dane-required");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_known_is_no_leave_to_deliver),
		cmocka_unit_test(open_questions_count_as_failed),
		cmocka_unit_test(expiry_is_never_in_the_past),
		cmocka_unit_test(absent_held_policy_does_not_shorten),
		cmocka_unit_test(policy_outlives_its_facts),
		cmocka_unit_test(every_number_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
