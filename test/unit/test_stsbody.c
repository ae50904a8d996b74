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
#include "parse/stsbody.h"

#define V "version: STSv1\n"
#define M "mode: enforce\n"
#define A "max_age: 86400\n"
#define X "mx: mx.example.com\n"

static int parse(struct stsbody *out, const char *text, char why[STSBODY_WHY])
{
	return stsbody_parse(out, text, strlen(text), why);
}

static void the_example_of_rfc_8461_is_read(void **state)
{
	static const char text[] = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\n"
	    "mx: *.Example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n";
	struct stsbody body = {0};
	char why[STSBODY_WHY];

	(void)state;
	assert_int_equal(parse(&body, text, why), DANESTS_OK);
	assert_int_equal(body.mode, STSBODY_ENFORCE);
	assert_int_equal(body.max_age, 604800);
	assert_int_equal(body.warnings, 0);
	assert_int_equal(body.mx_count, 3);
	assert_string_equal(body.mx[0], "mail.example.com");
	assert_string_equal(body.mx[1], "*.example.net");
	assert_string_equal(body.mx[2], "backupmx.example.com");
	assert_string_equal(why, "");
	stsbody_free(&body);
	assert_null(body.mx);
	stsbody_free(&body);
	stsbody_free(NULL);
}

static void s15_what_is_valid(void **state)
{
	enum {
		NONE = STSBODY_NONE, TESTING = STSBODY_TESTING, ENFORCE = STSBODY_ENFORCE,
		BLANK = STSBODY_WARN_BLANK_LINE, CLAMPED = STSBODY_WARN_MAX_AGE_CLAMPED,
		DOT = STSBODY_WARN_FINAL_DOT, ADDRESS = STSBODY_WARN_ADDRESS,
	};
	static const struct {
		const char *text;
		int mode;
		uint32_t max_age;
		size_t mx;
		unsigned warnings;
	} rows[] = {
		{ V M A X, ENFORCE, 86400, 1, 0 },
		{ A X M V, ENFORCE, 86400, 1, 0 },
		{ X V "mode:testing\nmax_age:1", TESTING, 1, 1, 0 },
		{ V "mode: none\nmax_age: 0", NONE, 0, 0, 0 },
		{ V "mode: none\nmax_age: 0\n" X, NONE, 0, 1, 0 },
		{ "version:STSv1 \t\r\nmode:\t enforce \nmax_age: 86400\t\n" X,
		    ENFORCE, 86400, 1, 0 },
		{ V M X X A, ENFORCE, 86400, 2, 0 },
		/* S5, 5.7: the first counts, later ones are not looked at */
		{ V M A X "version: 2\nmode: Junk\nmax_age: x\nmode:\n", ENFORCE, 86400, 1, 0 },
		/* extensions */
		{ V M A X "x-1_a.b: some words\nMode: none\nmx2: a b\n", ENFORCE, 86400, 1, 0 },
		{ V M A X "note: b\xc3\xbc" "cher:=;\n", ENFORCE, 86400, 1, 0 },
		/* 5.6 */
		{ V "\n" M A X "\r\n", ENFORCE, 86400, 1, BLANK },
		{ V M A X " \t", ENFORCE, 86400, 1, BLANK },
		/* 5.8 */
		{ V M X "max_age: 31557600", ENFORCE, 31557600, 1, 0 },
		{ V M X "max_age: 31557601", ENFORCE, 31557600, 1, CLAMPED },
		{ V M X "max_age: 9999999999", ENFORCE, 31557600, 1, CLAMPED },
		{ V M X "max_age: 4294967296", ENFORCE, 31557600, 1, CLAMPED },
		{ V M X "max_age: 0000000007", ENFORCE, 7, 1, 0 },
		/* S16 */
		{ V M A "mx: *.com\n", ENFORCE, 86400, 1, 0 },
		{ V M A "mx: mx.example.com.\n", ENFORCE, 86400, 1, DOT },
		{ V M A "mx: [192.0.2.1]\n", ENFORCE, 86400, 1, ADDRESS },
		{ V M A "mx: 192.0.2.1\n" X, ENFORCE, 86400, 2, ADDRESS },
		{ V M A "mx: [IPv6:2001:DB8::1]\n", ENFORCE, 86400, 1, ADDRESS },
	};
	char why[STSBODY_WHY];
	struct stsbody body;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		if (parse(&body, rows[i].text, why) != DANESTS_OK)
			fail_msg("row %zu: %s", i, why);
		assert_int_equal(body.mode, rows[i].mode);
		assert_int_equal(body.max_age, rows[i].max_age);
		assert_int_equal(body.mx_count, rows[i].mx);
		assert_int_equal(body.warnings, rows[i].warnings);
		stsbody_free(&body);
	}
}

