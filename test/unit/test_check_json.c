/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain for programs; that all of it is as the schema says is told by test/tools/check.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
#include <jansson.h>

static json_t *value_of(struct world *w)
{
	json_t *value = check_value(&w->d, &w->f);

	assert_non_null(value);
	return value;
}

/* "a.0.b" */
static const json_t *at(const json_t *value, const char *path)
{
	char words[128], *rest = words, *word;

	snprintf(words, sizeof(words), "%s", path);
	while ((word = strtok_r(rest, ".", &rest)) != NULL)
		value = word[0] >= '0' && word[0] <= '9' ?
		    json_array_get(value, (size_t)strtoul(word, NULL, 10)) :
		    json_object_get(value, word);
	if (value == NULL)
		fail_msg("no %s", path);
	return value;
}

static void expect_text(const json_t *value, const char *path, const char *want)
{
	assert_string_equal(json_string_value(at(value, path)), want);
}

static void expect_number(const json_t *value, const char *path, int want)
{
	assert_int_equal(json_integer_value(at(value, path)), want);
}

static void a_domain_that_passes(void **state)
{
	static const struct said said[] = { SECURE_MX, STS_OF(STS_ENFORCE),
	    { TLSA_MX, "secure 3 1 1 self; 2 1 1 inter; 1 1 1 leaf" } };
	struct world w;
	json_t *value;

	(void)state;
	WORLD(&w, "Example.COM", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	text_format(w.d.hosts[0].addresses[0].probe.unasked, PROBE_SAID, "250 x");
	find(&w, 2);
	value = value_of(&w);
	expect_text(value, "name", "Example.COM");
	expect_text(value, "servers.0.addresses.0.unasked", "250 x");
	assert_true(json_is_null(at(value, "sts.policy_host.unasked")));
	expect_text(value, "nexthop", "example.com");
	expect_text(value, "verdict", "warnings");
	expect_number(value, "exit", 2);
	expect_text(value, "reply", "OK dane-only");
	expect_text(value, "level", "dane-only");
	expect_text(value, "policy.dane", "full");
	expect_text(value, "servers.0.name", "mx.example.com");
	expect_text(value, "servers.0.need", "dane");
	expect_text(value, "servers.0.fate", "gets-mail");
	expect_text(value, "servers.0.pattern", "mx.example.com");
	assert_true(json_is_false(at(value, "servers.0.tlsa.0.passes")));
	assert_true(json_is_true(at(value, "servers.0.tlsa.1.passes")));
	expect_text(value, "servers.0.tlsa.2.unusable", danests_tlsa_unusable(
	    &danests_policy_host(w.d.policy, 0)->tlsa[2]));
	expect_text(value, "servers.0.addresses.0.stage", "done");
	expect_text(value, "servers.0.addresses.0.verdict.by", "dane");
	expect_number(value, "servers.0.addresses.0.verdict.dane.tlsa", 1);
	expect_number(value, "servers.0.addresses.0.verdict.dane.depth", 1);
	expect_text(value, "servers.0.addresses.0.verdict.sts.state", "pass");
	expect_text(value, "servers.0.addresses.0.chain.0.names.0", "mx.example.com");
	expect_text(value, "servers.0.addresses.0.chain.1.ends", "2027-01-01T00:00:00Z");
	expect_text(value, "sts.records.0", "v=STSv1; id=1;");
	expect_text(value, "sts.policy_text", STS_ENFORCE);
	assert_true(json_is_true(at(value, "sts.matches.0.match")));
	expect_text(value, "sts.policy_host.name", "mta-sts.example.com");
	assert_true(json_is_null(at(value, "tlsrpt.lint")));
	json_decref(value);
	world_free(&w);
}

static void a_domain_that_fails_with_token_code_and_result(void **state)
{
	static const struct said said[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" } };
	struct world w;
	json_t *value;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "self");
	find(&w, 1);
	value = value_of(&w);
	expect_text(value, "verdict", "held");
	expect_text(value, "findings.0.rank", "holds");
	expect_text(value, "findings.0.token", "tlsa-invalid");
	expect_text(value, "findings.0.code", "4.7.323");
	expect_text(value, "findings.0.result", "validation-failure");
	expect_text(value, "findings.0.hint", danests_fault("tlsa-invalid")->hint);
	expect_text(value, "servers.0.fate", "gets-none");
	expect_text(value, "servers.0.addresses.0.verdict.token", "tlsa-invalid");
	assert_true(json_is_null(at(value, "servers.0.addresses.0.verdict.dane.tlsa")));
	assert_true(json_is_null(at(value, "sts.policy_host")));
	json_decref(value);
	world_free(&w);
}

static void an_anchor_that_was_not_sent_has_no_depth(void **state)
{
	static const struct said said[] = { SECURE_MX, { TLSA_MX, "secure 2 0 0 root" } };
	struct world w;
	json_t *value;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	value = value_of(&w);
	expect_number(value, "servers.0.addresses.0.verdict.dane.tlsa", 0);
	assert_true(json_is_null(at(value, "servers.0.addresses.0.verdict.dane.depth")));
	json_decref(value);
	world_free(&w);
}

static void a_lookup_that_failed_has_findings_and_no_more(void **state)
{
	struct world w = { .d = { .name = "a\xff", .error = DANESTS_ERESOLVER } };
	json_t *value;

	(void)state;
	find(&w, 75);
	value = value_of(&w);
	expect_text(value, "name", "a\\xff");
	expect_text(value, "verdict", "unknown");
	expect_text(value, "findings.0.rank", "unknown");
	assert_null(json_object_get(value, "policy"));
	json_decref(value);
	check_findings_free(&w.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_that_passes),
		cmocka_unit_test(a_domain_that_fails_with_token_code_and_result),
		cmocka_unit_test(an_anchor_that_was_not_sent_has_no_depth),
		cmocka_unit_test(a_lookup_that_failed_has_findings_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
