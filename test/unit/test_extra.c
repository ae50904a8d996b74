/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions for people: asked where they should be, and never of any consequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"
#include "facts_help.h"
#include "plan/extra.h"

#define ALL (DANESTS_EXTRA_TEXTS | DANESTS_EXTRA_CHAIN)

static const uint8_t v4[4] = { 192, 0, 2, 1 };

static struct facts *facts_with(const char *nexthop, unsigned int extra)
{
	struct facts *facts = facts_of(nexthop);

	facts_extra(facts, extra);
	return facts;
}

static struct answer *addr(enum answer_state state, const char *alias)
{
	struct answer *a = answer_new(QUESTION_ADDR, state, NOW + 100);

	assert_int_equal(answer_add_addr(a, 4, v4), DANESTS_OK);
	assert_int_equal(answer_set_alias(a, alias), DANESTS_OK);
	return a;
}

static struct answer *mx(const char *host)
{
	struct answer *a = answer_new(QUESTION_MX, ANSWER_SECURE, NOW + 100);

	assert_int_equal(answer_add_mx(a, 10, host), DANESTS_OK);
	return a;
}

static void nothing_is_asked_that_was_not_wished(void **state)
{
	struct facts *facts = facts_with("example.com", DANESTS_EXTRA_TEXTS);

	(void)state;
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com,"
	    "TXT _mta-sts.example.com,TXT _smtp._tls.example.com");
	learn(facts, "MX example.com", mx("mx.example.com"));
	expect_next(facts, "ADDR mx.example.com");
	facts_free(facts);
	facts = facts_with("example.com", DANESTS_EXTRA_CHAIN);
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	learn(facts, "MX example.com", mx("mx.example.com"));
	expect_next(facts, "ADDR mx.example.com,DS example.com,DS com");
	facts_free(facts);
}

static void the_chain_goes_down_to_each_host_once(void **state)
{
	struct facts *facts = facts_with("example.com", DANESTS_EXTRA_CHAIN);
	struct answer *a = mx("mx.a.example.com");

	(void)state;
	assert_int_equal(answer_add_mx(a, 20, "mx.example.net"), DANESTS_OK);
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	learn(facts, "MX example.com", a);
	expect_next(facts, "ADDR mx.a.example.com,ADDR mx.example.net,DS example.com,DS com");
	learn(facts, "ADDR mx.a.example.com", absent(QUESTION_ADDR));
	expect_next(facts, "DS mx.a.example.com,DS a.example.com");
	learn(facts, "ADDR mx.example.net", absent(QUESTION_ADDR));
	expect_next(facts, "DS mx.example.net,DS example.net,DS net");
	facts_free(facts);
}

/* An alias is no zone; unbound calls some of such questions bogus, too. */
static void of_an_alias_the_end_is_looked_at(void **state)
{
	struct facts *facts = facts_with("example.com", DANESTS_EXTRA_CHAIN);
	struct answer *a = mx("mx.example.com");

	(void)state;
	assert_int_equal(answer_set_alias(a, "www.example.org"), DANESTS_OK);
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	learn(facts, "MX example.com", a);
	expect_next(facts, "ADDR mx.example.com,DS com,DS www.example.org,DS example.org,DS org");
	learn(facts, "ADDR mx.example.com", addr(ANSWER_SECURE, "host.example.net"));
	expect_next(facts, "TLSA _25._tcp.host.example.net,"
	    "DS example.com,DS host.example.net,DS example.net,DS net");
	facts_free(facts);
}

static void a_relay_is_a_host(void **state)
{
	struct facts *facts = facts_with("[mx.example.com]:587", ALL);

	(void)state;
	expect_next(facts, "STSTXT mx.example.com,STSHELD mx.example.com,ADDR mx.example.com,"
	    "TXT _mta-sts.mx.example.com,TXT _smtp._tls.mx.example.com");
	learn(facts, "ADDR mx.example.com", absent(QUESTION_ADDR));
	expect_next(facts, "DS mx.example.com,DS example.com,DS com");
	facts_free(facts);
}

static void a_domain_that_fails_is_looked_at_all_the_same(void **state)
{
	struct facts *facts = facts_with("example.com", DANESTS_EXTRA_CHAIN);

	(void)state;
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	learn(facts, "MX example.com", answer_failed(QUESTION_MX, FAILURE_BOGUS, NOW + 15, NULL));
	expect_next(facts, "DS example.com,DS com");
	facts_free(facts);
}

