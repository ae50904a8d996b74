/* SPDX-License-Identifier: BSD-2-Clause */
/* There is no TLS, or a raw public key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "verify_help.h"

#define ENFORCE "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n"
#define TESTING "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 86400\n"

static struct danests_verdict no_tls(const char *tlsa, const char *sts, enum danests_no_tls why,
    const char *detail)
{
	struct situation s = { .tlsa = tlsa, .sts = sts };
	danests_policy *policy = policy_of(&s);
	struct danests_verdict v;

	assert_int_equal(danests_verify_no_tls(policy, "mx.example.com", why, detail, &v),
	    DANESTS_OK);
	judgement_laws(&v.dane);
	judgement_laws(&v.sts);
	danests_policy_unref(policy);
	return v;
}

static void L17_S19_without_TLS_nothing_is_delivered_where_it_is_needed(void **state)
{
	static const struct {
		const char *tlsa, *sts;
		enum danests_no_tls why;
		const char *token, *code;
		enum danests_result result;
	} table[] = {
		{ "3 1 1 leaf", NULL, DANESTS_NOT_OFFERED, "starttls-not-supported", "4.7.321",
		  DANESTS_STARTTLS_NOT_SUPPORTED },
		{ "3 1 1 leaf", NULL, DANESTS_REFUSED, "starttls-not-supported", "4.7.321",
		  DANESTS_STARTTLS_NOT_SUPPORTED },
		{ "3 1 1 leaf", NULL, DANESTS_HANDSHAKE, "tls-handshake-failure", "4.7.323",
		  DANESTS_VALIDATION_FAILURE },
		{ NULL, ENFORCE, DANESTS_NOT_OFFERED, "starttls-not-supported", "4.7.321",
		  DANESTS_STARTTLS_NOT_SUPPORTED },
		{ NULL, ENFORCE, DANESTS_HANDSHAKE, "tls-handshake-failure", "4.7.323",
		  DANESTS_VALIDATION_FAILURE },
		{ "3 1 1 leaf", ENFORCE, DANESTS_REFUSED, "starttls-not-supported", "4.7.321",
		  DANESTS_STARTTLS_NOT_SUPPORTED },
		/* L16, L18: unusable records ask for TLS, too. */
		{ "1 1 1 leaf", NULL, DANESTS_NOT_OFFERED, "tlsa-invalid", "4.7.323",
		  DANESTS_VALIDATION_FAILURE },
		{ "1 1 1 leaf", TESTING, DANESTS_HANDSHAKE, "tlsa-invalid", "4.7.323",
		  DANESTS_VALIDATION_FAILURE },
		{ "1 1 1 leaf", ENFORCE, DANESTS_NOT_OFFERED, "starttls-not-supported", "4.7.321",
		  DANESTS_STARTTLS_NOT_SUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct danests_verdict v = no_tls(table[i].tlsa, table[i].sts, table[i].why, NULL);

		assert_false(v.deliver);
		assert_string_equal(v.fault->token, table[i].token);
		assert_string_equal(v.fault->code, table[i].code);
		assert_int_equal(v.result, table[i].result);
	}
}

static void L16_unusable_records_say_so(void **state)
{
	struct danests_verdict v = no_tls("1 1 1 leaf", NULL, DANESTS_NOT_OFFERED, NULL);

	(void)state;
	assert_int_equal(memcmp(v.reason, "all-unusable", 12), 0);
	assert_non_null(strstr(v.reason, "STARTTLS was not offered"));
}

static void L19_S20_without_need_it_goes_in_the_clear(void **state)
{
	struct danests_verdict v = no_tls(NULL, NULL, DANESTS_NOT_OFFERED, NULL);

	(void)state;
	assert_true(v.deliver);
	assert_null(v.fault);
	v = no_tls(NULL, TESTING, DANESTS_NOT_OFFERED, NULL);
	assert_true(v.deliver);
	assert_string_equal(v.fault->token, "starttls-not-supported");
	assert_int_equal(v.result, DANESTS_STARTTLS_NOT_SUPPORTED);
}

