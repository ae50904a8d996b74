/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tools/report/sheet.h"

static const struct sheet_column columns[] = { { "Name", false }, { "Count", true } };

static void cells_come_back_as_they_went_in(void **state)
{
	struct sheet s;

	(void)state;
	sheet_init(&s, "Things", columns, COUNT_OF(columns));
	for (uint64_t i = 0; i < 1000; i++) {
		sheet_text(&s, i % 3 == 0 ? SLICE("") : (struct slice){ "a\0b", i % 4 });
		sheet_number(&s, i == 999 ? UINT64_MAX : i * i);
	}
	assert_false(s.bad);
	assert_int_equal(sheet_rows(&s), 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_true(slice_equal(sheet_cell(&s, i, 0),
		    i % 3 == 0 ? SLICE("") : (struct slice){ "a\0b", i % 4 }));
	assert_true(slice_equal(sheet_cell(&s, 0, 1), SLICE("0")));
	assert_true(slice_equal(sheet_cell(&s, 10, 1), SLICE("100")));
	assert_true(slice_equal(sheet_cell(&s, 999, 1), SLICE("18446744073709551615")));
	sheet_free(&s);
}

static void empty_cells_are_cells(void **state)
{
	struct sheet s;

	(void)state;
	sheet_init(&s, "Things", columns, COUNT_OF(columns));
	assert_int_equal(sheet_rows(&s), 0);
	for (int i = 0; i < 4; i++)
		sheet_text(&s, (struct slice){ NULL, 0 });
	assert_int_equal(sheet_rows(&s), 2);
	assert_int_equal(sheet_cell(&s, 1, 1).len, 0);
	sheet_free(&s);
}

static void a_cell_that_does_not_fit_makes_the_sheet_bad_for_good(void **state)
{
	struct sheet s;

	(void)state;
	sheet_init(&s, "Things", columns, COUNT_OF(columns));
	sheet_text(&s, (struct slice){ "x", SIZE_MAX });
	assert_true(s.bad);
	sheet_text(&s, SLICE("x"));
	sheet_number(&s, 1);
	assert_true(s.bad);
	assert_int_equal(s.count, 0);
	sheet_free(&s);
}

static void a_zeroed_sheet_and_none_are_freed(void **state)
{
	struct sheet s = {0};

	(void)state;
	assert_int_equal(sheet_rows(&s), 0);
	sheet_free(&s);
	sheet_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_come_back_as_they_went_in),
		cmocka_unit_test(empty_cells_are_cells),
		cmocka_unit_test(a_cell_that_does_not_fit_makes_the_sheet_bad_for_good),
		cmocka_unit_test(a_zeroed_sheet_and_none_are_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