static void s15_s16_what_is_not_and_why(void **state)
{
	static const struct {
		const char *text, *why; /* why: the beginning of it */
	} rows[] = {
		{ "", "version is missing" },
		{ M A X, "version is missing" },
		{ V A X, "mode is missing" },
		{ V M X, "max_age is missing" },
		{ V M A, "mx is missing" },
		{ V "mode: testing\n" A, "mx is missing" },
		{ "version: STSv2\n" M A X, "line 1: version" },
		{ "version: stsv1\n" M A X, "line 1: version" },
		{ "version: STSv1;\n" M A X, "line 1: version" },
		{ "version:\n" V M A X, "line 1: version" },
		{ V "mode: Enforce\n" A X, "line 2: mode" },
		{ V "mode: enforced\n" A X, "line 2: mode" },
		{ V "mode:\n" M A X, "line 2: mode" },
		{ V M "max_age:\n" X, "line 3: max_age" },
		{ V M "max_age: 1 day\n" X, "line 3: max_age" },
		{ V M "max_age: -1\n" X, "line 3: max_age" },
		{ V M "max_age: +1\n" X, "line 3: max_age" },
		{ V M "max_age: 1.5\n" X, "line 3: max_age" },
		{ V M "max_age: 0x10\n" X, "line 3: max_age" },
		{ V M "max_age: 00000000001\n" X, "line 3: max_age" }, /* 11 digits */
		{ V M A "mx:\n", "line 4: mx" },
		{ V M A X "mx: *\n", "line 5: mx" },
		{ V M A "mx: *.*.example.com\n", "line 4: mx" },
		{ V M A "mx: a.example, b.example\n", "line 4: mx" },
		{ V M A "mx: b\xc3\xbc" "cher.example\n", "line 4: mx" },
		{ V M A "mx: mx.example.com..\n", "line 4: mx" },
		{ V M A "mx: .example.com\n", "line 4: mx" },
		{ V M A "mx: [mx.example.com]\n", "line 4: mx" },
		{ V M A "mx: 2001:db8::1\n", "line 4: mx" },
		{ V M A "mx: [192.0.2.999]\n", "line 4: mx" },
		{ V M A "mx: 999.0.2.1\n", "line 4: mx" },
		{ V "mode: none\n" A "mx: *\n", "line 4: mx" },
		{ V M A X "hello\n", "line 5: no colon" },
		{ V M A X "mode\n", "line 5: no colon" },
		{ V M A X " x: y\n", "line 5: the name" },
		{ V M A X "x : y\n", "line 5: the name" },
		{ V M A X "-x: y\n", "line 5: the name" },
		{ V M A X ": y\n", "line 5: the name" },
		{ V M A X "abcdefghijabcdefghijabcdefghij123: y\n", "line 5: the name" },
		{ "version : STSv1\n" M A X, "line 1: the name" },
		{ V M A X "x:\n", "line 5: the field has no value" },
		{ V M A X "x: \t\n", "line 5: the field has no value" },
		{ V M A X "x: a\tb\n", "line 5: a tab" },
		{ V M A X "x:\nx: 1\n", "line 5: the field has no value" },
		{ V M A X "x: a\001\n", "line 5: a control" },
		{ V M A X "x: a\177\n", "line 5: a control" },
		{ V M A X "x: a\r", "line 5: a carriage" },
		{ "version: STSv1\rmode: enforce\r", "line 1: a carriage" },
		{ V M A X "\r\r\n", "line 5: a carriage" },
		{ "\xef\xbb\xbf" V M A X, "begins with a byte order mark" },
		{ "<!DOCTYPE html>\n", "line 1: no colon" },
	};
	struct stsbody body, before;
	char why[STSBODY_WHY];
	size_t i;

	(void)state;
	memset(&body, 0x5a, sizeof(body));
	before = body;
	for (i = 0; i < COUNT_OF(rows); i++) {
		if (parse(&body, rows[i].text, why) != DANESTS_EINVAL)
			fail_msg("row %zu is accepted", i);
		if (strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("row %zu: %s", i, why);
		assert_memory_equal(&body, &before, sizeof(body));
	}
}

static void nul_octets_are_refused(void **state)
{
	static const char text[] = V M A X "x: a\0b\n";
	struct stsbody body = {0};
	char why[STSBODY_WHY];

	(void)state;
	assert_int_equal(stsbody_parse(&body, text, sizeof(text) - 1, why), DANESTS_EINVAL);
	assert_string_equal(why, "line 5: a control character");
	assert_int_equal(stsbody_parse(&body, V M A X, sizeof(V M A X), why), DANESTS_EINVAL);
}

/* S10 */
static void s10_the_limit_is_65536_octets(void **state)
{
	char *text = malloc(STSBODY_MAX + 1);
	struct stsbody body = {0};
	char why[STSBODY_WHY];
	size_t n = strlen(V M A);

	(void)state;
	assert_non_null(text);
	memcpy(text, V M A, n);
	while (n + 5 <= STSBODY_MAX + 1) {
		memcpy(text + n, "mx:a\n", 5);
		n += 5;
	}
	memset(text + n, ' ', STSBODY_MAX + 1 - n);
	assert_int_equal(stsbody_parse(&body, text, STSBODY_MAX, why), DANESTS_OK);
	assert_int_equal(body.mx_count, (n - strlen(V M A)) / 5);
	assert_int_equal(stsbody_parse(&(struct stsbody){0}, text, STSBODY_MAX + 1, why),
	    DANESTS_EINVAL);
	assert_string_equal(why, "longer than 65536 octets");
	stsbody_free(&body);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc_8461_is_read),
		cmocka_unit_test(s15_what_is_valid),
		cmocka_unit_test(s15_s16_what_is_not_and_why),
		cmocka_unit_test(nul_octets_are_refused),
		cmocka_unit_test(s10_the_limit_is_65536_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