static void S17_a_host_that_is_not_in_the_policy_is_told_first(void **state)
{
	struct danests_verdict v = no_tls(NULL, "version: STSv1\nmode: enforce\n"
	    "mx: mail.example.com\nmax_age: 86400\n", DANESTS_NOT_OFFERED, NULL);

	(void)state;
	assert_string_equal(v.fault->token, "sts-mx-not-in-policy");
}

static void what_the_server_said_is_told_as_printable_text(void **state)
{
	char said[5000];
	struct danests_verdict v = no_tls("3 1 1 leaf", NULL, DANESTS_REFUSED,
	    "454 4.7.0 \x1b[31mno\r\n250 ok\xff");

	(void)state;
	assert_string_equal(v.reason, "STARTTLS was refused: 454 4.7.0 ?[31mno??250 ok?");
	memset(said, 'x', sizeof(said));
	said[sizeof(said) - 1] = '\0';
	v = no_tls("1 1 1 leaf", NULL, DANESTS_HANDSHAKE, said);
	assert_true(strlen(v.reason) < DANESTS_REASON_SIZE);
	v = no_tls("3 1 1 leaf", NULL, DANESTS_HANDSHAKE, "");
	assert_string_equal(v.reason, "the TLS handshake failed");
}

static void an_unknown_cause_or_host_is_an_error(void **state)
{
	struct situation s = { .tlsa = "3 1 1 leaf" };
	danests_policy *policy = policy_of(&s);
	struct danests_verdict v;

	(void)state;
	assert_int_equal(danests_verify_no_tls(policy, "mx.example.com", (enum danests_no_tls)3,
	    NULL, &v), DANESTS_EINVAL);
	assert_int_equal(danests_verify_no_tls(policy, "mx.example.net", DANESTS_REFUSED, NULL,
	    &v), DANESTS_EINVAL);
	danests_policy_unref(policy);
}

/* ---- Raw public keys ---- */

static struct danests_verdict raw_key(const char *tlsa, const char *sts, const char *name)
{
	struct situation s = { .tlsa = tlsa, .sts = sts };
	danests_policy *policy = policy_of(&s);
	gnutls_datum_t key = part_of(name, 1);
	struct danests_der der = { key.data, key.size };
	struct danests_verdict v;

	assert_int_equal(danests_verify_key(policy, "mx.example.com", &der, &v), DANESTS_OK);
	judgement_laws(&v.dane);
	judgement_laws(&v.sts);
	gnutls_free(key.data);
	danests_policy_unref(policy);
	return v;
}

