/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "plan/answer.h"

static const uint8_t v4[4] = { 192, 0, 2, 1 }, v6[16] = { 0x20, 0x01, 0x0d, 0xb8 };

/* L1 */
static void mx_are_kept_by_preference_then_as_received(void **state)
{
	static const uint16_t in[] = { 20, 10, 30, 10, 0 };
	static const char *const hosts[] = { "b", "x", "d", "y", "z" }, want[] = "zxybd";
	struct answer *a = answer_new(QUESTION_MX, ANSWER_SECURE, 1);

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(answer_add_mx(a, in[i], hosts[i]), DANESTS_OK);
	assert_int_equal(answer_add_mx(a, 99, NULL), DANESTS_OK);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(a->mx[i].host[0], want[i]);
	assert_null(a->mx[5].host);
	assert_int_equal(a->count, 6);
	answer_unref(a);
}

static void ipv6_comes_first(void **state)
{
	struct answer *a = answer_new(QUESTION_ADDR, ANSWER_SECURE, 1);

	(void)state;
	assert_int_equal(answer_add_addr(a, 4, v4), DANESTS_OK);
	assert_int_equal(answer_add_addr(a, 6, v6), DANESTS_OK);
	assert_int_equal(answer_add_addr(a, 4, v4), DANESTS_OK);
	assert_int_equal(a->addr[0].family, 6);
	assert_memory_equal(a->addr[0].bytes, v6, 16);
	assert_int_equal(a->addr[1].family, 4);
	assert_memory_equal(a->addr[2].bytes, v4, 4);
	answer_unref(a);
}

static void data_are_copied_and_counted(void **state)
{
	uint8_t data[3] = { 1, 2, 3 };
	struct danests_tlsa rec = { .usage = 3, .selector = 1, .mtype = 1, .len = 3, .data = data };
	struct danests_tlsa none = { .usage = 3 };
	struct answer *a = answer_new(QUESTION_TLSA, ANSWER_SECURE, 1);
	size_t before = a->bytes;

	(void)state;
	assert_int_equal(answer_add_tlsa(a, &rec), DANESTS_OK);
	assert_int_equal(answer_add_tlsa(a, &none), DANESTS_OK);
	data[0] = 9;
	assert_int_equal(a->tlsa[0].data[0], 1);
	assert_int_equal(a->tlsa[1].len, 0);
	assert_true(a->bytes >= before + 3 + 2 * sizeof(rec));
	answer_unref(a);
}

/* S27: what a hostile policy costs. Measured with glibc 2.36 on 64 bits: 9355 patterns
 * "a.b" take 498000 octets, of which 299360 are blocks and 131072 the array. */
static void a_policy_of_many_patterns_counts_what_it_costs(void **state)
{
	enum { PATTERNS = 9000 };
	static char text[STSBODY_MAX];
	struct answer *a = answer_new(QUESTION_STSHELD, ANSWER_INSECURE, 1);
	size_t len, before = a->bytes, word = sizeof(void *);
	struct stsbody body;
	char why[STSBODY_WHY];

	(void)state;
	text_format(text, sizeof(text), "version: STSv1\nmode: enforce\nmax_age: 86400\n");
	len = strlen(text);
	for (int i = 0; i < PATTERNS; i++) {
		memcpy(text + len, "mx:a.b\n", 7);
		len += 7;
	}
	assert_int_equal(stsbody_parse(&body, text, len, why), DANESTS_OK);
	assert_int_equal(answer_set_policy(a, text, len, &body), DANESTS_OK);
	assert_int_equal(a->body.mx_count, PATTERNS);
	assert_true(a->bytes - before >= len + PATTERNS * 4 * word + 16384 * word);
	assert_true(a->bytes - before < len + PATTERNS * 4 * word + 17000 * word);
	answer_unref(a);
}

