/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies in the usual cases are tested by test/scenario; here are the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "plan/policy.h"
#include "facts_help.h"

#define ROOM 100001

static char reply[ROOM];

static const char *reply_of(const danests_policy *policy, const struct danests_postfix *options,
    size_t size)
{
	size_t len = danests_postfix_reply(policy, options, reply, size);

	assert_true(len < ROOM);
	reply[len] = '\0';
	return reply;
}

static danests_policy *policy_with(enum danests_dane dane, enum danests_sts_state sts)
{
	struct nexthop nh = { .domain = { "example.com" }, .port = 25 };
	danests_policy *policy = policy_new(&nh, 0, 0, 0);

	assert_non_null(policy);
	policy->dane = dane;
	policy->sts_state = sts;
	return policy;
}

/* A policy as its parser makes it. The caller unrefs both. */
static danests_policy *sts_policy(enum danests_sts_state state, const char *text,
    struct answer **held)
{
	danests_policy *policy = policy_with(DANESTS_DANE_NONE, state);
	struct stsbody body;
	char why[STSBODY_WHY];

	assert_int_equal(stsbody_parse(&body, text, strlen(text), why), DANESTS_OK);
	*held = answer_new(QUESTION_STS, ANSWER_INSECURE, NOW);
	assert_int_equal(answer_set_policy(*held, text, strlen(text), &body), DANESTS_OK);
	policy->sts_view = (struct danests_sts){
		.id = "1", .mx_count = (*held)->body.mx_count,
		.mx = (const char *const *)(*held)->body.mx,
		.text = (*held)->text, .text_len = (*held)->text_len,
	};
	policy->sts = &policy->sts_view;
	return policy;
}

static void level_is_the_word_of_the_reply(void **state)
{
	static const char *const plain[] = { "NOTFOUND", "dane-only", "dane", "dane", "dane",
		"dane", "TEMP", "TEMP" };
	struct danests_postfix options = {0};

	(void)state;
	for (int i = DANESTS_DANE_NONE; i <= DANESTS_DANE_ERROR; i++) {
		danests_policy *policy = policy_with((enum danests_dane)i, DANESTS_STS_ABSENT);
		const char *text = reply_of(policy, &options, ROOM), *word = plain[i];

		assert_string_equal(danests_postfix_level(policy, &options), word);
		if (strncmp(text, "OK ", 3) == 0)
			assert_string_equal(text + 3, word);
		else
			assert_memory_equal(text, word, strlen(word));
		danests_policy_unref(policy);
	}
}

/* spec.md section 4: at most 200 octets, whatever the names; the failure is told. */
static void temp_reason_is_bounded_and_says_what_failed(void **state)
{
	char name[DOMAIN_MAX + 1], reason[1200];
	struct danests_postfix options = {0};

	(void)state;
	memset(name, 'a', DOMAIN_MAX);
	name[DOMAIN_MAX] = '\0';
	for (size_t domain_len = 1; domain_len <= DOMAIN_MAX; domain_len += 4) {
		for (size_t words_len = 0; words_len < 400; words_len += 13) {
			struct nexthop nh = { .port = 25 };
			danests_policy *policy;
			const char *text;

			memcpy(nh.domain.name, name, domain_len);
			policy = policy_new(&nh, 0, 0, 0);
			policy->dane = DANESTS_DANE_BOGUS;
			snprintf(reason, sizeof(reason), "TLSA %s: DNSSEC bogus (%.*s\n)",
			    name + (domain_len * 7) % 250, (int)(words_len % 250), name);
			policy->reason = strdup(reason);
			text = reply_of(policy, &options, ROOM);
			assert_true(strlen(text) <= 5 + 200);
			assert_memory_equal(text, "TEMP a", 6);
			assert_non_null(strstr(text, ": TLSA a"));
			assert_non_null(strstr(text, ": DNSSEC bogus ("));
			assert_null(strchr(text, '\n'));
			danests_policy_unref(policy);
		}
	}
}

static void short_names_are_not_cut(void **state)
{
	danests_policy *policy = policy_with(DANESTS_DANE_BOGUS, DANESTS_STS_ABSENT);
	struct danests_postfix options = {0};

	(void)state;
	policy->reason = strdup("TLSA _25._tcp.mx1.example.com: DNSSEC bogus (signature expired)");
	assert_string_equal(reply_of(policy, &options, ROOM), "TEMP example.com: "
	    "TLSA _25._tcp.mx1.example.com: DNSSEC bogus (signature expired)");
	danests_policy_unref(policy);
}

