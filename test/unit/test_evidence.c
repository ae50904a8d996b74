/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy rests on, as people get to see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "facts_help.h"
#include "plan/policy.h"

static const uint8_t v4[4] = { 192, 0, 2, 1 }, v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

static struct answer *ok(struct answer *a, int r)
{
	assert_int_equal(r, DANESTS_OK);
	return a;
}

static struct answer *data(enum question_kind kind)
{
	return answer_new(kind, ANSWER_SECURE, NOW + 100);
}

/* A policy that holds these answers, and nothing else that would explain it. */
static danests_policy *holding(struct answer **answers, const char *const *names, size_t count)
{
	struct nexthop nh = { .domain = { "example.com" }, .port = 25 };
	danests_policy *policy = policy_new(&nh, 0, count, 1000);

	assert_non_null(policy);
	for (size_t i = 0; i < count; i++) {
		policy_hold(policy, answers[i], names[i], strlen(names[i]));
		answer_unref(answers[i]);
	}
	return policy;
}

static danests_policy *holding_one(struct answer *a)
{
	static const char *const name = "example.com";

	return holding(&a, &name, 1);
}

static void expect_record(const danests_policy *policy, size_t answer, size_t record,
    const char *want)
{
	char out[200];

	assert_int_equal(danests_policy_record(policy, answer, record, out, sizeof(out)),
	    strlen(want));
	assert_string_equal(out, want);
}

/* ---- Which answers ---- */

static struct answer *aliased_mx(enum answer_state state)
{
	struct answer *a = answer_new(QUESTION_MX, state, NOW + 70);

	assert_int_equal(answer_add_mx(a, 10, "mx.example.net"), DANESTS_OK);
	return ok(a, answer_set_alias(a, "www.example.com"));
}

static danests_policy *looked_up(struct answer *mx, struct answer *addr)
{
	struct facts *facts = facts_of("example.com");
	danests_policy *policy;

	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	learn(facts, "MX example.com", mx);
	learn(facts, "STSTXT example.com", absent(QUESTION_STSTXT));
	learn(facts, "STSHELD example.com", answer_new(QUESTION_STSHELD,
	    ANSWER_ABSENT_INSECURE, 0));
	expect_next(facts, "ADDR mx.example.net");
	learn(facts, "ADDR mx.example.net", addr);
	assert_int_equal(decide(&policy, facts, NOW), DANESTS_OK);
	facts_free(facts);
	return policy;
}

static void all_answers_are_shown_with_their_questions(void **state)
{
	danests_policy *policy = looked_up(aliased_mx(ANSWER_SECURE),
	    answer_failed(QUESTION_ADDR, FAILURE_BOGUS, NOW + 15, "signature expired"));
	struct danests_answer a;

	(void)state;
	assert_int_equal(danests_policy_answers(policy), 4);
	assert_true(danests_policy_answer(policy, 0, &a));
	assert_string_equal(a.kind, "MX");
	assert_string_equal(a.name, "example.com");
	assert_int_equal(a.security, DANESTS_SECURE);
	assert_string_equal(a.alias, "www.example.com");
	assert_string_equal(a.reason, "");
	assert_int_equal(a.expires, NOW + 70);
	assert_int_equal(a.count, 1);
	expect_record(policy, 0, 0, "10 mx.example.net");
	assert_true(danests_policy_answer(policy, 1, &a));
	assert_string_equal(a.kind, "STSTXT");
	assert_int_equal(a.security, DANESTS_ABSENT_SECURE);
	assert_int_equal(a.count, 0);
	assert_true(danests_policy_answer(policy, 2, &a));
	assert_string_equal(a.kind, "STSHELD");
	assert_int_equal(a.security, DANESTS_ABSENT_INSECURE);
	assert_true(danests_policy_answer(policy, 3, &a));
	assert_string_equal(a.kind, "ADDR");
	assert_string_equal(a.name, "mx.example.net");
	assert_int_equal(a.security, DANESTS_FAILED);
	assert_true(a.bogus);
	assert_string_equal(a.reason, "DNSSEC bogus (signature expired)");
	assert_string_equal(a.alias, "");
	danests_policy_unref(policy);
}

static void what_is_not_there_is_not_shown(void **state)
{
	danests_policy *policy = holding_one(ok(data(QUESTION_ADDR), DANESTS_OK));
	struct danests_answer a = { .kind = "untouched" };
	char out[8] = "before";
	size_t len = 7;

	(void)state;
	assert_false(danests_policy_answer(policy, 1, &a));
	assert_string_equal(a.kind, "untouched");
	assert_int_equal(danests_policy_record(policy, 1, 0, out, sizeof(out)), -1);
	assert_int_equal(danests_policy_record(policy, 0, 0, out, sizeof(out)), -1);
	assert_string_equal(out, "before");
	assert_null(danests_policy_text(policy, 0, 0, &len));
	assert_int_equal(len, 0);
	assert_null(danests_policy_text(policy, 1, 0, &len));
	danests_policy_unref(policy);
}

