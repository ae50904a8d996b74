/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugin/metrics.h"

static int ask(const char *text)
{
	bool body;

	return metrics_request(text, strlen(text), &body);
}

static void one_place_is_served_in_every_spelling_of_http_1(void **state)
{
	static const char *const good[] = {
		"GET /metrics HTTP/1.0\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: localhost:9461\r\n\r\n",
		"GET /metrics HTTP/1.1\nhost:\n\n",
		"GET /metrics?name[]=a&b=/other HTTP/1.0\r\nAccept: */*\r\n\r\n",
		"GET http://127.0.0.1:9461/metrics HTTP/1.1\r\nHost: 127.0.0.1:9461\r\n\r\n",
		"GET HTTP://x/metrics? HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: a b\tc\xff\r\n\r\nwhat follows",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(ask(good[i]), 200);
}

static void other_places_are_not_found(void **state)
{
	static const char *const other[] = {
		"/", "/metrics/", "/metric", "/metricsx", "//metrics", "/Metrics", "/%6detrics",
		"metrics", "*", "http://x", "http://metrics", "http:///", "https://x/metrics",
		"/x?/metrics", "/metrics#x",
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n\r\n", other[i]);
		assert_int_equal(ask(text), 404);
	}
}

static void other_methods_are_refused(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "get", "GETS", "OPTIONS", "X-Y!" };
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		snprintf(text, sizeof(text), "%s /metrics HTTP/1.0\r\n\r\n", methods[i]);
		assert_int_equal(ask(text), 405);
	}
}

static void what_is_no_request_is_a_bad_one(void **state)
{
	static const char *const bad[] = {
		"\r\n\r\n", "GET\r\n\r\n", "GET /metrics\r\n\r\n", "GET  /metrics HTTP/1.0\r\n\r\n",
		"GET /metrics HTTP/1.0 \r\n\r\n", "GET /metrics HTTP/11\r\n\r\n",
		"GET /metrics http/1.0\r\n\r\n", "G(T /metrics HTTP/1.0\r\n\r\n",
		" /metrics HTTP/1.0\r\n\r\n", "GET /met\trics HTTP/1.0\r\n\r\n",
		"GET /metr\xc3\xa9 HTTP/1.0\r\n\r\n",
		/* fields */
		"GET /metrics HTTP/1.1\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
		"GET /metrics HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n",
		"GET /metrics HTTP/1.0\r\nno colon\r\n\r\n",
		"GET /metrics HTTP/1.0\r\n: x\r\n\r\n",
		"GET /metrics HTTP/1.0\r\nA : x\r\n\r\n",
		"GET /metrics HTTP/1.0\r\nA: x\r\n folded\r\n\r\n",
		"GET /metrics HTTP/1.0\r\nA: x\ry\r\n\r\n",
		"\x16\x03\x01\x02\n\n", /* somebody speaks TLS */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ask(bad[i]), 400);
	assert_int_equal(ask("GET /metrics HTTP/2.0\r\n\r\n"), 505);
	assert_int_equal(ask("GET /metrics HTTP/0.9\r\n\r\n"), 505);
}

static void a_field_with_a_nul_is_bad(void **state)
{
	static const char text[] = "GET /metrics HTTP/1.0\r\nA: x\0y\r\n\r\n";
	bool body;

	(void)state;
	assert_int_equal(metrics_request(text, sizeof(text) - 1, &body), 400);
}

static void head_wants_no_body_also_of_an_error(void **state)
{
	static const char *const heads[] = {
		"HEAD /metrics HTTP/1.0\r\n\r\n", "HEAD / HTTP/1.0\r\n\r\n",
		"HEAD /metrics HTTP/1.1\r\n\r\n",
	};
	static const int status[] = { 200, 404, 400 };
	bool body;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(metrics_request(heads[i], strlen(heads[i]), &body), status[i]);
		assert_false(body);
	}
	assert_int_equal(metrics_request("GET / HTTP/1.0\n\n", 16, &body), 404);
	assert_true(body);
}

static void a_request_may_come_octet_by_octet(void **state)
{
	static const char text[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
	bool body;

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_int_equal(metrics_request(text, len, &body), 0);
	assert_int_equal(metrics_request(text, sizeof(text) - 1, &body), 200);
}

static void a_head_has_8_kib_at_most(void **state)
{
	static const char line[] = "GET /metrics HTTP/1.0\r\nA: ";
	char *text = malloc(METRICS_HEAD + 1);
	bool body;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', METRICS_HEAD + 1);
	memcpy(text, line, strlen(line));
	memcpy(text + METRICS_HEAD - 2, "\n\n", 2);
	assert_int_equal(metrics_request(text, METRICS_HEAD - 1, &body), 0);
	assert_int_equal(metrics_request(text, METRICS_HEAD, &body), 200);
	memcpy(text + METRICS_HEAD - 2, "x\n\n", 3);
	assert_int_equal(metrics_request(text, METRICS_HEAD, &body), 431);
	assert_int_equal(metrics_request(text, METRICS_HEAD + 1, &body), 431);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_place_is_served_in_every_spelling_of_http_1),
		cmocka_unit_test(other_places_are_not_found),
		cmocka_unit_test(other_methods_are_refused),
		cmocka_unit_test(what_is_no_request_is_a_bad_one),
		cmocka_unit_test(a_field_with_a_nul_is_bad),
		cmocka_unit_test(head_wants_no_body_also_of_an_error),
		cmocka_unit_test(a_request_may_come_octet_by_octet),
		cmocka_unit_test(a_head_has_8_kib_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
