/* SPDX-License-Identifier: BSD-2-Clause */
/* A log in pieces is like the whole, wherever it was cut. */
#include "test/unit/report_input_help.h"

#define PIECES 30

struct container {
	const char *name, *text;
	unsigned strange; /* halves of records may be, when their lines are there */
	size_t from;      /* behind what tells the time of the first record */
};

static const struct container containers[] = {
	{ "RFC 3164",
	    "Nov  8 02:56:21 mail postfix/smtp[11]: 3F2A1: to=<a@b.example>, status=sent (250 ok)\n"
	    "Nov  8 02:56:23 mail postfix/anvil[12]: statistics: max rate 1/60s for (a) at x\n"
	    "Nov  8 02:56:25 mail danestsd[13]: policy nexthop=b.example domain=b.example\n"
	    "Nov  8 02:56:27 mail postfix/qmgr[14]: 3F2A1: removed\n"
	    "Nov 10 12:56:29 mail postfix/relay/smtp[11]: 3F2A2: to=<c@b.example>, dsn=2.0.0\n", 0, 0 },
	{ "ISO 8601",
	    "2026-06-05T14:09:33.208849+02:00 mail postfix/smtp[1]: first of all\n"
	    "2026-06-05T14:09:33.208850+02:00 mail postfix/smtp[2]: second\n"
	    "2026-06-05T14:09:34+02:00 mail danestsd[2]: policy nexthop=x\n"
	    "2026-06-05T14:09:35.1+02:00 mail postfix/cleanup[2]: 1A: message-id=<x@y>\n", 0, 0 },
	{ "RFC 5424",
	    "<22>1 2026-11-22T02:49:00.001009Z mail postfix/smtp 123 - - first of all\n"
	    "<22>1 2026-11-22T02:49:01.001009Z mail postfix/smtp 124 - - second\n"
	    "<22>1 2026-11-22T02:49:02.001009Z mail postfix/smtp - - - third\n", 0, 0 },
	{ "docker compose",
	    "mail-1  | Jul 11 20:54:00 mail postfix/smtp[1]: one\n"
	    "mail-1  | Jul 11 20:54:01 mail postfix/smtp[1]: two\n"
	    "mail-1  | Jul 11 20:54:02 mail postfix/smtp[1]: three\n", 0, 0 },
	{ "journald's JSON",
	    "{\"__REALTIME_TIMESTAMP\":\"1763779146123456\",\"SYSLOG_IDENTIFIER\":\"postfix/smtp\","
	    "\"SYSLOG_PID\":\"7\",\"MESSAGE\":\"one {\\\"\"}\n"
	    "{\"MESSAGE\":\"two\",\"__REALTIME_TIMESTAMP\":\"1763779146123457\","
	    "\"SYSLOG_IDENTIFIER\":\"postfix/smtp\",\"SYSLOG_PID\":\"7\"}\n"
	    "{\"__REALTIME_TIMESTAMP\":\"1763779146123458\",\"SYSLOG_IDENTIFIER\":\"postfix/smtp\","
	    "\"SYSLOG_PID\":\"7\",\"MESSAGE\":\"three\"}\n", 0, 0 },
	{ "journalctl -o export",
	    "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1763779146123456\n"
	    "SYSLOG_IDENTIFIER=postfix/smtp\nSYSLOG_PID=7\nMESSAGE=one\n\n"
	    "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1763779146123457\n"
	    "SYSLOG_IDENTIFIER=postfix/smtp\nSYSLOG_PID=7\nMESSAGE=two = 2\n\n"
	    "__CURSOR=s=1;i=3\n__REALTIME_TIMESTAMP=1763779146123458\n"
	    "SYSLOG_IDENTIFIER=postfix/smtp\nSYSLOG_PID=7\nMESSAGE=three\n\n", 2, 40 },
};

static uint64_t dice = 88172645463325252;

static size_t throw(size_t sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (size_t)(dice % sides);
}

static char *whole_of(const char *name, const void *text, size_t len)
{
	const char *files[] = { help_file(name, text, len) };
	char *lines = strdup(help_run(files, 1));

	assert_non_null(lines);
	assert_string_equal(help_complaints.data, "");
	assert_int_equal(help_counts.strange, 0);
	help_forget();
	return lines;
}

typedef const char *(*put_fn)(const char *name, const void *data, size_t len);

static const char *put_gzip(const char *name, const void *data, size_t len)
{
	return help_packed(name, archive_write_add_filter_gzip, data, len);
}

static void cut_in_two(const struct container *c, const char *first, const char *second,
    put_fn put, size_t step)
{
	size_t len = strlen(c->text);
	char *whole = whole_of("whole", c->text, len);
	const char *files[2];

	for (size_t at = c->from; at <= len; at += step) {
		files[0] = put(first, c->text, at);
		files[1] = put(second, c->text + at, len - at);
		if (strcmp(help_run(files, 2), whole) != 0 || help_counts.strange > c->strange)
			fail_msg("%s, %s: \"%.*s\" and then \"%.20s\":\n%s", c->name, first,
			    (int)(at < 20 ? at : 20), c->text + (at < 20 ? 0 : at - 20),
			    c->text + at, help_lines.data);
		help_forget();
	}
	free(whole);
}

