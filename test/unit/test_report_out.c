/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tools/report/sheet.h"
#include "tools/report/utf8.h"

#define RTL "\xe2\x80\xae" /* U+202E */
#define DOTS "\xe2\x80\xa6"
#define BAD "\xef\xbf\xbd"

static const struct sheet_column two[] = { { "Some Name", false }, { "Count of Them", true } };

/* One row of two columns. */
static struct sheet one_row(const char *cell, size_t len, uint64_t n)
{
	struct sheet s;

	sheet_init(&s, "A Title", two, COUNT_OF(two));
	sheet_text(&s, (struct slice){ cell, len });
	sheet_number(&s, n);
	assert_false(s.bad);
	return s;
}

enum format { CSV, JSON, TABLE };

static char *made(const struct sheet *s, enum format format, unsigned width)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	assert_true(format == CSV ? out_csv(s, to) : format == JSON ? out_json(s, to) :
	    out_table(s, to, width));
	fclose(to);
	return text;
}

static void csv_cells_are_quoted_where_needed_and_are_no_formulas(void **state)
{
	static const struct { const char *cell, *csv; } rows[] = {
		{ "plain", "plain" }, { "", "" }, { "two words", "two words" },
		{ "a,b", "\"a,b\"" }, { "say \"no\"", "\"say \"\"no\"\"\"" },
		{ " a", "\" a\"" }, { "a ", "\"a \"" }, { "'a", "'a" },
		{ "=1+1", "'=1+1" }, { "+1", "'+1" }, { "-1", "'-1" }, { "@a", "'@a" },
		{ "\t=1", "'?=1" }, { "\r=1", "'?=1" }, { "=a,\"b\"", "\"'=a,\"\"b\"\"\"" },
		{ " =1", "\" =1\"" }, { "a=1", "a=1" }, { "\"=1\"", "\"\"\"=1\"\"\"" },
		{ "a\nb\rc\x7f\x1b[0m", "a?b?c??[0m" }, { "\xc2\x85", "?" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xff", BAD }, { "a\xc3", "a" BAD }, { "\xe2\x82", BAD },
		{ "\xe2\x28\xa1", BAD "(" BAD },
		{ "\xed\xa0\x80", BAD BAD BAD }, { "\xc0\xaf", BAD BAD }, { "\xf4\x90\x80\x80",
			BAD BAD BAD BAD }, { "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "a" RTL "b", "a" RTL "b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sheet s = one_row(rows[i].cell, strlen(rows[i].cell), i);
		char want[128], *got = made(&s, CSV, 0);

		snprintf(want, sizeof(want), "Some Name,Count of Them\r\n%s,%zu\r\n",
		    rows[i].csv, i);
		assert_string_equal(got, want);
		free(got);
		sheet_free(&s);
	}
}

static void json_is_an_array_of_objects_with_numbers(void **state)
{
	struct sheet s = one_row("q\"\\/\n\xff=\x00" "x", 9, UINT64_MAX);
	char *got;

	(void)state;
	sheet_text(&s, SLICE("b"));
	sheet_number(&s, 0);
	got = made(&s, JSON, 0);
	assert_string_equal(got,
	    "[\n  { \"Some Name\": \"q\\\"\\\\/?" BAD "=?x\", \"Count of Them\": "
	    "18446744073709551615 },\n  { \"Some Name\": \"b\", \"Count of Them\": 0 }\n]\n");
	free(got);
	sheet_free(&s);
}

static void a_sheet_without_rows_has_its_header(void **state)
{
	static const char *const want[] = {
		"Some Name,Count of Them\r\n", "[]\n",
		"A Title\n\nSome    Count\nName  of Them\n----  -------\n(nothing)\n",
	};
	struct sheet s;

	(void)state;
	sheet_init(&s, "A Title", two, COUNT_OF(two));
	for (int f = CSV; f <= TABLE; f++) {
		char *got = made(&s, (enum format)f, 80);

		assert_string_equal(got, want[f]);
		free(got);
	}
	sheet_free(&s);
}

static void tables_are_aligned_and_show_what_would_hide(void **state)
{
	struct sheet s = one_row("b\xc3\xbc" "cher.example", 15, 5);
	char *got;

	(void)state;
	sheet_text(&s, SLICE("a" RTL "b\tc"));
	sheet_number(&s, 1234567890);
	got = made(&s, TABLE, 0);
	assert_string_equal(got,
	    "A Title\n\n"
	    "Some Name         Count of\n"
	    "                      Them\n"
	    "--------------  ----------\n"
	    "b\xc3\xbc" "cher.example           5\n"
	    "a<U+202E>b?c    1234567890\n");
	free(got);
	sheet_free(&s);
}

static void long_cells_are_cut_on_terminals_only(void **state)
{
	char cell[300];
	struct sheet s;
	char *got, *line;

	(void)state;
	for (size_t i = 0; i < sizeof(cell); i += 2)
		memcpy(cell + i, "\xc3\xbc", 2);
	s = one_row(cell, sizeof(cell), 7);
	got = made(&s, TABLE, 0);
	assert_non_null(strstr(got, "\xc3\xbc        7\n"));
	assert_null(strstr(got, DOTS));
	free(got);
	for (unsigned width = 19; width < 170; width++) {
		got = made(&s, TABLE, width);
		line = strrchr(got, '\n');
		*line = '\0';
		line = strrchr(got, '\n') + 1;
		assert_int_equal(utf8_length((struct slice){ line, strlen(line) }),
		    width < 159 ? width : 159);
		assert_int_equal(strstr(line, DOTS) != NULL, width < 157);
		free(got);
	}
	sheet_free(&s);
}

static void rows_are_lines_where_there_is_no_room_for_a_table(void **state)
{
	struct sheet s = one_row("long enough to be cut", 21, 1);

	(void)state;
	sheet_text(&s, SLICE("b"));
	sheet_number(&s, 2);
	for (unsigned width = 1; width < 19; width++) {
		char *got = made(&s, TABLE, width);

		assert_string_equal(got, "A Title\n\n"
		    "Some Name:     long enough to be cut\nCount of Them: 1\n\n"
		    "Some Name:     b\nCount of Them: 2\n");
		free(got);
	}
	sheet_free(&s);
}

static void a_stream_that_fails_is_told(void **state)
{
	struct sheet s = one_row("x", 1, 1);

	(void)state;
	for (int f = CSV; f <= TABLE; f++) {
		FILE *full = fopen("/dev/full", "w");
		bool good;

		if (full == NULL)
			skip();
		setvbuf(full, NULL, _IONBF, 0);
		errno = 0;
		good = f == CSV ? out_csv(&s, full) : f == JSON ? out_json(&s, full) :
		    out_table(&s, full, 80);
		assert_false(good);
		assert_int_equal(errno, ENOSPC);
		fclose(full);
	}
	sheet_free(&s);
}

/* Every character there is survives; every octet that is none does not. */
static void characters_come_back_as_they_were(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		struct buf b = {0};
		struct slice s;

		if (c == 0xd800)
			c = 0xe000;
		utf8_put(&b, c);
		s = (struct slice){ b.data, b.len };
		assert_int_equal(utf8_length(s), 1);
		assert_true(utf8_take(&s) == c);
		assert_int_equal(s.len, 0);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_cells_are_quoted_where_needed_and_are_no_formulas),
		cmocka_unit_test(json_is_an_array_of_objects_with_numbers),
		cmocka_unit_test(a_sheet_without_rows_has_its_header),
		cmocka_unit_test(tables_are_aligned_and_show_what_would_hide),
		cmocka_unit_test(long_cells_are_cut_on_terminals_only),
		cmocka_unit_test(rows_are_lines_where_there_is_no_room_for_a_table),
		cmocka_unit_test(a_stream_that_fails_is_told),
		cmocka_unit_test(characters_come_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
