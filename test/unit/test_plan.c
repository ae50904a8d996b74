/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "facts_help.h"

static struct answer *with(struct answer *a, int r)
{
	assert_int_equal(r, DANESTS_OK);
	return a;
}

static struct answer *addr(enum answer_state state, const char *alias)
{
	static const uint8_t v4[4] = { 192, 0, 2, 1 };
	struct answer *a = answer_new(QUESTION_ADDR, state, NOW + 100);

	assert_int_equal(answer_add_addr(a, 4, v4), DANESTS_OK);
	return with(a, answer_set_alias(a, alias));
}

static struct answer *mx(const char *host)
{
	struct answer *a = answer_new(QUESTION_MX, ANSWER_SECURE, NOW + 100);

	return with(a, answer_add_mx(a, 10, host));
}

static void start(struct facts *facts)
{
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
}

static void round_one_of_a_relay_has_its_address_and_no_mx(void **state)
{
	struct facts *facts = facts_of("[mx.example.com]:587");

	(void)state;
	expect_next(facts, "STSTXT mx.example.com,STSHELD mx.example.com,ADDR mx.example.com");
	learn(facts, "ADDR mx.example.com", addr(ANSWER_SECURE, NULL));
	expect_next(facts, "TLSA _587._tcp.mx.example.com"); /* L14 */
	facts_free(facts);
}

static void l8_address_comes_before_tlsa(void **state)
{
	struct facts *facts = facts_of("example.com");

	(void)state;
	start(facts);
	learn(facts, "MX example.com", mx("mx.example.com"));
	expect_next(facts, "ADDR mx.example.com");
	learn(facts, "ADDR mx.example.com", addr(ANSWER_SECURE, NULL));
	expect_next(facts, "TLSA _25._tcp.mx.example.com");
	facts_free(facts);
}

static void l11_expanded_name_first_then_the_original(void **state)
{
	struct facts *facts = facts_of("example.com");

	(void)state;
	start(facts);
	learn(facts, "MX example.com", mx("mx.example.com"));
	expect_next(facts, "ADDR mx.example.com");
	learn(facts, "ADDR mx.example.com", addr(ANSWER_SECURE, "host.example.net"));
	expect_next(facts, "TLSA _25._tcp.host.example.net");
	learn(facts, "TLSA _25._tcp.host.example.net", absent(QUESTION_TLSA));
	expect_next(facts, "TLSA _25._tcp.mx.example.com");
	facts_free(facts);
}

static void n12_cname_is_asked_of_the_initial_name(void **state)
{
	struct facts *facts = facts_of("example.com");

	(void)state;
	start(facts);
	learn(facts, "MX example.com", mx("mx.example.com"));
	expect_next(facts, "ADDR mx.example.com");
	learn(facts, "ADDR mx.example.com", addr(ANSWER_INSECURE, "host.example.net"));
	expect_next(facts, "CNAME mx.example.com");
	facts_free(facts);
}

/* The policy host's address is asked for only when both are known. */
static void s13_held_policy_is_compared_before_anything_is_fetched(void **state)
{
	struct facts *facts = facts_of("example.com");
	struct answer *txt = answer_new(QUESTION_STSTXT, ANSWER_INSECURE, NOW + 100);
	struct question q;

	(void)state;
	start(facts);
	learn(facts, "STSTXT example.com", with(txt, answer_set_id(txt, "7")));
	expect_next(facts, "");
	learn(facts, "STSHELD example.com", answer_new(QUESTION_STSHELD,
	    ANSWER_ABSENT_INSECURE, 0));
	expect_next(facts, "ADDR mta-sts.example.com");
	learn(facts, "ADDR mta-sts.example.com", addr(ANSWER_INSECURE, NULL));
	assert_int_equal(plan_next(facts, &q, 1), 1);
	assert_int_equal(q.kind, QUESTION_STS);
	assert_string_equal(q.name.name, "example.com");
	assert_string_equal(q.id, "7");
	assert_int_equal(q.addr->count, 1); /* curl never resolves */
	facts_free(facts);
}

