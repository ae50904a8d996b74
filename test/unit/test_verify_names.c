/* SPDX-License-Identifier: BSD-2-Clause */
/* The reference identifiers of RFC 7672 3.2.2, for every way a server is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan/policy.h"
#include "verify/refs.h"
#include "verify_help.h"

struct found {
	const char *nexthop;          /* as it is asked for */
	const char *expanded;         /* or NULL */
	const char *host, *base;
	bool secure;
	const char *names;            /* "a b": what counts */
};

static danests_policy *found_policy(const struct found *f)
{
	struct nexthop nexthop;
	danests_policy *policy;

	assert_int_equal(nexthop_parse(&nexthop, f->nexthop, strlen(f->nexthop)), DANESTS_OK);
	policy = policy_new(&nexthop, 1, 0, 0);
	assert_non_null(policy);
	policy->mx_secure = f->secure;
	policy->expanded = f->expanded;
	policy->host_count = 1;
	policy->level = DANESTS_LEVEL_DANE;
	policy->hosts[0] = (struct danests_host){ .name = f->host, .base = f->base,
		.state = DANESTS_HOST_USABLE, .reason = "", .token = "" };
	return policy;
}

static void all_names(char *out, size_t size, const danests_policy *policy)
{
	const char *name;

	out[0] = '\0';
	for (size_t i = 0; (name = refs_name(policy, danests_policy_host(policy, 0), i)) != NULL;
	    i++)
		snprintf(out + strlen(out), size - strlen(out), "%s%s", i > 0 ? " " : "", name);
}

static void U8_the_names_that_count_follow_from_how_the_server_was_found(void **state)
{
	static const struct found table[] = {
		/* secure MX: base; next-hop; its expansion */
		{ "d.example", NULL, "mx.example", "mx.example", true, "mx.example d.example" },
		{ "d.example", NULL, "mx.example", "b.example", true, "b.example d.example" },
		{ "d.example", "x.example", "mx.example", "b.example", true,
		  "b.example d.example x.example" },
		/* insecure MX: the host only */
		{ "d.example", NULL, "mx.example", "mx.example", false, "mx.example" },
		{ "d.example", "x.example", "mx.example", "b.example", false, "mx.example" },
		/* no MX, or a relay of the administrator's */
		{ "d.example", NULL, "d.example", "d.example", true, "d.example d.example" },
		{ "[r.example]", NULL, "r.example", "r.example", true, "r.example r.example" },
		{ "[r.example]", NULL, "r.example", "b.example", true, "b.example r.example" },
	};
	char names[512];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		danests_policy *policy = found_policy(&table[i]);

		all_names(names, sizeof(names), policy);
		assert_string_equal(names, table[i].names);
		danests_policy_unref(policy);
	}
}

static void U8_of_policies_that_were_made_base_and_each_nexthop_count(void **state)
{
	static const char *const nexthops[] = { "d.example", "x.example" };
	struct danests_made made = { .host = "mx.example", .base = "b.example" };
	danests_policy *policy;
	char names[512];

	(void)state;
	assert_int_equal(danests_policy_make(&policy, &made, NULL, 0), DANESTS_OK);
	all_names(names, sizeof(names), policy);
	assert_string_equal(names, "b.example mx.example");
	danests_policy_unref(policy);
	made.nexthops = nexthops;
	made.nexthop_count = 2;
	assert_int_equal(danests_policy_make(&policy, &made, NULL, 0), DANESTS_OK);
	all_names(names, sizeof(names), policy);
	assert_string_equal(names, "b.example d.example x.example");
	danests_policy_unref(policy);
}

static void each_name_is_enough(void **state)
{
	static const struct {
		const char *host, *base, *nexthop, *chain, *verdict;
	} table[] = {
		{ "mx.example.com", NULL, "d.example", "leaf inter", "pass 0 1" },
		{ "mx.example.net", NULL, "mx.example.com", "leaf inter", "pass 0 1" },
		{ "mx.example.net", "mx.example.com", "d.example", "leaf inter", "pass 0 1" },
		/* Once a nexthop is known, the host is no name of its own beside the base. */
		{ "mx.example.com", "b.example", "d.example", "leaf inter",
		  "fail certificate-host-mismatch" },
		{ "mx.example.com", "b.example", NULL, "leaf inter", "pass 0 1" },
		{ "a.wild.example.com", NULL, NULL, "leaf inter", "pass 0 1" },
		{ "a.b.wild.example.com", NULL, NULL, "leaf inter",
		  "fail certificate-host-mismatch" },
		/* RFC 7672 3.2.3: the common name counts when there is no DNS-ID. */
		{ "mx.example.com", NULL, NULL, "cn-only inter", "pass 0 1" },
		{ "mx.example.com", NULL, NULL, "cn-mail inter", "pass 0 1" },
		{ "mx.example.com", NULL, NULL, "cn-dns inter", "fail certificate-host-mismatch" },
		{ "other.example.com", NULL, NULL, "cn-dns inter", "pass 0 1" },
		{ "mx.example.com", NULL, NULL, "cn-none inter", "fail certificate-host-mismatch" },
		{ "mx.example.com", NULL, NULL, "cn-nul inter", "fail certificate-host-mismatch" },
		{ "mx.example.com", NULL, NULL, "dns-nul inter", "fail certificate-host-mismatch" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct situation s = { table[i].host, table[i].base, table[i].nexthop,
			"2 0 1 inter", NULL };
		struct danests_verdict v = verdict_of(&s, table[i].chain);

		judgement_text(text, &v.dane);
		if (strcmp(text, table[i].verdict) != 0)
			fail_msg("%s, %s: %s (%s), not %s", table[i].host, table[i].chain, text,
			    v.reason, table[i].verdict);
	}
}

static void a_mismatch_names_what_is_there_and_what_was_wanted(void **state)
{
	struct situation s = { "mx.example.net", "b.example", "d.example", "2 0 1 inter", NULL };
	struct danests_verdict v = verdict_of(&s, "leaf inter");

	(void)state;
	assert_string_equal(v.reason, "TLSA 2 0 1 matches certificate 1 of the chain, but: "
	    "certificate is for mx.example.com, *.wild.example.com, not for b.example or "
	    "d.example");
	v = verdict_of(&s, "cn-none inter");
	assert_non_null(strstr(v.reason, "certificate has no names, not for b.example"));
	v = verdict_of(&s, "dns-many inter");
	assert_non_null(strstr(v.reason, "..., not for b.example or d.example"));
	/* A name is not told twice. */
	s = (struct situation){ "mx.example.net", NULL, NULL, "2 0 1 inter", NULL };
	v = verdict_of(&s, "leaf inter");
	assert_non_null(strstr(v.reason, "not for mx.example.net"));
	assert_null(strstr(v.reason, " or "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U8_the_names_that_count_follow_from_how_the_server_was_found),
		cmocka_unit_test(U8_of_policies_that_were_made_base_and_each_nexthop_count),
		cmocka_unit_test(each_name_is_enough),
		cmocka_unit_test(a_mismatch_names_what_is_there_and_what_was_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
