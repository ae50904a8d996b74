/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of connections: who talks, with what, and what the verdict is. */
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
static const struct said dane[] = { DANE_MX };
static const struct said plain[] = { PLAIN_MX };
static const struct said two[] = { { "MX example.com", "secure 10 mx.example.com" },
	{ "ADDR mx.example.com", "secure 2001:db8::1; 192.0.2.1; 192.0.2.2" },
	{ TLSA_MX, "secure 3 1 1 leaf" } };

static void no_STARTTLS_holds_mail_where_TLS_is_demanded(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	see_end(&w, "192.0.2.1", PROBE_STARTTLS, PROBE_REPLY, false, "STARTTLS is not offered");
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, "starttls-not-supported", "[192.0.2.1]", "STARTTLS");
	world_free(&w);
}

static void and_is_a_warning_where_it_is_not(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", plain);
	see_end(&w, "192.0.2.1", PROBE_STARTTLS, PROBE_REPLY, false, "STARTTLS is not offered");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, "starttls-not-supported", "[192.0.2.1]", "unencrypted");
	world_free(&w);
}

static void a_refused_STARTTLS_and_a_failed_handshake_are_told_apart(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	see_end(&w, "192.0.2.1", PROBE_STARTTLS, PROBE_REPLY, true, "454 TLS not available");
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, "starttls-not-supported", "[192.0.2.1]", "454 TLS");
	world_free(&w);
	WORLD(&w, "example.com", dane);
	see_end(&w, "192.0.2.1", PROBE_TLS, PROBE_FAILED, true, "handshake failure");
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, "tls-handshake-failure", "[192.0.2.1]", "handshake "
	    "failure");
	world_free(&w);
}

static void what_is_no_SMTP_holds_mail_for_everybody(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", plain);
	see_end(&w, "192.0.2.1", PROBE_GREETING, PROBE_GARBAGE, false, "no SMTP: \"SSH-2.0\"");
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, NULL, "[192.0.2.1]", "greeting: no SMTP");
	world_free(&w);
}

static void an_address_that_does_not_answer_beside_one_that_does(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", two);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_end(&w, "192.0.2.2", PROBE_CONNECT, PROBE_REFUSED, false, "connection refused");
	see_end(&w, "2001:db8::1", PROBE_CONNECT, PROBE_TIMEOUT, false, "timed out");
	find(&w, 2);
	expect_finding(&w, CHECK_FAILS, NULL, "[192.0.2.2]", "no connection: connection refused");
	expect_finding(&w, CHECK_WARNING, NULL, "[2001:db8::1]", "all addresses of its kind");
	world_free(&w);
}

static void a_kind_of_address_that_this_host_has_not_is_nobody_s_fault(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", two);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_chain(&w, "192.0.2.2", "leaf inter");
	see_end(&w, "2001:db8::1", PROBE_CONNECT, PROBE_LOCAL, false, "network unreachable from "
	    "here");
	find(&w, 0);
	expect_finding(&w, CHECK_NOTE, NULL, "[2001:db8::1]", "could not be tried");
	world_free(&w);
}

static void one_server_of_several_that_turns_us_away_is_a_warning(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", two);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_end(&w, "192.0.2.2", PROBE_EHLO, PROBE_REPLY, false, "550 no");
	see_end(&w, "2001:db8::1", PROBE_GREETING, PROBE_TIMEOUT, false, "timed out waiting");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "[192.0.2.2]", "turns us away at EHLO: 550 no");
	expect_finding(&w, CHECK_WARNING, NULL, "[2001:db8::1]", "timed out waiting");
	world_free(&w);
}

static void nothing_is_claimed_of_a_server_when_our_own_system_failed(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	see_end(&w, "192.0.2.1", PROBE_TLS, PROBE_LOCAL, true, "out of memory");
	find(&w, 75);
	expect_finding(&w, CHECK_UNKNOWN, NULL, "[192.0.2.1]", "out of memory");
	world_free(&w);
}

static void TLS_of_long_ago_is_a_warning(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	see_chain(&w, "192.0.2.1", "leaf inter");
	text_format(w.d.hosts[0].addresses[0].probe.tls, 96, "TLS 1.1, RSA, AES-128-CBC");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "[192.0.2.1]", "TLS 1.1");
	world_free(&w);
}

