/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings as such: order, exit codes, and the domain as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"

static void the_most_urgent_comes_first_and_equals_stay_in_order(void **state)
{
	static const enum check_rank ranks[] = { CHECK_GOOD, CHECK_WARNING, CHECK_HOLDS,
	    CHECK_WARNING, CHECK_SOON };
	struct check_findings f = {0};
	char text[2] = "a";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ranks); i++, text[0]++)
		check_add(&f, ranks[i], NULL, NULL, "here", "%s", text);
	assert_int_equal(f.count, 5);
	assert_string_equal(f.list[0].text, "c");
	assert_string_equal(f.list[1].text, "e");
	assert_string_equal(f.list[2].text, "b");
	assert_string_equal(f.list[3].text, "d");
	assert_string_equal(f.list[4].text, "a");
	check_findings_free(&f);
}

static void a_finding_is_printable_and_has_the_hint_of_its_fault(void **state)
{
	struct check_findings f = {0};

	(void)state;
	check_add(&f, CHECK_HOLDS, danests_fault("tlsa-invalid"), NULL, "a\033[2Jb", "x\ny");
	assert_string_equal(f.list[0].where, "a?[2Jb");
	assert_string_equal(f.list[0].text, "x?y");
	assert_string_equal(f.list[0].hint, danests_fault("tlsa-invalid")->hint);
	assert_int_equal(f.list[0].result, DANESTS_VALIDATION_FAILURE);
	check_findings_free(&f);
	check_add_result(&f, CHECK_WARNING, danests_fault("tlsa-invalid"), DANESTS_TLSA_INVALID,
	    NULL, "a", "b");
	assert_int_equal(f.list[0].result, DANESTS_TLSA_INVALID);
	check_findings_free(&f);
}

static void a_text_without_end_is_cut(void **state)
{
	struct check_findings f = {0};
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	check_add(&f, CHECK_NOTE, NULL, NULL, "here", "%s", text);
	assert_true(strlen(f.list[0].text) < 1100);
	assert_string_equal(f.list[0].text + strlen(f.list[0].text) - 3, "...");
	check_findings_free(&f);
}

