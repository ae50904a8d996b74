/* SPDX-License-Identifier: BSD-2-Clause */
/* Logs that begin in the middle: what they do not say they may have said before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "report_join_expect.h"

#define DELIVERY(t, pid, to, delays) t " " S(pid) "AAAAAA1: to=<" to ">, relay=" A ", delay=1," \
	" delays=" delays ", dsn=2.0.0, " SENT
#define DELIVERY_OF(to) S(7) "AAAAAA1: " TO(to, A) SENT
#define BEGIN "10 postfix/qmgr[5]: BBBBBB1: removed\n"

static void show(void *arg, const struct delivery *d)
{
	buf_printf(arg, "%.*s%s", (int)d->recipient.len, d->recipient.p,
	    d->session ? " session" : "");
	if (d->cut)
		buf_printf(arg, " cut %u", d->place);
	buf_str(arg, "\n");
}

static void show_place(void *arg, unsigned place, enum logged logged)
{
	static const char *const words[] = { "unknown", "yes", "cut" };

	if (place >= HELP_PLACES)
		buf_printf(arg, "%u %s\n", place, words[logged]);
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = {0};
		struct join_next next = help_next(&out);
		struct join *j;

		next.delivery = show;
		next.place = show_place;
		j = join_new(NULL, &next);
		assert_non_null(j);
		help_push(j, rows[i].lines);
		join_end(j);
		assert_string_equal(out.data, rows[i].expected);
		join_free(j);
		buf_free(&out);
	}
}

static void a_delivery_that_began_before_the_log_is_cut(void **state)
{
	static const struct row rows[] = {
		/* It is the first thing in it; lines of other messages follow. */
		{ DELIVERY("10", 7, "x@a", "0/0/0/0") BEGIN, "x@a cut 65536\n65536 cut\n" },
		{ DELIVERY("10.3", 7, "x@a", "0/0/0/0") BEGIN, "x@a cut 65536\n65536 cut\n" },
		/* A stamp without a fraction is rounded down. */
		{ BEGIN DELIVERY("11", 7, "x@a", "0/0/0.1/0"), "x@a cut 65536\n65536 cut\n" },
		{ BEGIN DELIVERY("12", 7, "x@a", "9/9/0.9/0.09"), "x@a\n" },
		{ BEGIN DELIVERY("12", 7, "x@a", "9/9/0.9/0.2"), "x@a cut 65536\n65536 cut\n" },
		{ BEGIN DELIVERY("10.2", 7, "x@a", "0/0/0.1/0.09"), "x@a\n" },
		{ BEGIN DELIVERY("10.2", 7, "x@a", "0/0/0.11/0.1"), "x@a cut 65536\n65536 cut\n" },
		{ BEGIN DELIVERY("20", 7, "x@a", "0/0/4.2/5"), "x@a cut 65536\n65536 cut\n" },
		{ BEGIN DELIVERY("20", 7, "x@a", "0/0/4/4"), "x@a\n" },
		{ BEGIN DELIVERY("20", 7, "x@a", "0/0/99999999999999999999/4"),
		  "x@a cut 65536\n65536 cut\n" },
		{ BEGIN DELIVERY("20", 7, "x@a", "?"), "x@a\n" },
		/* At "may?" no proof of a log level is needed. */
		{ BEGIN DELIVERY("10", 7, "x@a", "0/0/0/0, tls=may?"),
		  "x@a cut 131072\n131072 cut\n" },
		{ BEGIN DELIVERY("10", 7, "x@a", "0/0/0/0, tls=dane?"),
		  "x@a cut 65536\n65536 cut\n" },
		/* Lines that are older come later, from another file. */
		{ DELIVERY("20", 7, "x@a", "0/0/0/0") BEGIN DELIVERY("20", 7, "y@a", "0/0/0/0"),
		  "x@a cut 65536\ny@a\n65536 cut\n" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

/* Some lines of a log, as people show them to each other: nothing was before. */
static void what_was_chosen_from_a_log_is_not_cut(void **state)
{
	static const struct row rows[] = {
		{ DELIVERY("10", 7, "x@a", "0/0/0/0, tls=may?"), "x@a cut 131072\n131072 yes\n" },
		{ DELIVERY("10", 7, "x@a", "0/0/0/0"), "x@a cut 65536\n65536 unknown\n" },
		{ "9 " S(8) TLS("Untrusted", A) DELIVERY("10", 7, "x@a", "0/0/0/0"),
		  "x@a cut 65536\n65536 yes\n" },
		{ DELIVERY("10", 7, "x@a", "0/0/0/0") "11 " S(8) TLS("Untrusted", A),
		  "x@a cut 65536\n65536 yes\n" },
		/* Each host is cut for itself. */
		{ BEGIN "20 other " DELIVERY_OF("x@a"), "x@a cut 65536\n65536 unknown\n" },
		{ BEGIN "20 other " DELIVERY_OF("x@a") "20 other " S(8) TLS("Untrusted", A),
		  "x@a cut 65536\n65536 yes\n" },
		{ BEGIN "20 other " DELIVERY_OF("x@a")
		  "21 other postfix/cleanup[9]: BBBBBB1: message-id=<1@x>\n",
		  "x@a cut 65536\n65536 cut\n" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

static void not_when_the_message_was_taken_up_within_it(void **state)
{
	static const struct row rows[] = {
		{ "10 postfix/qmgr[5]: AAAAAA1: from=<s@x>, size=1, nrcpt=1 (queue active)\n"
		  DELIVERY("10", 7, "x@a", "0/0/0/9")
		  "10 " S(8) TLS("Verified", A) "10 " S(8) "CCCCCC1: " TO("x@a", A) SENT
		  "10 " S(9) "DDDDDD1: " TO("x@a", A) FAILED("whatever"),
		  "x@a\nx@a session\nx@a\n" },
		{ "10 postfix/cleanup[5]: AAAAAA1: message-id=<1@x>\n"
		  DELIVERY("10", 7, "x@a", "0/0/0/9"), "x@a\n" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delivery_that_began_before_the_log_is_cut),
		cmocka_unit_test(what_was_chosen_from_a_log_is_not_cut),
		cmocka_unit_test(not_when_the_message_was_taken_up_within_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
