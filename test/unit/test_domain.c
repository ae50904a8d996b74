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
#include "parse/domain.h"

#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

/* A text that may hold NUL; its length without the literal's own. */
#define TEXT(s) (s), sizeof(s) - 1

static void names_get_their_one_spelling(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "example.com", "example.com" },
		{ "EXAMPLE.Com.", "example.com" },
		{ "localhost", "localhost" },
		{ "_25._tcp.mx_1.example", "_25._tcp.mx_1.example" },
		{ "a--b.r3---sn.example", "a--b.r3---sn.example" },
		{ "1.2.3.4.example", "1.2.3.4.example" },
		{ "192.0.2.1a", "192.0.2.1a" },
		{ "XN--BCHER-KVA.example", "xn--bcher-kva.example" },
		{ "xn--.example", NULL }, /* ends with a hyphen */
		{ L63 ".x", L63 ".x" },
	};
	struct domain d;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		r = domain_parse(&d, rows[i].text, strlen(rows[i].text));
		assert_int_equal(r, rows[i].want == NULL ? DANESTS_ENAME : DANESTS_OK);
		if (r == DANESTS_OK)
			assert_string_equal(d.name, rows[i].want);
	}
}

/* N13 */
static void n13_u_labels_become_a_labels(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "b\xc3\xbc" "cher.example", "xn--bcher-kva.example" },
		{ "B\xc3\x9c" "CHER.Example.", "xn--bcher-kva.example" },
		{ "bu\xcc\x88" "cher.example", "xn--bcher-kva.example" },   /* not NFC */
		{ "stra\xc3\x9f" "e.example", "xn--strae-oqa.example" },    /* not transitional */
		{ "\xe4\xbe\x8b\xe3\x80\x82" "example", "xn--fsq.example" },/* ideographic stop */
		{ "\xef\xbd\x85xample.com", "example.com" },                /* full width e */
		{ "_dmarc.b\xc3\xbc" "cher.example", "_dmarc.xn--bcher-kva.example" },
	};
	struct domain d;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(domain_parse(&d, rows[i].text, strlen(rows[i].text)), DANESTS_OK);
		assert_string_equal(d.name, rows[i].want);
	}
}

static void what_is_no_name_is_refused_and_leaves_the_struct_alone(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{ TEXT("") }, { TEXT(".") }, { TEXT("..") }, { TEXT("example.com..") },
		{ TEXT(".example.com") }, { TEXT("a..b") }, { TEXT("a b") }, { TEXT(" a") },
		{ TEXT("a ") }, { TEXT("a\tb") }, { TEXT("a\n") }, { TEXT("a\0b") },
		{ TEXT("\0") }, { TEXT("a@b") }, { TEXT("a/b") }, { TEXT("a:b") },
		{ TEXT("*.a") }, { TEXT("-a.b") }, { TEXT("a-.b") }, { TEXT("a.-b") },
		{ TEXT("a.b-") }, { TEXT("192.0.2.1") }, { TEXT("1") }, { TEXT("a.1.") },
		{ TEXT("a\\.b") }, { TEXT("a\x7f.b") }, { TEXT("a,b") }, { TEXT("{a}") },
		{ TEXT(L63 "x.y") },
		{ TEXT("\xc3\x28.example") },              /* broken UTF-8 */
		{ TEXT("\xc0\xae.example") },              /* overlong */
		{ TEXT("\xed\xa0\x80.example") },          /* surrogate */
		{ TEXT("b\xc3\xbc" "cher..example") },
		{ TEXT("b\xc3\xbc" "cher\0.example") },
		{ TEXT("a\xef\xbc\xa0" "b.example") },     /* full width '@' */
		{ TEXT("\xef\xbc\x91.\xef\xbc\x92") },     /* full width digits */
		{ TEXT("\xe2\x98\x83.example") },          /* a snow man: not in IDNA2008 */
	};
	struct domain d, before;
	size_t i;

	(void)state;
	memset(&d, 0x5a, sizeof(d));
	before = d;
	for (i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(domain_parse(&d, rows[i].text, rows[i].len), DANESTS_ENAME);
		assert_memory_equal(&d, &before, sizeof(d));
	}
}

static void the_longest_name_has_253_octets(void **state)
{
	char text[260], utf8[4000];
	struct domain d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 64 == 63 ? '.' : 'a';
	assert_int_equal(domain_parse(&d, text, 253), DANESTS_OK);
	assert_int_equal(strlen(d.name), 253);
	assert_int_equal(domain_parse(&d, text, 254), DANESTS_ENAME);
	text[253] = '.';
	assert_int_equal(domain_parse(&d, text, 254), DANESTS_OK);
	for (i = 0; i < sizeof(utf8); i += 2)
		memcpy(utf8 + i, "\xc2\xad", 2); /* soft hyphens: nothing would be left */
	assert_int_equal(domain_parse(&d, utf8, sizeof(utf8)), DANESTS_ENAME);
}

