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
		{ " =1", "' =1" }, { "\xef\xbb\xbf=1", "'\xef\xbb\xbf=1" },
		{ "\xef\xbc\x9d" "1", "'\xef\xbc\x9d" "1" }, { " ", "\" \"" },
		{ "\xe2\x88\x92" "1", "'\xe2\x88\x92" "1" }, { "a=1", "a=1" },
		{ "=1+1", "'=1+1" }, { "+1", "'+1" }, { "-1", "'-1" }, { "@a", "'@a" },
		{ "\t=1", "'?=1" }, { "\r=1", "'?=1" }, { "=a,\"b\"", "\"'=a,\"\"b\"\"\"" },
		{ "\"=1\"", "\"\"\"=1\"\"\"" },
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

/* What is not blank, in order. */
static void squeeze(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != ' ' && *text != '\n')
			*to++ = *text;
	*to = '\0';
}

static void expect_lines_within(const char *text, unsigned width)
{
	for (size_t len; *text != '\0'; text += len + 1) {
		len = strcspn(text, "\n");
		if (utf8_length((struct slice){ text, len }) > width)
			fail_msg("%u: \"%.*s\" is wider", width, (int)len, text);
	}
}

static void long_cells_go_on_in_the_next_line(void **state)
{
	struct sheet s = one_row("4.7.321 starttls-not-supported", 30, 5);
	char *got;

	(void)state;
	sheet_text(&s, SLICE("b"));
	sheet_number(&s, 70);
	sheet_text(&s, SLICE("Offer it to all,  and see to it."));
	sheet_number(&s, 8);
	got = made(&s, TABLE, 31);
	assert_string_equal(got,
	    "A Title\n\n"
	    "Some Name                 Count\n"
	    "                             of\n"
	    "                           Them\n"
	    "------------------------  -----\n"
	    "4.7.321                       5\n"
	    "starttls-not-supported\n"
	    "b                            70\n"
	    "Offer it to all,  and         8\n"
	    "see to it.\n");
	free(got);
	sheet_free(&s);
}

static void words_are_broken_where_nothing_else_helps_and_nothing_is_lost(void **state)
{
	static const char *const cells[] = {
		"boss.of.all.of.them@mail.example.com", "<20261122025051.ABCDEF@mail.example>",
		"", "one two three four five six seven eight nine ten", "a", "   lead and trail   ",
		"gr\xc3\xbc\xc3\x9f" "e\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f"
		"\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
	};
	static const struct sheet_column one[] = { { "Only", false } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cells); i++) {
		for (unsigned width = 1; width < 60; width++) {
			char want[200], *got;
			struct sheet s;

			sheet_init(&s, "T", one, 1);
			sheet_text(&s, (struct slice){ cells[i], strlen(cells[i]) });
			got = made(&s, TABLE, width);
			expect_lines_within(got, width);
			squeeze(got);
			snprintf(want, sizeof(want), "%s", cells[i]);
			squeeze(want);
			if (strlen(got) < strlen(want) ||
			    strcmp(got + strlen(got) - strlen(want), want) != 0)
				fail_msg("%u: \"%s\" for \"%s\"", width, got, want);
			free(got);
			sheet_free(&s);
		}
	}
}

static void dates_stay_whole_and_addresses_are_broken_between_their_parts(void **state)
{
	static const struct sheet_column both[] = { { "Time", false }, { "Sender", false } };
	struct sheet s;
	char *got;

	(void)state;
	sheet_init(&s, "T", both, 2);
	sheet_text(&s, SLICE("2026-11-22T02:50:51Z"));
	sheet_text(&s, SLICE("somebody.with.long.name@example.com"));
	for (unsigned width = 34; width < 60; width++) {
		got = made(&s, TABLE, width);
		assert_non_null(strstr(got, "\n2026-11-22T02:50:51Z  some"));
		expect_lines_within(got, width);
		free(got);
	}
	/* Rather lines of their own. */
	got = made(&s, TABLE, 33);
	assert_string_equal(got, "T\n\nTime:   2026-11-22T02:50:51Z\n"
	    "Sender: somebody.with.long.name@\n        example.com\n");
	free(got);
	sheet_free(&s);
}

/* Not the widest column: the one of which the fewest cells take more lines. */
static void the_column_with_one_long_cell_gives_way(void **state)
{
	static const struct sheet_column both[] = { { "Domain", false }, { "Type", false } };
	struct sheet s;
	char *got;

	(void)state;
	sheet_init(&s, "T", both, 2);
	sheet_text(&s, SLICE("one long domain it is"));
	sheet_text(&s, SLICE("SMTP DANE with DNSSEC and MTA-STS"));
	sheet_text(&s, SLICE("two.example"));
	sheet_text(&s, SLICE("SMTP DANE with DNSSEC and MTA-STS"));
	for (unsigned width = 47; width < 56; width++) {
		got = made(&s, TABLE, width);
		assert_non_null(strstr(got, "\ntwo.example "));
		assert_non_null(strstr(got, "SMTP DANE with DNSSEC and MTA-STS\n"));
		expect_lines_within(got, width);
		free(got);
	}
	sheet_free(&s);
}

static void rows_are_lines_where_there_is_no_room_for_a_table(void **state)
{
	static const struct { unsigned from, to; const char *want; } rows[] = {
		{ 28, 1000, NULL },
		{ 17, 27, NULL },
		{ 14, 16, "A Title\n\nSome Name\nlong enough to\nbe wrapped\nCount of Them\n1\n\n"
			"Some Name\nb\nCount of Them\n2\n" },
		{ 13, 13, "A Title\n\nSome Name\nlong enough\nto be wrapped\nCount of Them\n1\n\n"
			"Some Name\nb\nCount of Them\n2\n" },
		{ 1, 12, NULL },
	};
	struct sheet s = one_row("long enough to be wrapped", 25, 1);

	(void)state;
	sheet_text(&s, SLICE("b"));
	sheet_number(&s, 2);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (unsigned width = rows[i].from; width <= rows[i].to; width++) {
			char *got = made(&s, TABLE, width);

			if (rows[i].want != NULL)
				assert_string_equal(got, rows[i].want);
			assert_int_equal(strstr(got, "---") != NULL, width >= 19);
			expect_lines_within(got, width);
			free(got);
		}
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
		cmocka_unit_test(long_cells_go_on_in_the_next_line),
		cmocka_unit_test(words_are_broken_where_nothing_else_helps_and_nothing_is_lost),
		cmocka_unit_test(dates_stay_whole_and_addresses_are_broken_between_their_parts),
		cmocka_unit_test(the_column_with_one_long_cell_gives_way),
		cmocka_unit_test(rows_are_lines_where_there_is_no_room_for_a_table),
		cmocka_unit_test(a_stream_that_fails_is_told),
		cmocka_unit_test(characters_come_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
