/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parse/certname.h"

static bool match(const char *name, const char *host)
{
	return certname_match(name, strlen(name), host);
}

static void a_name_stands_for_itself_in_any_case(void **state)
{
	(void)state;
	assert_true(match("mta-sts.example.com", "mta-sts.example.com"));
	assert_true(match("MTA-STS.Example.COM", "mta-sts.example.com"));
	assert_true(match("xn--bcher-kva.example", "xn--bcher-kva.example"));
	assert_false(match("example.com", "mta-sts.example.com"));
	assert_false(match("mta-sts.example.com", "example.com"));
	assert_false(match("mta-sts.example.co", "mta-sts.example.com"));
	assert_false(match("mta-sts.example.comm", "mta-sts.example.com"));
}

static void S7_star_is_one_whole_leftmost_label(void **state)
{
	(void)state;
	assert_true(match("*.example.com", "mta-sts.example.com"));
	assert_true(match("*.EXAMPLE.com", "mta-sts.example.com"));
	assert_false(match("*.example.com", "example.com"));
	assert_false(match("*.example.com", "a.mta-sts.example.com"));
	assert_false(match("*.example.com", "mta-sts.example.org"));
}

static void S7_star_anywhere_else_stands_for_nothing(void **state)
{
	static const char *const names[] = {
		"mta-*.example.com", "*sts.example.com", "m*s.example.com", "**.example.com",
		"mta-sts.*.com", "mta-sts.example.*", "*", "*.", "*.*", "*.*.com", "*.com",
		"*.*.example.com", "*example.com", "*.mta-sts.example.com",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(match(names[i], "mta-sts.example.com"));
	assert_false(match("*.com", "example.com"));
	assert_false(match("*.*.com", "*.example.com"));
	assert_false(match("*.example.com", "*.example.com"));
}

static void malformed_names_match_nothing(void **state)
{
	static const char nul[] = "mta-sts.example.com\0.evil.test";

	(void)state;
	assert_false(certname_match(nul, sizeof(nul) - 1, "mta-sts.example.com"));
	assert_false(certname_match("example.com\0", 12, "example.com"));
	assert_false(match("example.com.", "example.com"));
	assert_false(match(".example.com", "example.com"));
	assert_false(match("", "example.com"));
	assert_false(match("", ""));
	assert_false(match("*.", ""));
	assert_false(match("a..b", "a..b"));
	assert_false(match("a b.example", "a b.example"));
	assert_false(match("example.com ", "example.com"));
	assert_false(match("b\xc3\xbc" "cher.example", "b\xc3\xbc" "cher.example"));
	assert_false(match("*.example.com", ".example.com"));
}

static void names_longer_than_dns_allows_match_nothing(void **state)
{
	char host[256];

	(void)state;
	for (size_t i = 0; i < 255; i++)
		host[i] = i % 64 == 63 ? '.' : 'a';
	host[255] = '\0';
	assert_false(match(host, host)); /* 255 */
	host[253] = '\0';
	assert_true(match(host, host));
	assert_false(match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test"));
}

static void the_common_name_counts_only_where_allowed(void **state)
{
	const struct certname names[] = { { "mx.example.com", 14, true } };

	(void)state;
	assert_true(certname_any(names, 1, "mx.example.com", true));
	assert_false(certname_any(names, 1, "mx.example.com", false)); /* RFC 8461 3.3 */
	assert_false(certname_any(names, 1, "mx.example.org", true));
	assert_false(certname_any(names, 0, "mx.example.com", true));
}

static void beside_a_dns_id_the_common_name_says_nothing(void **state)
{
	const struct certname first[] = {
		{ "mx.example.com", 14, true }, { "www.example.com", 15, false },
	};
	const struct certname last[] = {
		{ "www.example.com", 15, false }, { "mx.example.com", 14, true },
	};

	(void)state;
	assert_false(certname_any(first, 2, "mx.example.com", true));
	assert_false(certname_any(last, 2, "mx.example.com", true));
	assert_true(certname_any(first, 2, "www.example.com", true));
	assert_true(certname_any(last, 2, "www.example.com", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_stands_for_itself_in_any_case),
		cmocka_unit_test(S7_star_is_one_whole_leftmost_label),
		cmocka_unit_test(S7_star_anywhere_else_stands_for_nothing),
		cmocka_unit_test(malformed_names_match_nothing),
		cmocka_unit_test(names_longer_than_dns_allows_match_nothing),
		cmocka_unit_test(the_common_name_counts_only_where_allowed),
		cmocka_unit_test(beside_a_dns_id_the_common_name_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
