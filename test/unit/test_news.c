/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/attr.h"
#include "danests.h"
#include "plugin/news.h"

#define NOW ((time_t)1767225600)

static struct memo_value sts(enum danests_sts_state state, const char *id)
{
	return (struct memo_value){
		.sts = (uint8_t)state, .sts_id = id, .token = "", .reason = "",
	};
}

static struct memo_value dane(enum danests_dane state)
{
	struct memo_value v = sts(DANESTS_STS_ABSENT, "");

	v.dane = v.settled = (uint8_t)state;
	return v;
}

static struct memo_value trouble(enum danests_sts_state state, const char *token)
{
	struct memo_value v = sts(state, "7");

	v.token = token;
	v.reason = "TXT _mta-sts.example.com: SERVFAIL";
	return v;
}

static void change_of_mode_names_both_modes_and_ids(void **state)
{
	struct memo_value was = sts(DANESTS_STS_ENFORCE, "1"), is = sts(DANESTS_STS_TESTING, "2");
	char text[NEWS_TEXT];

	(void)state;
	assert_true(news_mode(text, "example.com", &was, &is));
	assert_string_equal(text, "example.com: MTA-STS policy changed: was enforce (id 1),"
	    " is testing (id 2)");
	assert_true(news_mode(text, "example.com", &is, &was));
	assert_string_equal(text, "example.com: MTA-STS policy changed: was testing (id 2),"
	    " is enforce (id 1)");
	is = sts(DANESTS_STS_ERROR, "");
	is.reason = "HTTPS: no answer";
	assert_true(news_mode(text, "example.com", &was, &is));
	assert_string_equal(text, "example.com: MTA-STS policy changed: was enforce (id 1),"
	    " is error (id -): HTTPS: no answer");
}

static void a_mode_that_stays_or_a_first_policy_is_no_change(void **state)
{
	static const struct {
		enum danests_sts_state was, is;
		bool want;
	} tests[] = {
		{ DANESTS_STS_ENFORCE, DANESTS_STS_ENFORCE, false },
		{ DANESTS_STS_ABSENT, DANESTS_STS_ENFORCE, false },
		{ DANESTS_STS_ERROR, DANESTS_STS_TESTING, false },
		{ DANESTS_STS_NONE, DANESTS_STS_NONE, false },
		{ DANESTS_STS_ENFORCE, DANESTS_STS_NONE, true },
		{ DANESTS_STS_ENFORCE, DANESTS_STS_ABSENT, true },
		{ DANESTS_STS_TESTING, DANESTS_STS_NONE, true },
		{ DANESTS_STS_NONE, DANESTS_STS_ENFORCE, true },
	};
	char text[NEWS_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tests); i++) {
		struct memo_value was = sts(tests[i].was, "1"), is = sts(tests[i].is, "2");

		assert_int_equal(news_mode(text, "example.com", &was, &is), tests[i].want);
	}
}

static void less_dane_is_news_and_more_is_not(void **state)
{
	/* The best first; the last three are failures, of which forgery is the worst. */
	static const enum danests_dane order[] = {
		DANESTS_DANE_FULL, DANESTS_DANE_PARTIAL, DANESTS_DANE_HALF,
		DANESTS_DANE_UNUSABLE, DANESTS_DANE_NONE, DANESTS_DANE_ERROR, DANESTS_DANE_BOGUS
	};
	struct memo_value unknown = dane(DANESTS_DANE_UNKNOWN);
	char text[NEWS_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(order); i++) {
		for (size_t j = 0; j < COUNT_OF(order); j++) {
			struct memo_value was = dane(order[i]), is = dane(order[j]);

			/* After a failure that was not preceded by anything better. */
			was.settled = i > 4 ? DANESTS_DANE_NONE : was.dane;
			assert_int_equal(news_dane(text, "x", &was, &is, ""), i < j);
		}
	}
	for (size_t i = 0; i < 5; i++) {
		struct memo_value was = dane(order[i]);

		assert_true(news_dane(text, "x", &was, &unknown, ""));
	}
}

static void what_was_what_is_and_why(void **state)
{
	struct memo_value was = dane(DANESTS_DANE_FULL), is = dane(DANESTS_DANE_PARTIAL);
	char text[NEWS_TEXT];

	(void)state;
	assert_true(news_dane(text, "example.com", &was, &is, "MX host mx2: no TLSA"));
	assert_string_equal(text, "example.com: DANE got worse: was full, is partial:"
	    " MX host mx2: no TLSA");
}

