/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parse/der.h"

/* A certificate as far as the walk looks: body, algorithm, signature. */
static const uint8_t whole[] = {
	0x30, 0x20,
	0x30, 0x18, 0xa0, 0x03, 0x02, 0x01, 0x02, 0x02, 0x01, 0x07, 0x30, 0x00, 0x30, 0x01, 0xff,
	0x30, 0x00, 0x30, 0x00, 0x30, 0x02, 0xca, 0xfe, 0xa3, 0x01, 0x00,
	0x30, 0x00,
	0x03, 0x02, 0x00, 0x55,
};

static bool spki_is(const uint8_t *cert, size_t len, size_t at, size_t size)
{
	struct span spki;

	return der_spki(&spki, cert, len) && spki.p == cert + at && span_left(&spki) == size;
}

static void the_key_is_found_with_and_without_a_version(void **state)
{
	uint8_t old[sizeof(whole) - 5];

	(void)state;
	assert_true(spki_is(whole, sizeof(whole), 21, 4));
	memcpy(old, whole, 4);
	memcpy(old + 4, whole + 9, sizeof(whole) - 9);
	old[1] -= 5;
	old[3] -= 5;
	assert_true(spki_is(old, sizeof(old), 16, 4));
}

static void what_is_signed_is_the_first_part_as_it_stands_there(void **state)
{
	struct span body;

	(void)state;
	assert_true(der_body(&body, whole, sizeof(whole)));
	assert_ptr_equal(body.p, whole + 2);
	assert_int_equal(span_left(&body), 26);
	for (size_t len = 0; len < sizeof(whole); len++)
		assert_false(der_body(&body, whole, len));
}

static void a_part_that_is_cut_or_left_over_is_refused(void **state)
{
	uint8_t longer[sizeof(whole) + 1] = {0};
	struct span spki;

	(void)state;
	for (size_t len = 0; len < sizeof(whole); len++)
		assert_false(der_spki(&spki, whole, len));
	memcpy(longer, whole, sizeof(whole));
	assert_false(der_spki(&spki, longer, sizeof(longer)));
	longer[1]++; /* within the outermost */
	assert_false(der_spki(&spki, longer, sizeof(longer)));
	assert_false(der_spki(&spki, NULL, 0));
}

static void every_tag_on_the_way_counts(void **state)
{
	static const uint8_t tags[] = { 0, 2, 9, 12, 14, 17, 19, 21, 28, 30 };
	uint8_t bad[sizeof(whole)];
	struct span spki;

	(void)state;
	for (size_t i = 0; i < sizeof(tags); i++) {
		memcpy(bad, whole, sizeof(whole));
		bad[tags[i]] ^= 0x40;
		assert_false(der_spki(&spki, bad, sizeof(bad)));
	}
}

static void X690_10_1_a_length_has_one_spelling(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
		bool good;
	} table[] = {
		{ "\x30\x01x", 3, true },
		{ "\x30\x81\x01x", 4, false },
		{ "\x30\x80x", 3, false },        /* indefinite */
		{ "\x30\xff", 2, false },
		{ "\x30\x85\x00\x00\x00\x00\x01x", 8, false },
		{ "\x30\x82\x00\x01x", 5, false },
		{ "\x30\x84\xff\xff\xff\xff", 6, false },
		{ "\x30", 1, false },
		{ "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct span s = span_of(table[i].octets, table[i].len), in;

		in = der_take(&s, DER_SEQUENCE);
		assert_int_equal(!s.bad && !in.bad, table[i].good);
	}
}

static void lengths_of_several_octets_are_read(void **state)
{
	static uint8_t data[4 + 70000];
	struct span s = span_of(data, sizeof(data)), in;

	(void)state;
	memcpy(data, "\x30\x82\x01\x00", 4);
	in = der_take(&s, DER_SEQUENCE);
	assert_false(s.bad);
	assert_int_equal(span_left(&in), 256);
	memcpy(data, "\x30\x83\x01\x00\x00", 5);
	s = span_of(data, sizeof(data));
	in = der_take(&s, DER_SEQUENCE);
	assert_false(s.bad);
	assert_int_equal(span_left(&in), 65536);
	assert_ptr_equal(in.p, data + 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_is_found_with_and_without_a_version),
		cmocka_unit_test(what_is_signed_is_the_first_part_as_it_stands_there),
		cmocka_unit_test(a_part_that_is_cut_or_left_over_is_refused),
		cmocka_unit_test(every_tag_on_the_way_counts),
		cmocka_unit_test(X690_10_1_a_length_has_one_spelling),
		cmocka_unit_test(lengths_of_several_octets_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
