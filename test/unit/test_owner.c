/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "danests.h"
#include "parse/owner.h"

static struct domain domain_of(const char *text)
{
	struct domain d;

	assert_int_equal(domain_parse(&d, text, strlen(text)), DANESTS_OK);
	return d;
}

/* L14: the port is the one that mail goes to. */
static void l14_tlsa_is_at_the_actual_port(void **state)
{
	struct domain base = domain_of("mx.example.com"), out;

	(void)state;
	assert_int_equal(owner_tlsa(&out, &base, 25), DANESTS_OK);
	assert_string_equal(out.name, "_25._tcp.mx.example.com");
	assert_int_equal(owner_tlsa(&out, &base, 65535), DANESTS_OK);
	assert_string_equal(out.name, "_65535._tcp.mx.example.com");
}

/* S2, S6 */
static void s2_s6_mta_sts_has_its_own_names(void **state)
{
	struct domain base = domain_of("example.com"), out;

	(void)state;
	assert_int_equal(owner_ststxt(&out, &base), DANESTS_OK);
	assert_string_equal(out.name, "_mta-sts.example.com");
	assert_int_equal(owner_stshost(&out, &base), DANESTS_OK);
	assert_string_equal(out.name, "mta-sts.example.com");
}

/* R1 */
static void r1_tlsrpt_has_a_name_of_two_labels(void **state)
{
	struct domain base = domain_of("example.com"), out;

	(void)state;
	assert_int_equal(owner_tlsrpt(&out, &base), DANESTS_OK);
	assert_string_equal(out.name, "_smtp._tls.example.com");
}

static void a_name_too_long_for_dns_is_refused_and_untouched(void **state)
{
	struct domain base, out = domain_of("before.example");
	char text[253];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 64 == 63 ? '.' : 'a';
	assert_int_equal(domain_parse(&base, text, 253 - 9), DANESTS_OK);
	assert_int_equal(owner_ststxt(&out, &base), DANESTS_OK);
	assert_int_equal(strlen(out.name), 253);
	assert_int_equal(owner_tlsa(&out, &base, 25), DANESTS_OK);
	out = domain_of("before.example");
	assert_int_equal(owner_tlsa(&out, &base, 587), DANESTS_ENAME);
	assert_string_equal(out.name, "before.example");
	memset(&base, 0, sizeof(base));
	assert_int_equal(owner_stshost(&out, &base), DANESTS_ENAME);
}

static void out_may_be_the_base_itself(void **state)
{
	struct domain d = domain_of("example.com");

	(void)state;
	assert_int_equal(owner_ststxt(&d, &d), DANESTS_OK);
	assert_string_equal(d.name, "_mta-sts.example.com");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(l14_tlsa_is_at_the_actual_port),
		cmocka_unit_test(s2_s6_mta_sts_has_its_own_names),
		cmocka_unit_test(r1_tlsrpt_has_a_name_of_two_labels),
		cmocka_unit_test(a_name_too_long_for_dns_is_refused_and_untouched),
		cmocka_unit_test(out_may_be_the_base_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
