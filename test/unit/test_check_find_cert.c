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

static void days_are_rounded_towards_the_worse(void **state)
{
	(void)state;
	assert_int_equal(check_days(100 + DAY, 100), 1);
	assert_int_equal(check_days(99 + DAY, 100), 0);
	assert_int_equal(check_days(99, 100), -1);
	assert_int_equal(check_days(100, 100), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(SOON_a_certificate_that_DANE_TA_or_MTA_STS_looks_at),
		cmocka_unit_test(a_month_before_it_is_a_note_and_earlier_nothing),
		cmocka_unit_test(DANE_EE_does_not_look_at_dates),
		cmocka_unit_test(the_policy_host_s_certificate_ends_too),
		cmocka_unit_test(days_are_rounded_towards_the_worse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
