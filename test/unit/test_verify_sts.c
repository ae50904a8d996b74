/* SPDX-License-Identifier: BSD-2-Clause */
/* MTA-STS, and which of both decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify_help.h"

#define ENFORCE "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n"
#define TESTING "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 86400\n"
#define OTHER_MX "version: STSv1\nmode: enforce\nmx: *.mx.example.com\nmx: mail.example.com\n" \
	"max_age: 86400\n"

struct sts_expect {
	const char *chain, *verdict, *says;
};

static void expect_sts(const struct sts_expect *e)
{
	struct situation s = { .sts = ENFORCE };
	struct danests_verdict v = verdict_of(&s, e->chain);
	char text[64];

	judgement_text(text, &v.sts);
	judgement_laws(&v.sts);
	assert_int_equal(v.by, DANESTS_NEED_STS);
	assert_string_equal(v.reason, v.sts.reason);
	assert_int_equal(v.deliver, v.sts.state == DANESTS_PASS);
	assert_ptr_equal(v.fault, v.sts.fault);
	assert_int_equal(v.dane.state, DANESTS_NOT_JUDGED);
	if (strcmp(text, e->verdict) != 0 ||
	    (e->says != NULL && strstr(v.reason, e->says) == NULL))
		fail_msg("%s: %s (%s), not %s (%s)", e->chain, text, v.reason, e->verdict,
		    e->says != NULL ? e->says : "");
}

static void S18_the_certificate_is_one_of_WebPKI_for_the_host(void **state)
{
	static const struct sts_expect table[] = {
		{ "leaf inter", "pass", "good for mx.example.com" },
		{ "leaf inter root", "pass", NULL },
		{ "leaf root inter", "pass", NULL },
		{ "leaf", "fail sts-cert-untrusted", "issuer is not trusted" },
		{ "self", "fail sts-cert-untrusted", "self-signed" },
		{ "leaf-stranger stranger", "fail sts-cert-untrusted", NULL },
		{ "leaf-stranger stranger root", "fail sts-cert-untrusted", NULL },
		{ "leaf-forged inter", "fail sts-cert-untrusted", "signature is wrong" },
		{ "leaf-client inter", "fail sts-cert-untrusted", "not for servers" },
		{ "leaf-not-ca inter-not-ca", "fail sts-cert-untrusted", NULL },
		{ "leaf-early inter", "fail sts-cert-untrusted", "becomes valid on 2026-07-08" },
		{ "leaf-over inter", "fail sts-cert-expired", "expired on 2026-02-03" },
		{ "leaf-of-over inter-over", "fail sts-cert-expired", NULL },
		{ "cn-dns inter", "fail sts-cert-host-mismatch", "other.example.com" },
		/* RFC 8461 4.2: the common name never counts. */
		{ "cn-only inter", "fail sts-cert-host-mismatch", NULL },
		{ "dns-nul inter", "fail sts-cert-host-mismatch", NULL },
		{ "leaf-org-org root-org", "fail sts-cert-untrusted", NULL },
		/* spec.md section 8: expired, then untrusted, then the name */
		{ "leaf-over-stranger stranger", "fail sts-cert-expired", NULL },
		{ "leaf-over-client inter", "fail sts-cert-expired", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		expect_sts(&table[i]);
}

