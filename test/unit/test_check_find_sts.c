/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of MTA-STS and TLSRPT records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
#define DANE_MX SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" }

static void expect(const struct said *said, size_t count, const char *const *more, int code,
    enum check_rank rank, const char *token, const char *where, const char *text)
{
	struct world w;

	(void)more;
	world_make(&w, "example.com", said, count);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, code);
	expect_finding(&w, rank, token, where, text);
	world_free(&w);
}

#define EXPECT(said, ...) expect(said, COUNT_OF(said), NULL, __VA_ARGS__)

static void a_record_whose_policy_cannot_be_fetched_is_a_warning(void **state)
{
	static const struct said said[] = { PLAIN_MX, { "STSTXT example.com", "insecure 1" },
	    { "ADDR mta-sts.example.com", "insecure 192.0.2.99" },
	    { "STS example.com id=1", "fetch HTTP status 404" } };

	(void)state;
	EXPECT(said, 2, CHECK_WARNING, "sts-policy-fetch-error", "MTA-STS policy", "404");
}

static void a_policy_host_without_address_is_the_same(void **state)
{
	static const struct said said[] = { PLAIN_MX, { "STSTXT example.com", "insecure 1" },
	    { "ADDR mta-sts.example.com", "none?" } };

	(void)state;
	EXPECT(said, 2, CHECK_WARNING, "sts-policy-fetch-error", "MTA-STS policy", "no address");
}

/* S3, S4: what is wrong with the record is in the words of lint */
static void a_record_that_is_none_is_linted(void **state)
{
	static const struct said said[] = { PLAIN_MX,
	    { "TXT _mta-sts.example.com", "insecure v=STSv1; id=not an id" } };

	(void)state;
	EXPECT(said, 2, CHECK_WARNING, "sts-policy-invalid", "TXT _mta-sts.example.com", "invalid");
}

static void other_TXT_records_beside_are_nobody_s_business(void **state)
{
	static const struct said said[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" },
	    { "TXT _mta-sts.example.com", "insecure google-site-verification=x" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_nothing(&w, "invalid");
	world_free(&w);
}

/* rules.md 5.6 */
static void a_policy_that_others_refuse_is_linted(void **state)
{
	static const struct said said[] = { PLAIN_MX,
	    STS_OF("version: STSv1\nmode: enforce\n\nmx: mx.example.com\nmax_age: 1209600\n") };

	(void)state;
	EXPECT(said, 2, CHECK_WARNING, NULL, "MTA-STS policy", "empty");
}

/* RFC 8461 3.2: sts-policy-extension, and mx is of no account with mode none */
static void what_a_policy_may_hold_is_a_note(void **state)
{
	static const struct said field[] = { DANE_MX, STS_OF(STS_ENFORCE "colour: blue\n") };
	static const struct said none[] = { DANE_MX,
	    STS_OF("version: STSv1\nmode: none\nmx: mx.example.com\nmax_age: 86400\n") };
	static const struct said close[] = { DANE_MX, STS_OF(STS_ENFORCE "MX: blue\n") };
	const struct check_finding *f;
	struct world w;

	(void)state;
	EXPECT(field, 0, CHECK_NOTE, NULL, "MTA-STS policy", "unknown field \"colour\"");
	EXPECT(none, 0, CHECK_NOTE, NULL, "MTA-STS policy", "no meaning with mode none");
	EXPECT(close, 2, CHECK_WARNING, NULL, "MTA-STS policy", "unknown field \"MX\"");
	WORLD(&w, "example.com", field);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	f = finding_of(&w, CHECK_NOTE, "MTA-STS policy", "unknown field");
	assert_non_null(f);
	assert_null(f->hint);
	world_free(&w);
}

static void a_short_max_age_is_a_warning_and_a_day_a_note(void **state)
{
	static const struct said hour[] = { PLAIN_MX,
	    STS_OF("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 3600\n") };
	static const struct said day[] = { PLAIN_MX,
	    STS_OF("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n") };

	(void)state;
	EXPECT(hour, 2, CHECK_WARNING, NULL, "MTA-STS policy", "max_age is 3600 s");
	EXPECT(day, 0, CHECK_NOTE, NULL, "MTA-STS policy", "max_age is only 1 day");
}

static void modes_that_do_not_enforce_are_told(void **state)
{
	static const struct said testing[] = { PLAIN_MX,
	    STS_OF("version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 86400\n") };
	static const struct said none[] = { PLAIN_MX,
	    STS_OF("version: STSv1\nmode: none\nmax_age: 86400\n") };

	(void)state;
	EXPECT(testing, 2, CHECK_NOTE, NULL, "MTA-STS policy", "mode testing");
	EXPECT(testing, 2, CHECK_WARNING, NULL, "example.com", "only tested");
	EXPECT(none, 2, CHECK_NOTE, NULL, "MTA-STS policy", "mode none");
}

#define OTHER(mode) "version: STSv1\nmode: " mode "\nmx: mail.example.net\nmax_age: 1209600\n"

/* S17, S19 */
static void an_MX_host_that_no_pattern_matches_gets_no_mail(void **state)
{
	static const struct said enforce[] = { PLAIN_MX, STS_OF(OTHER("enforce")) };
	static const struct said testing[] = { PLAIN_MX, STS_OF(OTHER("testing")) };
	static const struct said with_dane[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" },
	    STS_OF(OTHER("enforce")) };

	(void)state;
	EXPECT(enforce, 1, CHECK_HOLDS, "sts-mx-not-in-policy", "mx.example.com", "no mx pattern");
	EXPECT(enforce, 1, CHECK_NOTE, NULL, "MTA-STS policy", "mail.example.net matches no MX "
	    "host");
	EXPECT(testing, 2, CHECK_WARNING, "sts-mx-not-in-policy", "mx.example.com", "reported "
	    "only");
	EXPECT(with_dane, 2, CHECK_FAILS, "sts-mx-not-in-policy", "mx.example.com", "DANE decides");
}

static void it_is_said_once_and_not_of_each_address(void **state)
{
	static const struct said said[] = { { "MX example.com", "insecure 10 mx.example.com" },
	    { "ADDR mx.example.com", "insecure 192.0.2.1; 192.0.2.2" }, STS_OF(OTHER("enforce")) };
	struct world w;
	size_t count = 0;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_chain(&w, "192.0.2.2", "leaf inter");
	find(&w, 1);
	for (size_t i = 0; i < w.f.count; i++)
		count += w.f.list[i].fault == danests_fault("sts-mx-not-in-policy");
	assert_int_equal(count, 1);
	world_free(&w);
}

static size_t count_fault(const struct world *w, const char *token)
{
	size_t count = 0;

	for (size_t i = 0; i < w->f.count; i++)
		count += w->f.list[i].fault == danests_fault(token);
	return count;
}

/* The same fault is one finding, and what senders of MTA-STS get is not called good. */
static void where_DANE_passes_and_MTA_STS_does_not_that_is_said_once(void **state)
{
	static const struct said both[] = { DANE_MX, STS_OF(STS_ENFORCE) };
	static const struct said other[] = { DANE_MX, STS_OF(OTHER("enforce")) };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", both);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_finding(&w, CHECK_GOOD, NULL, "example.com", "and by MTA-STS for senders");
	world_free(&w);
	WORLD(&w, "example.com", other);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	assert_int_equal(count_fault(&w, "sts-mx-not-in-policy"), 1);
	expect_finding(&w, CHECK_GOOD, NULL, "example.com", "protected by DANE");
	expect_nothing(&w, "and by MTA-STS for senders");
	world_free(&w);
	WORLD(&w, "example.com", both);
	danests_trust_unref(w.trust);
	w.trust = trust_of("rsa-root");
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_FAILS, "sts-cert-untrusted", "192.0.2.1", "disagree");
	expect_nothing(&w, "and by MTA-STS for senders");
	world_free(&w);
}

static void without_connections_it_holds_mail_as_well(void **state)
{
	static const struct said said[] = { PLAIN_MX, STS_OF(OTHER("enforce")) };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_nothing(&w);
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, "sts-mx-not-in-policy", "mx.example.com", "no mx pattern");
	world_free(&w);
}