static void failure_is_told_in_words(void **state)
{
	static const struct {
		enum answer_failure failure;
		const char *detail, *want;
	} cases[] = {
		{ FAILURE_BOGUS,    "signature expired",    "DNSSEC bogus (signature expired)" },
		{ FAILURE_BOGUS,    "",                     "DNSSEC bogus" },
		{ FAILURE_BOGUS,    NULL,                   "DNSSEC bogus" },
		{ FAILURE_TIMEOUT,  "no answer within 5 s", "no answer within 5 s" },
		{ FAILURE_SERVFAIL, "SERVFAIL",             "SERVFAIL" },
		{ FAILURE_SERVFAIL, "REFUSED",              "SERVFAIL (REFUSED)" },
		{ FAILURE_BOGUS,    "a\n{b}\xff\x01",       "DNSSEC bogus (a?{b}?" "?)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer *a = cases[i].detail == NULL ?
		    answer_failed(QUESTION_TLSA, cases[i].failure, 7, NULL) :
		    answer_failed(QUESTION_TLSA, cases[i].failure, 7, "%s", cases[i].detail);

		assert_int_equal(a->state, ANSWER_FAILED);
		assert_int_equal(a->failure, cases[i].failure);
		assert_int_equal(a->expires, 7);
		assert_string_equal(a->reason, cases[i].want);
		answer_unref(a);
	}
}

static void remote_words_are_bounded(void **state)
{
	char text[5000];
	struct answer *a;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	a = answer_failed(QUESTION_STS, FAILURE_STS_FETCH, 0, "%s", text);
	assert_true(strlen(a->reason) < 320);
	answer_unref(a);
}

static void octets_are_copied_and_counted(void **state)
{
	uint8_t data[3] = { 1, 0, 3 };
	struct answer *a = answer_new(QUESTION_TXT, ANSWER_SECURE, 1);
	size_t before = a->bytes;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(answer_add_raw(a, data, i % 4), DANESTS_OK);
	data[0] = 9;
	assert_int_equal(a->count, 5);
	assert_int_equal(a->raw[0].len, 0);
	assert_int_equal(a->raw[3].len, 3);
	assert_memory_equal(a->raw[3].data, "\1\0\3", 3);
	assert_true(a->bytes >= before + 5 * sizeof(*a->raw) + 6);
	answer_unref(a);
}

static void counting(void **state)
{
	struct answer *a = answer_new(QUESTION_MX, ANSWER_SECURE, 1);

	(void)state;
	assert_ptr_equal(answer_ref(a), a);
	answer_unref(a);
	assert_int_equal(a->state, ANSWER_SECURE);
	answer_unref(a);
	answer_unref(NULL);
}

enum { SEC, INS, ABS_S, ABS_I, TIMEOUT, BOGUS, KINDS };

static struct answer *half(int kind, int family)
{
	static const enum answer_state states[] = { ANSWER_SECURE, ANSWER_INSECURE,
		ANSWER_ABSENT_SECURE, ANSWER_ABSENT_INSECURE };
	struct answer *a;

	if (kind >= TIMEOUT)
		return answer_failed(QUESTION_ADDR,
		    kind == BOGUS ? FAILURE_BOGUS : FAILURE_TIMEOUT, 15, "detail");
	a = answer_new(QUESTION_ADDR, states[kind], 100 + kind);
	if (kind <= INS)
		assert_int_equal(answer_add_addr(a, family, family == 6 ? v6 : v4), DANESTS_OK);
	return a;
}

/* spec.md section 4, rules.md 5.13, N3, N8: every pair, both ways round. */
static void two_families_become_one_answer(void **state)
{
	static const int want[KINDS][KINDS] = {
		[SEC]     = { SEC,   SEC,   SEC,     SEC,     SEC,     BOGUS },
		[INS]     = { SEC,   INS,   INS,     INS,     INS,     BOGUS },
		[ABS_S]   = { SEC,   INS,   ABS_S,   ABS_I,   TIMEOUT, BOGUS },
		[ABS_I]   = { SEC,   INS,   ABS_I,   ABS_I,   TIMEOUT, BOGUS },
		[TIMEOUT] = { SEC,   INS,   TIMEOUT, TIMEOUT, TIMEOUT, BOGUS },
		[BOGUS]   = { BOGUS, BOGUS, BOGUS,   BOGUS,   BOGUS,   BOGUS },
	};

	(void)state;
	for (int i = 0; i < KINDS; i++) {
		for (int k = 0; k < KINDS; k++) {
			struct answer *a = half(i, 4), *aaaa = half(k, 6);
			struct answer *expected = half(want[i][k], 4);
			struct answer *got = answer_merge_addr(a, aaaa);

			assert_int_equal(got->kind, QUESTION_ADDR);
			assert_int_equal(got->state, expected->state);
			assert_int_equal(got->failure, expected->failure);
			if (got->state == ANSWER_FAILED)
				assert_non_null(got->reason);
			if (i <= INS && k <= INS)
				assert_int_equal(got->count, 2);
			answer_unref(a);
			answer_unref(aaaa);
			answer_unref(expected);
			answer_unref(got);
		}
	}
}

static void merged_alias_and_expiry(void **state)
{
	struct answer *a = half(SEC, 4), *b = half(ABS_S, 6), *c = half(TIMEOUT, 6), *got;

	(void)state;
	assert_int_equal(answer_set_alias(a, "host.example.net"), DANESTS_OK);
	a->expires = 1000;
	got = answer_merge_addr(a, b);
	assert_string_equal(got->alias, "host.example.net");
	assert_int_equal(got->expires, b->expires);
	answer_unref(got);
	/* The good half stays good as long as it is. */
	got = answer_merge_addr(a, c);
	assert_int_equal(got->expires, 1000);
	answer_unref(got);
	answer_unref(a);
	answer_unref(b);
	answer_unref(c);
}

static void nxdomain_takes_both_halves(void **state)
{
	struct answer *a = half(ABS_S, 4), *b = half(ABS_S, 6), *got;

	(void)state;
	a->nxdomain = true;
	got = answer_merge_addr(a, b);
	assert_false(got->nxdomain);
	answer_unref(got);
	b->nxdomain = true;
	got = answer_merge_addr(a, b);
	assert_true(got->nxdomain);
	answer_unref(got);
	answer_unref(a);
	answer_unref(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mx_are_kept_by_preference_then_as_received),
		cmocka_unit_test(ipv6_comes_first),
		cmocka_unit_test(data_are_copied_and_counted),
		cmocka_unit_test(a_policy_of_many_patterns_counts_what_it_costs),
		cmocka_unit_test(failure_is_told_in_words),
		cmocka_unit_test(remote_words_are_bounded),
		cmocka_unit_test(octets_are_copied_and_counted),
		cmocka_unit_test(counting),
		cmocka_unit_test(two_families_become_one_answer),
		cmocka_unit_test(merged_alias_and_expiry),
		cmocka_unit_test(nxdomain_takes_both_halves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
