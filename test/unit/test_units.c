/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "base/units.h"

static void times_take_every_unit_of_main_cf(void **state)
{
	static const struct { const char *text; int64_t ms; } good[] = {
		{ "0", 0 }, { "25", 25000 }, { "25s", 25000 }, { "5m", 300000 }, { "1H", 3600000 },
		{ "1d", 86400000 }, { "2w", 1209600000 }, { "600ms", 600 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		int64_t ms = -1;

		assert_true(units_time(good[i].text, &ms));
		assert_int_equal(ms, good[i].ms);
	}
}

static void what_is_no_time_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"", "s", "-1s", "+1s", " 1s", "1 s", "1y", "1.5h", "99999999999999999999", "4000d",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		int64_t ms = -1;

		assert_false(units_time(bad[i], &ms));
		assert_int_equal(ms, -1);
	}
}

static void sizes_take_k_m_and_g(void **state)
{
	uint64_t size = 0;

	(void)state;
	assert_true(units_size("65536", &size));
	assert_int_equal(size, 65536);
	assert_true(units_size("64K", &size));
	assert_int_equal(size, 65536);
	assert_true(units_size("256m", &size));
	assert_int_equal(size, 256 << 20);
	assert_true(units_size("1G", &size));
	assert_int_equal(size, 1 << 30);
	assert_false(units_size("2000G", &size));
	assert_false(units_size("1T", &size));
	assert_int_equal(size, 1 << 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_take_every_unit_of_main_cf),
		cmocka_unit_test(what_is_no_time_changes_nothing),
		cmocka_unit_test(sizes_take_k_m_and_g),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
