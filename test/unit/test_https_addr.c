/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "source/https_addr.h"

static int parse(const char *text, uint8_t bytes[16])
{
	int family = strchr(text, ':') != NULL ? 6 : 4;

	memset(bytes, 0, 16);
	assert_int_equal(inet_pton(family == 6 ? AF_INET6 : AF_INET, text, bytes), 1);
	return family;
}

static bool global(const char *text)
{
	uint8_t bytes[16];
	int family = parse(text, bytes);

	return https_addr_global(family, bytes);
}

/* First and last of each block; what lies just outside of it is in the next test. */
static void S27_special_addresses_are_not_global(void **state)
{
	static const char *const texts[] = {
		"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0",
		"100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.0",
		"169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.2.1",
		"192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0",
		"198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::10.0.0.1",
		"64:ff9b::127.0.0.1", "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:2::1",
		"2001:1ff:ffff::1", "2001:db8::1", "2002:a00:1::1", "2002:7f00:1::1",
		"2002:c0a8:101::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1",
		"fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "1fff::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (global(texts[i]))
			fail_msg("%s passes for global", texts[i]);
	}
}

static void public_addresses_are_global(void **state)
{
	static const char *const texts[] = {
		"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
		"126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
		"172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.88.98.255",
		"192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
		"198.51.99.255", "203.0.114.0", "223.255.255.255",
		"2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2606:4700::1",
		"3ffe::1", "3fff:1000::1", "2002:808:808::1", "64:ff9b::8.8.8.8", "2a00::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!global(texts[i]))
			fail_msg("%s does not pass for global", texts[i]);
	}
}

static void unknown_families_are_not_global(void **state)
{
	const uint8_t bytes[16] = { 8, 8, 8, 8 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)state;
	assert_false(https_addr_global(0, bytes));
	assert_false(https_addr_global(AF_INET6, bytes));
	assert_false(https_addr_sockaddr_global((struct sockaddr *)&un, sizeof(un)));
}

static void socket_addresses_are_judged_alike(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr *sa = (struct sockaddr *)&in, *sa6 = (struct sockaddr *)&in6;

	(void)state;
	inet_pton(AF_INET, "10.1.1.1", &in.sin_addr);
	assert_false(https_addr_sockaddr_global(sa, sizeof(in)));
	inet_pton(AF_INET, "9.9.9.9", &in.sin_addr);
	assert_true(https_addr_sockaddr_global(sa, sizeof(in)));
	assert_false(https_addr_sockaddr_global(sa, sizeof(in) - 1));
	inet_pton(AF_INET6, "fe80::1", &in6.sin6_addr);
	assert_false(https_addr_sockaddr_global(sa6, sizeof(in6)));
	inet_pton(AF_INET6, "2a00::1", &in6.sin6_addr);
	assert_true(https_addr_sockaddr_global(sa6, sizeof(in6)));
	assert_false(https_addr_sockaddr_global(sa6, sizeof(in)));
}

static struct answer *addresses(const char *const *texts, size_t n)
{
	struct answer *a = answer_new(QUESTION_ADDR, ANSWER_SECURE, 1);
	uint8_t bytes[16];

	assert_non_null(a);
	for (size_t i = 0; i < n; i++) {
		int family = parse(texts[i], bytes);

		assert_int_equal(answer_add_addr(a, family, bytes), 0);
	}
	return a;
}

static void families_take_turns_and_brackets_enclose_colons(void **state)
{
	static const char *const texts[] = {
		"9.9.9.9", "2a00::1", "10.0.0.1", "2a00::2", "fe80::1", "2a00::3", "9.9.9.10",
	};
	struct answer *a = addresses(texts, 7);
	char out[HTTPS_ADDR_LIST];

	(void)state;
	assert_int_equal(https_addr_list(out, a, false), 5);
	assert_string_equal(out, "[2a00::1],9.9.9.9,[2a00::2],9.9.9.10,[2a00::3]");
	assert_int_equal(https_addr_list(out, a, true), 7);
	assert_non_null(strstr(out, "10.0.0.1"));
	answer_unref(a);
}

static void S27_no_more_than_a_few_addresses_are_tried(void **state)
{
	static const char *const texts[] = {
		"2a00:1111:2222:3333:4444:5555:6666:1001",
		"2a00:1111:2222:3333:4444:5555:6666:1002",
		"2a00:1111:2222:3333:4444:5555:6666:1003",
		"2a00:1111:2222:3333:4444:5555:6666:1004",
		"2a00:1111:2222:3333:4444:5555:6666:1005",
		"2a00:1111:2222:3333:4444:5555:6666:1006",
		"2a00:1111:2222:3333:4444:5555:6666:1007",
		"2a00:1111:2222:3333:4444:5555:6666:1008",
		"2a00:1111:2222:3333:4444:5555:6666:1009",
		"2a00:1111:2222:3333:4444:5555:6666:100a",
	};
	struct answer *a = addresses(texts, 10);
	char out[HTTPS_ADDR_LIST];

	(void)state;
	assert_int_equal(https_addr_list(out, a, false), HTTPS_ADDR_MAX);
	assert_null(strstr(out, "..."));
	assert_null(strstr(out, "1009"));
	answer_unref(a);
}

static void only_private_addresses_leave_nothing(void **state)
{
	static const char *const texts[] = { "10.0.0.1", "::1" };
	struct answer *a = addresses(texts, 2);
	char out[HTTPS_ADDR_LIST];

	(void)state;
	assert_int_equal(https_addr_list(out, a, false), 0);
	assert_string_equal(out, "");
	answer_unref(a);
}

/* S27: what shares one of these shares the places for fetches. */
static void the_network_is_that_of_the_first_address(void **state)
{
	static const struct {
		const char *texts[2];
		bool allow_private;
		uint8_t want[HTTPS_ADDR_NETWORK];
	} cases[] = {
		{ { "9.8.7.6" }, false, { 4, 9, 8, 7 } },
		{ { "9.8.7.6", "2a00:1:2:3::1" }, false, { 6, 0x2a, 0, 0, 1, 0, 2 } },
		{ { "9.8.7.6", "9.8.6.6" }, false, { 4, 9, 8, 7 } },
		{ { "10.8.7.6", "9.8.6.6" }, false, { 4, 9, 8, 6 } },
		{ { "10.8.7.6", "9.8.6.6" }, true, { 4, 10, 8, 7 } },
		{ { "9.8.7.6", "fe80::1" }, false, { 4, 9, 8, 7 } },
		{ { "64:ff9b::9.8.7.6" }, false, { 4, 9, 8, 7 } },
		{ { "2002:908:706::1" }, false, { 4, 9, 8, 7 } },
		{ { "10.8.7.6" }, false, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct answer *a = addresses(cases[i].texts, cases[i].texts[1] != NULL ? 2 : 1);
		uint8_t got[HTTPS_ADDR_NETWORK];

		https_addr_network(got, a, cases[i].allow_private);
		assert_memory_equal(got, cases[i].want, sizeof(got));
		answer_unref(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S27_special_addresses_are_not_global),
		cmocka_unit_test(public_addresses_are_global),
		cmocka_unit_test(unknown_families_are_not_global),
		cmocka_unit_test(socket_addresses_are_judged_alike),
		cmocka_unit_test(families_take_turns_and_brackets_enclose_colons),
		cmocka_unit_test(S27_no_more_than_a_few_addresses_are_tried),
		cmocka_unit_test(the_network_is_that_of_the_first_address),
		cmocka_unit_test(only_private_addresses_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