/* CVE-2011-0411; and what came in the clear changes nothing of the verdict. */
static void bad_manners_that_Postfix_puts_up_with_are_a_warning(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	text_format(w.d.hosts[0].addresses[0].probe.unasked, PROBE_SAID, "250 x");
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "[192.0.2.1]", "ahead of TLS, behind the reply to "
	    "STARTTLS: \"250 x\"");
	expect_nothing(&w, "different codes");
	w.d.hosts[0].addresses[0].probe.unasked[0] = '\0';
	w.d.hosts[0].addresses[0].probe.mixed = true;
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "[192.0.2.1]", "different codes");
	expect_nothing(&w, "ahead of TLS");
	world_free(&w);
}

/* S1 */
static void DANE_and_MTA_STS_disagree(void **state)
{
	static const struct said sts_fails[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 self" },
	    STS_OF(STS_ENFORCE) };
	static const struct said dane_fails[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 self" },
	    STS_OF(STS_ENFORCE) };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", sts_fails);
	see_chain(&w, "192.0.2.1", "self");
	find(&w, 2);
	expect_finding(&w, CHECK_FAILS, "sts-cert-untrusted", "[192.0.2.1]", "only MTA-STS holds "
	    "mail");
	world_free(&w);
	WORLD(&w, "example.com", dane_fails);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, "tlsa-invalid", "[192.0.2.1]", "no TLSA record matches");
	expect_finding(&w, CHECK_NOTE, NULL, "[192.0.2.1]", "MTA-STS would accept this server");
	world_free(&w);
}

/* S20 */
static void what_a_testing_policy_would_have_failed_is_a_warning(void **state)
{
	static const struct said said[] = { PLAIN_MX,
	    STS_OF("version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 1209600\n") };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf-over inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, "sts-cert-expired", "[192.0.2.1]", "not enforced");
	world_free(&w);
}

static void more_addresses_than_are_tried_are_left_out_and_counted(void **state)
{
	char text[4096] = "secure ", one[32];
	struct said said[] = { { "MX example.com", "secure 10 mx.example.com" },
	    { "ADDR mx.example.com", text }, { TLSA_MX, "secure 3 1 1 leaf" } };
	struct world w;
	size_t tried = 0;

	(void)state;
	for (int i = 0; i < CHECK_MAX_TRIED + 3; i++) {
		snprintf(one, sizeof(one), "%s192.0.2.%d", i > 0 ? ";" : "", i + 1);
		strncat(text, one, sizeof(text) - strlen(text) - 1);
	}
	WORLD(&w, "example.com", said);
	for (size_t i = 0; i < w.d.hosts[0].count; i++)
		tried += w.d.hosts[0].addresses[i].tried;
	assert_int_equal(w.d.hosts[0].count, CHECK_MAX_TRIED + 3);
	assert_int_equal(tried, CHECK_MAX_TRIED);
	assert_int_equal(w.d.left_out, 3);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_NOTE, NULL, "example.com", "3 more addresses were not tried");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_STARTTLS_holds_mail_where_TLS_is_demanded),
		cmocka_unit_test(and_is_a_warning_where_it_is_not),
		cmocka_unit_test(a_refused_STARTTLS_and_a_failed_handshake_are_told_apart),
		cmocka_unit_test(what_is_no_SMTP_holds_mail_for_everybody),
		cmocka_unit_test(an_address_that_does_not_answer_beside_one_that_does),
		cmocka_unit_test(a_kind_of_address_that_this_host_has_not_is_nobody_s_fault),
		cmocka_unit_test(one_server_of_several_that_turns_us_away_is_a_warning),
		cmocka_unit_test(nothing_is_claimed_of_a_server_when_our_own_system_failed),
		cmocka_unit_test(TLS_of_long_ago_is_a_warning),
		cmocka_unit_test(bad_manners_that_Postfix_puts_up_with_are_a_warning),
		cmocka_unit_test(DANE_and_MTA_STS_disagree),
		cmocka_unit_test(what_a_testing_policy_would_have_failed_is_a_warning),
		cmocka_unit_test(more_addresses_than_are_tried_are_left_out_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
