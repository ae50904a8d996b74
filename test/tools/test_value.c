/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON values of outcomes, over policies made up here instead of in the library;
 * and that a lack of memory anywhere is noticed. Links tools/value.c,
 * tools/outcome.c, ctl and base.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "tools/tool.h"

/* ---- Policies of our own, behind the getters of danests.h ---- */

struct danests_policy {
	const char *nexthop, *token;
	enum danests_dane dane;
	enum danests_result result;
	bool mx_secure;
	size_t host_count;
	struct danests_host hosts[2];
	struct danests_sts *sts;
};

const char *danests_policy_nexthop(const danests_policy *policy) { return policy->nexthop; }
const char *danests_policy_domain(const danests_policy *policy) { return policy->nexthop; }
const char *danests_policy_token(const danests_policy *policy) { return policy->token; }
const char *danests_policy_reason(const danests_policy *policy) { (void)policy; return "why\xff"; }
time_t danests_policy_expires(const danests_policy *policy) { (void)policy; return 86400; }
bool danests_policy_no_mail(const danests_policy *policy) { (void)policy; return false; }
bool danests_policy_mx_secure(const danests_policy *policy) { return policy->mx_secure; }
size_t danests_policy_hosts(const danests_policy *policy) { return policy->host_count; }
enum danests_dane danests_policy_dane(const danests_policy *policy) { return policy->dane; }
enum danests_result danests_policy_result(const danests_policy *policy) { return policy->result; }
const struct danests_sts *danests_policy_sts(const danests_policy *policy) { return policy->sts; }

enum danests_sts_state danests_policy_sts_state(const danests_policy *policy)
{
	(void)policy;
	return DANESTS_STS_ENFORCE;
}

const struct danests_host *danests_policy_host(const danests_policy *policy, size_t host)
{
	return &policy->hosts[host];
}

const char *danests_dane_name(enum danests_dane dane) { (void)dane; return "dane name"; }
const char *danests_sts_state_name(enum danests_sts_state s) { (void)s; return "sts name"; }
const char *danests_host_state_name(enum danests_host_state s) { (void)s; return "host name"; }

const char *danests_result_name(enum danests_result result)
{
	return result == DANESTS_SUCCESS ? "success" : "other";
}

static const uint8_t data[] = { 0xab, 0x00, 0x1f };
static const struct danests_tlsa record = { 3, 1, 2, sizeof(data), data };
static const char *const patterns[] = { "mx.example", "*.example" };
static struct danests_sts sts = { .id = "id1", .max_age = UINT32_MAX, .mx_count = 2,
	.mx = patterns, .text = "", .expires = 60 };

/* All members are in use. */
static danests_policy whole(void)
{
	return (danests_policy){ .nexthop = "a.example", .token = "", .mx_secure = true,
		.host_count = 2, .sts = &sts, .hosts = {
			{ .name = "mx.example", .base = "base.example", .preference = 65535,
			  .state = DANESTS_HOST_USABLE, .address_secure = true, .tlsa_count = 1,
			  .tlsa = &record, .reason = "" },
			{ .name = "", .base = "", .reason = "not a host name" } } };
}

static json_t *value_of(danests_policy *policy)
{
	struct outcome out = { .name = "A\xff", .explained = true, .level = "dane" };
	json_t *value = NULL;

	buf_str(&out.reply, "OK dane");
	assert_int_equal(outcome_judge(&out), OUTCOME_GOES);
	out.why = policy != NULL ? value_of_policy(policy, 12999) : NULL;
	if (policy == NULL || out.why != NULL)
		value = value_outcome(&out);
	outcome_free(&out);
	return value;
}

static void assert_text(const json_t *value, const char *text)
{
	assert_true(json_is_string(value));
	assert_string_equal(json_string_value(value), text);
}

/* ---- Tests ---- */

static void everything_is_told(void **state)
{
	danests_policy policy = whole();
	json_t *value = value_of(&policy);
	const json_t *host, *rec, *held;

	(void)state;
	assert_non_null(value);
	assert_text(json_object_get(value, "nexthop"), "A\\xff");
	assert_text(json_object_get(value, "reply"), "OK dane");
	assert_text(json_object_get(value, "level"), "dane");
	assert_text(json_object_get(value, "source"), "lookup");
	assert_int_equal(json_integer_value(json_object_get(value, "ms")), 12);
	assert_text(json_object_get(value, "reason"), "why\\xff");
	assert_text(json_object_get(value, "expires"), "1970-01-02T00:00:00Z");
	host = json_array_get(json_object_get(value, "hosts"), 0);
	assert_text(json_object_get(host, "base"), "base.example");
	assert_int_equal(json_integer_value(json_object_get(host, "preference")), 65535);
	rec = json_array_get(json_object_get(host, "tlsa"), 0);
	assert_text(json_object_get(rec, "data"), "ab001f");
	held = json_object_get(value, "sts_policy");
	assert_true(json_integer_value(json_object_get(held, "max_age")) == UINT32_MAX);
	assert_text(json_array_get(json_object_get(held, "mx"), 1), "*.example");
	json_decref(value);
}

