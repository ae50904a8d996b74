/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "danests.h"

static void addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *back; /* NULL: not an address */
	} cases[] = {
		{ "127.0.0.1", "127.0.0.1" },
		{ "192.0.2.1:5353", "192.0.2.1:5353" },
		{ "192.0.2.1:53", "192.0.2.1" },
		{ "::1", "::1" },
		{ "[::1]", "::1" },
		{ "[::1]:53", "::1" },
		{ "[2001:db8::1]:5353", "[2001:db8::1]:5353" },
		{ "fe80::1%eth0", "fe80::1%eth0" },
		{ "[fe80::1%eth0]:5353", "[fe80::1%eth0]:5353" },
		{ "", NULL }, { "localhost", NULL }, { "127.1", NULL }, { "127.0.0.1:", NULL },
		{ "127.0.0.1:0", NULL }, { "127.0.0.1:65536", NULL }, { "127.0.0.1:+53", NULL },
		{ "[127.0.0.1]:53", NULL }, { "[::1", NULL }, { "[::1]x", NULL },
		{ "[::1]:", NULL }, { "127.0.0.1%lo", NULL }, { "fe80::1%", NULL },
		{ "fe80::1%a/b", NULL }, { "fe80::1%sixteen-letters-", NULL },
		{ "1:2:3:4:5:6:7:8:9", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[DNS_SERVER_TEXT_MAX];
		struct dns_server s;
		int r = dns_server_parse(&s, cases[i].text, strlen(cases[i].text));

		if (cases[i].back == NULL) {
			assert_int_equal(r, DANESTS_EINVAL);
			continue;
		}
		assert_int_equal(r, DANESTS_OK);
		dns_server_text(&s, text);
		assert_string_equal(text, cases[i].back);
	}
}

static void N2_only_this_host_is_loopback(void **state)
{
	static const struct {
		const char *text;
		bool loopback;
	} cases[] = {
		{ "127.0.0.1", true }, { "127.77.0.53:5353", true }, { "::1", true },
		{ "128.0.0.1", false }, { "0.0.0.0", false }, { "192.0.2.1", false },
		{ "::", false }, { "::ffff:127.0.0.1", false }, { "2001:db8::1", false },
		{ "fe80::1%lo", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct dns_server s;

		assert_int_equal(dns_server_parse(&s, cases[i].text, strlen(cases[i].text)), 0);
		assert_int_equal(dns_server_loopback(&s), cases[i].loopback);
	}
}

static void a_list_is_separated_by_blanks_or_commas(void **state)
{
	struct dns_servers list;
	char problem[256], text[256];

	(void)state;
	assert_int_equal(dns_servers_parse(&list, " 127.0.0.1, [::1]:5353\t192.0.2.1 ,", problem,
	    sizeof(problem)), DANESTS_OK);
	assert_int_equal(list.count, 3);
	dns_servers_text(&list, text, sizeof(text));
	assert_string_equal(text, "127.0.0.1, [::1]:5353, 192.0.2.1");
	assert_ptr_equal(dns_servers_remote(&list), &list.at[2]);
}

static void a_bad_list_is_named(void **state)
{
	struct dns_servers list = {0};
	char problem[256] = "";

	(void)state;
	assert_int_equal(dns_servers_parse(&list, "127.0.0.1 dns.example\x01", problem,
	    sizeof(problem)), DANESTS_EINVAL);
	assert_non_null(strstr(problem, "\"dns.example?\""));
	assert_int_equal(list.count, 0);
	assert_int_equal(dns_servers_parse(&list, " , ", problem, sizeof(problem)),
	    DANESTS_EINVAL);
	assert_int_equal(dns_servers_parse(&list, "::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1 ::1", problem,
	    sizeof(problem)), DANESTS_EINVAL);
	assert_non_null(strstr(problem, "more than 8"));
}

static void resolv_conf_is_read_as_libc_does(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "nameserver 192.0.2.1\nnameserver\t2001:db8::1\n", "192.0.2.1, 2001:db8::1" },
		{ "", "127.0.0.1" },
		{ "search example.org\noptions edns0\n", "127.0.0.1" },
		{ "# nameserver 192.0.2.1\n;nameserver 192.0.2.2\n", "127.0.0.1" },
		{ " nameserver 192.0.2.1\nnameservers 192.0.2.2\nnameserver\n", "127.0.0.1" },
		{ "nameserver   192.0.2.1   # ours\r\n", "192.0.2.1" },
		{ "nameserver 192.0.2.1\r\nnameserver 192.0.2.2", "192.0.2.1, 192.0.2.2" },
		{ "nameserver bad\nnameserver fe80::1%eth0\n", "fe80::1%eth0" },
		{ "nameserver 192.0.2.1:5353\n", "127.0.0.1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct dns_servers list;
		char text[256];

		dns_resolvconf_parse(&list, cases[i].text, strlen(cases[i].text));
		dns_servers_text(&list, text, sizeof(text));
		assert_string_equal(text, cases[i].want);
	}
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void a_changed_file_is_read_again(void **state)
{
	char path[] = "/tmp/test_dnsconf.XXXXXX";
	int fd = mkstemp(path);
	struct dns_system sys = { .path = path };
	struct dns_servers list;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_text(path, "nameserver 192.0.2.1\n");
	assert_true(dns_system_read(&sys, &list));
	assert_int_equal(list.at[0].addr[3], 1);
	write_text(path, "nameserver 192.0.2.22\n");
	assert_false(dns_system_read(&sys, &list)); /* not twice a second */
	sys.checked_ms -= 1001;
	assert_true(dns_system_read(&sys, &list));
	assert_int_equal(list.at[0].addr[3], 22);
	sys.checked_ms -= 1001;
	assert_false(dns_system_read(&sys, &list));
	unlink(path);
	sys.checked_ms -= 1001;
	assert_true(dns_system_read(&sys, &list)); /* gone is as empty */
	assert_int_equal(list.at[0].addr[0], 127);
}

static void lists_compare_by_value(void **state)
{
	struct dns_servers a, b;
	char problem[256];

	(void)state;
	assert_int_equal(dns_servers_parse(&a, "127.0.0.1 ::1", problem, sizeof(problem)), 0);
	assert_int_equal(dns_servers_parse(&b, "127.0.0.1:53,[::1]:53", problem,
	    sizeof(problem)), 0);
	assert_true(dns_servers_equal(&a, &b));
	b.at[1].port = 54;
	assert_false(dns_servers_equal(&a, &b));
	b.at[1].port = 53;
	b.count = 1;
	assert_false(dns_servers_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(N2_only_this_host_is_loopback),
		cmocka_unit_test(a_list_is_separated_by_blanks_or_commas),
		cmocka_unit_test(a_bad_list_is_named),
		cmocka_unit_test(resolv_conf_is_read_as_libc_does),
		cmocka_unit_test(a_changed_file_is_read_again),
		cmocka_unit_test(lists_compare_by_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
