/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/span.h"

static void reads_big_endian_in_order(void **state)
{
	const uint8_t data[] = { 1, 2, 3, 0xff, 0xfe, 0xfd, 0xfc, 9, 8 };
	struct span s = span_of(data, sizeof(data));
	const uint8_t *rest;
	size_t len;

	(void)state;
	assert_int_equal(span_u8(&s), 1);
	assert_int_equal(span_u16(&s), 0x0203);
	assert_true(span_u32(&s) == UINT32_C(0xfffefdfc));
	assert_int_equal(span_left(&s), 2);
	rest = span_rest(&s, &len);
	assert_ptr_equal(rest, data + 7);
	assert_int_equal(len, 2);
	assert_int_equal(span_left(&s), 0);
	assert_false(s.bad);
}

static void reading_past_the_end_yields_zeros_and_stays_bad(void **state)
{
	const uint8_t data[] = { 7, 7, 7 };
	struct span s = span_of(data, sizeof(data));
	size_t len = 99;

	(void)state;
	assert_int_equal(span_u32(&s), 0);
	assert_true(s.bad);
	assert_int_equal(span_u8(&s), 0); /* though three octets are there */
	assert_null(span_take(&s, 0));
	(void)span_rest(&s, &len);
	assert_int_equal(len, 0);
}

static void take_gives_exactly_what_is_there(void **state)
{
	const uint8_t data[] = { 1, 2 };
	struct span s = span_of(data, sizeof(data));

	(void)state;
	assert_ptr_equal(span_take(&s, 2), data);
	assert_ptr_equal(span_take(&s, 0), data + 2);
	assert_false(s.bad);
	assert_null(span_take(&s, 1));
	assert_true(s.bad);
}

static void nothing_at_all_is_an_empty_span(void **state)
{
	struct span s = span_of(NULL, 0);
	size_t len = 5;

	(void)state;
	assert_int_equal(span_left(&s), 0);
	assert_null(span_rest(&s, &len));
	assert_int_equal(len, 0);
	assert_int_equal(span_u8(&s), 0);
	assert_true(s.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_big_endian_in_order),
		cmocka_unit_test(reading_past_the_end_yields_zeros_and_stays_bad),
		cmocka_unit_test(take_gives_exactly_what_is_there),
		cmocka_unit_test(nothing_at_all_is_an_empty_span),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
