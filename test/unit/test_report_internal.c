/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "danests.h"
#include "tools/report/internal.h"

static bool has(const struct internal *set, const char *host, const char *address)
{
	return internal_has(set, (struct slice){ host, strlen(host) },
	    (struct slice){ address, strlen(address) });
}

static void loopback_is_always_internal(void **state)
{
	static const char *const yes[] = { "127.0.0.1", "127.255.255.255", "::1", "IPv6:::1",
		"0:0:0:0:0:0:0:1", "::ffff:127.0.0.1" };
	static const char *const no[] = { "128.0.0.1", "12.7.0.1", "127", "1270.0.0.1", "::2", "::",
		"192.0.2.1", "", "127.0.0.1.example", "private/dovecot", "127.0.0.1 " };
	struct internal *set = internal_new();

	(void)state;
	assert_int_equal(internal_add(set, "192.0.2.0/25"), 0);
	for (size_t i = 0; i < COUNT_OF(yes); i++) {
		assert_true(has(NULL, "h", yes[i]));
		assert_true(has(set, "h", yes[i]));
	}
	for (size_t i = 0; i < COUNT_OF(no); i++) {
		assert_false(has(NULL, "h", no[i]));
		assert_int_equal(has(set, "h", no[i]), strcmp(no[i], "192.0.2.1") == 0);
	}
	internal_free(set);
}

static void what_is_given_is_internal_and_nothing_else(void **state)
{
	static const struct { const char *add, *host, *address; bool has; } rows[] = {
		{ "10.0.0.0/8", "h", "10.255.0.1", true },
		{ "10.0.0.0/8", "h", "11.0.0.1", false },
		{ "10.0.0.0/8", "10.0.0.1", "::ffff:10.0.0.1", true },
		{ "10.1.2.3/12", "h", "10.15.255.255", true },
		{ "10.1.2.3/12", "h", "10.16.0.0", false },
		{ "192.0.2.7", "h", "192.0.2.7", true },
		{ "192.0.2.7", "h", "192.0.2.6", false },
		{ "0.0.0.0/0", "h", "203.0.113.1", true },
		{ "0.0.0.0/0", "h", "2001:db8::1", false },
		{ "::/0", "h", "203.0.113.1", true },
		{ "fd00::/8", "h", "fdff::1", true },
		{ "fd00::/8", "h", "IPv6:fdff::1", true },
		{ "fd00::/8", "h", "fe00::1", false },
		{ "[2001:db8::7]", "h", "2001:DB8:0::7", true },
		{ "2001:db8::7/127", "h", "2001:db8::6", true },
		{ "2001:db8::7/127", "h", "2001:db8::8", false },
		{ "relay.example", "Relay.EXAMPLE", "192.0.2.1", true },
		{ "Relay.Example.", "relay.example.", "192.0.2.1", true },
		{ "relay.example", "a.relay.example", "192.0.2.1", false },
		{ "relay.example", "arelay.example", "192.0.2.1", false },
		{ ".example", "a.relay.Example", "192.0.2.1", true },
		{ ".example", "example", "192.0.2.1", false },
		{ ".example", ".example", "192.0.2.1", false },
		{ ".example", "anexample", "192.0.2.1", false },
		{ "localhost", "localhost", "192.0.2.1", true },
		{ "relay.example", "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct internal *set = internal_new();

		assert_int_equal(internal_add(set, rows[i].add), 0);
		if (has(set, rows[i].host, rows[i].address) != rows[i].has)
			fail_msg("%s: %s[%s]", rows[i].add, rows[i].host, rows[i].address);
		internal_free(set);
	}
}

static void several_are_one_set(void **state)
{
	struct internal *set = internal_new();

	(void)state;
	assert_int_equal(internal_add(set, "10.0.0.0/8"), 0);
	assert_int_equal(internal_add(set, "b.example"), 0);
	assert_int_equal(internal_add(set, "192.168.0.0/16"), 0);
	assert_int_equal(internal_add(set, "c.example"), 0);
	assert_true(has(set, "x", "10.0.0.1") && has(set, "x", "192.168.0.1"));
	assert_true(has(set, "b.example", "192.0.2.1") && has(set, "c.example", "192.0.2.1"));
	assert_false(has(set, "a.example", "192.0.2.1"));
	internal_free(set);
	internal_free(NULL);
}

static void what_is_no_network_and_no_host_is_refused(void **state)
{
	static const char *const rows[] = { "", "/", "/8", ".", "..", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/08x", "10.0.0.300", "10.0.0", "::/129",
		"relay.example/8", "a..b", ".a..b", "a b", "a@b", "[relay.example]", "[]",
		"[10.0.0.1",
		"fd00::g", "1.2.3.4.5" };
	char label[300];
	struct internal *set = internal_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (internal_add(set, rows[i]) != DANESTS_EINVAL)
			fail_msg("%s", rows[i]);
	}
	memset(label, 'a', sizeof(label));
	label[256] = '\0';
	assert_int_equal(internal_add(set, label), DANESTS_EINVAL);
	label[255] = '\0';
	assert_int_equal(internal_add(set, label), 0);
	assert_true(has(set, label, ""));
	internal_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_is_always_internal),
		cmocka_unit_test(what_is_given_is_internal_and_nothing_else),
		cmocka_unit_test(several_are_one_set),
		cmocka_unit_test(what_is_no_network_and_no_host_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
