/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies from material of the caller's own. */
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

#define POLICY(mode) "version: STSv1\nmode: " mode "\nmx: *.Example.NET\nmx: mx.example.com\n" \
	"max_age: 86400\n"

static uint8_t digest[32] = { 1, 2, 3 };
static const struct danests_tlsa usable = { 3, 1, 1, sizeof(digest), digest };
static const struct danests_tlsa unusable = { 1, 1, 1, sizeof(digest), digest };

static danests_policy *make(const struct danests_made *made)
{
	danests_policy *policy = NULL;
	char problem[100];

	assert_int_equal(danests_policy_make(&policy, made, problem, sizeof(problem)), DANESTS_OK);
	assert_string_equal(problem, "");
	return policy;
}

static void everything_is_copied_and_names_are_made_canonical(void **state)
{
	char host[] = "MX.Example.COM.", base[] = "Base.Example", one[] = "b\xc3\xbc""cher.example";
	char text[] = POLICY("enforce");
	uint8_t data[32] = { 9 };
	struct danests_tlsa tlsa[] = { { 3, 1, 1, sizeof(data), data }, { 2, 0, 0, 0, NULL } };
	const char *nexthops[] = { one, "example.org" };
	const struct danests_made made = { .host = host, .base = base, .nexthops = nexthops,
		.nexthop_count = 2, .tlsa = tlsa, .tlsa_count = 2, .sts_text = text,
		.sts_len = strlen(text) };
	danests_policy *policy = make(&made);
	const struct danests_host *h = danests_policy_host(policy, 0);
	const struct danests_sts *sts = danests_policy_sts(policy);

	(void)state;
	memset(host, 'x', sizeof(host) - 1);
	memset(base, 'x', sizeof(base) - 1);
	memset(one, 'x', sizeof(one) - 1);
	memset(text, 'x', sizeof(text) - 1);
	memset(data, 'x', sizeof(data));
	memset(tlsa, 'x', sizeof(tlsa));
	assert_int_equal(danests_policy_hosts(policy), 1);
	assert_string_equal(h->name, "mx.example.com");
	assert_string_equal(h->base, "base.example");
	assert_string_equal(h->token, "");
	assert_int_equal(h->tlsa_count, 2);
	assert_int_equal(h->tlsa[0].data[0], 9);
	assert_int_equal(h->tlsa[1].len, 0);
	assert_int_equal(h->state, DANESTS_HOST_USABLE);
	assert_string_equal(danests_policy_nexthop(policy), "xn--bcher-kva.example");
	assert_int_equal(policy->name_count, 2);
	assert_string_equal(policy->names[0], "xn--bcher-kva.example");
	assert_string_equal(policy->names[1], "example.org");
	assert_int_equal(sts->mx_count, 2);
	assert_string_equal(sts->mx[0], "*.example.net");
	assert_string_equal(sts->mx[1], "mx.example.com");
	assert_int_equal(sts->max_age, 86400);
	assert_string_equal(sts->text, POLICY("enforce"));
	assert_true(danests_policy_mx_secure(policy));
	danests_policy_unref(policy);
}

static void without_nexthop_the_host_is_the_other_reference_name(void **state)
{
	const struct danests_made made = { .host = "mx.example.com", .base = "base.example" };
	danests_policy *policy = make(&made);

	(void)state;
	assert_int_equal(policy->name_count, 1);
	assert_string_equal(policy->names[0], "mx.example.com");
	assert_string_equal(danests_policy_domain(policy), "mx.example.com");
	assert_string_equal(danests_policy_nexthop(policy), "[mx.example.com]");
	danests_policy_unref(policy);
}