static void names_that_cannot_exist_are_not_asked_for(void **state)
{
	char name[254], *p = name;
	struct facts *facts;

	(void)state;
	for (int i = 0; i < 4; i++)
		p += snprintf(p, 64, "%.*s.", 61, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaa");
	p[-1] = '\0';
	facts = facts_with(name, DANESTS_EXTRA_TEXTS);
	for (struct question q; plan_next(facts, &q, 1) == 1;)
		assert_int_not_equal(q.kind, QUESTION_TXT);
	facts_free(facts);
}

static const char *deep(char out[254], char first, unsigned i)
{
	snprintf(out, 254, "%c%u.b%u.c%u.d%u.e%u.f%u.g%u.h%u.i%u.j%u.k%u.example", first, i, i, i,
	    i, i, i, i, i, i, i, i);
	return out;
}

/* The worst that a domain can publish: plan.h says how many questions that makes. */
static void the_number_of_questions_is_bounded(void **state)
{
	struct answer *a = answer_new(QUESTION_MX, ANSWER_SECURE, NOW + 100);
	struct facts *facts = facts_with("l0.l1.l2.l3.l4.l5.l6.l7.l8.l9.l10.l11.example", ALL);
	const char *domain = facts->nexthop.domain.name;
	char name[254];
	size_t extra = 0, all = 0;
	struct question q;

	(void)state;
	assert_int_equal(answer_set_alias(a, deep(name, 'z', 9999)), DANESTS_OK);
	for (unsigned i = 0; i < FACTS_MAX_HOSTS; i++)
		assert_int_equal(answer_add_mx(a, 1, deep(name, 'm', i)), DANESTS_OK);
	while (plan_next(facts, &q, 1) == 1) {
		struct answer *got = absent(q.kind);

		all++;
		extra += question_is_extra(q.kind);
		if (q.kind == QUESTION_MX || q.kind == QUESTION_ADDR)
			answer_unref(got);
		if (q.kind == QUESTION_MX)
			got = answer_ref(a);
		if (q.kind == QUESTION_ADDR)
			got = addr(ANSWER_SECURE, deep(name, 't', (unsigned)(2000 + all)));
		if (q.kind == QUESTION_DS)
			assert_true(strlen(q.name.name) >= strlen("example"));
		assert_int_equal(facts_learn(facts, &q, got), DANESTS_OK);
		answer_unref(got);
	}
	assert_in_range(extra, EXTRA_MAX - 40, EXTRA_MAX); /* "example" is shared */
	assert_in_range(all, extra + 3 * FACTS_MAX_HOSTS, EXTRA_MAX + 5 + 4 * FACTS_MAX_HOSTS);
	assert_string_equal(domain, facts->nexthop.domain.name);
	answer_unref(a);
	facts_free(facts);
}

/* ---- Of no consequence ---- */

static struct answer *evidence(enum question_kind kind, unsigned which)
{
	static const enum answer_state states[] = { ANSWER_SECURE, ANSWER_INSECURE,
		ANSWER_ABSENT_SECURE, ANSWER_ABSENT_INSECURE };
	static const uint8_t rdata[] = { 1, 2, 8, 2, 5 };
	struct answer *a;

	if (which >= 4)
		return answer_failed(kind, which == 4 ? FAILURE_BOGUS : FAILURE_TIMEOUT,
		    NOW - 1, NULL);
	a = answer_new(kind, states[which], NOW + (time_t)which - 2);
	if (which < 2)
		assert_int_equal(answer_add_raw(a, rdata, sizeof(rdata)), DANESTS_OK);
	return a;
}

/* which 6: no answer at all. */
static danests_policy *decided_with(unsigned int extra, unsigned which)
{
	struct facts *facts = facts_with("example.com", extra);
	danests_policy *policy;
	struct question q;

	while (plan_next(facts, &q, 1) == 1) {
		struct answer *a;

		if (question_is_extra(q.kind)) {
			if (which == 6)
				continue;
			a = evidence(q.kind, which);
		} else if (q.kind == QUESTION_MX) {
			a = mx("mx.example.com");
		} else if (q.kind == QUESTION_ADDR) {
			a = addr(ANSWER_SECURE, NULL);
		} else {
			a = absent(q.kind);
		}
		assert_int_equal(facts_learn(facts, &q, a), DANESTS_OK);
		answer_unref(a);
	}
	assert_int_equal(decide(&policy, facts, NOW), DANESTS_OK);
	facts_free(facts);
	return policy;
}

static void evidence_decides_nothing_and_shortens_nothing(void **state)
{
	danests_policy *without = decided_with(0, 0);
	struct danests_answer a;

	(void)state;
	for (unsigned which = 0; which < 7; which++) {
		danests_policy *with = decided_with(ALL, which);
		size_t shown = danests_policy_answers(with);

		assert_int_equal(danests_policy_level(with), danests_policy_level(without));
		assert_int_equal(danests_policy_dane(with), danests_policy_dane(without));
		assert_int_equal(danests_policy_sts_state(with), danests_policy_sts_state(without));
		assert_int_equal(danests_policy_result(with), danests_policy_result(without));
		assert_string_equal(danests_policy_token(with), danests_policy_token(without));
		assert_string_equal(danests_policy_reason(with), danests_policy_reason(without));
		assert_int_equal(danests_policy_expires(with), NOW + 100);
		assert_int_equal(danests_policy_expires(without), NOW + 100);
		assert_int_equal(shown - danests_policy_answers(without), which == 6 ? 0 : 5);
		if (which == 4) {
			assert_true(danests_policy_answer(with, 3, &a));
			assert_string_equal(a.kind, "TXT");
			assert_string_equal(a.name, "_mta-sts.example.com");
			assert_true(a.bogus);
		}
		danests_policy_unref(with);
	}
	danests_policy_unref(without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_asked_that_was_not_wished),
		cmocka_unit_test(the_chain_goes_down_to_each_host_once),
		cmocka_unit_test(of_an_alias_the_end_is_looked_at),
		cmocka_unit_test(a_relay_is_a_host),
		cmocka_unit_test(a_domain_that_fails_is_looked_at_all_the_same),
		cmocka_unit_test(names_that_cannot_exist_are_not_asked_for),
		cmocka_unit_test(the_number_of_questions_is_bounded),
		cmocka_unit_test(evidence_decides_nothing_and_shortens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
