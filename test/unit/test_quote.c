/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/quote.h"

static void lines_that_postfix_takes(void **state)
{
	static const char *const good[] = {
		"version: STSv1", "x", " x ", "~", "x: b\xc3\xbc" "cher", "\xe2\x82\xac",
		"\xf0\x9f\x93\xa7", "\xf4\x8f\xbf\xbf", "\xc2\xa0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(quote_allowed(good[i], strlen(good[i])));
}

static void lines_that_would_stop_mail(void **state)
{
	static const char *const bad[] = {
		"", " ", "   ", "a{b", "a}b", "a\tb", "a\rb", "\x7f", "\x01",
		"\xc2\x85",                             /* a control character, C1 */
		"\x80", "\xff", "\xc3", "\xc3(", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
		"\xe2\x82", "\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(quote_allowed(bad[i], strlen(bad[i])));
	assert_false(quote_allowed("a\0b", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_postfix_takes),
		cmocka_unit_test(lines_that_would_stop_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
