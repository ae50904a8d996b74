/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc.h"

/* As the definition says, a bit at a time. */
static uint32_t slowly(const uint8_t *p, size_t len)
{
	uint32_t crc = ~UINT32_C(0);

	while (len-- > 0) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
	}
	return ~crc;
}

static void the_check_value_is_that_of_the_standard(void **state)
{
	uint8_t zero[32] = {0};

	(void)state;
	assert_int_equal(crc32c(0, "123456789", 9), UINT32_C(0xe3069283));
	assert_int_equal(crc32c(0, zero, sizeof(zero)), UINT32_C(0x8a9136aa)); /* RFC 3720 B.4 */
	assert_int_equal(crc32c(0, "", 0), 0);
}

static void any_length_at_any_place_is_as_slowly(void **state)
{
	uint8_t data[300];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 167 + (i >> 3));
	for (size_t at = 0; at < 9; at++) {
		for (size_t len = 0; at + len < sizeof(data); len++)
			assert_int_equal(crc32c(0, data + at, len), slowly(data + at, len));
	}
}

static void parts_add_up(void **state)
{
	const char *text = "version: STSv1\nmode: enforce\nmx: mail.example.com\n";
	size_t len = strlen(text);

	(void)state;
	for (size_t cut = 0; cut <= len; cut++)
		assert_int_equal(crc32c(crc32c(0, text, cut), text + cut, len - cut),
		    crc32c(0, text, len));
}

static void numbers_lie_little_end_first(void **state)
{
	uint8_t p[8];

	(void)state;
	le_set64(p, UINT64_C(0x0102030405060708));
	assert_int_equal(p[0], 8);
	assert_int_equal(p[7], 1);
	assert_int_equal(le_get32(p + 4), 0x01020304);
	assert_true(le_get64(p) == UINT64_C(0x0102030405060708));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_value_is_that_of_the_standard),
		cmocka_unit_test(any_length_at_any_place_is_as_slowly),
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(numbers_lie_little_end_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
