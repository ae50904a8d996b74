/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tls_trust_help.h"

static int judge(const char *names, const char *host, struct danests_judgement *out)
{
	struct danests_der ders[CHAIN_MAX];
	struct chain chain;
	int r;

	tls_chain(&chain, names);
	for (unsigned i = 0; i < chain.count; i++)
		ders[i] = (struct danests_der){ chain.certs[i].der.data,
			chain.certs[i].der.size };
	r = danests_verify_web(tls_trust, host, ders, chain.count, TLS_NOW, out);
	chain_free(&chain);
	return r;
}

static void S7_a_good_certificate_passes(void **state)
{
	static const char *const hosts[] = {
		"mx.example.com", "MX.Example.COM", "mx.example.com.",
	};
	struct danests_judgement got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		assert_int_equal(judge("leaf inter", hosts[i], &got), DANESTS_OK);
		assert_int_equal(got.state, DANESTS_PASS);
		assert_null(got.fault);
		assert_int_equal(got.result, DANESTS_SUCCESS);
		assert_int_equal(got.tlsa, -1);
		assert_int_equal(got.depth, -1);
		assert_string_equal(got.reason, "certificate is good for mx.example.com");
	}
}

static void S7_others_fail_with_one_token_and_a_reason(void **state)
{
	static const struct {
		const char *chain, *host, *reason;
	} table[] = {
		{ "leaf-over inter", "mx.example.com", "certificate expired on 2026-02-03" },
		{ "leaf inter", "mta-sts.example.com", "certificate is not for mta-sts.example.com "
		  "(its names: mx.example.com, *.wild.example.com)" },
		{ "cn-only inter", "mx.example.com",
		  "certificate is not for mx.example.com (no DNS names)" },
		{ "leaf-stranger stranger", "mx.example.com",
		  "certificate's issuer is not trusted: CN=stranger" },
		{ "leaf-client inter", "mx.example.com", "certificate is not for servers" },
	};
	struct danests_judgement got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		assert_int_equal(judge(table[i].chain, table[i].host, &got), DANESTS_OK);
		assert_int_equal(got.state, DANESTS_FAIL);
		assert_ptr_equal(got.fault, danests_fault("sts-webpki-invalid"));
		assert_int_equal(got.result, DANESTS_STS_WEBPKI_INVALID);
		assert_string_equal(got.reason, table[i].reason);
	}
}

static void garbage_is_a_verdict_and_nothing_is_an_error(void **state)
{
	const struct danests_der garbage = { (const uint8_t *)"garbage", 7 };
	struct danests_judgement got;

	(void)state;
	assert_int_equal(danests_verify_web(tls_trust, "a.test", &garbage, 1, TLS_NOW, &got),
	    DANESTS_OK);
	assert_int_equal(got.state, DANESTS_FAIL);
	assert_string_equal(got.reason, "malformed certificate");
	assert_int_equal(danests_verify_web(tls_trust, "a.test", &garbage, 0, TLS_NOW, &got),
	    DANESTS_EINVAL);
	assert_int_equal(danests_verify_web(tls_trust, "a.test", NULL, 1, TLS_NOW, &got),
	    DANESTS_EINVAL);
	assert_int_equal(danests_verify_web(NULL, "a.test", &garbage, 1, TLS_NOW, &got),
	    DANESTS_EINVAL);
	assert_int_equal(danests_verify_web(tls_trust, "a..test", &garbage, 1, TLS_NOW, &got),
	    DANESTS_EINVAL);
	assert_int_equal(got.state, DANESTS_NOT_JUDGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S7_a_good_certificate_passes),
		cmocka_unit_test(S7_others_fail_with_one_token_and_a_reason),
		cmocka_unit_test(garbage_is_a_verdict_and_nothing_is_an_error),
	};

	return cmocka_run_group_tests(tests, tls_open_trust, tls_close_trust);
}
