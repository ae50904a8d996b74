/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of dates: certificates that end, where that matters and where it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
#define LEAF_ENDS ((time_t)1798761600) /* 2027-01-01, of leaf, inter and root */
#define DAY 86400

static void make(struct world *w, const struct said *said, size_t count, long days)
{
	world_make(w, "example.com", said, count);
	w->d.now = LEAF_ENDS - days * DAY;
}

static const struct said ee[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" } };
static const struct said ta[] = { SECURE_MX, { TLSA_MX, "secure 2 1 1 inter; 3 1 1 self" } };
static const struct said sts[] = { PLAIN_MX, STS_OF(STS_ENFORCE) };

/* U8 */
static void SOON_a_certificate_that_DANE_TA_or_MTA_STS_looks_at(void **state)
{
	struct world w;

	(void)state;
	make(&w, ta, COUNT_OF(ta), 13);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_SOON, "certificate-expired", "[192.0.2.1]", "expires in 13 days");
	expect_finding(&w, CHECK_SOON, "certificate-expired", "[192.0.2.1]", "the trust anchor");
	world_free(&w);
	make(&w, sts, COUNT_OF(sts), 1);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_SOON, "sts-cert-expired", "[192.0.2.1]", "expires in 1 day,");
	world_free(&w);
}

static void a_month_before_it_is_a_note_and_earlier_nothing(void **state)
{
	struct world w;

	(void)state;
	make(&w, sts, COUNT_OF(sts), 14);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_finding(&w, CHECK_NOTE, NULL, "[192.0.2.1]", "expires in 14 days");
	world_free(&w);
	make(&w, sts, COUNT_OF(sts), 31);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_nothing(&w, "expires in");
	world_free(&w);
}

/* U7 */
static void DANE_EE_does_not_look_at_dates(void **state)
{
	struct world w;

	(void)state;
	make(&w, ee, COUNT_OF(ee), 3);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_finding(&w, CHECK_NOTE, NULL, "[192.0.2.1]", "DANE-EE does not look at");
	world_free(&w);
}

static void the_policy_host_s_certificate_ends_too(void **state)
{
	struct world w;

	(void)state;
	make(&w, sts, COUNT_OF(sts), 60);
	assert_true(w.d.web.tried);
	assert_string_equal(w.d.web.probe.sni, "mta-sts.example.com");
	see_chain(&w, "192.0.2.99", "leaf inter"); /* of another name */
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, "sts-webpki-invalid", "mta-sts.example.com [192.0.2.99]",
	    "not accepted");
	w.d.web_verdict = (struct danests_judgement){ .state = DANESTS_PASS };
	w.d.now = LEAF_ENDS - 5 * DAY;
	find(&w, 2);
	expect_finding(&w, CHECK_SOON, "sts-webpki-invalid", "mta-sts.example.com", "in 5 days");
	world_free(&w);
}

/* A date that stands beside it is the same: the calendar's, in UTC. */
static void days_are_those_of_the_calendar(void **state)
{
	static const struct {
		long when, now; /* seconds from LEAF_ENDS, a midnight */
		long days;
		const char *words;
	} edges[] = {
		{ 0, 0, 0, "expires today" }, { DAY - 1, 0, 0, "expires today" },
		{ DAY, 0, 1, "expires in 1 day" }, { 0, -1, 1, "expires in 1 day" },
		{ DAY, -1, 2, "expires in 2 days" },
		{ 14 * DAY, DAY - 1, 14, "expires in 14 days" },
		{ 0, 1, 0, "expired today" }, { 0, DAY - 1, 0, "expired today" },
		{ -1, 0, -1, "expired 1 day ago" }, { -DAY, DAY - 1, -1, "expired 1 day ago" },
		{ -DAY - 1, 0, -2, "expired 2 days ago" }, { -DAY, DAY, -2, "expired 2 days ago" },
	};
	char out[CHECK_ENDING_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(edges); i++) {
		time_t when = LEAF_ENDS + edges[i].when, now = LEAF_ENDS + edges[i].now;

		assert_int_equal(check_days(when, now), edges[i].days);
		assert_string_equal(check_ending(out, when, now), edges[i].words);
	}
	assert_int_equal(check_days(-1, 0), -1); /* before 1970, too */
	assert_int_equal(check_days(-DAY, -1), 0);
}

static void a_span_is_rounded_to_the_nearest_day(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *words;
	} spans[] = {
		{ 0, "less than a day" }, { DAY - 1, "less than a day" }, { DAY, "1 day" },
		{ DAY + 1, "about 1 day" },
		{ DAY + DAY / 2, "about 2 days" }, { 2 * DAY, "2 days" },
		{ 14 * DAY - 1, "about 14 days" }, { UINT64_MAX, "about 213503982334601 days" },
	};
	char out[CHECK_SPAN_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(spans); i++)
		assert_string_equal(check_span(out, spans[i].seconds), spans[i].words);
}

/* That it ends today says nothing of what is over already. */
static void what_ended_this_morning_is_not_about_to_end(void **state)
{
	struct world w;

	(void)state;
	make(&w, sts, COUNT_OF(sts), 0);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_SOON, "sts-cert-expired", "[192.0.2.1]", "expires today, and");
	world_free(&w);
	make(&w, ee, COUNT_OF(ee), 0);
	w.d.now += DAY - 1;
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, "certificate-expired", "[192.0.2.1]", "has expired");
	expect_nothing(&w, "expires");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(SOON_a_certificate_that_DANE_TA_or_MTA_STS_looks_at),
		cmocka_unit_test(a_month_before_it_is_a_note_and_earlier_nothing),
		cmocka_unit_test(DANE_EE_does_not_look_at_dates),
		cmocka_unit_test(the_policy_host_s_certificate_ends_too),
		cmocka_unit_test(days_are_those_of_the_calendar),
		cmocka_unit_test(a_span_is_rounded_to_the_nearest_day),
		cmocka_unit_test(what_ended_this_morning_is_not_about_to_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
