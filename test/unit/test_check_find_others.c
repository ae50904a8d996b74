/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of other senders, where they are known to differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"

/* rules.md 5.10 */
static void Exchange_Online_looks_at_dates_with_DANE_EE(void **state)
{
	(void)state;
	expect_look("secure 3 1 1 leaf-over", "leaf-over inter", 2, CHECK_WARNING, "certificate-expired",
	    "Exchange Online");
	expect_look("secure 3 1 1 leaf-early", "leaf-early inter", 2, CHECK_WARNING, "tlsa-invalid",
	    "not valid yet");
}

/* rules.md 5.12 */
static void OpenSSL_does_not_look_at_the_date_of_an_intermediate_anchor(void **state)
{
	(void)state;
	expect_look("secure 2 0 1 inter-over", "leaf-of-over inter-over", 1, CHECK_NOTE, NULL,
	    "OpenSSL");
	expect_look("secure 2 0 1 inter-over", "leaf-of-over inter-over", 1, CHECK_HOLDS,
	    "certificate-expired", "expired");
}

/* rules.md 5.3 */
static void a_name_in_the_CN_only_is_not_for_everybody(void **state)
{
	(void)state;
	expect_look("secure 2 1 1 root; 3 1 1 self", "cn-only inter root", 0, CHECK_NOTE, NULL,
	    "subject (CN)");
}

/* rules.md 5.20 */
static void Exim_defers_where_no_record_is_usable(void **state)
{
	(void)state;
	expect_look("secure 1 1 1 leaf", "leaf inter", 2, CHECK_WARNING, NULL, "Exim with OpenSSL");
}

/* A domain with so many MX records, the one with the server being the first, whose host
 * has so many TLSA records, the one that matches being the first. */
static void make_many(struct world *w, int mx, int tlsa)
{
	static char mx_text[8192], tlsa_text[32768];
	static const struct said said[] = { { "MX example.com", mx_text },
	    { "ADDR mx.example.com", "secure 192.0.2.1" }, { TLSA_MX, tlsa_text } };
	size_t len = 0;

	text_format(mx_text, sizeof(mx_text), "secure 10 mx.example.com");
	for (int i = 1; i < mx; i++) {
		len = strlen(mx_text);
		text_format(mx_text + len, sizeof(mx_text) - len, ";20 mx%d.example.com", i);
	}
	text_format(tlsa_text, sizeof(tlsa_text), "secure 3 1 1 leaf");
	for (int i = 1; i < tlsa; i++) {
		len = strlen(tlsa_text);
		text_format(tlsa_text + len, sizeof(tlsa_text) - len, ";3 1 1 leaf");
	}
	WORLD(w, "example.com", said);
	see_chain(w, "192.0.2.1", "leaf inter");
}

static void of_one_answer_Postfix_reads_no_more_than_a_hundred_records(void **state)
{
	struct world w;

	(void)state;
	make_many(&w, 100, 100);
	assert_int_equal(w.d.host_count, 100);
	assert_int_equal(danests_policy_host(w.d.policy, 0)->tlsa_count, 100);
	check_find(&w.f, &w.d);
	expect_nothing(&w, "drops the rest");
	world_free(&w);
	make_many(&w, 101, 101);
	check_find(&w.f, &w.d);
	expect_finding(&w, CHECK_WARNING, NULL, "example.com", "101 MX records: Postfix reads 100");
	expect_finding(&w, CHECK_WARNING, NULL, "mx.example.com", "101 TLSA records: Postfix "
	    "reads 100");
	world_free(&w);
}

static void a_null_mx_beside_others_makes_Postfix_bounce(void **state)
{
	static const struct said said[] = {
		{ "MX example.com", "secure 10 mx.example.com; 0 ." },
		{ "ADDR mx.example.com", "secure 192.0.2.1" }, { TLSA_MX, "secure 3 1 1 leaf" },
	};
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	check_find(&w.f, &w.d);
	expect_finding(&w, CHECK_FAILS, NULL, "example.com", "RFC 7505");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(Exchange_Online_looks_at_dates_with_DANE_EE),
		cmocka_unit_test(OpenSSL_does_not_look_at_the_date_of_an_intermediate_anchor),
		cmocka_unit_test(a_name_in_the_CN_only_is_not_for_everybody),
		cmocka_unit_test(Exim_defers_where_no_record_is_usable),
		cmocka_unit_test(of_one_answer_Postfix_reads_no_more_than_a_hundred_records),
		cmocka_unit_test(a_null_mx_beside_others_makes_Postfix_bounce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