#define SMALL_POLICY "version: STSv1\nmode: enforce\nmx: a.example.com\nmax_age: 9\n"

static void whatever_does_not_fit_is_dropped_from_the_end(void **state)
{
	struct danests_postfix options = { .tlsrpt = true };
	struct answer *held;
	danests_policy *policy = sts_policy(DANESTS_STS_ENFORCE, SMALL_POLICY, &held);
	const char *plain = "OK secure match=a.example.com servername=hostname";
	char whole[1024];
	size_t len;

	(void)state;
	len = strlen(reply_of(policy, &options, ROOM));
	assert_true(len < sizeof(whole));
	memcpy(whole, reply, len + 1);
	for (size_t size = 0; size <= len; size++) {
		const char *text = reply_of(policy, &options, size);

		assert_true(strlen(text) <= size);
		assert_memory_equal(text, whole, strlen(text));
		if (size < strlen(plain))
			assert_string_equal(text, "");
		else if (strstr(text, "policy_type") == NULL)
			assert_string_equal(text, plain);
		else /* all patterns, whole braces */
			assert_true(strstr(text, "mx_host_pattern=a.example.com") != NULL &&
			    (text[strlen(text) - 1] == '}' || strchr(text, '{') == NULL));
	}
	assert_string_equal(reply, whole);
	danests_policy_unref(policy);
	answer_unref(held);
}

/* A partial list would block mail (smtp_tls_enforce_sts_mx_patterns); a hostile
 * policy has thousands of patterns, and takes no time. */
static void too_many_patterns_drop_the_report_only(void **state)
{
	struct danests_postfix options = { .tlsrpt = true };
	struct buf text = {0};
	struct answer *held;
	danests_policy *policy;
	const char *got;

	(void)state;
	buf_str(&text, "version: STSv1\nmode: enforce\nmax_age: 9\n");
	for (int i = 0; i < 6000; i++)
		buf_printf(&text, "mx:m%d\n", i % 5900);
	policy = sts_policy(DANESTS_STS_ENFORCE, text.data, &held);
	got = reply_of(policy, &options, ROOM);
	assert_true(strlen(got) > 20000 && strlen(got) <= 100000);
	assert_null(strstr(got, "policy_type"));
	assert_null(strstr(strstr(got, ":m17:") + 1, ":m17:")); /* repeats are gone */
	assert_non_null(strstr(got, "match=m0:m1:m2:"));        /* in policy order */
	assert_non_null(strstr(got, ":m5899 servername=hostname"));
	danests_policy_unref(policy);

	answer_unref(held);
	buf_reset(&text);
	buf_str(&text, "version: STSv1\nmode: testing\nmax_age: 9\n");
	for (int i = 0; i < 6000; i++)
		buf_printf(&text, "mx:m%d\n", i);
	policy = sts_policy(DANESTS_STS_TESTING, text.data, &held);
	options.report_testing = true;
	assert_string_equal(reply_of(policy, &options, ROOM), "NOTFOUND ");
	danests_policy_unref(policy);
	answer_unref(held);
	buf_free(&text);
}

static void policy_strings_stop_at_the_limit_of_postfix(void **state)
{
	struct danests_postfix options = { .tlsrpt = true };
	struct buf text = {0};
	struct answer *held;
	danests_policy *policy;

	(void)state;
	buf_str(&text, SMALL_POLICY);
	for (int i = 0; i < 10000; i++)
		buf_str(&text, "a:b\n");
	policy = sts_policy(DANESTS_STS_ENFORCE, text.data, &held);
	assert_true(strlen(reply_of(policy, &options, ROOM)) <= 100000);
	assert_true(strlen(reply) > 99900);
	assert_int_equal(reply[strlen(reply) - 1], '}');
	danests_policy_unref(policy);
	answer_unref(held);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_is_the_word_of_the_reply),
		cmocka_unit_test(temp_reason_is_bounded_and_says_what_failed),
		cmocka_unit_test(short_names_are_not_cut),
		cmocka_unit_test(whatever_does_not_fit_is_dropped_from_the_end),
		cmocka_unit_test(too_many_patterns_drop_the_report_only),
		cmocka_unit_test(policy_strings_stop_at_the_limit_of_postfix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
