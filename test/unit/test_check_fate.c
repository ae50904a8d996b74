/* SPDX-License-Identifier: BSD-2-Clause */
/* Would a server get mail, and would any? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
static const struct said two[] = {
	{ "MX example.com", "secure 10 mx.example.com; 20 mx2.example.com" },
	{ "ADDR mx.example.com", "secure 192.0.2.1" }, { "ADDR mx2.example.com", "secure 192.0.2.2"
	    },
	{ TLSA_MX, "secure 3 1 1 leaf" }, { "TLSA _25._tcp.mx2.example.com", "secure 3 1 1 leaf" },
};

/* What each of two servers does: c(onnection refused), g(arbage), n(o to us), r(ight
 * certificate), w(rong one). */
static void see(struct world *w, const char *address, char what)
{
	if (what == 'c')
		see_end(w, address, PROBE_CONNECT, PROBE_REFUSED, false, "connection refused");
	else if (what == 'g')
		see_end(w, address, PROBE_GREETING, PROBE_GARBAGE, false, "no SMTP");
	else if (what == 'n')
		see_end(w, address, PROBE_GREETING, PROBE_REPLY, false, "554 no");
	else
		see_chain(w, address, what == 'r' ? "leaf inter" : "self");
}

static void one_server_that_gets_mail_is_enough(void **state)
{
	static const struct { const char *what; enum check_fate fate; } table[] = {
		{ "rr", CHECK_GETS }, { "rw", CHECK_GETS }, { "wr", CHECK_GETS }, { "cr", CHECK_GETS
		    },
		{ "gr", CHECK_GETS }, { "nr", CHECK_GETS }, { "ww", CHECK_REFUSED },
		{ "wg", CHECK_REFUSED }, { "wc", CHECK_REFUSED }, { "gc", CHECK_REFUSED },
		{ "cc", CHECK_UNTOLD }, { "nn", CHECK_UNTOLD }, { "nc", CHECK_UNTOLD },
		{ "wn", CHECK_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct world w;

		WORLD(&w, "example.com", two);
		see(&w, "192.0.2.1", table[i].what[0]);
		see(&w, "192.0.2.2", table[i].what[1]);
		if (check_domain_fate(&w.d) != table[i].fate)
			fail_msg("%s", table[i].what);
		world_free(&w);
	}
}

static void nothing_is_said_for_addresses_that_were_not_tried(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", two);
	see(&w, "192.0.2.1", 'w');
	see(&w, "192.0.2.2", 'w');
	w.d.left_out = 1;
	assert_int_equal(check_domain_fate(&w.d), CHECK_UNTOLD);
	see(&w, "192.0.2.2", 'r');
	assert_int_equal(check_domain_fate(&w.d), CHECK_GETS);
	world_free(&w);
}

static void without_connections_what_DNS_says_counts(void **state)
{
	static const struct said bogus[] = { SECURE_MX, { TLSA_MX, "bogus x" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", two);
	see_nothing(&w);
	assert_int_equal(check_domain_fate(&w.d), CHECK_GETS);
	world_free(&w);
	WORLD(&w, "example.com", bogus);
	see_nothing(&w);
	assert_int_equal(check_domain_fate(&w.d), CHECK_REFUSED);
	world_free(&w);
}

/* One that DNS alone rules out, one that cannot be reached: perhaps by us alone. */
static void no_connection_to_the_rest_is_no_verdict(void **state)
{
	const struct said said[] = { two[0], two[1], two[2],
	    { TLSA_MX, "bogus x" }, { "TLSA _25._tcp.mx2.example.com", "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	see(&w, "192.0.2.2", 'c');
	assert_int_equal(check_host_fate(&w.d, &w.d.hosts[0]), CHECK_REFUSED);
	assert_int_equal(check_domain_fate(&w.d), CHECK_UNTOLD);
	world_free(&w);
}

static void a_domain_that_takes_no_mail_is_out(void **state)
{
	static const struct said said[] = { { "MX example.com", "secure 0 ." } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	assert_int_equal(check_domain_fate(&w.d), CHECK_OUT);
	world_free(&w);
}

/* The two faults of that name: for who has no DNSSEC, for who has no records. */
static void dane_required_names_what_is_missing(void **state)
{
	const struct said said[] = { { "MX example.com", "secure 10 mx.example.com; 20 "
	    "mx2.example.com; 30 mx3.example.com" }, two[1], two[2], { "ADDR mx3.example.com",
	    "insecure 192.0.2.3" }, { TLSA_MX, "secure 3 1 1 leaf" }, {
	    "TLSA _25._tcp.mx2.example.com", "none" }, STS_OF("version: STSv1\nmode: enforce\nmx: "
	    "*.example.com\nmax_age: 1209600\n") };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	assert_null(check_dane_required(&w.d, danests_policy_host(w.d.policy, 0)));
	assert_string_equal(check_dane_required(&w.d, danests_policy_host(w.d.policy, 1))->code,
	    "4.7.323");
	assert_string_equal(check_dane_required(&w.d, danests_policy_host(w.d.policy, 2))->code,
	    "4.7.324");
	w.d.postfix.mixed_secure = true; /* dane_sts_mixed = secure */
	assert_null(check_dane_required(&w.d, danests_policy_host(w.d.policy, 1)));
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_server_that_gets_mail_is_enough),
		cmocka_unit_test(nothing_is_said_for_addresses_that_were_not_tried),
		cmocka_unit_test(without_connections_what_DNS_says_counts),
		cmocka_unit_test(no_connection_to_the_rest_is_no_verdict),
		cmocka_unit_test(a_domain_that_takes_no_mail_is_out),
		cmocka_unit_test(dane_required_names_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
