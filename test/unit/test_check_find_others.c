/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of other senders, where they are known to differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
static void expect(const char *tlsa, const char *chain, int code, enum check_rank rank,
    const char *token, const char *text)
{
	const struct said said[] = { SECURE_MX, { TLSA_MX, tlsa } };
	struct world w;

	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", chain);
	find(&w, code);
	expect_finding(&w, rank, token, "mx.example.com", text);
	world_free(&w);
}

/* rules.md 5.10 */
static void Exchange_Online_looks_at_dates_with_DANE_EE(void **state)
{
	(void)state;
	expect("secure 3 1 1 leaf-over", "leaf-over inter", 2, CHECK_WARNING, "certificate-expired",
	    "Exchange Online");
	expect("secure 3 1 1 leaf-early", "leaf-early inter", 2, CHECK_WARNING, "tlsa-invalid",
	    "not valid yet");
}

/* rules.md 5.12 */
static void OpenSSL_does_not_look_at_the_date_of_an_intermediate_anchor(void **state)
{
	(void)state;
	expect("secure 2 0 1 inter-over", "leaf-of-over inter-over", 1, CHECK_NOTE, NULL,
	    "OpenSSL");
	expect("secure 2 0 1 inter-over", "leaf-of-over inter-over", 1, CHECK_HOLDS,
	    "certificate-expired", "expired");
}

/* rules.md 5.3 */
static void a_name_in_the_CN_only_is_not_for_everybody(void **state)
{
	(void)state;
	expect("secure 2 1 1 root; 3 1 1 self", "cn-only inter root", 0, CHECK_NOTE, NULL,
	    "subject (CN)");
}

/* rules.md 5.20 */
static void Exim_defers_where_no_record_is_usable(void **state)
{
	(void)state;
	expect("secure 1 1 1 leaf", "leaf inter", 2, CHECK_WARNING, NULL, "Exim with OpenSSL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(Exchange_Online_looks_at_dates_with_DANE_EE),
		cmocka_unit_test(OpenSSL_does_not_look_at_the_date_of_an_intermediate_anchor),
		cmocka_unit_test(a_name_in_the_CN_only_is_not_for_everybody),
		cmocka_unit_test(Exim_defers_where_no_record_is_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
