/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <sys/un.h>

#include "base/attr.h"
#include "base/endpoint.h"

static void unix_sockets_are_absolute_paths(void **state)
{
	struct endpoint ep;
	struct sockaddr_un un;
	char path[200] = "unix:/";

	(void)state;
	assert_null(endpoint_parse(&ep, "unix:/run/danests/socketmap"));
	memcpy(&un, &ep.addr, sizeof(un));
	assert_int_equal(un.sun_family, AF_UNIX);
	assert_string_equal(un.sun_path, "/run/danests/socketmap");
	assert_non_null(endpoint_parse(&ep, "unix:run/x"));
	assert_non_null(endpoint_parse(&ep, "unix:"));
	memset(path + 6, 'a', sizeof(path) - 7);
	path[sizeof(path) - 1] = '\0';
	assert_non_null(endpoint_parse(&ep, path));
}

static void inet_sockets_are_addresses_with_a_port(void **state)
{
	struct endpoint ep;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	(void)state;
	assert_null(endpoint_parse(&ep, "inet:127.0.0.1:8461"));
	memcpy(&in4, &ep.addr, sizeof(in4));
	assert_int_equal(in4.sin_family, AF_INET);
	assert_int_equal(ntohs(in4.sin_port), 8461);
	assert_int_equal(ntohl(in4.sin_addr.s_addr), INADDR_LOOPBACK);
	assert_null(endpoint_parse(&ep, "inet:localhost:1"));
	assert_null(endpoint_parse(&ep, "inet:[::1]:8461"));
	memcpy(&in6, &ep.addr, sizeof(in6));
	assert_int_equal(in6.sin6_family, AF_INET6);
	assert_int_equal(ntohs(in6.sin6_port), 8461);
}

static void anything_else_says_what_is_wrong(void **state)
{
	static const char *const bad[] = {
		"", "127.0.0.1:8461", "tcp:127.0.0.1:1", "inet:", "inet::25", "inet:127.0.0.1",
		"inet:127.0.0.1:", "inet:127.0.0.1:0", "inet:127.0.0.1:65536", "inet:mx.example.com:25",
		"inet:[::1:25", "inet:1.2.3:25",
	};
	struct endpoint ep;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_non_null(endpoint_parse(&ep, bad[i]));
}

static void places_compare_whatever_wrote_them(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "unix:/run/a", "unix:/run/a", true },
		{ "unix:/run/a", "unix:/run/ab", false },
		{ "inet:127.0.0.1:8461", "inet:localhost:8461", true },
		{ "inet:127.0.0.1:8461", "inet:127.0.0.1:8462", false },
		{ "inet:127.0.0.1:8461", "inet:127.0.0.2:8461", false },
		{ "inet:[::1]:8461", "inet:[0:0::1]:8461", true },
		{ "inet:[::1]:8461", "inet:[::2]:8461", false },
		{ "inet:[::1]:8461", "inet:127.0.0.1:8461", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct endpoint a, b;

		assert_null(endpoint_parse(&a, rows[i].a));
		assert_null(endpoint_parse(&b, rows[i].b));
		a.len = sizeof(a.addr); /* as accept(2) and others leave it */
		assert_int_equal(endpoint_same(&a, &b), rows[i].same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unix_sockets_are_absolute_paths),
		cmocka_unit_test(inet_sockets_are_addresses_with_a_port),
		cmocka_unit_test(places_compare_whatever_wrote_them),
		cmocka_unit_test(anything_else_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