static void nexthops_are_domains_and_hosts_with_ports(void **state)
{
	static const struct {
		const char *text, *key;
		uint16_t port;
		bool bracketed;
	} rows[] = {
		{ "Example.com", "example.com", 25, false },
		{ "example.com.", "example.com", 25, false },
		{ "example.com:25", "example.com", 25, false },
		{ "example.com:smtp", "example.com", 25, false },
		{ "example.com:Submission", "example.com:587", 587, false },
		{ "example.com:submissions", "example.com:465", 465, false },
		{ "example.com:SMTPS", "example.com:465", 465, false },
		{ "example.com.:0026", "example.com:26", 26, false },
		{ "[mx.example.com]", "[mx.example.com]", 25, true },
		{ "[MX.example.com.]", "[mx.example.com]", 25, true },
		{ "[mx.example.com]:587", "[mx.example.com]:587", 587, true },
		{ "[mx.example.com]:65535", "[mx.example.com]:65535", 65535, true },
		{ "[localhost]:smtp", "[localhost]", 25, true },
		{ "[b\xc3\xbc" "cher.example]:1", "[xn--bcher-kva.example]:1", 1, true },
	};
	char key[NEXTHOP_KEY_MAX + 1];
	struct nexthop nh;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(nexthop_parse(&nh, rows[i].text, strlen(rows[i].text)), 0);
		assert_int_equal(nh.port, rows[i].port);
		assert_int_equal(nh.bracketed, rows[i].bracketed);
		assert_int_equal(nexthop_key(&nh, key), strlen(rows[i].key));
		assert_string_equal(key, rows[i].key);
	}
}

/* L20 and S22: to an address literal neither DANE nor MTA-STS applies. */
static void l20_s22_what_is_not_ours_is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{ TEXT("") }, { TEXT(".example.com") }, { TEXT("[192.0.2.1]") },
		{ TEXT("[192.0.2.1]:25") }, { TEXT("[IPv6:2001:db8::1]") }, { TEXT("[::1]") },
		{ TEXT("[2001:db8::1]:25") }, { TEXT("192.0.2.1") }, { TEXT("192.0.2.1:25") },
		{ TEXT("2001:db8::1") }, { TEXT("::1") }, { TEXT("/a/b") }, { TEXT("unix:/x") },
		{ TEXT("user@example.com") }, { TEXT("example.com:") }, { TEXT("example.com:0") },
		{ TEXT("example.com:65536") }, { TEXT("example.com:+25") },
		{ TEXT("example.com: 25") }, { TEXT("example.com:25 ") }, { TEXT("a:25:25") },
		{ TEXT("example.com:imap") }, { TEXT("example.com:-1") }, { TEXT(":25") },
		{ TEXT("example.com..:25") }, { TEXT("[mx.example.com") },
		{ TEXT("mx.example.com]") },
		{ TEXT("[mx.example.com]25") }, { TEXT("[mx.example.com]:") }, { TEXT("[]") },
		{ TEXT("[]:25") }, { TEXT("[[mx.example.com]]") }, { TEXT("[mx.example.com]x") },
		{ TEXT("[mx.example.com..]") }, { TEXT("[mx.example.com:25]") }, { TEXT("[") },
		{ TEXT("ex\0ample.com") }, { TEXT("example.com:2\0") }, { TEXT("example.com\n") },
		{ TEXT("example.com\xef\xbc\x9a" "25") }, /* full width ':' */
		{ TEXT("example.com:00000000000000000000000000000000000025") },
	};
	struct nexthop nh, before;
	size_t i;

	(void)state;
	memset(&nh, 0x5a, sizeof(nh));
	before = nh;
	for (i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(nexthop_parse(&nh, rows[i].text, rows[i].len), DANESTS_ENAME);
		assert_memory_equal(&nh, &before, sizeof(nh));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_get_their_one_spelling),
		cmocka_unit_test(n13_u_labels_become_a_labels),
		cmocka_unit_test(what_is_no_name_is_refused_and_leaves_the_struct_alone),
		cmocka_unit_test(the_longest_name_has_253_octets),
		cmocka_unit_test(nexthops_are_domains_and_hosts_with_ports),
		cmocka_unit_test(l20_s22_what_is_not_ours_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
