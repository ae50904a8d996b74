/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void classes_are_ascii_only_for_every_octet(void **state)
{
	int i;

	(void)state;
	for (i = -128; i < 256; i++) {
		char c = (char)i;
		unsigned char u = (unsigned char)c;

		assert_true(text_is_digit(c) == (u >= '0' && u <= '9'));
		assert_true(text_is_upper(c) == (u >= 'A' && u <= 'Z'));
		assert_true(text_is_alpha(c) == ((u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z')));
		assert_int_equal((unsigned char)text_lower(c), u >= 'A' && u <= 'Z' ? u + 32 : u);
	}
}

static void comparison_ignores_ascii_case_and_nothing_else(void **state)
{
	(void)state;
	assert_true(text_equal_nocase("SmTp", "sMtP"));
	assert_true(text_equal_nocase("", ""));
	assert_false(text_equal_nocase("smtp", "smtps"));
	assert_false(text_equal_nocase("smtps", "smtp"));
	assert_false(text_equal_nocase("@", "`"));
	assert_false(text_equal_nocase("[", "{"));
	assert_false(text_equal_nocase("\xc4", "\xe4"));
	assert_true(text_equal_nocase_n("smtpXX", 4, "SMTP"));
	assert_false(text_equal_nocase_n("smtp", 3, "smtp"));
	assert_false(text_equal_nocase_n("ab\0d", 4, "ab"));
}

static void numbers_are_digits_within_bounds(void **state)
{
	static const struct {
		const char *text;
		uint64_t min, max;
		bool ok;
		uint64_t want;
	} rows[] = {
		{ "0", 0, 9, true, 0 },
		{ "007", 0, 9, true, 7 },
		{ "65535", 1, 65535, true, 65535 },
		{ "65536", 1, 65535, false, 0 },
		{ "0", 1, 65535, false, 0 },
		{ "18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", 0, UINT64_MAX, false, 0 },
		{ "99999999999999999999", 0, UINT64_MAX, false, 0 },
		{ "000000000000000000001", 0, UINT64_MAX, false, 0 }, /* 21 digits */
		{ "", 0, 9, false, 0 },
		{ "+1", 0, 9, false, 0 },
		{ "-1", 0, 9, false, 0 },
		{ " 1", 0, 9, false, 0 },
		{ "1 ", 0, 9, false, 0 },
		{ "1e1", 0, 99, false, 0 },
	};
	uint64_t got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = 77;
		assert_int_equal(text_number(rows[i].text, strlen(rows[i].text), rows[i].min,
		    rows[i].max, &got), rows[i].ok);
		assert_true(got == (rows[i].ok ? rows[i].want : 77));
	}
}

static void a_copy_for_people_is_printable_and_cut(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(text_printable(out, sizeof(out), "a\0\n\x7f\xc3~ ", 7), 7);
	assert_string_equal(out, "a????~ ");
	assert_int_equal(text_printable(out, sizeof(out), "123456789", 9), 7);
	assert_string_equal(out, "1234567");
	assert_int_equal(text_printable(out, 1, "abc", 3), 0);
	assert_string_equal(out, "");
	out[0] = 'x';
	assert_int_equal(text_printable(out, 0, "abc", 3), 0);
	assert_int_equal(out[0], 'x');
}

static void a_cut_format_ends_with_dots(void **state)
{
	char out[8] = "xxxxxxx";

	(void)state;
	text_format(out, sizeof(out), "%s", "1234567");
	assert_string_equal(out, "1234567");
	text_format(out, sizeof(out), "%s", "12345678");
	assert_string_equal(out, "1234...");
	text_format(out, 3, "%s", "abcdef");
	assert_string_equal(out, "ab");
	text_format(out, 0, "%s", "never");
	assert_string_equal(out, "ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_ascii_only_for_every_octet),
		cmocka_unit_test(comparison_ignores_ascii_case_and_nothing_else),
		cmocka_unit_test(numbers_are_digits_within_bounds),
		cmocka_unit_test(a_copy_for_people_is_printable_and_cut),
		cmocka_unit_test(a_cut_format_ends_with_dots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
