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
#include "parse/mxpattern.h"

static void s16_patterns_get_their_one_spelling(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: not valid */
	} rows[] = {
		{ "mx.example.com", "mx.example.com" },
		{ "MX.Example.COM.", "mx.example.com" },
		{ "*.Example.com", "*.example.com" },
		{ "*.example.com.", "*.example.com" },
		{ "*.com", "*.com" },
		{ "mail", "mail" },
		{ "*.xn--bcher-kva.example", "*.xn--bcher-kva.example" },
		{ "*", NULL }, { "*.", NULL }, { "", NULL }, { ".", NULL }, { "*..a", NULL },
		{ "*.*.example.com", NULL }, { "mx.*.example.com", NULL },
		{ "mx*.example.com", NULL }, { "*mx.example.com", NULL },
		{ "example.*", NULL }, { ".example.com", NULL }, { "**.example.com", NULL },
		{ "b\xc3\xbc" "cher.example", NULL }, { "*.b\xc3\xbc" "cher.example", NULL },
		{ "example.com..", NULL }, { "mx.example.com:25", NULL }, { "a b.example", NULL },
		{ "192.0.2.1", NULL }, { "[192.0.2.1]", NULL }, { "-a.example", NULL },
		{ "a,b", NULL }, { "a=b", NULL }, { "{a}", NULL },
	};
	char out[256];
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		memset(out, 'x', sizeof(out));
		r = mxpattern_parse(out, rows[i].text, strlen(rows[i].text));
		assert_int_equal(r, rows[i].want == NULL ? DANESTS_EINVAL : DANESTS_OK);
		if (r == DANESTS_OK)
			assert_string_equal(out, rows[i].want);
		else
			assert_int_equal(out[0], 'x');
	}
	assert_int_equal(mxpattern_parse(out, "a\0b", 3), DANESTS_EINVAL);
}

static void the_longest_pattern_fits(void **state)
{
	char text[255], out[256];
	size_t i;

	(void)state;
	memcpy(text, "*.", 2);
	for (i = 0; i < 253; i++)
		text[2 + i] = i % 64 == 63 ? '.' : 'a';
	assert_int_equal(mxpattern_parse(out, text, 255), DANESTS_OK);
	assert_int_equal(strlen(out), 255);
}

static void s17_a_star_is_exactly_one_whole_label(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool want;
	} rows[] = {
		{ "mx.example.com", "mx.example.com", true },
		{ "mx.example.com", "mx2.example.com", false },
		{ "mx.example.com", "a.mx.example.com", false },
		{ "*.example.com", "mx.example.com", true },
		{ "*.example.com", "xn--bcher-kva.example.com", true },
		{ "*.example.com", "example.com", false },
		{ "*.example.com", "a.b.example.com", false },
		{ "*.example.com", "mxexample.com", false },
		{ "*.example.com", "mx.example.com.evil", false },
		{ "*.example.com", "mx.example.org", false },
		{ "*.com", "example.com", true },
		{ "*.com", "com", false },
		{ "*.example.com", ".example.com", false },
		{ "*.example.com", "", false },
		{ "", "", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(mxpattern_match(rows[i].pattern, rows[i].host), rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s16_patterns_get_their_one_spelling),
		cmocka_unit_test(the_longest_pattern_fits),
		cmocka_unit_test(s17_a_star_is_exactly_one_whole_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