static void exit_codes_follow_from_ranks_and_the_worst_counts(void **state)
{
	static const struct { enum check_rank rank; int code; } table[] = {
		{ CHECK_HOLDS, 1 }, { CHECK_FAILS, 2 }, { CHECK_SOON, 2 }, { CHECK_WARNING, 2 },
		{ CHECK_UNKNOWN, 75 }, { CHECK_NOTE, 0 }, { CHECK_GOOD, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct check_findings f = {0};

		assert_int_equal(check_exit(&f), 0);
		check_add(&f, table[i].rank, NULL, NULL, "here", "text");
		assert_int_equal(check_exit(&f), table[i].code);
		check_findings_free(&f);
	}
	assert_int_equal(check_worse(1, 75), 1);
	assert_int_equal(check_worse(2, 75), 75);
	assert_int_equal(check_worse(0, 2), 2);
	assert_int_equal(check_worse(0, 0), 0);
}

static void good_is_a_domain_with_everything(void **state)
{
	static const struct said said[] = { SECURE_MX, STS_OF(STS_ENFORCE),
	    { TLSA_MX, "secure 3 1 1 leaf; 2 1 1 inter" },
	    { "TXT _smtp._tls.example.com", "secure v=TLSRPTv1; rua=mailto:tls@example.com" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_finding(&w, CHECK_GOOD, NULL, "example.com", "is protected by DANE, and by MTA-STS");
	expect_finding(&w, CHECK_GOOD, NULL, "mx.example.com [192.0.2.1]", "TLSA 3 1 1 matches");
	world_free(&w);
}

static void a_lookup_that_fails_here_is_not_the_domain_s_fault(void **state)
{
	struct check_domain d = { .name = "example.com", .error = DANESTS_ERESOLVER };
	static const struct said bogus[] = { { "MX example.com", "failed no" } };
	struct check_findings f = {0};
	struct world w;

	(void)state;
	check_find(&f, &d);
	assert_int_equal(check_exit(&f), 75);
	check_findings_free(&f);

	WORLD(&w, "example.com", bogus);
	find(&w, 1);
	w.d.no_dnssec = strdup("self-test failed");
	find(&w, 75);
	expect_finding(&w, CHECK_UNKNOWN, NULL, "example.com", "does not work from here");
	assert_int_equal(w.f.count, 1);
	world_free(&w);
}

static void null_MX_is_good_and_to_a_name_that_is_none_nothing_gets_through(void **state)
{
	static const struct said null_mx[] = { { "MX example.com", "secure 0 ." } };
	static const struct said none[] = { { "MX example.com", "nxdomain" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", null_mx);
	find(&w, 0);
	expect_finding(&w, CHECK_GOOD, NULL, "example.com", "takes no mail");
	world_free(&w);
	WORLD(&w, "example.com", none);
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, NULL, "example.com", "there is no such domain");
	world_free(&w);
}

static void blocked_port_is_our_side_and_said_so(void **state)
{
	static const struct said said[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_end(&w, "192.0.2.1", PROBE_CONNECT, PROBE_TIMEOUT, false, "timed out");
	find(&w, 75);
	expect_finding(&w, CHECK_UNKNOWN, NULL, "example.com", "blocked from here");
	w.d.port = 465;
	find(&w, 75);
	expect_finding(&w, CHECK_UNKNOWN, NULL, "example.com", "port 465 of its only address");
	expect_nothing(&w, "blocked from here");
	see_nothing(&w);
	find(&w, 0);
	expect_finding(&w, CHECK_NOTE, NULL, "example.com", "no server was asked");
	world_free(&w);
}

static void a_server_that_turns_us_away_says_nothing_of_its_TLS(void **state)
{
	static const struct said said[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_end(&w, "192.0.2.1", PROBE_GREETING, PROBE_REPLY, false, "554 go away");
	find(&w, 75);
	expect_finding(&w, CHECK_UNKNOWN, NULL, "example.com", "do not talk to this host");
	expect_finding(&w, CHECK_NOTE, NULL, "192.0.2.1", "554 go away");
	world_free(&w);
}

static void hosts_without_addresses_take_no_mail(void **state)
{
	static const struct said said[] = { { "MX example.com", "secure 10 mx.example.com" },
	    { "ADDR mx.example.com", "none" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, NULL, "example.com", "no MX host has an address");
	expect_finding(&w, CHECK_WARNING, NULL, "mx.example.com", "nobody can send mail there");
	expect_nothing(&w, "there: no address");
	world_free(&w);
}

static void bogus_MX_records_hold_all_mail(void **state)
{
	static const struct said said[] = { { "MX example.com", "bogus signature expired" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, "dnssec-invalid", "example.com", "signature expired");
	expect_finding(&w, CHECK_NOTE, NULL, "example.com", "4.4.312");
	world_free(&w);
}

static void several_servers_that_all_fail_hold_mail_and_that_is_said_once(void **state)
{
	static const struct said said[] = {
		{ "MX example.com", "secure 10 mx.example.com; 20 mx2.example.com" },
		{ "ADDR mx.example.com", "secure 192.0.2.1" },
		{ "ADDR mx2.example.com", "secure 192.0.2.2" },
		{ TLSA_MX, "secure 3 1 1 root" },
		{ "TLSA _25._tcp.mx2.example.com", "secure 3 1 1 root" },
	};
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_chain(&w, "192.0.2.2", "leaf inter");
	find(&w, 1);
	expect_finding(&w, CHECK_HOLDS, NULL, "example.com", "of 2 mail servers there is none");
	expect_finding(&w, CHECK_HOLDS, "tlsa-invalid", "[192.0.2.1]", "no TLSA record matches");
	expect_finding(&w, CHECK_HOLDS, "tlsa-invalid", "[192.0.2.2]", "no TLSA record matches");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_urgent_comes_first_and_equals_stay_in_order),
		cmocka_unit_test(a_finding_is_printable_and_has_the_hint_of_its_fault),
		cmocka_unit_test(a_text_without_end_is_cut),
		cmocka_unit_test(exit_codes_follow_from_ranks_and_the_worst_counts),
		cmocka_unit_test(good_is_a_domain_with_everything),
		cmocka_unit_test(a_lookup_that_fails_here_is_not_the_domain_s_fault),
		cmocka_unit_test(null_MX_is_good_and_to_a_name_that_is_none_nothing_gets_through),
		cmocka_unit_test(blocked_port_is_our_side_and_said_so),
		cmocka_unit_test(a_server_that_turns_us_away_says_nothing_of_its_TLS),
		cmocka_unit_test(hosts_without_addresses_take_no_mail),
		cmocka_unit_test(bogus_MX_records_hold_all_mail),
		
		    cmocka_unit_test(several_servers_that_all_fail_hold_mail_and_that_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
