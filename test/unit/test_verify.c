/* SPDX-License-Identifier: BSD-2-Clause */
/* DANE-EE, usability, digest agility: danests_verify() as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify_help.h"

static void U5_U7_every_form_of_usage_3_matches_the_server_own_certificate(void **state)
{
	static const struct expect table[] = {
		{ "3 0 0 leaf", "leaf inter", "pass 0 0", "TLSA 3 0 0 matches the server's cert" },
		{ "3 0 1 leaf", "leaf inter", "pass 0 0", NULL },
		{ "3 0 2 leaf", "leaf inter", "pass 0 0", NULL },
		{ "3 1 0 leaf", "leaf inter", "pass 0 0", NULL },
		{ "3 1 1 leaf", "leaf inter", "pass 0 0", "TLSA 3 1 1 matches the server's key" },
		{ "3 1 2 leaf", "leaf inter", "pass 0 0", NULL },
		{ "3 1 1 rsa-leaf", "rsa-leaf", "pass 0 0", NULL },
		{ "3 1 1 ed-leaf", "ed-leaf", "pass 0 0", NULL },
		{ "3 1 1 pss-leaf", "pss-leaf", "pass 0 0", NULL },
		{ "3 0 1 rsa-leaf", "rsa-leaf rsa-root", "pass 0 0", NULL },
		{ "3 1 1 self", "self", "pass 0 0", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U7_only_the_first_certificate_counts_for_usage_3(void **state)
{
	static const struct expect table[] = {
		{ "3 1 1 inter", "leaf inter", "fail tlsa-invalid", "no TLSA record matches" },
		{ "3 0 0 root", "leaf inter root", "fail tlsa-invalid", NULL },
		{ "3 1 1 leaf", "inter leaf", "fail tlsa-invalid", NULL },
		{ "3 1 1 leaf-root", "leaf inter", "fail tlsa-invalid", NULL },
		{ "3 0 1 root-renewed", "root", "fail tlsa-invalid", NULL },
		{ "3 1 1 root-renewed", "root", "pass 0 0", NULL }, /* the same key */
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U7_names_dates_purpose_and_strength_do_not_count_for_usage_3(void **state)
{
	static const struct expect table[] = {
		{ "3 1 1 leaf-over", "leaf-over", "pass 0 0", NULL },
		{ "3 1 1 leaf-early", "leaf-early", "pass 0 0", NULL },
		{ "3 1 1 leaf-org-org", "leaf-org-org", "pass 0 0", NULL },
		{ "3 1 1 cn-none", "cn-none", "pass 0 0", NULL },
		{ "3 1 1 dns-nul", "dns-nul", "pass 0 0", NULL },
		{ "3 1 1 leaf-client", "leaf-client", "pass 0 0", NULL },
		{ "3 1 1 leaf-critical", "leaf-critical", "pass 0 0", NULL },
		{ "3 1 1 leaf-forged", "leaf-forged", "pass 0 0", NULL },
		{ "3 0 1 leaf-md5", "leaf-md5", "pass 0 0", NULL },
		{ "3 1 1 leaf-rsa1024", "leaf-rsa1024", "pass 0 0", NULL },
		{ "3 0 2 inter-huge", "inter-huge", "pass 0 0", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U7_what_is_sent_after_a_matching_certificate_may_be_anything(void **state)
{
	struct situation s = { .tlsa = "3 1 1 leaf" };
	danests_policy *policy = policy_of(&s);
	struct danests_verdict verdict;
	struct danests_der chain[100];
	struct served served;

	(void)state;
	served_read(&served, "leaf");
	for (size_t i = 0; i < 100; i++)
		chain[i] = (struct danests_der){ (const uint8_t *)"garbage", 7 };
	chain[1] = (struct danests_der){ NULL, 0 };
	chain[0] = served.list[0];
	assert_int_equal(danests_verify(policy, NULL, "mx.example.com", chain, 100, TLS_NOW,
	    &verdict), DANESTS_OK);
	assert_true(verdict.deliver);
	assert_int_equal(verdict.dane.state, DANESTS_PASS);
	served_free(&served);
	danests_policy_unref(policy);
}

static void a_certificate_that_is_garbage_is_a_bad_verdict(void **state)
{
	static uint8_t large[300 * 1024];
	struct situation s = { .tlsa = "3 1 1 leaf, 2 0 0 root" };
	danests_policy *policy = policy_of(&s);
	struct danests_der bad[] = {
		{ (const uint8_t *)"garbage", 7 }, { NULL, 0 }, { (const uint8_t *)"", 0 },
		{ large, sizeof(large) },
	};
	struct danests_verdict verdict;
	struct served served;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(danests_verify(policy, NULL, "mx.example.com", &bad[i], 1,
		    TLS_NOW, &verdict), DANESTS_OK);
		assert_false(verdict.deliver);
		assert_string_equal(verdict.fault->token, "tlsa-invalid");
		assert_string_equal(verdict.reason, "malformed certificate");
	}
	/* Octets after the end, or none at the end. */
	served_read(&served, "leaf");
	memcpy(large, served.list[0].data, served.list[0].len);
	for (int i = -1; i <= 1; i++) {
		struct danests_der der = { large, served.list[0].len + (size_t)i };

		assert_int_equal(danests_verify(policy, NULL, "mx.example.com", &der, 1, TLS_NOW,
		    &verdict), DANESTS_OK);
		assert_int_equal(verdict.deliver, i == 0);
	}
	served_free(&served);
	danests_policy_unref(policy);
}

static void U6_a_weaker_digest_does_not_count_beside_a_stronger_one(void **state)
{
	static const struct expect table[] = {
		{ "3 1 1 leaf, 3 1 2 inter", "leaf", "fail tlsa-invalid", NULL },
		{ "3 1 2 inter, 3 1 1 leaf", "leaf", "fail tlsa-invalid", NULL },
		{ "3 1 1 leaf, 3 1 2 leaf", "leaf", "pass 1 0", NULL },
		/* An unusable one is gone before. */
		{ "3 1 1 leaf, 3 1 2 inter!", "leaf", "pass 0 0", NULL },
		{ "3 1 1 leaf, 3 1 3 inter", "leaf", "pass 0 0", NULL },
		/* Of each usage and selector by itself; the whole is no digest. */
		{ "3 1 1 leaf, 3 0 2 inter", "leaf", "pass 0 0", NULL },
		{ "3 1 1 leaf, 2 1 2 inter", "leaf", "pass 0 0", NULL },
		{ "3 1 0 leaf, 3 1 2 inter", "leaf", "pass 0 0", NULL },
		{ "2 1 1 inter, 2 1 2 stranger", "leaf inter", "fail tlsa-invalid", NULL },
		{ "2 1 1 inter, 2 0 2 stranger", "leaf inter", "pass 0 1", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U14_one_match_is_enough_whatever_its_place(void **state)
{
	static const struct expect table[] = {
		{ "3 1 1 self, 3 1 1 root, 3 1 1 leaf", "leaf inter", "pass 2 0", NULL },
		{ "3 1 1 leaf, 3 1 1 self", "leaf inter", "pass 0 0", NULL },
		{ "3 1 1 self, 2 0 1 root", "leaf inter root", "pass 1 2", NULL },
		{ "2 0 1 stranger, 3 0 1 leaf", "leaf-over inter", "fail tlsa-invalid", NULL },
		{ "2 1 1 inter, 3 1 1 leaf-over", "leaf-over inter", "pass 1 0", NULL },
		{ "2 0 1 stranger, 2 0 1 inter", "leaf inter", "pass 1 1", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U14_150_records_are_all_looked_at(void **state)
{
	struct expect e = { .chain = "leaf inter root", .verdict = "pass 149 0" };
	char tlsa[8192] = "";
	size_t used = 0;

	(void)state;
	for (int i = 0; i < 149; i++)
		used += (size_t)snprintf(tlsa + used, sizeof(tlsa) - used, "%s",
		    i % 2 == 0 ? "3 1 1 self, " : "2 0 1 stranger, ");
	e.tlsa = tlsa;
	snprintf(tlsa + used, sizeof(tlsa) - used, "3 1 1 leaf");
	expect_dane(&e);
	memcpy(tlsa + used, "2 1 1 root", 10);
	e.verdict = "pass 149 2";
	expect_dane(&e);
	memcpy(tlsa + used, "2 1 1 self", 10);
	e.verdict = "fail tlsa-invalid";
	expect_dane(&e);
}

/* rules.md 5.20 */
static void U1_U2_U4_L18_records_none_of_which_is_usable_ask_for_TLS_only(void **state)
{
	static const struct expect table[] = {
		{ "1 1 1 leaf", "leaf", "unusable", "usage 0 and 1 are not for SMTP" },
		{ "0 0 1 root", "leaf inter root", "unusable", NULL },
		{ "1 1 1 leaf, 0 0 1 root", "self", "unusable", "no TLSA record is usable" },
		{ "4 1 1 leaf", "leaf", "unusable", "unknown usage" },
		{ "3 2 1 leaf", "leaf", "unusable", "unknown selector" },
		{ "3 1 3 leaf", "leaf", "unusable", "unknown matching type" },
		{ "3 1 1 leaf!", "leaf", "unusable", "32 octets" },
		{ "3 0 0 leaf!", "leaf", "unusable", "not a certificate" },
	};
	struct situation s = { .tlsa = "1 1 1 leaf" };
	struct danests_verdict v = verdict_of(&s, "leaf");

	(void)state;
	EXPECT_ALL(table);
	assert_int_equal(v.by, DANESTS_NEED_TLS);
	assert_int_equal(v.result, DANESTS_TLSA_INVALID);
	assert_null(v.fault);
}

/* rules.md 5.20 */
static void L22_unusable_records_beside_one_that_does_not_match_are_a_mismatch(void **state)
{
	static const struct expect table[] = {
		{ "1 1 1 leaf, 3 1 1 self", "leaf", "fail tlsa-invalid", NULL },
		{ "3 1 1 leaf!, 3 1 1 self", "leaf", "fail tlsa-invalid", NULL },
		{ "3 1 3 leaf, 2 0 1 root", "self", "fail tlsa-invalid", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void a_mismatch_says_what_would_match(void **state)
{
	struct situation s = { .tlsa = "3 1 1 self" };
	struct danests_verdict v = verdict_of(&s, "leaf-over inter");
	gnutls_datum_t digest = association(1, 1, "leaf-over");
	char hex[65];

	(void)state;
	for (unsigned i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest.data[i]);
	assert_non_null(strstr(v.reason, hex));
	assert_non_null(strstr(v.reason, "it expired on 2026-02-03"));
	assert_non_null(strstr(v.reason, "its names: mx.example.com"));
	assert_int_equal(v.result, DANESTS_VALIDATION_FAILURE);
	assert_string_equal(v.fault->code, "4.7.323");
	gnutls_free(digest.data);
}

static void names_of_a_certificate_reach_the_reason_as_printable_text(void **state)
{
	struct situation s = { .tlsa = "3 1 1 self" };
	struct danests_verdict v = verdict_of(&s, "dns-odd");

	(void)state;
	judgement_laws(&v.dane);
	assert_non_null(strstr(v.reason, "a?[2Jb.example.com"));
	s.tlsa = "2 1 1 inter";
	v = verdict_of(&s, "dns-many inter");
	judgement_laws(&v.dane);
}

static void wrong_calls_are_errors(void **state)
{
	struct situation s = { .tlsa = "3 1 1 leaf" };
	danests_policy *policy = policy_of(&s);
	struct danests_verdict verdict;
	struct served served;

	(void)state;
	served_read(&served, "leaf");
	assert_int_equal(danests_verify(policy, NULL, "mx.example.net", served.list, 1, TLS_NOW,
	    &verdict), DANESTS_EINVAL);
	assert_int_equal(danests_verify(policy, NULL, "mx.example.com", served.list, 0, TLS_NOW,
	    &verdict), DANESTS_EINVAL);
	assert_int_equal(danests_verify(policy, NULL, "MX.Example.COM", served.list, 1, TLS_NOW,
	    &verdict), DANESTS_OK);
	assert_true(verdict.deliver);
	served_free(&served);
	danests_policy_unref(policy);
}

static void the_time_is_the_caller_s(void **state)
{
	struct situation s = { .tlsa = "2 1 1 inter" };

	(void)state;
	assert_true(verdict_at(&s, "leaf-over inter", 1769990400 - 86400).deliver);
	assert_false(verdict_at(&s, "leaf-over inter", 1770076800 + 86400).deliver);
	assert_false(verdict_at(&s, "leaf inter", 0).deliver);
	assert_false(verdict_at(&s, "leaf inter", (time_t)1 << 40).deliver);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U5_U7_every_form_of_usage_3_matches_the_server_own_certificate),
		cmocka_unit_test(U7_only_the_first_certificate_counts_for_usage_3),
		cmocka_unit_test(U7_names_dates_purpose_and_strength_do_not_count_for_usage_3),
		cmocka_unit_test(U7_what_is_sent_after_a_matching_certificate_may_be_anything),
		cmocka_unit_test(a_certificate_that_is_garbage_is_a_bad_verdict),
		cmocka_unit_test(U6_a_weaker_digest_does_not_count_beside_a_stronger_one),
		cmocka_unit_test(U14_one_match_is_enough_whatever_its_place),
		cmocka_unit_test(U14_150_records_are_all_looked_at),
		cmocka_unit_test(U1_U2_U4_L18_records_none_of_which_is_usable_ask_for_TLS_only),
		cmocka_unit_test(L22_unusable_records_beside_one_that_does_not_match_are_a_mismatch),
		cmocka_unit_test(a_mismatch_says_what_would_match),
		cmocka_unit_test(names_of_a_certificate_reach_the_reason_as_printable_text),
		cmocka_unit_test(wrong_calls_are_errors),
		cmocka_unit_test(the_time_is_the_caller_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