static void a_log_cut_anywhere_is_the_log(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(containers); i++) {
		cut_in_two(&containers[i], "mail.log.1", "mail.log", help_file, 1);
		cut_in_two(&containers[i], "part.1", "part.2", help_file, 1);
	}
}

/* With names that say nothing, or the wrong thing: what fits together is found. */
static void names_that_are_wrong_do_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(containers); i++) {
		cut_in_two(&containers[i], "part.2", "part.1", help_file, 1);
		cut_in_two(&containers[i], "q", "b", help_file, 1);
	}
}

static void compressed_halves_are_the_log(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(containers); i++)
		cut_in_two(&containers[i], "mail.log.2.gz", "mail.log.1.gz", put_gzip, 7);
}

static void make_log(struct buf *b, bool one_second)
{
	for (unsigned i = 0; i < 300; i++)
		buf_printf(b, "Nov %2u %02u:%02u:%02u mail postfix/smtp[%u]: %X: to=<u%u@d.example>, "
		    "status=sent (250 ok %u)\n", one_second ? 8 : 8 + i / 50,
		    one_second ? 1 : i % 50 / 10, one_second ? 1 : i % 10,
		    one_second ? 1 : i % 7 * 7, 100 + i % 5, 0xa0000 + i, i, i);
}

/* Where, in order. */
static void choose_cuts(size_t cuts[PIECES + 1], size_t len)
{
	cuts[0] = 0;
	cuts[PIECES] = len;
	for (size_t i = 1; i < PIECES; i++)
		cuts[i] = throw(3) == 0 && i > 1 ? cuts[i - 1] + throw(30) : throw(len);
	for (size_t i = 1; i < PIECES; i++)
		for (size_t j = i; j > 0 && cuts[j] < cuts[j - 1]; j--) {
			size_t t = cuts[j];

			cuts[j] = cuts[j - 1];
			cuts[j - 1] = t;
		}
	for (size_t i = 1; i < PIECES; i++)
		if (cuts[i] > len)
			cuts[i] = len;
}

static void name_piece(char name[40], size_t i, unsigned style)
{
	if (style == 0)
		snprintf(name, 40, "part.%zu", i);
	else if (i == PIECES - 1)
		snprintf(name, 40, "mail.log");
	else
		snprintf(name, 40, "mail.log.%zu%s", PIECES - 1 - i, i % 2 == 0 ? ".gz" : "");
}

static void in_pieces(const struct buf *log, const char *whole, unsigned style)
{
	size_t cuts[PIECES + 1];
	const char *files[PIECES], *t;
	char name[40];

	choose_cuts(cuts, log->len);
	for (size_t i = 0; i < PIECES; i++) {
		const char *from = log->data + cuts[i];

		name_piece(name, i, style);
		files[i] = (strstr(name, ".gz") != NULL ? put_gzip : help_file)(name, from,
		    cuts[i + 1] - cuts[i]);
	}
	for (size_t i = PIECES - 1; i > 0; i--) {
		size_t j = throw(i + 1);

		t = files[i];
		files[i] = files[j];
		files[j] = t;
	}
	if (strcmp(help_run(files, PIECES), whole) != 0 || help_counts.strange != 0) {
		size_t same = 0;

		while (whole[same] == help_lines.data[same] && whole[same] != '\0')
			same++;
		for (size_t i = 0; i < PIECES; i++) {
			name_piece(name, i, style);
			print_message("%s: %zu\n", name, cuts[i]);
		}
		fail_msg("%llu strange; from here it is another: %.200s",
		    (unsigned long long)help_counts.strange, help_lines.data + same);
	}
	help_forget();
}

static void any_pieces_in_any_order_are_the_log(void **state)
{
	struct buf log = {0};
	char *whole;

	(void)state;
	for (unsigned one_second = 0; one_second < 2; one_second++) {
		buf_reset(&log);
		make_log(&log, one_second == 1);
		whole = whole_of("whole", log.data, log.len);
		for (unsigned i = 0; i < 100; i++)
			in_pieces(&log, whole, i % 2);
		free(whole);
	}
	buf_free(&log);
}

/* copytruncate: what was written meanwhile stands in both. */
static void an_overlap_comes_twice_and_nothing_is_lost(void **state)
{
	struct buf log = {0};
	const char *files[2], *at;
	size_t found = 0;
	char want[40];

	(void)state;
	make_log(&log, false);
	files[1] = help_file("mail.log.1", log.data, log.len * 2 / 3);
	files[0] = help_file("mail.log", log.data + log.len / 3, log.len - log.len / 3);
	(void)help_run(files, 2);
	assert_in_range(help_counts.lines, 399, 403);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(want, sizeof(want), "(250 ok %u)\n", i);
		at = strstr(help_lines.data, want);
		if (at == NULL)
			fail_msg("line %u is lost", i);
		found += strstr(at + 1, want) != NULL;
	}
	assert_in_range(found, 98, 101);
	buf_free(&log);
	help_forget();
}

