/* SPDX-License-Identifier: BSD-2-Clause */
/* What a host needs, in every situation of the policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "danests.h"
#include "plan/policy.h"

static danests_policy *policy_with(enum danests_level level, enum danests_host_state state,
    enum danests_sts_state sts)
{
	struct nexthop nexthop = { .domain = { "example.com" }, .port = 25 };
	danests_policy *policy = policy_new(&nexthop, 1, 0, 0);

	assert_non_null(policy);
	policy->level = level;
	policy->sts_state = sts;
	policy->host_count = 1;
	policy->hosts[0] = (struct danests_host){ .name = "mx.example.com",
		.base = "mx.example.net", .reason = "", .token = "", .state = state };
	if (state == DANESTS_HOST_FAILED)
		policy->hosts[0].reason = strdup("TLSA: SERVFAIL");
	return policy;
}

static enum danests_need need(enum danests_level level, enum danests_host_state state,
    enum danests_sts_state sts)
{
	danests_policy *policy = policy_with(level, state, sts);
	enum danests_need out = danests_policy_need(policy, 0);

	danests_policy_unref(policy);
	return out;
}

static void N6_N8_nothing_is_sent_where_something_failed(void **state)
{
	(void)state;
	for (int level = DANESTS_LEVEL_NONE; level <= DANESTS_LEVEL_DEFER; level++) {
		for (int sts = DANESTS_STS_ABSENT; sts <= DANESTS_STS_ERROR; sts++)
			assert_int_equal(need((enum danests_level)level, DANESTS_HOST_FAILED,
			    (enum danests_sts_state)sts), DANESTS_NEED_WAIT);
	}
	for (int host = DANESTS_HOST_NONE; host <= DANESTS_HOST_GONE; host++)
		assert_int_equal(need(DANESTS_LEVEL_DEFER, (enum danests_host_state)host,
		    DANESTS_STS_ENFORCE), DANESTS_NEED_WAIT);
}

static void L17_L18_L19_the_records_of_each_host_say_what_it_needs(void **state)
{
	static const enum danests_sts_state weak[] = { DANESTS_STS_ABSENT, DANESTS_STS_NONE,
		DANESTS_STS_TESTING, DANESTS_STS_ERROR };

	(void)state;
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		assert_int_equal(need(DANESTS_LEVEL_DANE, DANESTS_HOST_USABLE, weak[i]),
		    DANESTS_NEED_DANE);
		assert_int_equal(need(DANESTS_LEVEL_DANE, DANESTS_HOST_UNUSABLE, weak[i]),
		    DANESTS_NEED_TLS);
		assert_int_equal(need(DANESTS_LEVEL_DANE, DANESTS_HOST_NONE, weak[i]),
		    DANESTS_NEED_NOTHING);
		assert_int_equal(need(DANESTS_LEVEL_ENCRYPT, DANESTS_HOST_UNUSABLE, weak[i]),
		    DANESTS_NEED_TLS);
		assert_int_equal(need(DANESTS_LEVEL_ENCRYPT, DANESTS_HOST_NONE, weak[i]),
		    DANESTS_NEED_NOTHING);
		/* spec.md section 4: insecure MX records, none usable. */
		assert_int_equal(need(DANESTS_LEVEL_NONE, DANESTS_HOST_UNUSABLE, weak[i]),
		    DANESTS_NEED_NOTHING);
		assert_int_equal(need(DANESTS_LEVEL_TESTING, DANESTS_HOST_NONE, weak[i]),
		    DANESTS_NEED_NOTHING);
	}
}

static void S1_S19_an_enforce_policy_is_for_hosts_without_usable_records(void **state)
{
	(void)state;
	assert_int_equal(need(DANESTS_LEVEL_DANE, DANESTS_HOST_USABLE, DANESTS_STS_ENFORCE),
	    DANESTS_NEED_DANE);
	assert_int_equal(need(DANESTS_LEVEL_DANE, DANESTS_HOST_UNUSABLE, DANESTS_STS_ENFORCE),
	    DANESTS_NEED_STS);
	assert_int_equal(need(DANESTS_LEVEL_DANE, DANESTS_HOST_NONE, DANESTS_STS_ENFORCE),
	    DANESTS_NEED_STS);
	assert_int_equal(need(DANESTS_LEVEL_DANE, DANESTS_HOST_GONE, DANESTS_STS_ENFORCE),
	    DANESTS_NEED_STS);
	/* Half-dane: behind insecure MX records MTA-STS decides (spec.md section 4). */
	for (int host = DANESTS_HOST_NONE; host <= DANESTS_HOST_GONE; host++) {
		if (host != DANESTS_HOST_FAILED)
			assert_int_equal(need(DANESTS_LEVEL_STS, (enum danests_host_state)host,
			    DANESTS_STS_ENFORCE), DANESTS_NEED_STS);
	}
}

static void a_host_that_is_not_there_needs_waiting(void **state)
{
	danests_policy *policy = policy_with(DANESTS_LEVEL_NONE, DANESTS_HOST_NONE,
	    DANESTS_STS_ABSENT);

	(void)state;
	assert_int_equal(danests_policy_need(policy, 1), DANESTS_NEED_WAIT);
	assert_int_equal(danests_policy_need(policy, (size_t)-1), DANESTS_NEED_WAIT);
	assert_string_equal(danests_policy_sni(policy, 1), "");
	danests_policy_unref(policy);
}

static void sni_is(const char *name, enum danests_level level, enum danests_host_state state)
{
	danests_policy *policy = policy_with(level, state, DANESTS_STS_ENFORCE);

	assert_string_equal(danests_policy_sni(policy, 0), name);
	danests_policy_unref(policy);
}

static void U15_S18_sni_is_the_TLSA_base_domain_where_DANE_decides(void **state)
{
	(void)state;
	sni_is("mx.example.net", DANESTS_LEVEL_DANE, DANESTS_HOST_USABLE);
	sni_is("mx.example.com", DANESTS_LEVEL_DANE, DANESTS_HOST_UNUSABLE);
	sni_is("mx.example.com", DANESTS_LEVEL_STS, DANESTS_HOST_USABLE);
	sni_is("mx.example.com", DANESTS_LEVEL_NONE, DANESTS_HOST_NONE);
}

static void needs_have_names(void **state)
{
	(void)state;
	assert_string_equal(danests_need_name(DANESTS_NEED_NOTHING), "nothing");
	assert_string_equal(danests_need_name(DANESTS_NEED_TLS), "tls");
	assert_string_equal(danests_need_name(DANESTS_NEED_STS), "sts");
	assert_string_equal(danests_need_name(DANESTS_NEED_DANE), "dane");
	assert_string_equal(danests_need_name(DANESTS_NEED_WAIT), "wait");
	assert_string_equal(danests_need_name((enum danests_need)5), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(N6_N8_nothing_is_sent_where_something_failed),
		cmocka_unit_test(L17_L18_L19_the_records_of_each_host_say_what_it_needs),
		cmocka_unit_test(S1_S19_an_enforce_policy_is_for_hosts_without_usable_records),
		cmocka_unit_test(a_host_that_is_not_there_needs_waiting),
		cmocka_unit_test(U15_S18_sni_is_the_TLSA_base_domain_where_DANE_decides),
		cmocka_unit_test(needs_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
