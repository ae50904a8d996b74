/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"

static void every_octet_survives_the_round_trip(void **state)
{
	uint8_t data[256], back[256];
	char text[513];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	hex_encode(text, data, sizeof(data));
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102", 6);
	assert_string_equal(text + 506, "fdfeff");
	assert_true(hex_decode(back, sizeof(back), text, 512));
	assert_memory_equal(data, back, sizeof(data));
}

static void either_case_is_read(void **state)
{
	uint8_t out[2];

	(void)state;
	assert_true(hex_decode(out, 2, "aBCd", 4));
	assert_memory_equal(out, "\xab\xcd", 2);
}

static void anything_else_is_refused_and_writes_nothing(void **state)
{
	static const char *const bad[] = {
		"abc", "abcdef", "", "ab g", "0x12", "ab:c", "a/cd", "ab@d",
	};
	uint8_t out[2] = { 1, 2 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(hex_decode(out, 2, bad[i], strlen(bad[i])));
		assert_memory_equal(out, "\1\2", 2);
	}
	assert_true(hex_decode(out, 0, "", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_octet_survives_the_round_trip),
		cmocka_unit_test(either_case_is_read),
		cmocka_unit_test(anything_else_is_refused_and_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
