/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "plugin/socketmap.h"

static struct socketmap_request parse(const char *text)
{
	return socketmap_parse(text, strlen(text));
}

static void map_names_compare_without_case(void **state)
{
	static const struct {
		const char *request;
		enum socketmap_form want;
	} tests[] = {
		{ "QUERY example.com", SOCKETMAP_QUERY },
		{ "query example.com", SOCKETMAP_QUERY },
		{ "postfix example.com", SOCKETMAP_PLAIN },
		{ "POSTFIX example.com", SOCKETMAP_PLAIN },
		{ "QUERYwithTLSRPT example.com", SOCKETMAP_TLSRPT },
		{ "querywithtlsrpt example.com", SOCKETMAP_TLSRPT },
		{ "tlsrpt example.com", SOCKETMAP_TLSRPT },
		{ "TLSRPT example.com", SOCKETMAP_TLSRPT },
		{ "QUERYx example.com", SOCKETMAP_UNKNOWN },
		{ "QUER example.com", SOCKETMAP_UNKNOWN },
		{ " example.com", SOCKETMAP_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tests); i++) {
		struct socketmap_request r = parse(tests[i].request);

		assert_int_equal(r.form, tests[i].want);
		assert_int_equal(r.key_len, 11);
		assert_memory_equal(r.key, "example.com", 11);
	}
}

static void key_is_all_behind_the_first_blank(void **state)
{
	struct socketmap_request r = parse("QUERY  a b");

	(void)state;
	assert_int_equal(r.key_len, 4);
	assert_memory_equal(r.key, " a b", 4);
	assert_int_equal(parse("QUERY ").key_len, 0);
	assert_int_equal(parse("QUERY ").form, SOCKETMAP_QUERY);
}

static void request_without_a_blank_is_one_without_a_key(void **state)
{
	struct socketmap_request r = parse("QUERY");
	char out[100];

	(void)state;
	assert_int_equal(r.form, SOCKETMAP_NO_KEY);
	assert_int_equal(r.key_len, 0);
	socketmap_refuse(&r, out, sizeof(out));
	assert_string_equal(out, "PERM request without a key");
	assert_int_equal(parse("").form, SOCKETMAP_NO_KEY);
	assert_int_equal(parse("nosuch").form, SOCKETMAP_NO_KEY);
}

static void refusal_names_the_map_and_nothing_hostile(void **state)
{
	char out[100], long_name[400];
	struct socketmap_request r = parse("nosuch key");

	(void)state;
	assert_int_equal(socketmap_refuse(&r, out, sizeof(out)), 25);
	assert_string_equal(out, "PERM unknown map \"nosuch\"");
	r = parse("a\033[31m\r\n key");
	socketmap_refuse(&r, out, sizeof(out));
	assert_string_equal(out, "PERM unknown map \"a?[31m??\"");
	memset(long_name, 'x', sizeof(long_name));
	long_name[300] = ' ';
	r = socketmap_parse(long_name, sizeof(long_name));
	assert_true(socketmap_refuse(&r, out, sizeof(out)) < 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_names_compare_without_case),
		cmocka_unit_test(key_is_all_behind_the_first_blank),
		cmocka_unit_test(request_without_a_blank_is_one_without_a_key),
		cmocka_unit_test(refusal_names_the_map_and_nothing_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