static void U13_a_raw_key_is_matched_by_3_1_x_and_by_nothing_else(void **state)
{
	static const struct expect table[] = {
		{ "3 1 0 leaf", "leaf", "pass 0 0", "matches the server's key" },
		{ "3 1 1 leaf", "leaf", "pass 0 0", NULL },
		{ "3 1 2 leaf", "leaf", "pass 0 0", NULL },
		{ "2 1 1 leaf, 3 0 1 leaf, 3 1 1 leaf", "leaf", "pass 2 0", NULL },
		{ "3 0 1 leaf", "leaf", "fail tlsa-invalid", "no TLSA record 3 1 x matches" },
		{ "3 0 0 leaf", "leaf", "fail tlsa-invalid", NULL },
		{ "2 1 1 leaf", "leaf", "fail tlsa-invalid", NULL },
		{ "2 1 0 leaf", "leaf", "fail tlsa-invalid", NULL },
		{ "3 1 1 self", "leaf", "fail tlsa-invalid", NULL },
		{ "3 1 1 leaf, 3 1 2 self", "leaf", "fail tlsa-invalid", NULL }, /* U6 */
		{ "1 1 1 leaf", "leaf", "unusable", NULL },
		{ "3 1 1 rsa-leaf", "rsa-leaf", "pass 0 0", NULL },
		{ "3 1 1 ed-leaf", "ed-leaf", "pass 0 0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct danests_verdict v = raw_key(table[i].tlsa, NULL, table[i].chain);
		char text[64];

		judgement_text(text, &v.dane);
		assert_string_equal(text, table[i].verdict);
		assert_int_equal(v.deliver, v.dane.state != DANESTS_FAIL);
		if (table[i].says != NULL)
			assert_non_null(strstr(v.reason, table[i].says));
	}
}

static void S18_a_raw_key_is_no_certificate_for_MTA_STS(void **state)
{
	struct danests_verdict v = raw_key(NULL, ENFORCE, "leaf");

	(void)state;
	assert_false(v.deliver);
	assert_string_equal(v.fault->token, "sts-cert-untrusted");
	v = raw_key("3 1 1 leaf", ENFORCE, "leaf");
	assert_true(v.deliver);
	assert_int_equal(v.sts.state, DANESTS_FAIL);
	v = raw_key(NULL, TESTING, "leaf");
	assert_true(v.deliver);
	assert_string_equal(v.fault->token, "sts-cert-untrusted");
}

static void a_key_that_is_garbage_or_a_certificate_is_a_bad_verdict(void **state)
{
	struct situation s = { .tlsa = "3 1 1 leaf, 3 0 1 leaf" };
	danests_policy *policy = policy_of(&s);
	gnutls_datum_t cert = tls_der("leaf");
	struct danests_der bad[] = {
		{ (const uint8_t *)"garbage", 7 }, { NULL, 0 }, { cert.data, cert.size },
	};
	struct danests_verdict v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(danests_verify_key(policy, "mx.example.com", &bad[i], &v),
		    DANESTS_OK);
		assert_false(v.deliver);
		assert_string_equal(v.reason, "malformed public key");
	}
	assert_int_equal(danests_verify_key(policy, "mx.example.net", &bad[0], &v),
	    DANESTS_EINVAL);
	gnutls_free(cert.data);
	danests_policy_unref(policy);
}

static void expect_hint(const struct situation *s, const char *chain, const char *part)
{
	struct danests_verdict v = verdict_of(s, chain);

	if (v.hint == NULL || strstr(v.hint, part) == NULL)
		fail_msg("%s: %s: %s", chain, v.reason, v.hint != NULL ? v.hint : "no hint");
	assert_ptr_equal(v.hint, s->sts != NULL ? v.sts.hint : v.dane.hint);
	assert_true(s->sts == NULL || strstr(v.hint, "3 1 1") == NULL);
}