static void reports_that_nobody_gets_are_a_note(void **state)
{
	static const struct said said[] = { DANE_MX };

	(void)state;
	EXPECT(said, 0, CHECK_NOTE, NULL, "TXT _smtp._tls.example.com", "nobody reports");
}

/* R1, R2 */
static void a_TLSRPT_record_is_linted(void **state)
{
	static const struct said bad[] = { DANE_MX,
	    { "TXT _smtp._tls.example.com", "secure v=TLSRPTv1" } };
	static const struct said two[] = { DANE_MX, { "TXT _smtp._tls.example.com",
	    "secure v=TLSRPTv1; rua=mailto:a@b.c|v=TLSRPTv1; rua=mailto:d@e.f" } };
	static const struct said good[] = { DANE_MX,
	    { "TXT _smtp._tls.example.com", "secure v=TLSRPTv1; rua=mailto:a@example.com" } };
	struct world w;

	(void)state;
	EXPECT(bad, 2, CHECK_WARNING, NULL, "TXT _smtp._tls.example.com", "invalid");
	EXPECT(two, 2, CHECK_WARNING, NULL, "TXT _smtp._tls.example.com", "invalid");
	WORLD(&w, "example.com", good);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_nothing(&w, "invalid");
	expect_nothing(&w, "nobody reports");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_whose_policy_cannot_be_fetched_is_a_warning),
		cmocka_unit_test(a_policy_host_without_address_is_the_same),
		cmocka_unit_test(a_record_that_is_none_is_linted),
		cmocka_unit_test(other_TXT_records_beside_are_nobody_s_business),
		cmocka_unit_test(a_policy_that_others_refuse_is_linted),
		cmocka_unit_test(what_a_policy_may_hold_is_a_note),
		cmocka_unit_test(a_short_max_age_is_a_warning_and_a_day_a_note),
		cmocka_unit_test(modes_that_do_not_enforce_are_told),
		cmocka_unit_test(an_MX_host_that_no_pattern_matches_gets_no_mail),
		cmocka_unit_test(it_is_said_once_and_not_of_each_address),
		cmocka_unit_test(where_DANE_passes_and_MTA_STS_does_not_that_is_said_once),
		cmocka_unit_test(without_connections_it_holds_mail_as_well),
		cmocka_unit_test(reports_that_nobody_gets_are_a_note),
		cmocka_unit_test(a_TLSRPT_record_is_linted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
