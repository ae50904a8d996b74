/* SPDX-License-Identifier: BSD-2-Clause */
/* DANE-TA: anchors sent and not sent, what chains may do, whose failure is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify_help.h"

static void U8_an_anchor_that_was_sent_is_found_at_any_depth_but_0(void **state)
{
	static const struct expect table[] = {
		{ "2 0 0 root", "leaf inter root", "pass 0 2", "matches certificate 2" },
		{ "2 0 1 root", "leaf inter root", "pass 0 2", NULL },
		{ "2 0 2 root", "leaf inter root", "pass 0 2", NULL },
		{ "2 1 0 root", "leaf inter root", "pass 0 2", NULL },
		{ "2 1 1 root", "leaf inter root", "pass 0 2", NULL },
		{ "2 1 2 root", "leaf inter root", "pass 0 2", NULL },
		{ "2 0 1 inter", "leaf inter", "pass 0 1", NULL },
		{ "2 1 1 inter", "leaf inter root", "pass 0 1", NULL },
		{ "2 0 1 rsa-root", "rsa-leaf rsa-root", "pass 0 1", NULL },
		{ "2 1 1 ed-root", "ed-leaf ed-root", "pass 0 1", NULL },
		{ "2 1 1 pss-root", "pss-leaf pss-root", "pass 0 1", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void order_and_what_else_was_sent_do_not_matter(void **state)
{
	static const struct expect table[] = {
		{ "2 0 1 root", "leaf root inter", "pass 0 1", NULL },
		{ "2 0 1 root", "leaf stranger rsa-root inter self root", "pass 0 5", NULL },
		{ "2 1 1 root", "leaf inter inter leaf root root", "pass 0 4", NULL },
		/* The same key in another certificate, which is over. */
		{ "2 1 1 inter", "leaf inter-cross inter", "pass 0 2", NULL },
		{ "2 1 1 root", "leaf inter root-expired root-renewed", "pass 0 3", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U10_a_whole_certificate_need_not_be_sent(void **state)
{
	static const struct expect table[] = {
		{ "2 0 0 root", "leaf inter", "pass 0 -1", "was not sent" },
		{ "2 0 0 inter", "leaf", "pass 0 -1", NULL },
		{ "2 0 0 rsa-root", "rsa-leaf", "pass 0 -1", NULL },
		{ "2 0 0 pss-long-root", "pss-long-leaf", "pass 0 -1", NULL },
		{ "2 0 0 v1-inter", "leaf-v1-inter", "fail tlsa-invalid", "may not" },
		{ "2 0 0 root-no-basic", "leaf-root-no-basic", "fail tlsa-invalid", "may not" },
		{ "2 0 0 root", "leaf", "fail tlsa-invalid", "no TLSA record matches" },
		{ "2 0 0 stranger", "leaf inter root", "fail tlsa-invalid", "no TLSA record mat" },
		{ "2 0 1 root", "leaf inter", "fail tlsa-invalid", "no TLSA record matches" },
		/* Right name, another key. */
		{ "2 0 0 inter", "leaf-forged", "fail tlsa-invalid", "no TLSA record matches" },
		{ "2 0 0 twin0", "leaf-twin", "fail tlsa-invalid", "no TLSA record matches" },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U11_a_whole_key_need_not_be_sent(void **state)
{
	static const struct expect table[] = {
		{ "2 1 0 root", "leaf inter", "pass 0 -1", "anchor of TLSA 2 1 0" },
		{ "2 1 0 inter", "leaf", "pass 0 -1", NULL }, /* a chain of one */
		{ "2 1 0 rsa-root", "rsa-leaf", "pass 0 -1", NULL },
		{ "2 1 0 ed-root", "ed-leaf", "pass 0 -1", NULL },
		{ "2 1 0 pss-root", "pss-leaf", "pass 0 -1", NULL },
		{ "2 1 0 pss-long-root", "pss-long-leaf", "pass 0 -1", NULL },
		{ "2 1 0 pss-root", "pss-long-leaf", "fail tlsa-invalid", "no TLSA record mat" },
		{ "2 1 0 root", "leaf stranger inter", "pass 0 -1", NULL },
		{ "2 1 0 root", "leaf", "fail tlsa-invalid", "no TLSA record matches" },
		{ "2 1 0 stranger", "leaf inter", "fail tlsa-invalid", "no TLSA record matches" },
		{ "2 1 1 root", "leaf inter", "fail tlsa-invalid", "no TLSA record matches" },
		/* A key of another kind than the signature. */
		{ "2 1 0 rsa-root", "leaf-over inter", "fail tlsa-invalid", "no TLSA record mat" },
		{ "2 1 0 ed-root", "rsa-leaf", "fail tlsa-invalid", "no TLSA record matches" },
		{ "2 1 0 inter", "leaf-forged", "fail tlsa-invalid", "no TLSA record matches" },
		/* What was signed by it has to be good. */
		{ "2 1 0 inter", "leaf-over", "fail certificate-expired", "expired on 2026-02-03" },
		{ "2 1 0 root", "leaf-of-over inter-over", "fail certificate-expired", NULL },
		{ "2 1 0 root", "leaf-not-ca inter-not-ca", "fail tlsa-invalid", "may not" },
		{ "2 1 0 inter", "leaf-client", "fail tlsa-invalid", "not for servers" },
		{ "2 1 0 inter", "cn-dns", "fail certificate-host-mismatch", NULL },
		{ "2 1 0 leaf", "leaf-by-leaf", "pass 0 -1", NULL }, /* a bare key has no limits */
		/* No time is spent on monstrous keys. */
		{ "2 1 0 inter-huge", "leaf-huge", "fail tlsa-invalid", "no TLSA record matches" },
		{ "2 1 0 inter-odd", "leaf-odd", "fail tlsa-invalid", "no TLSA record matches" },
	};

	(void)state;
	EXPECT_ALL(table);
}

/* rules.md 5.12 */
static void U8_a_server_certificate_is_no_anchor_for_itself(void **state)
{
	static const struct expect table[] = {
		{ "2 0 1 self", "self", "fail tlsa-invalid", "use 3 0 1 for that" },
		{ "2 1 1 self", "self", "fail tlsa-invalid", "use 3 1 1 for that" },
		{ "2 0 0 self", "self", "fail tlsa-invalid", "use 3 0 0 for that" },
		{ "2 1 0 self", "self", "fail tlsa-invalid", "use 3 1 0 for that" },
		{ "2 0 1 self-ca", "self-ca self-ca", "fail tlsa-invalid", "use 3 0 1 for that" },
		{ "2 0 0 self-ca", "self-ca self-ca", "fail tlsa-invalid", NULL },
		{ "2 1 0 self-ca", "self-ca self-ca", "fail tlsa-invalid", NULL },
		{ "2 0 1 leaf", "leaf inter", "fail tlsa-invalid", "use 3 0 1 for that" },
		{ "2 1 1 leaf", "leaf leaf inter", "fail tlsa-invalid", "use 3 1 1 for that" },
	};

	(void)state;
	EXPECT_ALL(table);
}

/* rules.md 5.2: libdane passes these. */
static void U8_a_genuine_anchor_behind_another_chain_vouches_for_nothing(void **state)
{
	static const struct expect table[] = {
		{ "2 0 1 root", "leaf-stranger stranger root", "fail tlsa-invalid", NULL },
		{ "2 0 0 root", "leaf-stranger stranger root", "fail tlsa-invalid", NULL },
		{ "2 1 1 inter", "leaf-stranger stranger inter root", "fail tlsa-invalid", NULL },
		{ "2 1 0 inter", "leaf-stranger inter", "fail tlsa-invalid", NULL },
		{ "2 0 1 root", "self root", "fail tlsa-invalid", NULL },
		{ "2 0 1 root", "leaf-forged inter root", "fail tlsa-invalid", "signature is wrong" },
		{ "2 0 1 root", "leaf-inter-forged inter-forged root", "fail tlsa-invalid", NULL },
		{ "2 1 1 twin0", "leaf-twin twin0", "fail tlsa-invalid", NULL },
		/* Even the genuine server's certificate, later in the chain. */
		{ "2 0 1 root", "self leaf inter root", "fail tlsa-invalid", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U9_limits_of_an_anchor_count_whatever_the_selector(void **state)
{
	static const struct expect table[] = {
		{ "2 0 1 root-path0", "leaf-path0-direct root-path0", "pass 0 1", NULL },
		{ "2 0 1 root-path0", "leaf-path0 inter-path0 root-path0", "fail tlsa-invalid",
		  "constraints" },
		{ "2 1 1 root-path0", "leaf-path0 inter-path0 root-path0", "fail tlsa-invalid",
		  NULL },
		{ "2 1 0 root-path0", "leaf-path0 inter-path0 root-path0", "fail tlsa-invalid",
		  NULL },
		{ "2 0 0 root-path0", "leaf-path0 inter-path0", "fail tlsa-invalid", NULL },
		/* A bare key that was not sent has none. */
		{ "2 1 0 root-path0", "leaf-path0 inter-path0", "pass 0 -1", NULL },
		{ "2 0 1 root-org", "leaf-org-com root-org", "fail tlsa-invalid", "constraints" },
		{ "2 1 1 root-org", "leaf-org-com root-org", "fail tlsa-invalid", NULL },
		{ "2 0 0 root-org", "leaf-org-com", "fail tlsa-invalid", NULL },
		{ "2 0 1 inter-not-com", "leaf-not-com inter-not-com", "fail tlsa-invalid", NULL },
		{ "2 0 1 root-client", "leaf-root-client root-client", "fail tlsa-invalid", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void U8_every_certificate_on_the_way_has_to_be_good(void **state)
{
	static const struct expect table[] = {
		{ "2 0 1 root", "leaf-not-ca inter-not-ca root", "fail tlsa-invalid", NULL },
		{ "2 0 1 root", "leaf-no-basic inter-no-basic root", "fail tlsa-invalid", NULL },
		{ "2 0 1 root", "leaf-no-sign inter-no-sign root", "fail tlsa-invalid", NULL },
		{ "2 0 1 root", "leaf-by-leaf leaf inter root", "fail tlsa-invalid", NULL },
		{ "2 1 1 leaf", "leaf-by-leaf leaf inter root", "fail tlsa-invalid", NULL },
		{ "2 0 1 anchor-not-ca", "leaf-anchor-not-ca anchor-not-ca", "fail tlsa-invalid",
		  NULL },
		{ "2 0 1 root", "leaf-client inter root", "fail tlsa-invalid", "not for servers" },
		{ "2 0 1 root", "leaf-of-client inter-client root", "fail tlsa-invalid", NULL },
		{ "2 0 1 inter", "leaf-any inter", "fail tlsa-invalid", "not for servers" },
		{ "2 0 1 inter", "leaf-no-purpose inter", "pass 0 1", NULL },
		{ "2 0 1 inter", "leaf-critical inter", "fail tlsa-invalid", "critical" },
		{ "2 0 1 inter", "leaf-uncritical inter", "pass 0 1", NULL },
		{ "2 0 1 rsa-root", "leaf-md5 rsa-root", "fail tlsa-invalid", "too weak" },
		{ "2 0 1 inter", "leaf-early inter", "fail tlsa-invalid", "becomes valid on" },
		{ "2 0 1 inter", "leaf-forever inter", "pass 0 1", NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

/* rules.md 5.12 */
static void U8_what_is_over_is_told_as_expired_the_anchor_too(void **state)
{
	static const struct expect table[] = {
		{ "2 0 1 inter", "leaf-over inter", "fail certificate-expired",
		  "certificate expired on 2026-02-03" },
		{ "2 0 1 root", "leaf-of-over inter-over root", "fail certificate-expired",
		  "a certificate of the chain expired" },
		{ "2 0 1 root-over", "leaf-root-over root-over", "fail certificate-expired",
		  "ta-expired" },
		{ "2 1 1 root-over", "leaf-root-over root-over", "fail certificate-expired",
		  "ta-expired" },
		{ "2 0 0 root-over", "leaf-root-over", "fail certificate-expired", "ta-expired" },
		{ "2 0 1 inter-over", "leaf-of-over inter-over root", "fail certificate-expired",
		  "ta-expired" },
	};

	(void)state;
	EXPECT_ALL(table);
}

/* spec.md section 8 */
static void of_several_faults_the_first_is_told(void **state)
{
	static const struct expect table[] = {
		/* No match, then expired, then untrusted, then the name. */
		{ "2 0 1 stranger", "leaf-over inter", "fail tlsa-invalid", "no TLSA record" },
		{ "2 0 1 root", "leaf-over-client inter root", "fail certificate-expired", NULL },
		{ "2 0 1 inter", "leaf-client inter", "fail tlsa-invalid", "not for servers" },
		{ "2 0 0 stranger", "leaf-over inter", "fail tlsa-invalid", "no TLSA record" },
		{ "2 1 0 stranger", "leaf-over inter", "fail tlsa-invalid", "no TLSA record" },
		/* Of several anchors, the one that got furthest. */
		{ "2 0 1 stranger, 2 0 1 inter", "cn-dns inter stranger",
		  "fail certificate-host-mismatch", NULL },
		{ "2 0 1 inter, 2 0 1 stranger", "cn-dns inter stranger",
		  "fail certificate-host-mismatch", NULL },
		{ "2 0 1 stranger, 2 0 1 inter", "leaf-client inter stranger",
		  "fail tlsa-invalid", NULL },
		{ "3 1 1 self, 2 0 1 inter", "cn-dns inter", "fail certificate-host-mismatch",
		  NULL },
	};

	(void)state;
	EXPECT_ALL(table);
}

static void the_fault_of_an_expired_chain_is_microsofts(void **state)
{
	struct situation s = { .tlsa = "2 0 1 inter" };
	struct danests_verdict v = verdict_of(&s, "leaf-over inter");

	(void)state;
	assert_string_equal(v.fault->code, "4.7.322");
	assert_int_equal(v.result, DANESTS_CERTIFICATE_EXPIRED);
	v = verdict_of(&s, "cn-dns inter");
	assert_string_equal(v.fault->code, "4.7.325");
	assert_int_equal(v.result, DANESTS_CERTIFICATE_HOST_MISMATCH);
}

static void a_chain_that_is_too_long_or_broken_matches_no_anchor(void **state)
{
	struct situation s = { .tlsa = "2 0 1 inter" };
	danests_policy *policy = policy_of(&s);
	struct danests_der chain[33];
	struct danests_verdict verdict;
	struct served served;

	(void)state;
	served_read(&served, "leaf inter");
	for (size_t i = 0; i < 33; i++)
		chain[i] = served.list[i > 0];
	assert_int_equal(danests_verify(policy, NULL, "mx.example.com", chain, 32, TLS_NOW,
	    &verdict), DANESTS_OK);
	assert_true(verdict.deliver);
	assert_int_equal(danests_verify(policy, NULL, "mx.example.com", chain, 33, TLS_NOW,
	    &verdict), DANESTS_OK);
	assert_false(verdict.deliver);
	assert_string_equal(verdict.fault->token, "tlsa-invalid");
	assert_non_null(strstr(verdict.reason, "more than 32 certificates"));
	chain[2] = (struct danests_der){ (const uint8_t *)"garbage", 7 };
	assert_int_equal(danests_verify(policy, NULL, "mx.example.com", chain, 3, TLS_NOW,
	    &verdict), DANESTS_OK);
	assert_false(verdict.deliver);
	assert_non_null(strstr(verdict.reason, "malformed certificate"));
	served_free(&served);
	danests_policy_unref(policy);
}

static void U7_what_only_has_to_match_may_be_large(void **state)
{
	static const struct expect table[] = {
		{ "3 1 1 large-name", "large-name", "pass 0 0", NULL },
		{ "3 0 1 large", "large", "pass 0 0", NULL },
		{ "2 1 0 leaf", "large-issuer", "fail tlsa-invalid", "needs the chain, but: mal" },
	};

	(void)state;
	EXPECT_ALL(table);
}

/* Each key is tried with each certificate: that has to end somewhere. */
static void U11_strangers_cannot_make_us_work_without_end(void **state)
{
	struct expect e = { .chain = "leaf inter", .verdict = "pass 199 -1" };
	char tlsa[8192] = "";
	size_t used = 0;

	(void)state;
	for (int i = 0; i < 199; i++)
		used += (size_t)snprintf(tlsa + used, sizeof(tlsa) - used, "2 1 0 stranger, ");
	snprintf(tlsa + used, sizeof(tlsa) - used, "2 1 0 root");
	e.tlsa = tlsa;
	expect_dane(&e);
	e.chain = "leaf inter self self self self self self";
	e.verdict = "fail tlsa-invalid";
	expect_dane(&e);
}

/* No more than 32 are looked at, and nobody is left to wonder. */
static void a_match_beyond_the_32nd_is_said_not_to_be_looked_at(void **state)
{
	struct situation s = { .tlsa = "2 0 1 root" };
	char chain[512] = "leaf";
	struct danests_verdict v;

	(void)state;
	for (int i = 0; i < 31; i++)
		text_format(chain + strlen(chain), sizeof(chain) - strlen(chain), " inter");
	text_format(chain + strlen(chain), sizeof(chain) - strlen(chain), " root");
	v = verdict_of(&s, chain);
	assert_false(v.deliver);
	assert_non_null(strstr(v.reason, "in the first 32 certificates of 33"));
	assert_non_null(strstr(v.hint, "no more than 32"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U8_an_anchor_that_was_sent_is_found_at_any_depth_but_0),
		cmocka_unit_test(order_and_what_else_was_sent_do_not_matter),
		cmocka_unit_test(U10_a_whole_certificate_need_not_be_sent),
		cmocka_unit_test(U11_a_whole_key_need_not_be_sent),
		cmocka_unit_test(U8_a_server_certificate_is_no_anchor_for_itself),
		cmocka_unit_test(U8_a_genuine_anchor_behind_another_chain_vouches_for_nothing),
		cmocka_unit_test(U9_limits_of_an_anchor_count_whatever_the_selector),
		cmocka_unit_test(U8_every_certificate_on_the_way_has_to_be_good),
		cmocka_unit_test(U8_what_is_over_is_told_as_expired_the_anchor_too),
		cmocka_unit_test(of_several_faults_the_first_is_told),
		cmocka_unit_test(the_fault_of_an_expired_chain_is_microsofts),
		cmocka_unit_test(U7_what_only_has_to_match_may_be_large),
		cmocka_unit_test(U11_strangers_cannot_make_us_work_without_end),
		cmocka_unit_test(a_chain_that_is_too_long_or_broken_matches_no_anchor),
		cmocka_unit_test(a_match_beyond_the_32nd_is_said_not_to_be_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
