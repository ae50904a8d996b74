/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "danests.h"
#include "tools/report/view.h"

static struct slice cell(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void filters_match_as_their_column_says(void **state)
{
	static const struct {
		enum column column;
		bool starts;
		const char *text, *cell;
		bool passes;
	} rows[] = {
		{ COLUMN_DOMAIN, false, "example.com", "example.com", true },
		{ COLUMN_DOMAIN, false, "Example.COM.", "example.com", true },
		{ COLUMN_DOMAIN, false, "example.co", "example.com", false },
		{ COLUMN_DOMAIN, false, "example.com", "a.example.com", false },
		{ COLUMN_DOMAIN, false, "b\xc3\xbc" "cher.example", "xn--bcher-kva.example", true },
		{ COLUMN_DOMAIN, false, "[192.0.2.1]", "[192.0.2.1]", true },
		{ COLUMN_DOMAIN, false, "", "", true },
		{ COLUMN_DOMAIN, false, "", "a", false },
		{ COLUMN_DOMAIN, false, "Not A Name", "not a name", true },
		{ COLUMN_DOMAIN, false, "example.com:25", "example.com", false },
		{ COLUMN_DOMAIN, true, "Exam", "example.com", true },
		{ COLUMN_DOMAIN, true, "example.", "example.com", true },
		{ COLUMN_DOMAIN, true, "example.", "examples.com", false },
		{ COLUMN_DOMAIN, true, "b\xc3\xbc" "cher.", "xn--bcher-kva.example", true },
		{ COLUMN_DOMAIN, true, "b\xc3\xbc" "cher.", "xn--bcher-kvab.example", false },
		{ COLUMN_DOMAIN, true, "", "anything", true },
		{ COLUMN_DOMAIN, true, "example.com", "example", false },
		{ COLUMN_TYPE, false, "mta-sts", "MTA-STS", true },
		{ COLUMN_TYPE, false, "smtp dane", "SMTP DANE with DNSSEC", false },
		{ COLUMN_TYPE, true, "smtp dane", "SMTP DANE with DNSSEC and MTA-STS", true },
		{ COLUMN_ERROR, false, "4.7.323 tlsa-invalid", "4.7.323 tlsa-invalid", true },
		{ COLUMN_ERROR, false, "TLSA-invalid", "4.7.323 tlsa-invalid", true },
		{ COLUMN_ERROR, false, "4.7.323", "4.7.323 tlsa-invalid", true },
		{ COLUMN_ERROR, false, "4.7.32", "4.7.323 tlsa-invalid", false },
		{ COLUMN_ERROR, false, "tlsa", "4.7.323 tlsa-invalid", false },
		{ COLUMN_ERROR, true, "tlsa", "4.7.323 tlsa-invalid", true },
		{ COLUMN_ERROR, true, "4.7.32", "4.7.323 tlsa-invalid", true },
		{ COLUMN_ERROR, true, "5", "4.7.323 tlsa-invalid", false },
		{ COLUMN_ERROR, false, "4.7.323", "4.7.323", true },
		{ COLUMN_ERROR, true, "x", "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = {0};

		assert_int_equal(view_filter(&view, rows[i].column, rows[i].starts, rows[i].text),
		    DANESTS_OK);
		if (view_passes(&view, rows[i].column, cell(rows[i].cell)) != rows[i].passes)
			fail_msg("row %zu: \"%s\" and \"%s\"", i, rows[i].text, rows[i].cell);
		/* The other columns do not care. */
		for (int c = 0; c < COLUMN_COUNT; c++)
			if (c != (int)rows[i].column)
				assert_true(view_passes(&view, (enum column)c, cell("x")));
		view_free(&view);
	}
}

static void one_filter_of_a_column_is_enough(void **state)
{
	struct view view = {0};

	(void)state;
	assert_true(view_passes(&view, COLUMN_DOMAIN, cell("anything")));
	assert_int_equal(view_filter(&view, COLUMN_DOMAIN, false, "a.example"), DANESTS_OK);
	assert_int_equal(view_filter(&view, COLUMN_DOMAIN, true, "b"), DANESTS_OK);
	assert_true(view_passes(&view, COLUMN_DOMAIN, cell("a.example")));
	assert_true(view_passes(&view, COLUMN_DOMAIN, cell("b.example")));
	assert_false(view_passes(&view, COLUMN_DOMAIN, cell("c.example")));
	view_free(&view);
	assert_null(view.filters);
}

static void search_looks_into_every_cell_for_any_text(void **state)
{
	const struct slice cells[] = { cell("One"), { "t\0wo", 4 }, { NULL, 0 }, cell("tthree") };
	static const struct { const char *text; bool found; } rows[] = {
		{ "one", true }, { "ONE", true }, { "ne", true }, { "wo", true }, { "three", true },
		{ "onet", false }, { "four", false }, { "tthrees", false }, { "", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = {0};

		assert_true(view_found(&view, cells, COUNT_OF(cells)));
		assert_int_equal(view_search(&view, rows[i].text), DANESTS_OK);
		assert_int_equal(view_found(&view, cells, COUNT_OF(cells)), rows[i].found);
		assert_int_equal(view_search(&view, "four"), DANESTS_OK);
		assert_int_equal(view_found(&view, cells, COUNT_OF(cells)), rows[i].found);
		assert_int_equal(view_search(&view, "Tthree"), DANESTS_OK);
		assert_true(view_found(&view, cells, COUNT_OF(cells)));
		view_free(&view);
	}
	view_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_match_as_their_column_says),
		cmocka_unit_test(one_filter_of_a_column_is_enough),
		cmocka_unit_test(search_looks_into_every_cell_for_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
