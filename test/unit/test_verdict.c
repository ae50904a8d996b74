/* SPDX-License-Identifier: BSD-2-Clause */
/* What decides, in policies that only a lookup comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan/policy.h"
#include "verify_help.h"

#define BOGUS "TLSA _25._tcp.mx.example.com: DNSSEC bogus (?)"

static const char *const patterns[] = { "mx.example.com" };
static const struct danests_sts enforce = { .mx_count = 1, .mx = patterns };

/* Two hosts; the second one is as given. */
static danests_policy *looked_up(enum danests_level level, enum danests_host_state state,
    const struct records *records)
{
	struct nexthop nexthop = { .domain = { "example.net" }, .port = 25 };
	danests_policy *policy = policy_new(&nexthop, 2, 0, 0);

	assert_non_null(policy);
	policy->level = level;
	policy->host_count = 2;
	policy->hosts[0] = (struct danests_host){ .name = "other.example.com",
		.base = "other.example.com", .reason = "", .token = "" };
	policy->hosts[1] = (struct danests_host){ .name = "mx.example.com",
		.base = "mx.example.com", .reason = "", .token = "", .state = state,
		.tlsa = records->list, .tlsa_count = records->count };
	return policy;
}

static void use_sts(danests_policy *policy)
{
	policy->sts_view = enforce;
	policy->sts = &policy->sts_view;
	policy->sts_state = DANESTS_STS_ENFORCE;
}

static struct danests_verdict verdict_by(danests_policy *policy, const char *chain)
{
	danests_trust *trust = trust_of("root");
	struct danests_verdict v;
	struct served served;

	served_read(&served, chain);
	assert_int_equal(danests_verify(policy, trust, "mx.example.com", served.list,
	    served.count, TLS_NOW, &v), DANESTS_OK);
	served_free(&served);
	danests_trust_unref(trust);
	return v;
}

static void expect_waiting(const struct danests_verdict *v, const char *token, const char *code,
    const char *reason)
{
	assert_false(v->deliver);
	assert_int_equal(v->by, DANESTS_NEED_WAIT);
	assert_string_equal(v->fault->token, token);
	assert_string_equal(v->fault->code, code);
	assert_int_equal(v->result, v->fault->result);
	assert_string_equal(v->reason, reason);
}

static void N8_a_host_whose_lookups_failed_is_not_to_be_used_whatever_it_shows(void **state)
{
	static const struct records none;
	danests_policy *policy = looked_up(DANESTS_LEVEL_DANE, DANESTS_HOST_FAILED, &none);
	struct danests_verdict v;

	(void)state;
	policy->hosts[1].reason = strdup("TLSA _25._tcp.mx.example.com: DNSSEC bogus (\x1b)");
	policy->hosts[1].token = "dnssec-invalid";
	v = verdict_by(policy, "leaf inter");
	expect_waiting(&v, "dnssec-invalid", "4.7.324", BOGUS);
	/* The same without TLS, and with a raw key. */
	assert_int_equal(danests_verify_no_tls(policy, "mx.example.com", DANESTS_NOT_OFFERED,
	    NULL, &v), DANESTS_OK);
	expect_waiting(&v, "dnssec-invalid", "4.7.324", BOGUS);
	assert_int_equal(v.dane.state, DANESTS_NOT_JUDGED);
	assert_int_equal(danests_verify_key(policy, "mx.example.com", &(struct danests_der){0},
	    &v), DANESTS_OK);
	expect_waiting(&v, "dnssec-invalid", "4.7.324", BOGUS);
	danests_policy_unref(policy);
}

static void N6_a_domain_that_is_deferred_gets_nothing_anywhere(void **state)
{
	struct records records;
	danests_policy *policy;
	struct danests_verdict v;

	(void)state;
	records_read(&records, "3 1 1 leaf");
	policy = looked_up(DANESTS_LEVEL_DEFER, DANESTS_HOST_USABLE, &records);
	policy->token = "dns-query-failed";
	policy->reason = strdup("MX example.net: SERVFAIL");
	v = verdict_by(policy, "leaf inter");
	expect_waiting(&v, "dns-query-failed", "4.4.312", "MX example.net: SERVFAIL");
	/* Without a token of its own, or with one unheard of: the weakest claim. */
	policy->token = "";
	v = verdict_by(policy, "leaf inter");
	expect_waiting(&v, "dns-query-failed", "4.4.312", "MX example.net: SERVFAIL");
	danests_policy_unref(policy);
	records_free(&records);
}

static void S1_half_dane_beside_enforce_is_only_looked_at(void **state)
{
	struct records records;
	danests_policy *policy;
	struct danests_verdict v;

	(void)state;
	records_read(&records, "3 1 1 self");
	policy = looked_up(DANESTS_LEVEL_STS, DANESTS_HOST_USABLE, &records);
	use_sts(policy);
	v = verdict_by(policy, "leaf inter");
	assert_true(v.deliver);
	assert_int_equal(v.by, DANESTS_NEED_STS);
	assert_null(v.fault);
	assert_int_equal(v.dane.state, DANESTS_FAIL);
	v = verdict_by(policy, "self");
	assert_false(v.deliver);
	assert_string_equal(v.fault->token, "sts-cert-untrusted");
	assert_int_equal(v.dane.state, DANESTS_PASS);
	danests_policy_unref(policy);
	records_free(&records);
}

static void S19_a_host_without_records_beside_others_is_left_to_an_enforce_policy(void **state)
{
	static const struct records none;
	danests_policy *policy = looked_up(DANESTS_LEVEL_DANE, DANESTS_HOST_NONE, &none);

	(void)state;
	assert_true(verdict_by(policy, "self").deliver);
	use_sts(policy);
	assert_true(verdict_by(policy, "leaf inter").deliver);
	assert_false(verdict_by(policy, "self").deliver);
	danests_policy_unref(policy);
}

static void L6_behind_insecure_MX_records_the_host_is_the_only_name(void **state)
{
	struct records records;
	danests_policy *policy;
	struct danests_verdict v;

	(void)state;
	records_read(&records, "2 0 1 inter");
	policy = looked_up(DANESTS_LEVEL_DANE, DANESTS_HOST_USABLE, &records);
	policy->hosts[1].base = "alias.example.org";
	assert_true(verdict_by(policy, "leaf inter").deliver);
	/* With secure ones it is the base and the domain, whose certificate this is not. */
	policy->mx_secure = true;
	v = verdict_by(policy, "leaf inter");
	assert_string_equal(v.fault->token, "certificate-host-mismatch");
	policy->expanded = "mx.example.com";
	assert_true(verdict_by(policy, "leaf inter").deliver);
	danests_policy_unref(policy);
	records_free(&records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(N8_a_host_whose_lookups_failed_is_not_to_be_used_whatever_it_shows),
		cmocka_unit_test(N6_a_domain_that_is_deferred_gets_nothing_anywhere),
		cmocka_unit_test(S1_half_dane_beside_enforce_is_only_looked_at),
		cmocka_unit_test(S19_a_host_without_records_beside_others_is_left_to_an_enforce_policy),
		cmocka_unit_test(L6_behind_insecure_MX_records_the_host_is_the_only_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