/* RFC 7672 3.2.2: a reference identifier only where the alias is secure. */
static void U8_the_expanded_nexthop_is_that_of_a_secure_answer(void **state)
{
	static const enum answer_state states[] = { ANSWER_SECURE, ANSWER_INSECURE };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		danests_policy *policy = looked_up(aliased_mx(states[i]),
		    answer_new(QUESTION_ADDR, ANSWER_ABSENT_SECURE, NOW + 60));

		if (states[i] == ANSWER_SECURE)
			assert_string_equal(policy->expanded, "www.example.com");
		else
			assert_null(policy->expanded);
		danests_policy_unref(policy);
	}
}

static void a_host_that_failed_says_why_by_its_token(void **state)
{
	static const struct {
		enum answer_failure failure;
		const char *token;
	} cases[] = {
		{ FAILURE_BOGUS, "dnssec-invalid" }, { FAILURE_TIMEOUT, "dns-query-failed" },
		{ FAILURE_NONE, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct answer *addr = cases[i].failure != FAILURE_NONE ?
		    answer_failed(QUESTION_ADDR, cases[i].failure, NOW + 15, NULL) :
		    absent(QUESTION_ADDR);
		danests_policy *policy = looked_up(aliased_mx(ANSWER_SECURE), addr);

		assert_string_equal(danests_policy_host(policy, 0)->token, cases[i].token);
		danests_policy_unref(policy);
	}
}

/* ---- Records ---- */

static void records_are_written_as_in_a_zone_file(void **state)
{
	static const uint8_t ds[] = { 0x4f, 0x66, 8, 2, 0xe0, 0x6d }, bits[] = { 0x0a, 0xff };
	struct danests_tlsa rec = { .usage = 3, .selector = 1, .mtype = 1, .len = 2, .data = bits };
	struct answer *a[] = {
		data(QUESTION_MX), data(QUESTION_ADDR), data(QUESTION_TLSA), data(QUESTION_CNAME),
		data(QUESTION_DS), data(QUESTION_STSTXT), data(QUESTION_STS),
	};
	static const char *const names[] = { "a.example", "b.example", "_25._tcp.b.example",
		"c.example", "example", "example.com", "example.com" };
	struct danests_answer shown;
	danests_policy *policy;

	(void)state;
	assert_int_equal(answer_add_mx(a[0], 65535, NULL), DANESTS_OK);
	assert_int_equal(answer_add_addr(a[1], 4, v4), DANESTS_OK);
	assert_int_equal(answer_add_addr(a[1], 6, v6), DANESTS_OK);
	assert_int_equal(answer_add_tlsa(a[2], &rec), DANESTS_OK);
	rec = (struct danests_tlsa){0};
	assert_int_equal(answer_add_tlsa(a[2], &rec), DANESTS_OK);
	assert_int_equal(answer_set_alias(a[3], "d.example"), DANESTS_OK);
	assert_int_equal(answer_add_raw(a[4], ds, sizeof(ds)), DANESTS_OK);
	assert_int_equal(answer_add_raw(a[4], ds, 4), DANESTS_OK);
	assert_int_equal(answer_set_id(a[5], "20260101"), DANESTS_OK);
	assert_int_equal(answer_set_id(a[6], "7"), DANESTS_OK);
	policy = holding(a, names, COUNT_OF(a));
	expect_record(policy, 0, 0, "65535 ?"); /* L20: not a host name */
	expect_record(policy, 1, 0, "2001:db8::1");
	expect_record(policy, 1, 1, "192.0.2.1");
	expect_record(policy, 2, 0, "3 1 1 0AFF");
	expect_record(policy, 2, 1, "0 0 0"); /* L16: too short to be read */
	expect_record(policy, 3, 0, "d.example");
	expect_record(policy, 4, 0, "20326 8 2 E06D");
	expect_record(policy, 4, 1, "20326 8 2");
	expect_record(policy, 5, 0, "20260101");
	expect_record(policy, 6, 0, "7");
	for (size_t i = 0; i < COUNT_OF(a); i++) {
		assert_true(danests_policy_answer(policy, i, &shown));
		assert_string_equal(shown.name, names[i]);
		assert_int_equal(danests_policy_record(policy, i, shown.count, NULL, 0), -1);
		assert_true(danests_policy_record(policy, i, shown.count - 1, NULL, 0) > 0);
	}
	danests_policy_unref(policy);
}

/* L4: the record that is not kept is shown. */
static void a_null_mx_is_a_record(void **state)
{
	struct answer *a = data(QUESTION_MX);
	struct danests_answer shown;
	danests_policy *policy;

	(void)state;
	a->null_mx = true;
	policy = holding_one(a);
	assert_true(danests_policy_answer(policy, 0, &shown));
	assert_int_equal(shown.count, 1);
	expect_record(policy, 0, 0, "0 .");
	danests_policy_unref(policy);
	a = data(QUESTION_MX);
	assert_int_equal(answer_add_mx(a, 10, "mx.example.com"), DANESTS_OK);
	a->null_beside = true;
	policy = holding_one(a);
	assert_true(danests_policy_answer(policy, 0, &shown));
	assert_int_equal(shown.count, 2);
	expect_record(policy, 0, 0, "10 mx.example.com");
	expect_record(policy, 0, 1, "0 .");
	danests_policy_unref(policy);
}

static void text_is_printable_and_its_octets_are_there(void **state)
{
	static const char raw[] = "v=STSv1; id=\"1\\2\";\xc3\xbc\0\n";
	struct answer *a = data(QUESTION_TXT);
	danests_policy *policy;
	const char *text;
	size_t len;

	(void)state;
	assert_int_equal(answer_add_raw(a, (const uint8_t *)"", 0), DANESTS_OK);
	assert_int_equal(answer_add_raw(a, (const uint8_t *)raw, sizeof(raw) - 1), DANESTS_OK);
	policy = holding_one(a);
	expect_record(policy, 0, 0, "");
	expect_record(policy, 0, 1, "v=STSv1; id=\\\"1\\\\2\\\";\\195\\188\\000\\010");
	text = danests_policy_text(policy, 0, 1, &len);
	assert_int_equal(len, sizeof(raw) - 1);
	assert_memory_equal(text, raw, len);
	assert_non_null(danests_policy_text(policy, 0, 0, &len));
	assert_int_equal(len, 0);
	danests_policy_unref(policy);
}

static void a_policy_text_is_there_as_it_was_fetched(void **state)
{
	static const char text[] = "version: STSv1\nmode: none\nmax_age: 86400\n";
	struct answer *a = data(QUESTION_STSHELD);
	struct stsbody body;
	char why[STSBODY_WHY];
	danests_policy *policy;
	size_t len;

	(void)state;
	assert_int_equal(stsbody_parse(&body, text, strlen(text), why), DANESTS_OK);
	assert_int_equal(answer_set_policy(a, text, strlen(text), &body), DANESTS_OK);
	assert_int_equal(answer_set_id(a, "7"), DANESTS_OK);
	policy = holding_one(a);
	assert_string_equal(danests_policy_text(policy, 0, 0, &len), text);
	assert_int_equal(len, strlen(text));
	danests_policy_unref(policy);
}

static void what_does_not_fit_is_counted_and_cut(void **state)
{
	static const char want[] = "10 mx.example.com";
	struct answer *a = data(QUESTION_MX);
	danests_policy *policy;
	char out[sizeof(want) + 1];

	(void)state;
	assert_int_equal(answer_add_mx(a, 10, "mx.example.com"), DANESTS_OK);
	policy = holding_one(a);
	for (size_t size = 0; size <= sizeof(out); size++) {
		memset(out, 'x', sizeof(out));
		assert_int_equal(danests_policy_record(policy, 0, 0, out, size), strlen(want));
		if (size > 0)
			assert_int_equal(strlen(out), size > strlen(want) ? strlen(want) : size - 1);
		if (size > 0)
			assert_memory_equal(out, want, strlen(out));
		if (size < sizeof(out))
			assert_int_equal(out[size], 'x');
	}
	danests_policy_unref(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_answers_are_shown_with_their_questions),
		cmocka_unit_test(what_is_not_there_is_not_shown),
		cmocka_unit_test(U8_the_expanded_nexthop_is_that_of_a_secure_answer),
		cmocka_unit_test(a_host_that_failed_says_why_by_its_token),
		cmocka_unit_test(records_are_written_as_in_a_zone_file),
		cmocka_unit_test(a_null_mx_is_a_record),
		cmocka_unit_test(text_is_printable_and_its_octets_are_there),
		cmocka_unit_test(a_policy_text_is_there_as_it_was_fetched),
		cmocka_unit_test(what_does_not_fit_is_counted_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
