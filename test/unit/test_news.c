/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/text.h"
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

static void a_policy_that_is_gone_is_named_with_what_is_instead(void **state)
{
	struct memo_value was = sts(DANESTS_STS_ENFORCE, "1"), is = sts(DANESTS_STS_ERROR, "");
	char text[NEWS_TEXT];

	(void)state;
	is.reason = "HTTPS: no answer";
	assert_true(news_gone(text, "example.com", &was, &is));
	assert_string_equal(text, "example.com: MTA-STS policy changed: was enforce (id 1),"
	    " is error (id -): HTTPS: no answer");
	is = sts(DANESTS_STS_ABSENT, "");
	assert_true(news_gone(text, "example.com", &was, &is));
	assert_string_equal(text, "example.com: MTA-STS policy changed: was enforce (id 1),"
	    " is absent (id -)");
}

/* One policy instead of another: the library knows, also across a restart. */
static void a_change_that_the_library_tells_is_not_told_twice(void **state)
{
	static const enum danests_sts_state policies[] = {
		DANESTS_STS_ENFORCE, DANESTS_STS_TESTING, DANESTS_STS_NONE,
	};
	static const enum danests_sts_state others[] = { DANESTS_STS_ABSENT, DANESTS_STS_ERROR };
	char text[NEWS_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(policies); i++) {
		struct memo_value was = sts(policies[i], "1"), is;

		for (size_t j = 0; j < COUNT_OF(policies); j++) {
			is = sts(policies[j], "2");
			assert_false(news_gone(text, "x", &was, &is));
		}
		for (size_t j = 0; j < COUNT_OF(others); j++) {
			is = sts(others[j], "");
			assert_true(news_gone(text, "x", &was, &is));
			assert_false(news_gone(text, "x", &is, &was));
		}
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

static void S14_a_refresh_that_fails_is_said_when_it_starts_and_daily(void **state)
{
	struct memo_value failed = trouble(DANESTS_STS_ENFORCE, "sts-policy-fetch-error");
	struct memo_value good = sts(DANESTS_STS_ENFORCE, "7");
	struct news news;
	char text[NEWS_TEXT];

	(void)state;
	news_init(&news);
	assert_true(news_refresh(&news, text, "example.com", &failed, NOW));
	assert_string_equal(text, "example.com: MTA-STS policy refresh fails, the known policy"
	    " (enforce, id 7) goes on: sts-policy-fetch-error:"
	    " TXT _mta-sts.example.com: SERVFAIL");
	assert_false(news_refresh(&news, text, "example.com", &failed, NOW + NEWS_AGAIN - 1));
	assert_true(news_refresh(&news, text, "example.org", &failed, NOW + NEWS_AGAIN - 1));
	assert_false(news_refresh(&news, text, "example.com", &good, NOW + NEWS_AGAIN));
	assert_true(news_refresh(&news, text, "example.com", &failed, NOW + NEWS_AGAIN));
	assert_non_null(strstr(text, "still fails"));
	assert_false(news_refresh(&news, text, "example.com", &failed, NOW + NEWS_AGAIN + 1));
	news_free(&news);
}

static void S25_every_failure_of_a_refresh_counts_but_of_mode_none(void **state)
{
	static const char *const tokens[] = {
		"sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid",
		"dns-query-failed", "dnssec-invalid",
	};
	struct news news;
	char text[NEWS_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tokens); i++) {
		struct memo_value enforce = trouble(DANESTS_STS_ENFORCE, tokens[i]);
		struct memo_value testing = trouble(DANESTS_STS_TESTING, tokens[i]);
		struct memo_value none = trouble(DANESTS_STS_NONE, tokens[i]);
		struct memo_value nothing = trouble(DANESTS_STS_ERROR, tokens[i]);

		news_init(&news);
		assert_false(news_refresh(&news, text, "x", &none, NOW));
		assert_false(news_refresh(&news, text, "x", &nothing, NOW));
		assert_true(news_refresh(&news, text, "x", &enforce, NOW));
		assert_true(news_refresh(&news, text, "y", &testing, NOW));
		news_free(&news);
	}
}

static void trouble_of_dane_says_nothing_about_a_refresh(void **state)
{
	struct memo_value is = trouble(DANESTS_STS_ENFORCE, "dns-query-failed");
	struct news news;
	char text[NEWS_TEXT];

	(void)state;
	news_init(&news);
	is.dane = DANESTS_DANE_ERROR;
	assert_false(news_refresh(&news, text, "x", &is, NOW));
	assert_int_equal(news.count, 0);
	news_free(&news);
}

static struct danests_event event(enum danests_event_kind kind, const char *domain,
    const char *text)
{
	return (struct danests_event){ .kind = kind, .domain = domain, .text = text };
}

static void S14_what_lookups_and_what_refreshes_notice_is_one_warning_a_day(void **state)
{
	struct memo_value failed = trouble(DANESTS_STS_ENFORCE, "sts-policy-fetch-error");
	struct danests_event e = event(DANESTS_EVENT_REFRESH_FAILED, "example.com", "it fails");
	struct news news;
	char text[NEWS_TEXT];
	int priority;

	(void)state;
	news_init(&news);
	assert_true(news_of_event(&news, text, &priority, &e, NOW));
	assert_string_equal(text, "example.com: it fails");
	assert_int_equal(priority, LOG_WARNING);
	assert_false(news_refresh(&news, text, "example.com", &failed, NOW + 10));
	for (int hour = 1; hour < 23; hour++)
		assert_false(news_of_event(&news, text, &priority, &e, NOW + hour * 3600));
	assert_true(news_of_event(&news, text, &priority, &e, NOW + 86400));
	/* The clock is put back: not at once again, but not silent for ever either. */
	assert_false(news_of_event(&news, text, &priority, &e, NOW - 30 * 86400));
	assert_true(news_of_event(&news, text, &priority, &e, NOW - 29 * 86400));
	news_free(&news);
}

static void an_event_is_a_line_unless_it_says_nothing(void **state)
{
	static const struct {
		enum danests_event_kind kind;
		const char *domain, *text, *line;
		int priority;
	} tests[] = {
		{ DANESTS_EVENT_CHANGED, "example.com", "", NULL, 0 },
		{ DANESTS_EVENT_CHANGED, "", "", NULL, 0 },
		{ DANESTS_EVENT_CHANGED, "example.com", "other mode", "example.com: other mode",
		    LOG_WARNING },
		{ DANESTS_EVENT_SAME_ID, "example.com", "same id", "example.com: same id",
		    LOG_WARNING },
		{ DANESTS_EVENT_CACHE_TROUBLE, "", "full", "cache: full", LOG_WARNING },
		{ DANESTS_EVENT_CACHE_TROUBLE, "example.com", "bad", "example.com: bad",
		    LOG_WARNING },
		{ DANESTS_EVENT_CACHE_NOTE, "", "well again", "cache: well again", LOG_NOTICE },
	};
	struct news news;
	char text[NEWS_TEXT];
	int priority;

	(void)state;
	news_init(&news);
	for (size_t i = 0; i < COUNT_OF(tests); i++) {
		struct danests_event e = event(tests[i].kind, tests[i].domain, tests[i].text);

		assert_int_equal(news_of_event(&news, text, &priority, &e, NOW),
		    tests[i].line != NULL);
		if (tests[i].line == NULL)
			continue;
		assert_string_equal(text, tests[i].line);
		assert_int_equal(priority, tests[i].priority);
	}
	news_free(&news);
}

static void S27_of_a_bounded_number_of_domains_is_remembered_what_was_said(void **state)
{
	struct danests_event e = event(DANESTS_EVENT_REFRESH_FAILED, "", "it fails");
	struct news news;
	char text[NEWS_TEXT], name[32];
	int priority;

	(void)state;
	news_init(&news);
	for (unsigned i = 0; i < NEWS_DOMAINS + 100; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		e.domain = name;
		assert_true(news_of_event(&news, text, &priority, &e, NOW));
		assert_false(news_of_event(&news, text, &priority, &e, NOW));
	}
	assert_int_equal(news.count, NEWS_DOMAINS);
	assert_int_equal(news.map.count, NEWS_DOMAINS);
	news_free(&news);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_that_is_gone_is_named_with_what_is_instead),
		cmocka_unit_test(a_change_that_the_library_tells_is_not_told_twice),
		cmocka_unit_test(less_dane_is_news_and_more_is_not),
		cmocka_unit_test(what_was_what_is_and_why),
		cmocka_unit_test(a_failure_in_between_does_not_hide_a_loss),
		cmocka_unit_test(S14_a_refresh_that_fails_is_said_when_it_starts_and_daily),
		cmocka_unit_test(S25_every_failure_of_a_refresh_counts_but_of_mode_none),
		cmocka_unit_test(trouble_of_dane_says_nothing_about_a_refresh),
		cmocka_unit_test(S14_what_lookups_and_what_refreshes_notice_is_one_warning_a_day),
		cmocka_unit_test(an_event_is_a_line_unless_it_says_nothing),
		cmocka_unit_test(S27_of_a_bounded_number_of_domains_is_remembered_what_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