static void mx_host_that_is_no_host_name_is_null(void **state)
{
	danests_policy policy = whole();
	json_t *value = value_of(&policy);
	const json_t *host = json_array_get(json_object_get(value, "hosts"), 1);

	(void)state;
	assert_true(json_is_null(json_object_get(host, "name")));
	assert_true(json_is_null(json_object_get(host, "base")));
	json_decref(value);
}

/* spec.md 7: dns-query-failed has no result of RFC 8460. */
static void failure_without_result_is_not_a_success(void **state)
{
	danests_policy policy = whole();
	json_t *value = value_of(&policy);

	(void)state;
	assert_text(json_object_get(value, "result"), "success");
	json_decref(value);
	policy.token = "dns-query-failed";
	value = value_of(&policy);
	assert_true(json_is_null(json_object_get(value, "result")));
	json_decref(value);
	policy.result = DANESTS_DNSSEC_INVALID;
	value = value_of(&policy);
	assert_text(json_object_get(value, "result"), "other");
	json_decref(value);
}

static void mx_secure_is_null_where_nothing_is_known(void **state)
{
	static const struct {
		const char *nexthop;
		enum danests_dane dane;
		size_t hosts;
		bool secure;
		json_type type;
	} cases[] = {
		{ "a.example", DANESTS_DANE_FULL, 2, true, JSON_TRUE },
		{ "a.example", DANESTS_DANE_NONE, 2, false, JSON_FALSE },
		{ "a.example", DANESTS_DANE_NONE, 0, true, JSON_TRUE },    /* takes no mail */
		{ "a.example", DANESTS_DANE_ERROR, 1, true, JSON_TRUE },   /* a host failed */
		{ "a.example", DANESTS_DANE_BOGUS, 1, false, JSON_FALSE },
		{ "a.example", DANESTS_DANE_ERROR, 0, false, JSON_NULL },  /* the MX lookup did */
		{ "a.example", DANESTS_DANE_BOGUS, 0, false, JSON_NULL },
		{ "[a.example]", DANESTS_DANE_FULL, 1, true, JSON_NULL },  /* there is none */
		{ "[a.example]", DANESTS_DANE_ERROR, 1, true, JSON_NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		danests_policy policy = whole();
		json_t *value;

		policy.nexthop = cases[i].nexthop;
		policy.dane = cases[i].dane;
		policy.host_count = cases[i].hosts;
		policy.mx_secure = cases[i].secure;
		value = value_of(&policy);
		assert_int_equal(json_typeof(json_object_get(value, "mx_secure")), cases[i].type);
		json_decref(value);
	}
}

static void name_that_is_none_has_no_policy(void **state)
{
	json_t *value = value_of(NULL);

	(void)state;
	assert_text(json_object_get(value, "level"), "dane");
	assert_null(json_object_get(value, "source"));
	assert_null(json_object_get(value, "dane"));
	json_decref(value);
}

static size_t allowed, asked;

static void *scarce(size_t size)
{
	return asked++ < allowed ? malloc(size) : NULL;
}

/* Every allocation fails in its turn: the value is whole, or there is none. */
static void without_memory_there_is_no_value(void **state)
{
	danests_policy policy = whole();
	json_t *good = value_of(&policy), *value;

	(void)state;
	json_set_alloc_funcs(scarce, free);
	for (allowed = 0;; allowed++) {
		asked = 0;
		value = value_of(&policy);
		if (asked <= allowed)
			break;
		assert_null(value);
	}
	assert_true(allowed > 50);
	assert_true(json_equal(value, good));
	json_decref(value);
	for (allowed = 0;; allowed++) {
		asked = 0;
		value = value_failure("a", "b", "c");
		if (asked <= allowed)
			break;
		assert_null(value);
	}
	assert_int_equal(json_object_size(value), 4);
	json_decref(value);
	json_set_alloc_funcs(malloc, free);
	json_decref(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_told),
		cmocka_unit_test(mx_host_that_is_no_host_name_is_null),
		cmocka_unit_test(failure_without_result_is_not_a_success),
		cmocka_unit_test(mx_secure_is_null_where_nothing_is_known),
		cmocka_unit_test(name_that_is_none_has_no_policy),
		cmocka_unit_test(without_memory_there_is_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