static void a_failure_in_between_does_not_hide_a_loss(void **state)
{
	struct memo_value was = dane(DANESTS_DANE_ERROR), is = dane(DANESTS_DANE_NONE);
	char text[NEWS_TEXT];

	(void)state;
	was.settled = DANESTS_DANE_FULL;
	assert_true(news_dane(text, "example.com", &was, &is, ""));
	assert_string_equal(text, "example.com: DANE got worse: was full, is none");
	is = dane(DANESTS_DANE_FULL);
	assert_false(news_dane(text, "example.com", &was, &is, ""));
}

static void refresh_that_fails_is_said_when_it_starts_and_daily(void **state)
{
	struct memo_value first = trouble(DANESTS_STS_ENFORCE, "sts-policy-fetch-error");
	struct memo_value soon = first, later = first, good = sts(DANESTS_STS_ENFORCE, "7");
	char text[NEWS_TEXT];

	(void)state;
	assert_true(news_refresh(text, "example.com", NULL, &first, NOW));
	assert_string_equal(text, "example.com: MTA-STS policy refresh fails, the known policy"
	    " (enforce, id 7) goes on: sts-policy-fetch-error:"
	    " TXT _mta-sts.example.com: SERVFAIL");
	assert_int_equal(first.warned, NOW);
	assert_false(news_refresh(text, "example.com", &first, &soon, NOW + NEWS_AGAIN - 1));
	assert_int_equal(soon.warned, NOW);
	assert_true(news_refresh(text, "example.com", &soon, &later, NOW + NEWS_AGAIN));
	assert_non_null(strstr(text, "still fails"));
	assert_int_equal(later.warned, NOW + NEWS_AGAIN);
	assert_false(news_refresh(text, "example.com", &later, &good, NOW + NEWS_AGAIN + 1));
	assert_int_equal(good.warned, 0);
}

static void every_failure_of_a_refresh_counts_but_s25_mode_none(void **state)
{
	static const char *const tokens[] = {
		"sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid",
		"dns-query-failed", "dnssec-invalid",
	};
	char text[NEWS_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tokens); i++) {
		struct memo_value enforce = trouble(DANESTS_STS_ENFORCE, tokens[i]);
		struct memo_value testing = trouble(DANESTS_STS_TESTING, tokens[i]);
		struct memo_value none = trouble(DANESTS_STS_NONE, tokens[i]);
		struct memo_value nothing = trouble(DANESTS_STS_ERROR, tokens[i]);

		assert_true(news_refresh(text, "x", NULL, &enforce, NOW));
		assert_true(news_refresh(text, "x", NULL, &testing, NOW));
		assert_false(news_refresh(text, "x", NULL, &none, NOW));
		assert_false(news_refresh(text, "x", NULL, &nothing, NOW));
	}
}

static void trouble_of_dane_says_nothing_about_a_refresh(void **state)
{
	struct memo_value was = trouble(DANESTS_STS_ENFORCE, "sts-policy-fetch-error");
	struct memo_value is = trouble(DANESTS_STS_ENFORCE, "dns-query-failed");
	char text[NEWS_TEXT];

	(void)state;
	is.dane = DANESTS_DANE_ERROR;
	assert_false(news_refresh(text, "x", NULL, &is, NOW));
	was.warned = NOW - 10;
	assert_false(news_refresh(text, "x", &was, &is, NOW));
	assert_int_equal(is.warned, NOW - 10); /* still true, as far as we know */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(change_of_mode_names_both_modes_and_ids),
		cmocka_unit_test(a_mode_that_stays_or_a_first_policy_is_no_change),
		cmocka_unit_test(less_dane_is_news_and_more_is_not),
		cmocka_unit_test(what_was_what_is_and_why),
		cmocka_unit_test(a_failure_in_between_does_not_hide_a_loss),
		cmocka_unit_test(refresh_that_fails_is_said_when_it_starts_and_daily),
		cmocka_unit_test(every_failure_of_a_refresh_counts_but_s25_mode_none),
		cmocka_unit_test(trouble_of_dane_says_nothing_about_a_refresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