/* Of a cut log that is there twice, nothing is a half line, if each piece has a whole one. */
static void copies_of_the_pieces_are_two_logs(void **state)
{
	const struct container *c = &containers[0];
	size_t len = strlen(c->text), last = (size_t)(strstr(c->text, "Nov 10") - c->text);
	const char *files[4];

	(void)state;
	for (size_t at = strcspn(c->text, "\n") + 1; at < last; at++) {
		size_t lines = 0;

		files[0] = help_file("mail.log.1", c->text, at);
		files[1] = help_file("mail.log", c->text + at, len - at);
		files[2] = files[1];
		files[3] = files[0];
		for (const char *p = help_run(files, 4); (p = strchr(p, '\n')) != NULL; p++)
			lines++;
		if (lines != 10 || help_counts.strange != 0)
			fail_msg("cut at %zu: %zu lines:\n%s", at, lines, help_lines.data);
		help_forget();
	}
}

/* A last line without an end, and a file that has nothing to do with it. */
static void whole_records_are_not_put_together(void **state)
{
	const char *files[] = {
		help_text("a", "Nov  8 02:56:21 a postfix/smtp[1]: one"),
		help_text("b", "Nov  8 02:56:22 b postfix/smtp[1]: two"),
	};

	(void)state;
	assert_string_equal(help_run(files, 2), "1794106581000000 a smtp: one\n"
	    "1794106582000000 b smtp: two\n");
	help_forget();
}

/* New York's clocks are put back at 02:00; also with a piece between that has no time. */
static void an_hour_that_comes_twice_may_be_cut(void **state)
{
	static const char log[] =
	    "Nov  1 00:55:00 m postfix/smtp[1]: a\nNov  1 01:35:00 m postfix/smtp[1]: b\n"
	    "Nov  1 01:55:00 m postfix/smtp[1]: c\nNov  1 01:15:00 m postfix/smtp[1]: d\n"
	    "Nov  1 01:55:01 m postfix/smtp[1]: e\nNov  1 02:15:00 m postfix/smtp[1]: f\n";
	static const size_t lengths[] = { 0, 1, 20 }, len = sizeof(log) - 1;
	const char *files[3];
	char *whole;

	(void)state;
	setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
	tzset();
	whole = whole_of("whole", log, len);
	assert_non_null(strstr(whole, "1793516101000000 m smtp: e\n"));
	for (size_t n = 0; n < COUNT_OF(lengths); n++)
		for (size_t at = 38; at + lengths[n] <= len; at++) {
			files[2] = help_file("mail.log.2", log, at);
			files[0] = help_file("mail.log.1", log + at, lengths[n]);
			files[1] = help_file("mail.log", log + at + lengths[n],
			    len - at - lengths[n]);
			if (strcmp(help_run(files, 3), whole) != 0)
				fail_msg("cut at %zu and %zu behind:\n%s", at, lengths[n],
				    help_lines.data);
			help_forget();
		}
	free(whole);
	setenv("TZ", "UTC", 1);
	tzset();
}

/* "1" makes a time of "026-11-01T", too, but one of another age. */
static void an_octet_stays_where_its_name_says(void **state)
{
	const char *files[] = {
		help_text("part.1", "2026-11-01T01:15:00Z m postfix/smtp[1]: a\n2"),
		help_text("part.2", "026-11-01T01:35:00Z m postfix/smtp[1]: b\n"
		    "2026-11-01T01:55:00Z m postfix/smtp[1]: c\n2026-1"),
		help_text("part.3", "1"),
		help_text("part.4", "-01T02:15:00Z m postfix/smtp[1]: d\n"),
	};

	(void)state;
	assert_string_equal(help_run(files, 4), "1793495700000000 m smtp: a\n"
	    "1793496900000000 m smtp: b\n1793498100000000 m smtp: c\n"
	    "1793499300000000 m smtp: d\n");
	assert_int_equal(help_counts.strange, 0);
	help_forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_cut_anywhere_is_the_log),
		cmocka_unit_test(names_that_are_wrong_do_no_harm),
		cmocka_unit_test(compressed_halves_are_the_log),
		cmocka_unit_test(any_pieces_in_any_order_are_the_log),
		cmocka_unit_test(an_overlap_comes_twice_and_nothing_is_lost),
		cmocka_unit_test(copies_of_the_pieces_are_two_logs),
		cmocka_unit_test(an_hour_that_comes_twice_may_be_cut),
		cmocka_unit_test(an_octet_stays_where_its_name_says),
		cmocka_unit_test(whole_records_are_not_put_together),
	};

	atexit(help_free);
	return cmocka_run_group_tests(tests, help_begin, help_end);
}
