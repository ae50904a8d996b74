/* SPDX-License-Identifier: BSD-2-Clause */
/* spec.md section 7, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "danests.h"
#include "plan/fault.h"

/* As the document has them, 4 for C; in its order. */
static const struct row {
	const char *token, *code, *result;
} rows[] = {
	{ "starttls-not-supported", "4.7.321", "starttls-not-supported" },
	{ "certificate-expired", "4.7.322", "certificate-expired" },
	{ "tlsa-invalid", "4.7.323", "validation-failure" },
	{ "tls-handshake-failure", "4.7.323", "validation-failure" },
	{ "dnssec-invalid", "4.7.324", "dnssec-invalid" },
	{ "certificate-host-mismatch", "4.7.325", "certificate-host-mismatch" },
	{ "dane-required", "4.7.324", "dane-required" },
	{ "dane-required", "4.7.323", "dane-required" },
	{ "dns-query-failed", "4.4.312", "success" },
	{ "sts-cert-untrusted", "4.7.5", "certificate-not-trusted" },
	{ "sts-cert-expired", "4.7.5", "certificate-expired" },
	{ "sts-cert-host-mismatch", "4.7.5", "certificate-host-mismatch" },
	{ "sts-mx-not-in-policy", "4.4.8", "validation-failure" },
	{ "sts-policy-fetch-error", "", "sts-policy-fetch-error" },
	{ "sts-policy-invalid", "", "sts-policy-invalid" },
	{ "sts-webpki-invalid", "", "sts-webpki-invalid" },
	{ "cert-not-verified", "4.7.5", "validation-failure" },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void the_table_is_that_of_the_specification(void **state)
{
	const struct danests_fault *fault;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		fault = danests_fault_at(i);
		assert_non_null(fault);
		assert_string_equal(fault->token, rows[i].token);
		assert_string_equal(fault->code, rows[i].code);
		assert_string_equal(danests_result_name(fault->result), rows[i].result);
	}
	assert_null(danests_fault_at(ROWS));
	assert_null(danests_fault_at((size_t)-1));
}

static void a_token_leads_to_the_first_of_its_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		size_t first = i > 0 && strcmp(rows[i].token, rows[i - 1].token) == 0 ? i - 1 : i;

		assert_ptr_equal(danests_fault(rows[i].token), danests_fault_at(first));
	}
	assert_null(danests_fault(""));
	assert_null(danests_fault("no-such-token"));
	assert_null(danests_fault("TLSA-INVALID"));
}

static void numbers_lead_to_the_rows_they_name(void **state)
{
	(void)state;
	assert_string_equal(fault_get(FAULT_STARTTLS)->token, "starttls-not-supported");
	assert_string_equal(fault_get(FAULT_DANE_NO_DNSSEC)->code, "4.7.324");
	assert_string_equal(fault_get(FAULT_DANE_NO_TLSA)->code, "4.7.323");
	assert_string_equal(fault_get(FAULT_STS_MX)->token, "sts-mx-not-in-policy");
	assert_ptr_equal(fault_get(FAULT_NOT_VERIFIED), danests_fault_at(ROWS - 1));
}

static void each_has_a_sentence_that_helps(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const char *hint = danests_fault_at(i)->hint;
		size_t len = strlen(hint);

		assert_true(len > 20 && len < 250);
		assert_true(hint[0] >= 'A' && hint[0] <= 'Z');
		assert_int_equal(hint[len - 1], '.');
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(hint, danests_fault_at(k)->hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_that_of_the_specification),
		cmocka_unit_test(a_token_leads_to_the_first_of_its_rows),
		cmocka_unit_test(numbers_lead_to_the_rows_they_name),
		cmocka_unit_test(each_has_a_sentence_that_helps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