static void s14_a_refresh_asks_for_the_policy_whatever_is_held_and_for_nothing_else(void **state)
{
	struct facts *facts = facts_of("example.com");
	struct answer *txt = answer_new(QUESTION_STSTXT, ANSWER_INSECURE, NOW + 100);
	struct question q;

	(void)state;
	facts_only_sts(facts);
	expect_next(facts, "STSTXT example.com");
	learn(facts, "STSTXT example.com", with(txt, answer_set_id(txt, "7")));
	expect_next(facts, "ADDR mta-sts.example.com");
	learn(facts, "ADDR mta-sts.example.com", addr(ANSWER_INSECURE, NULL));
	assert_int_equal(plan_next(facts, &q, 1), 1);
	assert_int_equal(q.kind, QUESTION_STS);
	assert_string_equal(q.id, "7");
	assert_int_equal(facts_asked(facts), 3);
	facts_free(facts);
	facts = facts_of("example.com");
	facts_only_sts(facts);
	expect_next(facts, "STSTXT example.com");
	learn(facts, "STSTXT example.com", absent(QUESTION_STSTXT));
	expect_next(facts, "");
	facts_free(facts);
}

static struct facts *many_hosts(int count)
{
	struct answer *a = answer_new(QUESTION_MX, ANSWER_SECURE, NOW + 100);
	struct facts *facts = facts_of("example.com");
	char name[32];

	start(facts);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "mx%d.example.com", i);
		assert_int_equal(answer_add_mx(a, (uint16_t)i, name), DANESTS_OK);
	}
	learn(facts, "MX example.com", a);
	return facts;
}

static void hosts_beyond_the_limit_are_not_looked_at(void **state)
{
	struct facts *facts = many_hosts(FACTS_MAX_HOSTS + 50);
	struct question q[512];

	(void)state;
	assert_int_equal(plan_next(facts, q, 512), FACTS_MAX_HOSTS);
	assert_int_equal(facts_asked(facts), 3 + FACTS_MAX_HOSTS);
	facts_free(facts);
}

/* A longer list can never make the policy weaker: 5.16, N8. */
static void hosts_beyond_the_limit_count_as_one_that_failed(void **state)
{
	for (int beyond = 0; beyond < 2; beyond++) {
		struct facts *facts = many_hosts(FACTS_MAX_HOSTS + beyond);
		struct answer *insecure = addr(ANSWER_INSECURE, NULL);
		danests_policy *policy;
		struct question q;

		(void)state;
		while (plan_next(facts, &q, 1) == 1)
			assert_int_equal(facts_learn(facts, &q, insecure), DANESTS_OK);
		learn(facts, "STSTXT example.com", absent(QUESTION_STSTXT));
		learn(facts, "STSHELD example.com", absent(QUESTION_STSHELD));
		assert_int_equal(decide(&policy, facts, NOW), DANESTS_OK);
		assert_int_equal(danests_policy_dane(policy),
		    beyond ? DANESTS_DANE_UNKNOWN : DANESTS_DANE_NONE);
		danests_policy_unref(policy);
		answer_unref(insecure);
		facts_free(facts);
	}
}

static void small_helpings_give_every_question_once(void **state)
{
	struct facts *facts = many_hosts(20);
	struct question q[3];
	size_t n, all = 0;

	(void)state;
	while ((n = plan_next(facts, q, 3)) > 0)
		all += n;
	assert_int_equal(all, 20);
	facts_free(facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_one_of_a_relay_has_its_address_and_no_mx),
		cmocka_unit_test(l8_address_comes_before_tlsa),
		cmocka_unit_test(l11_expanded_name_first_then_the_original),
		cmocka_unit_test(n12_cname_is_asked_of_the_initial_name),
		cmocka_unit_test(s13_held_policy_is_compared_before_anything_is_fetched),
		cmocka_unit_test(
		    s14_a_refresh_asks_for_the_policy_whatever_is_held_and_for_nothing_else),
		cmocka_unit_test(hosts_beyond_the_limit_are_not_looked_at),
		cmocka_unit_test(hosts_beyond_the_limit_count_as_one_that_failed),
		cmocka_unit_test(small_helpings_give_every_question_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