/* What to change, by what is really wrong: for most of these the record is right. */
static void each_cause_has_a_hint_of_its_own(void **state)
{
	static const struct {
		const char *tlsa, *chain, *hint;
	} table[] = {
		{ "3 1 1 self", "leaf", "Publish a TLSA record that matches" },
		{ "3 1 1 self, 2 1 1 stranger", "leaf inter", "Publish a TLSA record that mat" },
		{ "2 1 1 root", "leaf inter", "send the anchor's certificate in the chain" },
		{ "2 0 1 root, 2 1 2 stranger", "leaf inter", "send the anchor's certificate" },
		{ "2 0 0 root", "leaf", "Send the certificates between" },
		{ "2 1 1 self", "self", "usage 3 in place of 2" },
		{ "3 1 1 leaf, 3 1 2 self", "leaf", "Drop the 3 1 2 records" },
		{ "3 0 1 leaf, 3 0 2 self", "leaf", "Drop the 3 0 2 records" },
		{ "2 1 1 inter, 2 1 2 self", "leaf inter", "Drop the 2 1 2 records" },
		{ "2 0 1 root, 2 0 2 self", "leaf inter root", "Drop the 2 0 2 records" },
		{ "2 0 1 leaf, 2 0 2 self", "leaf leaf", "send the anchor's certificate" },
		{ "1 1 1 leaf", "leaf", "Use usage 3 in place of 1" },
		{ "0 1 1 leaf, 1 0 1 leaf", "leaf", "Use usage 3 in place of 1" },
		{ "3 1 1 leaf!, 1 1 1 leaf", "leaf", "'danests lint tlsa' says" },
		{ "2 0 1 root", "leaf-stranger stranger root", "Send every certificate between" },
		{ "2 0 1 root", "leaf root", "Send every certificate between" },
		{ "2 0 1 root", "leaf-not-ca inter-not-ca root", "CA:TRUE" },
		{ "2 0 1 root", "leaf-no-sign inter-no-sign root", "certificate signing" },
		{ "2 0 1 root-path0", "leaf-path0 inter-path0 root-path0", "path length" },
		{ "2 0 1 root-org", "leaf-org-com root-org", "name constraints" },
		{ "2 0 1 root", "leaf-forged inter root", "another key" },
		{ "2 0 1 root", "leaf-client inter root", "serverAuth" },
		{ "2 0 1 root", "leaf-of-client inter-client root", "extended key usage" },
		{ "2 0 1 inter", "leaf-critical inter", "critical extension" },
		{ "2 0 1 rsa-root", "leaf-md5 rsa-root", "SHA-256 or better" },
		{ "2 0 1 inter", "leaf-early inter", "is not valid yet" },
		{ "2 0 1 inter", "leaf-over inter", "Renew the server's own certificate" },
		{ "2 0 1 root", "leaf-of-over inter-over root", "the expired intermediate" },
		{ "2 0 1 root-over", "leaf-root-over root-over", "the trust anchor that is over" },
		{ "2 0 1 inter", "cn-dns inter", "Put the name of the MX host" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct situation s = { .tlsa = table[i].tlsa };

		expect_hint(&s, table[i].chain, table[i].hint);
	}
}

static void U6_who_is_outranked_is_told_so(void **state)
{
	struct situation s = { .tlsa = "3 1 1 leaf, 3 1 2 self" };
	struct danests_verdict v = verdict_of(&s, "leaf");

	(void)state;
	assert_string_equal(v.reason, "TLSA 3 1 1 matches, but is not looked at: beside it stands "
	    "3 1 2, a stronger digest, and that does not match");
}

static void without_tls_the_hint_is_to_offer_it(void **state)
{
	struct danests_verdict v = no_tls("1 1 1 leaf", NULL, DANESTS_NOT_OFFERED, NULL);

	(void)state;
	assert_non_null(strstr(v.hint, "Offer STARTTLS: TLSA records ask for TLS"));
	v = no_tls("1 1 1 leaf", NULL, DANESTS_HANDSHAKE, NULL);
	assert_non_null(strstr(v.hint, "Repair TLS"));
	v = no_tls("3 1 1 leaf", NULL, DANESTS_NOT_OFFERED, NULL);
	assert_ptr_equal(v.hint, v.fault->hint);
}

static void MTA_STS_has_hints_of_its_own(void **state)
{
	static const struct {
		const char *chain, *hint;
	} table[] = {
		{ "self", "public certification authority" },
		{ "leaf-over inter", "Renew the server's own certificate" },
		{ "leaf-client inter", "serverAuth" },
		{ "leaf-early inter", "is not valid yet" },
		{ "cn-dns inter", "the common name does not count" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct situation s = { .sts = ENFORCE };

		expect_hint(&s, table[i].chain, table[i].hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cause_has_a_hint_of_its_own),
		cmocka_unit_test(U6_who_is_outranked_is_told_so),
		cmocka_unit_test(without_tls_the_hint_is_to_offer_it),
		cmocka_unit_test(MTA_STS_has_hints_of_its_own),
		cmocka_unit_test(L17_S19_without_TLS_nothing_is_delivered_where_it_is_needed),
		cmocka_unit_test(L16_unusable_records_say_so),
		cmocka_unit_test(L19_S20_without_need_it_goes_in_the_clear),
		cmocka_unit_test(S17_a_host_that_is_not_in_the_policy_is_told_first),
		cmocka_unit_test(what_the_server_said_is_told_as_printable_text),
		cmocka_unit_test(an_unknown_cause_or_host_is_an_error),
		cmocka_unit_test(U13_a_raw_key_is_matched_by_3_1_x_and_by_nothing_else),
		cmocka_unit_test(S18_a_raw_key_is_no_certificate_for_MTA_STS),
		cmocka_unit_test(a_key_that_is_garbage_or_a_certificate_is_a_bad_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