static void S18_codes_and_results_are_those_of_the_specification(void **state)
{
	static const struct {
		const char *chain, *code;
		enum danests_result result;
	} table[] = {
		{ "self", "4.7.5", DANESTS_CERTIFICATE_NOT_TRUSTED },
		{ "leaf-over inter", "4.7.5", DANESTS_CERTIFICATE_EXPIRED },
		{ "cn-dns inter", "4.7.5", DANESTS_CERTIFICATE_HOST_MISMATCH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct situation s = { .sts = ENFORCE };
		struct danests_verdict v = verdict_of(&s, table[i].chain);

		assert_string_equal(v.fault->code, table[i].code);
		assert_int_equal(v.result, table[i].result);
	}
}

static void S17_a_host_that_the_policy_does_not_have_is_refused_before_its_certificate(
    void **state)
{
	struct situation s = { .sts = OTHER_MX };
	struct danests_verdict v = verdict_of(&s, "leaf-over inter");

	(void)state;
	assert_false(v.deliver);
	assert_string_equal(v.fault->token, "sts-mx-not-in-policy");
	assert_string_equal(v.fault->code, "4.4.8");
	assert_int_equal(v.result, DANESTS_VALIDATION_FAILURE);
	assert_string_equal(v.reason, "the MTA-STS policy does not have mx.example.com, only: "
	    "*.mx.example.com, mail.example.com");
}

static void S17_a_pattern_lets_one_label_stand_for_the_host(void **state)
{
	struct situation s = { .host = "a.wild.example.com", .sts = "version: STSv1\n"
	    "mode: enforce\nmx: [192.0.2.1]\nmx: *.wild.example.com\nmax_age: 86400\n" };
	struct danests_verdict v = verdict_of(&s, "leaf inter");

	(void)state;
	assert_true(v.deliver);
	assert_non_null(strstr(v.reason, "*.wild.example.com"));
	s.host = "a.b.wild.example.com";
	assert_string_equal(verdict_of(&s, "leaf inter").fault->token, "sts-mx-not-in-policy");
	s.host = "wild.example.com";
	assert_string_equal(verdict_of(&s, "leaf inter").fault->token, "sts-mx-not-in-policy");
}

/* rules.md 5.4: what MTA-STS would have said is there to be seen. */
static void S1_DANE_decides_where_it_can_and_MTA_STS_is_judged_beside_it(void **state)
{
	struct situation s = { .tlsa = "3 1 1 self", .sts = ENFORCE };
	struct danests_verdict v = verdict_of(&s, "self");

	(void)state;
	assert_true(v.deliver);
	assert_int_equal(v.by, DANESTS_NEED_DANE);
	assert_null(v.fault);
	assert_int_equal(v.result, DANESTS_SUCCESS);
	assert_int_equal(v.sts.state, DANESTS_FAIL);
	assert_string_equal(v.sts.fault->token, "sts-cert-untrusted");
	/* And it never saves what DANE refuses. */
	v = verdict_of(&s, "leaf inter");
	assert_false(v.deliver);
	assert_string_equal(v.fault->token, "tlsa-invalid");
	assert_int_equal(v.sts.state, DANESTS_PASS);
}

static void S20_testing_delivers_and_says_what_would_have_failed(void **state)
{
	struct situation s = { .sts = TESTING };
	struct danests_verdict v = verdict_of(&s, "self");

	(void)state;
	assert_true(v.deliver);
	assert_int_equal(v.by, DANESTS_NEED_NOTHING);
	assert_string_equal(v.fault->token, "sts-cert-untrusted");
	assert_int_equal(v.result, DANESTS_CERTIFICATE_NOT_TRUSTED);
	assert_string_equal(v.reason, v.sts.reason);
	v = verdict_of(&s, "leaf inter");
	assert_true(v.deliver);
	assert_null(v.fault);
	assert_int_equal(v.result, DANESTS_SUCCESS);
	assert_int_equal(v.sts.state, DANESTS_PASS);
}

static void S20_testing_fails_nothing_where_DANE_decides(void **state)
{
	struct situation s = { .tlsa = "3 1 1 self", .sts = TESTING };
	struct danests_verdict v = verdict_of(&s, "self");

	(void)state;
	assert_true(v.deliver);
	assert_null(v.fault);
	assert_int_equal(v.sts.state, DANESTS_FAIL);
	s.tlsa = "1 1 1 self";
	v = verdict_of(&s, "self");
	assert_true(v.deliver);
	assert_int_equal(v.by, DANESTS_NEED_TLS);
	assert_string_equal(v.fault->token, "sts-cert-untrusted");
	v = verdict_of(&s, "leaf inter");
	assert_null(v.fault);
	assert_int_equal(v.result, DANESTS_TLSA_INVALID);
}

static void S20_mode_none_is_judged_only_for_who_wants_to_see_it(void **state)
{
	struct situation s = {
		.sts = "version: STSv1\nmode: none\nmx: mail.example.com\nmax_age: 86400\n" };
	struct danests_verdict v = verdict_of(&s, "self");

	(void)state;
	assert_true(v.deliver);
	assert_null(v.fault);
	assert_int_equal(v.result, DANESTS_SUCCESS);
	assert_string_equal(v.sts.fault->token, "sts-mx-not-in-policy");
	s.sts = "version: STSv1\nmode: none\nmax_age: 86400\n";
	v = verdict_of(&s, "self");
	assert_true(v.deliver);
	assert_int_equal(v.sts.state, DANESTS_NOT_JUDGED);
}

/* rules.md 5.4 */
static void L18_with_unusable_records_an_enforce_policy_authenticates(void **state)
{
	struct situation s = { .tlsa = "1 1 1 leaf", .sts = ENFORCE };
	struct danests_verdict v = verdict_of(&s, "leaf inter");

	(void)state;
	assert_true(v.deliver);
	assert_int_equal(v.by, DANESTS_NEED_STS);
	assert_int_equal(v.dane.state, DANESTS_UNUSABLE);
	assert_int_equal(v.result, DANESTS_SUCCESS);
	v = verdict_of(&s, "self");
	assert_false(v.deliver);
	assert_string_equal(v.fault->token, "sts-cert-untrusted");
}

static void nothing_published_lets_everything_pass(void **state)
{
	struct situation s = { .host = "mx.example.net" };
	struct danests_verdict v = verdict_of(&s, "self");

	(void)state;
	assert_true(v.deliver);
	assert_int_equal(v.by, DANESTS_NEED_NOTHING);
	assert_null(v.fault);
	assert_int_equal(v.dane.state, DANESTS_NOT_JUDGED);
	assert_int_equal(v.sts.state, DANESTS_NOT_JUDGED);
	assert_true(v.reason[0] != '\0');
}

static void authorities_are_needed_only_where_MTA_STS_decides(void **state)
{
	static const struct {
		const char *tlsa, *sts;
		int error;
	} table[] = {
		{ NULL, ENFORCE, DANESTS_EINVAL },
		{ "1 1 1 leaf", ENFORCE, DANESTS_EINVAL },
		{ "3 1 1 leaf", ENFORCE, DANESTS_OK },
		{ NULL, TESTING, DANESTS_OK },
		{ NULL, NULL, DANESTS_OK },
	};
	struct danests_verdict v;
	struct served served;

	(void)state;
	served_read(&served, "leaf inter");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct situation s = { .tlsa = table[i].tlsa, .sts = table[i].sts };
		danests_policy *policy = policy_of(&s);

		assert_int_equal(danests_verify(policy, NULL, "mx.example.com", served.list, 2,
		    TLS_NOW, &v), table[i].error);
		if (table[i].error == DANESTS_OK) {
			assert_true(v.deliver);
			assert_int_equal(v.sts.state, DANESTS_NOT_JUDGED);
		}
		danests_policy_unref(policy);
	}
	served_free(&served);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S18_the_certificate_is_one_of_WebPKI_for_the_host),
		cmocka_unit_test(S18_codes_and_results_are_those_of_the_specification),
		cmocka_unit_test(
		    S17_a_host_that_the_policy_does_not_have_is_refused_before_its_certificate),
		cmocka_unit_test(S17_a_pattern_lets_one_label_stand_for_the_host),
		cmocka_unit_test(S1_DANE_decides_where_it_can_and_MTA_STS_is_judged_beside_it),
		cmocka_unit_test(S20_testing_delivers_and_says_what_would_have_failed),
		cmocka_unit_test(S20_testing_fails_nothing_where_DANE_decides),
		cmocka_unit_test(S20_mode_none_is_judged_only_for_who_wants_to_see_it),
		cmocka_unit_test(L18_with_unusable_records_an_enforce_policy_authenticates),
		cmocka_unit_test(nothing_published_lets_everything_pass),
		cmocka_unit_test(authorities_are_needed_only_where_MTA_STS_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