/* spec.md section 4, for one host behind a secure MX */
static void the_level_is_that_of_a_lookup_with_this_material(void **state)
{
	static const struct {
		const struct danests_tlsa *tlsa;
		const char *sts;
		enum danests_level level;
		enum danests_dane dane;
		enum danests_need need;
	} table[] = {
		{ NULL, NULL, DANESTS_LEVEL_NONE, DANESTS_DANE_NONE, DANESTS_NEED_NOTHING },
		{ NULL, POLICY("none"), DANESTS_LEVEL_NONE, DANESTS_DANE_NONE,
		  DANESTS_NEED_NOTHING },
		{ NULL, POLICY("testing"), DANESTS_LEVEL_TESTING, DANESTS_DANE_NONE,
		  DANESTS_NEED_NOTHING },
		{ NULL, POLICY("enforce"), DANESTS_LEVEL_STS, DANESTS_DANE_NONE, DANESTS_NEED_STS },
		{ &usable, NULL, DANESTS_LEVEL_DANE, DANESTS_DANE_FULL, DANESTS_NEED_DANE },
		{ &usable, POLICY("enforce"), DANESTS_LEVEL_DANE, DANESTS_DANE_FULL,
		  DANESTS_NEED_DANE },
		{ &unusable, NULL, DANESTS_LEVEL_ENCRYPT, DANESTS_DANE_UNUSABLE,
		  DANESTS_NEED_TLS },
		{ &unusable, POLICY("testing"), DANESTS_LEVEL_ENCRYPT, DANESTS_DANE_UNUSABLE,
		  DANESTS_NEED_TLS },
		{ &unusable, POLICY("enforce"), DANESTS_LEVEL_STS, DANESTS_DANE_UNUSABLE,
		  DANESTS_NEED_STS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct danests_made made = { .host = "mx.example.com",
			.tlsa = table[i].tlsa, .tlsa_count = table[i].tlsa != NULL,
			.sts_text = table[i].sts,
			.sts_len = table[i].sts != NULL ? strlen(table[i].sts) : 0 };
		danests_policy *policy = make(&made);
		bool is_unusable = table[i].tlsa == &unusable;

		assert_int_equal(danests_policy_level(policy), table[i].level);
		assert_int_equal(danests_policy_dane(policy), table[i].dane);
		assert_int_equal(danests_policy_need(policy, 0), table[i].need);
		assert_string_equal(danests_policy_token(policy), is_unusable ? "tlsa-invalid" : "");
		assert_int_equal(danests_policy_result(policy), is_unusable ?
		    DANESTS_TLSA_INVALID : DANESTS_SUCCESS);
		assert_int_equal(danests_policy_host(policy, 0)->reason[0] != '\0', is_unusable);
		danests_policy_unref(policy);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const char *const bad[] = { "a..b" };
	const struct {
		struct danests_made made;
		int error;
		const char *problem;
	} table[] = {
		{ { .host = "" }, DANESTS_ENAME, "MX host: not a domain name" },
		{ { .host = "192.0.2.1" }, DANESTS_ENAME, "MX host '192.0.2.1': not a domain name" },
		{ { .host = "a b\x1b" }, DANESTS_ENAME, "MX host 'a b?': not a domain name" },
		{ { .host = "mx.example", .base = ".x" }, DANESTS_ENAME,
		  "TLSA base domain '.x': not a domain name" },
		{ { .host = "mx.example", .nexthops = bad, .nexthop_count = 1 }, DANESTS_ENAME,
		  "nexthop 'a..b': not a domain name" },
		{ { .host = "mx.example", .sts_text = "", .sts_len = 0 }, DANESTS_EINVAL,
		  "MTA-STS policy: " },
		{ { .host = "mx.example", .sts_text = "version: STSv2\n", .sts_len = 15 },
		  DANESTS_EINVAL, "MTA-STS policy: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		danests_policy *policy = NULL;
		char problem[100] = "";

		assert_int_equal(danests_policy_make(&policy, &table[i].made, problem,
		    sizeof(problem)), table[i].error);
		assert_memory_equal(problem, table[i].problem, strlen(table[i].problem));
		assert_null(policy);
		/* Nobody has to listen. */
		assert_int_equal(danests_policy_make(&policy, &table[i].made, NULL, 0),
		    table[i].error);
		assert_int_equal(danests_policy_make(&policy, &table[i].made, problem, 4),
		    table[i].error);
		assert_int_equal(strlen(problem), 3);
	}
}

static void as_many_records_as_one_likes(void **state)
{
	struct danests_tlsa *tlsa = calloc(5000, sizeof(*tlsa));
	struct danests_made made = { .host = "mx.example.com", .tlsa = tlsa, .tlsa_count = 5000 };
	danests_policy *policy;

	(void)state;
	for (size_t i = 0; i < 5000; i++)
		tlsa[i] = i == 4999 ? usable : unusable;
	policy = make(&made);
	assert_int_equal(danests_policy_level(policy), DANESTS_LEVEL_DANE);
	assert_int_equal(danests_policy_host(policy, 0)->tlsa[4999].usage, 3);
	danests_policy_unref(policy);
	free(tlsa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_copied_and_names_are_made_canonical),
		cmocka_unit_test(without_nexthop_the_host_is_the_other_reference_name),
		cmocka_unit_test(the_level_is_that_of_a_lookup_with_this_material),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(as_many_records_as_one_likes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
