/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain, from its name to whom to try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
static void expect_name(const char *name, unsigned int port, const char *nexthop,
    unsigned int wanted)
{
	struct check_domain d = {0};

	assert_int_equal(check_domain_name(&d, name, port), DANESTS_OK);
	assert_string_equal(d.nexthop, nexthop);
	assert_int_equal(d.port, wanted);
	assert_ptr_equal(d.name, name);
}

static void the_port_is_that_of_the_name_or_else_the_option_s(void **state)
{
	(void)state;
	expect_name("Example.COM.", 0, "example.com", 25);
	expect_name("example.com", 587, "example.com:587", 587);
	expect_name("example.com:465", 587, "example.com:465", 465);
	expect_name("[mx.example.com]", 2525, "[mx.example.com]:2525", 2525);
	expect_name("[mx.example.com]:587", 0, "[mx.example.com]:587", 587);
	expect_name("example.com:25", 0, "example.com", 25);
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const bad[] = { "", "192.0.2.1", "[192.0.2.1]", "a b.example", "..",
	    ".example.com", "/etc/passwd" };
	struct check_domain d = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(check_domain_name(&d, bad[i], 0), DANESTS_ENAME);
}

static const struct said both_kinds[] = { { "MX example.com", "secure 10 mx.example.com" },
	{ "ADDR mx.example.com", "secure 2001:db8::1; 192.0.2.1" }, { TLSA_MX, "secure 3 1 1 leaf" }
	    };

static void every_address_is_tried_with_the_right_name_and_port(void **state)
{
	struct world w;
	const struct sockaddr_in *v4;

	(void)state;
	WORLD(&w, "example.com", both_kinds);
	assert_int_equal(w.d.host_count, 1);
	assert_int_equal(w.d.hosts[0].count, 2);
	assert_string_equal(w.d.hosts[0].addresses[0].text, "2001:db8::1");
	assert_int_equal(w.d.hosts[0].addresses[0].probe.addr.ss_family, AF_INET6);
	v4 = (const struct sockaddr_in *)&w.d.hosts[0].addresses[1].probe.addr;
	assert_int_equal(v4->sin_port, htons(25));
	assert_int_equal(v4->sin_addr.s_addr, htonl(0xc0000201));
	for (size_t i = 0; i < 2; i++) {
		assert_true(w.d.hosts[0].addresses[i].tried);
		assert_false(w.d.hosts[0].addresses[i].probe.plain_tls);
		assert_string_equal(w.d.hosts[0].addresses[i].probe.sni, "mx.example.com");
	}
	world_free(&w);
}

/* U15 */
static void SNI_of_an_alias_is_its_end_where_DANE_decides(void **state)
{
	static const struct said said[] = { { "MX example.com", "secure 10 mx.example.com" },
	    { "ADDR mx.example.com", "secure >real.example.net 192.0.2.1" },
	    { "TLSA _25._tcp.real.example.net", "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	assert_string_equal(w.d.hosts[0].addresses[0].probe.sni, "real.example.net");
	world_free(&w);
}

static void port_465_speaks_TLS_at_once(void **state)
{
	static const struct said said[] = { { "MX example.com", "secure 10 mx.example.com" },
	    { "ADDR mx.example.com", "secure 192.0.2.1" },
	    { "TLSA _465._tcp.mx.example.com", "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com:465", said);
	assert_true(w.d.hosts[0].addresses[0].probe.plain_tls);
	world_free(&w);
}

/* N8: where a sender does not connect, neither do we. */
static void a_host_that_gets_no_mail_is_not_connected_to(void **state)
{
	static const struct said said[] = { SECURE_MX, { TLSA_MX, "bogus x" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	assert_int_equal(w.d.hosts[0].count, 1);
	assert_false(w.d.hosts[0].addresses[0].tried);
	world_free(&w);
}

static void the_policy_host_is_looked_at_wherever_a_record_names_a_policy(void **state)
{
	static const struct said fetched[] = { PLAIN_MX, STS_OF(STS_ENFORCE) };
	static const struct said refused[] = { PLAIN_MX, { "STSTXT example.com", "insecure 1" },
	    { "ADDR mta-sts.example.com", "insecure 127.0.0.1" },
	    { "STS example.com id=1", "fetch policy host has only non-global "
	    "addresses (private_policy_hosts = deny)" } };
	static const struct said broken[] = { PLAIN_MX, { "STSTXT example.com", "insecure 1" },
	    { "ADDR mta-sts.example.com", "insecure 192.0.2.99" },
	    { "STS example.com id=1", "fetch HTTP status 404" } };
	static const struct said no_record[] = { PLAIN_MX,
	    { "ADDR mta-sts.example.com", "insecure 192.0.2.99" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", fetched);
	assert_true(w.d.web.tried);
	assert_true(w.d.web.probe.plain_tls);
	assert_string_equal(w.d.web.text, "192.0.2.99");
	world_free(&w);
	WORLD(&w, "example.com", refused);
	assert_false(w.d.web.tried);
	world_free(&w);
	WORLD(&w, "example.com", broken);
	assert_true(w.d.web.tried);
	world_free(&w);
	WORLD(&w, "example.com", no_record);
	assert_false(w.d.web.tried);
	world_free(&w);
}

static void the_first_pattern_that_allows_a_host_is_kept(void **state)
{
	static const struct said said[] = { PLAIN_MX, STS_OF("version: STSv1\nmode: enforce\n"
	    "mx: other.example.com\nmx: *.example.com\nmx: mx.example.com\nmax_age: 1209600\n") };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	assert_int_equal(w.d.hosts[0].pattern, 1);
	world_free(&w);
	WORLD(&w, "example.com", both_kinds);
	assert_int_equal(w.d.hosts[0].pattern, -1);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_port_is_that_of_the_name_or_else_the_option_s),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(every_address_is_tried_with_the_right_name_and_port),
		cmocka_unit_test(SNI_of_an_alias_is_its_end_where_DANE_decides),
		cmocka_unit_test(port_465_speaks_TLS_at_once),
		cmocka_unit_test(a_host_that_gets_no_mail_is_not_connected_to),
		cmocka_unit_test(the_policy_host_is_looked_at_wherever_a_record_names_a_policy),
		cmocka_unit_test(the_first_pattern_that_allows_a_host_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
