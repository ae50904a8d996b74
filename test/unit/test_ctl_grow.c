/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/grow.h"

static void what_is_utf8_stays_and_other_octets_are_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" }, { "plain \"\\", "plain \"\\" }, { "\xc3\xbc", "\xc3\xbc" },
		{ "\xff" "a", "\\xffa" }, { "\xc0\xaf", "\\xc0\\xaf" }, { "\xe2\x82", "\\xe2\\x82" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		json_t *value = grow_text(cases[i].in);

		assert_string_equal(json_string_value(value), cases[i].out);
		assert_int_equal(grow_is_utf8(cases[i].in, strlen(cases[i].in)),
		    strcmp(cases[i].in, cases[i].out) == 0);
		json_decref(value);
	}
	assert_false(grow_is_utf8("a\0b", 3));
}

static void moments_are_read_as_they_are_written(void **state)
{
	static const time_t whens[] = { 0, 1, 951782400, 1785585600, 253402300799 };
	time_t again;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(whens); i++) {
		json_t *value = grow_moment(whens[i]);

		assert_true(grow_read_moment(json_string_value(value), &again));
		assert_true(again == whens[i]);
		json_decref(value);
	}
}

static void what_is_no_moment_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "2026", "2026-08-01T12:00:00", "2026-08-01 12:00:00Z", "2026-08-01T12:00:00Zx",
		"2026-13-01T12:00:00Z", "2026-00-01T12:00:00Z", "2026-06-31T12:00:00Z",
		"2026-02-29T12:00:00Z", "2026-08-01T24:00:00Z", "2026-08-01T12:60:00Z",
		"26-08-01T12:00:00Z", "-026-08-01T12:00:00Z", "2026-8-01T12:00:00Z",
		"2026-08-01T12:00:00+02:00", "2026-08-00T12:00:00Z",
		"1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z",
	};
	time_t when;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(grow_read_moment(bad[i], &when));
	assert_true(grow_read_moment("2024-02-29T12:00:00Z", &when));
}

static void lines_are_ascii_and_one_line(void **state)
{
	struct grow object = grow_object();
	struct buf out = {0};

	(void)state;
	grow_put(&object, "a", grow_text("x\n\xc3\xbc\x1b"));
	grow_put(&object, "n", grow_count(UINT64_MAX));
	grow_line(&out, grow_done(&object));
	assert_string_equal(out.data, "{\"a\":\"x\\n\\u00FC\\u001B\",\"n\":9223372036854775807}\n");
	buf_free(&out);
}

static size_t allowed, asked;

static void *scarce(size_t size)
{
	return asked++ < allowed ? malloc(size) : NULL;
}

static void without_memory_nothing_is_written(void **state)
{
	struct buf out = {0};

	(void)state;
	json_set_alloc_funcs(scarce, free);
	for (allowed = 0;; allowed++) {
		struct grow object, array;

		asked = 0;
		object = grow_object();
		array = grow_array();
		grow_add(&array, grow_text("b"));
		grow_put(&object, "a", grow_done(&array));
		grow_put(&object, "h", grow_hex((const uint8_t *)"\x01\xff", 2));
		grow_line(&out, grow_done(&object));
		if (asked <= allowed)
			break;
		assert_true(out.bad);
		buf_free(&out);
	}
	json_set_alloc_funcs(malloc, free);
	assert_true(allowed > 5);
	assert_string_equal(out.data, "{\"a\":[\"b\"],\"h\":\"01ff\"}\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_utf8_stays_and_other_octets_are_escaped),
		cmocka_unit_test(moments_are_read_as_they_are_written),
		cmocka_unit_test(what_is_no_moment_is_refused),
		cmocka_unit_test(lines_are_ascii_and_one_line),
		cmocka_unit_test(without_memory_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
