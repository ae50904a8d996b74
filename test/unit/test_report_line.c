/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "line_help.h"

static void every_container_of_text_is_opened(void **state)
{
	static const struct { const char *text, *shown; } rows[] = {
		{ "Nov 22 02:59:06 mail postfix/smtp[123]: 4b: x",
			"1795316346000000|mail|postfix|smtp|123|4b: x" },
		{ "Nov  8 02:56:21 mail postfix/smtp[123]: x",
			"1794106581000000|mail|postfix|smtp|123|x" },
		{ "Nov 22 02:59:06 postfix/smtp[123]: x", "1795316346000000||postfix|smtp|123|x" },
		{ "Nov 22 02:59:06.25 mail postfix/smtp[123]: x",
			"1795316346250000|mail|postfix|smtp|123|x" },
		{ "<22>Nov 22 02:59:06 mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "<22>Nov 22 02:59:06 postfix/smtp[123]: x",
			"1795316346000000||postfix|smtp|123|x" },
		{ "Nov 22 02:59:06 <mail.info> mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "2026-11-22T03:59:06.208849+01:00 mail postfix/smtp[123]: x",
			"1795316346208849|mail|postfix|smtp|123|x" },
		{ "2026-11-22T02:59:06Z postfix/smtp[123]: x",
			"1795316346000000||postfix|smtp|123|x" },
		{ "2026-11-22T02:59:06+0000 mail postfix/smtp[123]: x", /* short-iso */
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "2026-11-22T02:59:06.000001+0000 mail postfix/smtp[123]: x",
			/* short-iso-precise */
			"1795316346000001|mail|postfix|smtp|123|x" },
		{ "1795316346.000001 mail postfix/smtp[123]: x",
			"1795316346000001|mail|postfix|smtp|123|x" },
		{ "Sun 2026-11-22 02:59:06 UTC mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "mail-1  | Nov 22 02:59:06 mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "mail_1 | 2026-11-22T02:59:06Z mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "2026-11-22T02:59:06.123456789Z Nov 22 03:59:06 mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "2026-11-22T02:59:06.123456789Z 2026-11-22T02:59:05Z postfix/smtp[123]: x",
			"1795316345000000||postfix|smtp|123|x" },
		{ "mail-1  | 2026-11-22T02:59:06.123456Z Nov  8 02:59:06 m postfix/smtp[123]: x",
			"1795316346123456|m|postfix|smtp|123|x" },
		{ "2026-11-22T02:59:06.123456Z stdout F Nov 22 02:59:06 m postfix/smtp[123]: x",
			"1795316346000000|m|postfix|smtp|123|x" },
		{ "2026-11-22T02:59:06.1Z stderr F policy nexthop=a",
			"1795316346100000|||danestsd|0|policy nexthop=a" },
		{ "mail.log:Nov 22 02:59:06 mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "/var/log/mail.log.1:Nov 22 02:59:06 mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "mail.log-20260801:77:2026-11-22T02:59:06Z mail postfix/smtp[123]: x",
			"1795316346000000|mail|postfix|smtp|123|x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char line[256];
		static const char *const ends[] = { "", "\n", "\r\n" };

		for (size_t k = 0; k < COUNT_OF(ends); k++) {
			(void)snprintf(line, sizeof(line), "%s%s", rows[i].text, ends[k]);
			assert_text_shows(line, rows[i].shown);
		}
		assert_true(line_begins(rows[i].text, strlen(rows[i].text)));
	}
}

static void rfc_5424_is_read_with_all_its_parts(void **state)
{
	static const struct { const char *text, *shown; } rows[] = {
		{ "<22>1 2026-11-22T02:59:06.001009Z mail postfix/smtp 123 - - x",
			"1795316346001009|mail|postfix|smtp|123|x" },
		{ "1 2026-11-22T02:59:06.001009Z mail postfix/smtp 123 - - x",
			"1795316346001009|mail|postfix|smtp|123|x" },
		{ "2026-11-22T02:59:06.001009Z mail postfix/smtp 123 - - x",
			"1795316346001009|mail|postfix|smtp|123|x" },
		{ "<22>1 2026-11-22T02:59:06Z - postfix/relay/smtp - ID47 -",
			"1795316346000000||postfix/relay|smtp|0|" },
		{ "<22>1 2026-11-22T02:59:06Z 2001:db8::25 - - - - x",
			"1795316346000000|2001:db8::25|||0|x" },
		{ "<22>1 2026-11-22T02:59:06Z mail postfix/smtp 123 - [a@1 b=\"c\"] x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "1 2026-11-22T02:59:06Z m postfix/smtp 123 - [a@1 b=\"\\]\\\"] \"][d] [x] y",
			"1795316346000000|m|postfix|smtp|123|[x] y" },
		{ "<22>1 2026-11-22T02:59:06Z mail postfix/smtp 123 - [a@1 b=\"]\"] x",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "<22>1 2026-11-22T02:59:06Z mail postfix/smtp 123 - - \xef\xbb\xbfx",
			"1795316346000000|mail|postfix|smtp|123|x" },
		{ "<22>1 - mail danestsd 123 - - policy nexthop=a",
			"none|mail||danestsd|123|policy nexthop=a" },
		{ "<22>1 - mail postfix/smtp 123 - - x", "strange" },
		{ "<22>1 2026-11-22T02:59:06Z mail postfix/smtp 123 - [a@1 b=\"c] x", "strange" },
		{ "<22>1 2026-11-22T02:59:06Z mail postfix/smtp 123 - x", "strange" },
		{ "<22>1 2026-11-22T02:59:06Z mail postfix/smtp 123 - -x", "strange" },
		{ "<22>1 2026-11-22T02:59:06 mail postfix/smtp 123 - - x", "strange" },
		{ "<22>1 Nov 22 02:59:06 mail postfix/smtp[123]: x", "strange" },
		{ "<22>2 2026-11-22T02:59:06Z mail postfix/smtp 123 - - x", "strange" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_text_shows(rows[i].text, rows[i].shown);
}

static void instance_and_program_are_parted_at_the_last_slash(void **state)
{
	static const struct { const char *text, *shown; } rows[] = {
		{ "postfix/smtp[1]: x",
			"postfix|smtp|1|x" }, { "postfix-out/smtp[1]: x", "postfix-out|smtp|1|x" },
		{ "postfix/relay/smtp[1]: x", "postfix/relay|smtp|1|x" },
		{ "postfix-192.0.2.1/smtp[1]: x", "postfix-192.0.2.1|smtp|1|x" },
		{ "postfix/sender-cleanup/cleanup[1]: x", "postfix/sender-cleanup|cleanup|1|x" },
		{ "mta/smtp[4294967295]: x", "mta|smtp|4294967295|x" },
		{ "mta/smtp[4294967296]: x", "mta|smtp|0|x" },
		{ "mta/smtp[99999999999999999999]: x", "mta|smtp[99999999999999999999]|0|x" },
		{ "postfix/smtp: x",
			"postfix|smtp|0|x" }, { "postfix/smtp[]: x", "postfix|smtp|0|x" },
		{ "dovecot: imap-login: Login", "|dovecot|0|imap-login: Login" },
		{ "danestsd[7]: policy nexthop=a", "|danestsd|7|policy nexthop=a" },
		{ "kernel:",
			"|kernel|0|" }, { "kernel: ", "|kernel|0|" }, { "a[b]: x", "|a[b]|0|x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char line[128], shown[128];

		(void)snprintf(line, sizeof(line), "Nov 22 02:59:06 mail %s", rows[i].text);
		(void)snprintf(shown, sizeof(shown), "1795316346000000|mail|%s", rows[i].shown);
		assert_text_shows(line, shown);
	}
}

static void a_host_may_be_anything_without_a_blank(void **state)
{
	static const char *const hosts[] = {
		"mail", "mail.example.org", "192.0.2.1", "2001:db8::1", "2001:db8::",
		"fe80::1%eth0", "-", "h\xc3\xb6st", "[x]", "a/b",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		char line[128], shown[128];

		(void)snprintf(line, sizeof(line), "Nov 22 02:59:06 %s postfix/smtp[1]: x",
		    hosts[i]);
		(void)snprintf(shown, sizeof(shown), "1795316346000000|%s|postfix|smtp|1|x",
		    hosts[i]);
		assert_text_shows(line, shown);
	}
}

static void a_bare_line_of_danestsd_has_no_time(void **state)
{
	static const struct { const char *text, *shown; } rows[] = {
		{ "policy nexthop=a reply=may", "none|||danestsd|0|policy nexthop=a reply=may" },
		{ "<6>policy nexthop=a", "none|||danestsd|0|policy nexthop=a" },
		{ "danestsd[1]: policy nexthop=a", "none|||danestsd|1|policy nexthop=a" },
		{ "<22>danestsd[1]: policy nexthop=a", "none|||danestsd|1|policy nexthop=a" },
		{ "danestsd: ready", "none|||danestsd|0|ready" },
		{ "d-1  | policy nexthop=a", "none|||danestsd|0|policy nexthop=a" },
		{ "2026-11-22T02:59:06Z danestsd[1]: policy nexthop=a",
			"1795316346000000|||danestsd|1|policy nexthop=a" },
		{ "2026-11-22T02:59:06Z policy nexthop=a",
			"1795316346000000|||danestsd|0|policy nexthop=a" },
		{ "2026-11-22T02:59:06Z <6>policy nexthop=a",
			"1795316346000000|||danestsd|0|policy nexthop=a" },
		{ "danestsd-x[1]: policy nexthop=a", "strange" }, { "policy", "strange" },
		{ "postfix/smtp[1]: policy nexthop=a", "strange" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_text_shows(rows[i].text, rows[i].shown);
	assert_false(line_begins("policy nexthop=a\n", 17));
	assert_false(line_begins("danestsd[1]: policy nexthop=a\n", 30));
}

static void what_is_repeated_counts_once(void **state)
{
	static const struct { const char *text, *shown; } rows[] = {
		{ "mail postfix/smtp[1]: message repeated 2 times: [ a [b]]",
			"mail|postfix|smtp|1|a [b]" },
		{ "mail postfix/smtp[1]: message repeated 12 times: [a]", "mail|postfix|smtp|1|a" },
		{ "mail postfix/smtp[1]: message repeated 2 times: [ cut",
			"mail|postfix|smtp|1|cut" },
		{ "mail postfix/smtp[1]: message repeated x times: [ a]",
			"mail|postfix|smtp|1|message repeated x times: [ a]" },
		{ "mail postfix/smtp[1]: message repeated 2",
			"mail|postfix|smtp|1|message repeated 2" },
		{ "mail last message repeated 2 times",
			NULL }, { "last message repeated 2 times", NULL },
		{ "mail -- MARK --", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char line[128], shown[128];
		bool empty = rows[i].shown == NULL;

		(void)snprintf(line, sizeof(line), "Nov 22 02:59:06 %s", rows[i].text);
		(void)snprintf(shown, sizeof(shown), "1795316346000000|%s",
		    empty ? "" : rows[i].shown);
		assert_text_shows(line, empty ? "empty" : shown);
	}
}

static void what_programs_put_between_lines_is_empty(void **state)
{
	static const char *const rows[] = {
		"\n", "\r\n", " \t\n", "--\n", "-- Logs begin at Sun 2026-11-22 02:59:06 UTC. --\n",
		"-- Journal begins at Sun 2026-11-22 02:59:06 UTC, ends at Mon. --\n",
		"-- Boot 5f1e9c0d5f1e9c0d5f1e9c0d5f1e9c0d --\n", "-- Reboot --\n",
		"-- No entries --\n",
		"==> /var/log/mail.log <==\n", "\xef\xbb\xbf\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_text_shows(rows[i], "empty");
	assert_shows("UTC0", (struct slice){ "\0\0\0\n", 4 }, "empty");
}

static void nuls_of_a_crash_are_passed_over(void **state)
{
	static const char after[] = "Nov 22 02:\0\0\0Nov 22 02:59:06 mail postfix/smtp[1]: x\n";
	static const char before[] = "\0\0\0Nov 22 02:59:06 mail postfix/smtp[1]: x\n";
	static const char within[] = "Nov 22 02:59:06 mail postfix/smtp[1]: a\0b\n";
	static const char only[] = "Nov 22 02:\0\0\0\n";

	(void)state;
	assert_shows("UTC0", SLICE(after), "1795316346000000|mail|postfix|smtp|1|x");
	assert_shows("UTC0", SLICE(before), "1795316346000000|mail|postfix|smtp|1|x");
	assert_shows("UTC0", SLICE(within), "1795316346000000|mail|postfix|smtp|1|a");
	assert_shows("UTC0", SLICE(only), "strange");
}

/* What is left of a line that was cut is no line, as long as its front is not whole: only names
 * of files and containers can be cut so that nothing is lost. */
static void the_second_half_of_a_line_is_none(void **state)
{
	static const struct { const char *text; size_t front; } rows[] = {
		{ "Nov 22 02:59:06 mail postfix/smtp[123]: 4b: to=<a@b>, status=sent (250 Ok)",
			0 },
		{ "2026-11-22T03:59:06.208849+01:00 mail postfix/qmgr[123]: 4b: from=<a@b> (x)",
			0 },
		{ "1795316346.000001 mail postfix/anvil[123]: max rate 1 at Nov 22 02:59:06",
			0 },
		{ "Sun 2026-11-22 02:59:06 UTC mail postfix/smtp[123]: warning: a: b: c", 0 },
		{ "2026-11-22T02:59:06.123456789Z Nov 22 03:59:06 mail postfix/smtp[123]: x", 31 },
		{ "<22>1 2026-11-22T02:59:06.001009Z mail postfix/smtp 123 - - x", 6 },
		{ "<22>Nov 22 02:59:06 mail postfix/smtp[123]: x", 4 },
		{ "mail.log:Nov 22 02:59:06 mail postfix/smtp[123]: x", 9 },
		{ "mail-1  | Nov 22 02:59:06 mail postfix/smtp[123]: x", 10 },
		{ "{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":\"Nov 22 02:59:06\"}",
			0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t len = strlen(rows[i].text);

		assert_true(line_begins(rows[i].text, len));
		for (size_t cut = rows[i].front + 1; cut < len; cut++) {
			struct slice half = { rows[i].text + cut, len - cut };

			assert_shows("UTC0", half, "strange");
			assert_false(line_begins(half.p, half.len));
		}
	}
}

static void what_is_no_line_is_strange(void **state)
{
	static const char *const rows[] = {
		"x", "Nov 22 02:59:06", "Nov 22 02:59:06 ", "Nov 22 02:59:06 mail",
		"Nov 22 02:59:06 mail x",
		"Nov 22 02:59:06 mail postfix/smtp[1] x", "Nov 22 02:59:06 mail postfix/: x",
		"Nov 22 02:59:06 mail : x", "Nov 22 02:59:06  mail postfix/smtp[1]: x",
		"<999>", "<>Nov 22 02:59:06 mail postfix/smtp[1]: x",
		"<1234>Nov 22 02:59:06 mail a[1]: x",
		"[ 12.3] mail postfix/smtp[1]: x", "    a continued line", "-- x", "{", "{}",
		"[]", "\xef\xbb\xbf{",
		"a b:Nov 22 02:59:06 mail postfix/smtp[1]: x", "a | ", "a |", "a:",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_text_shows(rows[i], "strange");
}

static void a_reader_goes_on_where_another_ended(void **state)
{
	static const char text[] = "Dec 31 23:59:59 mail a[1]: x\n";
	struct line_reader r = reader_of("UTC0");
	struct buf shown = {0};

	(void)state;
	line_reader_after(&r, INT64_C(1546300801000000)); /* 2019-01-01 00:00:01 */
	show_all(&shown, &r, SLICE(text), true);
	assert_string_equal(shown.data, "1546300799000000|mail||a|1|x\n");
	assert_int_equal(r.guessed, 1);
	buf_free(&shown);
	line_reader_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_container_of_text_is_opened),
		cmocka_unit_test(rfc_5424_is_read_with_all_its_parts),
		cmocka_unit_test(instance_and_program_are_parted_at_the_last_slash),
		cmocka_unit_test(a_host_may_be_anything_without_a_blank),
		cmocka_unit_test(a_bare_line_of_danestsd_has_no_time),
		cmocka_unit_test(what_is_repeated_counts_once),
		cmocka_unit_test(what_programs_put_between_lines_is_empty),
		cmocka_unit_test(nuls_of_a_crash_are_passed_over),
		cmocka_unit_test(the_second_half_of_a_line_is_none),
		cmocka_unit_test(what_is_no_line_is_strange),
		cmocka_unit_test(a_reader_goes_on_where_another_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
