/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of DNS alone: hosts, DNSSEC down to where it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
static void the_end_of_the_signed_part_is_named(void **state)
{
	static const struct said said[] = { PLAIN_MX, { "DS com", "secure x" },
	    { "DS example.com", "none" }, { "DS mx.example.com", "none?" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_NOTE, NULL, "MX example.com",
	    "signed down to com; no DS record for example.com");
	expect_finding(&w, CHECK_WARNING, NULL, "example.com", "nothing protects mail");
	world_free(&w);
}

/* A name without DS inside of a signed zone is no zone, and not where signing ends. */
static void a_name_that_is_no_zone_ends_nothing(void **state)
{
	static const struct said said[] = { { "MX a.b.example", "insecure 10 mx.b.example" },
	    { "ADDR mx.b.example", "insecure 192.0.2.1" }, { "DS example", "secure x" },
	    { "DS b.example", "none" }, { "DS a.b.example", "none" } };
	char chain[CHECK_CHAIN_SIZE];
	struct world w;

	(void)state;
	WORLD(&w, "a.b.example", said);
	check_chain(&w.d, "a.b.example", chain);
	assert_string_equal(chain, "signed down to example; no DS record for a.b.example");
	check_chain(&w.d, "mx.b.example", chain);
	assert_string_equal(chain, "signed down to example; no DS record for b.example");
	check_chain(&w.d, "elsewhere.test", chain);
	assert_string_equal(chain, "");
	world_free(&w);
}

static void a_DS_that_cannot_be_had_is_told_with_its_reason(void **state)
{
	static const struct said said[] = { { "MX example.com", "bogus no signature" },
	    { "DS com", "secure x" }, { "DS example.com", "bogus signature expired" } };
	char chain[CHECK_CHAIN_SIZE];
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	check_chain(&w.d, "example.com", chain);
	assert_string_equal(chain,
	    "signed down to com; DS example.com: DNSSEC bogus (signature expired)");
	world_free(&w);
}

/* L6 */
static void TLSA_behind_insecure_MX_records_is_a_warning(void **state)
{
	static const struct said said[] = { { "MX example.com", "insecure 10 mx.example.com" },
	    { "ADDR mx.example.com", "secure 192.0.2.1" }, { TLSA_MX, "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "MX example.com", "Exchange Online ignores them");
	world_free(&w);
}

static void a_domain_without_MX_records_is_its_own_server(void **state)
{
	static const struct said said[] = { { "MX example.com", "none" },
	    { "ADDR example.com", "secure 192.0.2.1" },
	    { "TLSA _25._tcp.example.com", "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_finding(&w, CHECK_NOTE, NULL, "MX example.com", "the domain itself");
	world_free(&w);
}

#define TWO_HOSTS { "MX example.com", "secure 10 mx.example.com; 20 mx2.example.com" }, \
	{ "ADDR mx.example.com", "secure 192.0.2.1" }, { TLSA_MX, "secure 3 1 1 leaf" }

/* N8 */
static void a_host_whose_TLSA_records_are_bogus_fails_and_the_other_goes_on(void **state)
{
	static const struct said said[] = { TWO_HOSTS, { "ADDR mx2.example.com", "secure 192.0.2.2"
	    }, { "TLSA _25._tcp.mx2.example.com", "bogus signature expired" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	assert_false(w.d.hosts[1].addresses[0].tried);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_FAILS, "dnssec-invalid", "mx2.example.com", "signature expired");
	world_free(&w);
}

static void a_host_without_TLSA_beside_one_that_has_is_a_warning(void **state)
{
	static const struct said signed_zone[] = { TWO_HOSTS,
	    { "ADDR mx2.example.com", "secure 192.0.2.2" },
	    { "TLSA _25._tcp.mx2.example.com", "none" } };
	static const struct said unsigned_zone[] = { TWO_HOSTS,
	    { "ADDR mx2.example.com", "insecure 192.0.2.2" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", signed_zone);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_chain(&w, "192.0.2.2", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "mx2.example.com", "no TLSA records, while other");
	assert_non_null(strstr(finding_of(&w, CHECK_WARNING, "mx2.example.com", "no TLSA")->hint,
	    "at _25._tcp.mx2.example.com:"));
	world_free(&w);
	WORLD(&w, "example.com", unsigned_zone);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_chain(&w, "192.0.2.2", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "mx2.example.com", "not secured by DNSSEC");
	world_free(&w);
}

/* U4, L18 */
static void records_of_no_use_are_told_with_the_reason(void **state)
{
	static const struct said beside[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf; 1 1 1 leaf"
	    } };
	static const struct said alone[] = { SECURE_MX, { TLSA_MX, "secure 1 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", beside);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "mx.example.com", "1 1 1 is of no use");
	world_free(&w);
	WORLD(&w, "example.com", alone);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, "tlsa-invalid", "mx.example.com", "no TLSA record can "
	    "be");
	assert_int_equal(finding_of(&w, CHECK_WARNING, "mx.example.com", "no TLSA record "
	    "can")->result, DANESTS_TLSA_INVALID);
	expect_finding(&w, CHECK_WARNING, NULL, "mx.example.com", "Exim");
	world_free(&w);
}

static void an_MX_record_with_an_address_and_a_host_without_one_are_warnings(void **state)
{
	static const struct said said[] = {
		{ "MX example.com", "secure 10 mx.example.com; 20 ?; 30 mx3.example.com" },
		{ "ADDR mx.example.com", "secure 192.0.2.1" }, { TLSA_MX, "secure 3 1 1 leaf" },
		{ "ADDR mx3.example.com", "none" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "(not a host name)", "preference 20");
	expect_finding(&w, CHECK_WARNING, NULL, "mx3.example.com", "no address");
	world_free(&w);
}

/* spec.md section 4: partial with enforce is dane-only */
static void dane_only_leaves_out_a_host_without_TLSA(void **state)
{
	static const struct said said[] = { TWO_HOSTS, { "ADDR mx2.example.com", "secure 192.0.2.2"
	    }, { "TLSA _25._tcp.mx2.example.com", "none" }, STS_OF("version: STSv1\nmode: "
	    "enforce\nmx: *.example.com\nmax_age: 1209600\n") };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	see_chain(&w, "192.0.2.2", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_FAILS, "dane-required", "mx2.example.com", "dane-only");
	assert_string_equal(finding_of(&w, CHECK_FAILS, "mx2", "dane-only")->fault->code,
	    "4.7.323");
	world_free(&w);
}

static void TXT_records_that_cannot_be_read_are_warnings_but_once(void **state)
{
	static const struct said one[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" },
	    { "TXT _smtp._tls.example.com", "failed timeout" } };
	static const struct said all[] = { { "MX example.com", "failed x" },
	    { "TXT _smtp._tls.example.com", "failed timeout" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", one);
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, "dns-query-failed", "TXT _smtp._tls.example.com",
	    "timeout");
	world_free(&w);
	WORLD(&w, "example.com", all);
	find(&w, 1);
	expect_nothing(&w, "timeout");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_the_signed_part_is_named),
		cmocka_unit_test(a_name_that_is_no_zone_ends_nothing),
		cmocka_unit_test(a_DS_that_cannot_be_had_is_told_with_its_reason),
		cmocka_unit_test(TLSA_behind_insecure_MX_records_is_a_warning),
		cmocka_unit_test(a_domain_without_MX_records_is_its_own_server),
		cmocka_unit_test(a_host_whose_TLSA_records_are_bogus_fails_and_the_other_goes_on),
		cmocka_unit_test(a_host_without_TLSA_beside_one_that_has_is_a_warning),
		cmocka_unit_test(records_of_no_use_are_told_with_the_reason),
		cmocka_unit_test(an_MX_record_with_an_address_and_a_host_without_one_are_warnings),
		
		    cmocka_unit_test(dane_only_leaves_out_a_host_without_TLSA),
		cmocka_unit_test(TXT_records_that_cannot_be_read_are_warnings_but_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
