/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "line_help.h"

/* Pieces as they come, long or short by turns; what was read of them is gone. */
static void show_pieces(struct buf *to, struct slice data, unsigned seed)
{
	struct line_reader r = reader_of("CET-1CEST,M3.5.0,M10.5.0/3");
	size_t have = 0, at = 0;

	while (at < data.len) {
		struct line line = {0};
		size_t used;
		enum line_got got = line_next(&r, data.p + at, have - at, have == data.len, &line,
		    &used);

		assert_true((used == 0) == (got == LINE_MORE) && used <= have - at);
		at += used;
		if (got == LINE_GOOD || got == LINE_STRANGE) {
			show_line(to, got, &line);
		} else if (got == LINE_MORE) {
			assert_true(have < data.len);
			seed = seed * 1103515245 + 12345;
			have += 1 + (seed >> 16) % (seed % 3 == 0 ? 100000 : 90);
			have = have < data.len ? have : data.len;
		}
	}
	line_reader_free(&r);
}

static void show_whole(struct buf *to, struct slice data)
{
	struct line_reader r = reader_of("CET-1CEST,M3.5.0,M10.5.0/3");

	show_all(to, &r, data, false);
	line_reader_free(&r);
}

static void assert_pieces_do_not_matter(struct slice data)
{
	struct buf whole = {0}, pieces = {0};

	show_whole(&whole, data);
	for (unsigned seed = 1; seed <= 40; seed++) {
		buf_reset(&pieces);
		show_pieces(&pieces, data, seed);
		assert_int_equal(whole.len, pieces.len);
		assert_memory_equal(whole.data, pieces.data, whole.len);
	}
	buf_free(&whole);
	buf_free(&pieces);
}

static void add_many(struct buf *to, char c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_char(to, c);
}

/* A line of text, n octets with its end. */
static void add_long_line(struct buf *to, size_t n)
{
	static const char front[] = "Nov 22 02:59:06 mail a[1]: ";

	buf_str(to, front);
	add_many(to, 'x', n - strlen(front) - 1);
	buf_char(to, '\n');
}

static void lines_are_the_same_in_any_pieces(void **state)
{
	static const char *const lines[] = {
		"Nov 22 02:59:06 mail postfix/smtp[1]: x\r\n", "Dec 31 23:59:59 mail a[1]: x\n",
		"Jan  1 00:00:01 mail a[1]: x\n", "Dec 31 23:59:59 mail a[1]: x\n", "\n",
		"strange\n", "Oct 25 02:59:59 mail a[1]: x\n",
		"Oct 25 02:10:00 mail a[1]: x\n", "-- Boot 1 --\n",
		"2026-11-22T02:59:06.25Z Nov 22 03:59:06 mail a[1]: x\n",
		"{\"__REALTIME_TIMESTAMP\":\"1763779146123456\",\"MESSAGE\":\"\\u0041\"}\n",
	};
	struct buf log = {0};

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		buf_str(&log, lines[(i * i + i / 7) % COUNT_OF(lines)]);
		if (i % 100 == 50)
			add_long_line(&log, LINE_MAX_OCTETS - 1 + i / 100);
		if (i == 333)
			add_long_line(&log, 3 * LINE_MAX_OCTETS);
	}
	buf_str(&log, "Nov 22 02:59:06 mail postfix/smtp[1]: cut");
	assert_pieces_do_not_matter((struct slice){ log.data, log.len });
	buf_free(&log);
}

static void add_binary(struct buf *to, const char *name, size_t n)
{
	buf_printf(to, "%s\n", name);
	for (unsigned i = 0; i < 8; i++)
		buf_char(to, (char)((uint64_t)n >> 8 * i & 0xff));
	add_many(to, '\n', n);
	buf_char(to, '\n');
}

/* An entry whose last field has n octets. */
static void add_entry(struct buf *to, unsigned i, size_t n)
{
	buf_printf(to, "__CURSOR=%u\n__REALTIME_TIMESTAMP=17637791461234%02u\n", i, i);
	buf_printf(to, "_COMM=a\n_PID=%u\nMESSAGE=entry %u\n", i + 1, i);
	if (i % 3 == 0) {
		add_binary(to, "COREDUMP", n);
	} else {
		buf_str(to, i % 3 == 1 ? "_CMDLINE=" : "SYSLOG_RAW=\x01");
		add_many(to, '=', n);
		buf_char(to, '\n');
	}
	buf_str(to, "_HOSTNAME=mail\n\n");
}

static void entries_are_the_same_in_any_pieces(void **state)
{
	static const size_t sizes[] = { 0, 1, 300, LINE_MAX_OCTETS - 130, LINE_MAX_OCTETS - 80,
		LINE_MAX_OCTETS, 3 * LINE_MAX_OCTETS };
	struct buf log = {0}, shown = {0};
	size_t lines = 0;

	(void)state;
	for (unsigned i = 0; i < 42; i++)
		add_entry(&log, i, sizes[i % COUNT_OF(sizes)] + i / 3);
	assert_pieces_do_not_matter((struct slice){ log.data, log.len });
	show_whole(&shown, (struct slice){ log.data, log.len });
	for (size_t i = 0; i < shown.len; i++)
		lines += shown.data[i] == '\n';
	assert_int_equal(lines, 42);
	assert_non_null(strstr(shown.data, "1763779146123439|||a|40|entry 39\n"));
	assert_non_null(strstr(shown.data, "1763779146123435|mail||a|36|entry 35\n"));
	buf_free(&shown);
	buf_free(&log);
}

static void a_line_that_is_too_long_is_cut_and_its_rest_is_none(void **state)
{
	static const char front[] = "Nov 22 02:59:06 mail a[1]: ";
	struct line_reader r = reader_of("UTC0");
	struct buf log = {0};
	struct line line;
	size_t used;

	(void)state;
	add_long_line(&log, LINE_MAX_OCTETS + 1);
	add_long_line(&log, LINE_MAX_OCTETS + 100);
	/* What stands where it is cut looks like a line. */
	memcpy(log.data + 2 * LINE_MAX_OCTETS + 1, front, strlen(front));
	buf_str(&log, "Nov 22 02:59:07 mail a[1]: next\n");
	/* The first is as long as one may be, without its end. */
	assert_int_equal(line_next(&r, log.data, log.len, false, &line, &used), LINE_GOOD);
	assert_int_equal(used, LINE_MAX_OCTETS + 1);
	assert_int_equal(line.text.len, LINE_MAX_OCTETS - strlen(front));
	buf_consume(&log, used);
	assert_int_equal(line_next(&r, log.data, log.len, false, &line, &used), LINE_GOOD);
	assert_int_equal(used, LINE_MAX_OCTETS);
	buf_consume(&log, used);
	assert_int_equal(line_next(&r, log.data, log.len, false, &line, &used), LINE_EMPTY);
	buf_consume(&log, used);
	assert_int_equal(line_next(&r, log.data, log.len, false, &line, &used), LINE_GOOD);
	assert_true(slice_equal(line.text, SLICE("next")));
	assert_int_equal(used, log.len);
	buf_free(&log);
	line_reader_free(&r);
}

static void a_last_line_that_is_cut_is_a_line_when_nothing_comes(void **state)
{
	static const char text[] = "Nov 22 02:59:06 mail a[1]: cu";
	struct line_reader r = reader_of("UTC0");
	struct line line;
	size_t used;

	(void)state;
	assert_int_equal(line_next(&r, text, sizeof(text) - 1, false, &line, &used), LINE_MORE);
	assert_int_equal(line_next(&r, text, sizeof(text) - 1, true, &line, &used), LINE_GOOD);
	assert_true(slice_equal(line.text, SLICE("cu")));
	assert_int_equal(line_next(&r, text, 0, false, &line, &used), LINE_MORE);
	line_reader_free(&r);
	line_reader_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_the_same_in_any_pieces),
		cmocka_unit_test(entries_are_the_same_in_any_pieces),
		cmocka_unit_test(a_line_that_is_too_long_is_cut_and_its_rest_is_none),
		cmocka_unit_test(a_last_line_that_is_cut_is_a_line_when_nothing_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
