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
#define BEGIN "10 postfix/qmgr[5]: BBBBBB1: removed\n"

static void show(void *arg, const struct delivery *d)
{
	buf_printf(arg, "%.*s%s%s\n", (int)d->recipient.len, d->recipient.p,
	    d->session ? " session" : "", d->cut ? " cut" : "");
}

static void a_delivery_that_began_before_the_log_is_cut(void **state)
{
	static const struct row rows[] = {
		/* It is the first thing in it. */
		{ DELIVERY("10", 7, "x@a", "0/0/0/0"), "x@a cut\n" },
		/* Stamps and delays are rounded: two seconds are near. */
		{ BEGIN DELIVERY("11", 7, "x@a", "0/0/0.9/0.9"), "x@a cut\n" },
		{ BEGIN DELIVERY("12", 7, "x@a", "9/9/0.9/0.9"), "x@a\n" },
		{ BEGIN DELIVERY("20", 7, "x@a", "0/0/4.2/5"), "x@a cut\n" },
		{ BEGIN DELIVERY("20", 7, "x@a", "0/0/4/4"), "x@a\n" },
		{ BEGIN DELIVERY("20", 7, "x@a", "0/0/99999999999999999999/4"), "x@a cut\n" },
		{ BEGIN DELIVERY("20", 7, "x@a", "?"), "x@a\n" },
		/* Each host and instance begins for itself. */
		{ BEGIN "20 other " S(7) "AAAAAA1: " TO("x@a", A) SENT, "x@a cut\n" },
		/* Lines that are older come later, from another file. */
		{ DELIVERY("20", 7, "x@a", "0/0/0/0") BEGIN DELIVERY("20", 7, "y@a", "0/0/0/0"),
		  "x@a cut\ny@a\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out = {0};
		struct join_next next = help_next(&out);
		struct join *j;

		next.delivery = show;
		j = join_new(NULL, &next);
		assert_non_null(j);
		help_push(j, rows[i].lines);
		assert_string_equal(out.data, rows[i].expected);
		join_free(j);
		buf_free(&out);
	}
}

static void not_when_the_message_was_taken_up_within_it(void **state)
{
	static const char lines[] =
	    "10 postfix/qmgr[5]: AAAAAA1: from=<s@x>, size=1, nrcpt=1 (queue active)\n"
	    DELIVERY("10", 7, "x@a", "0/0/0/9")
	    "10 " S(8) TLS("Verified", A) "10 " S(8) "CCCCCC1: " TO("x@a", A) SENT
	    "10 " S(9) "DDDDDD1: " TO("x@a", A) FAILED("whatever");
	struct buf out = {0};
	struct join_next next = help_next(&out);
	struct join *j;

	(void)state;
	next.delivery = show;
	j = join_new(NULL, &next);
	assert_non_null(j);
	help_push(j, lines);
	assert_string_equal(out.data, "x@a\nx@a session\nx@a\n");
	join_free(j);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delivery_that_began_before_the_log_is_cut),
		cmocka_unit_test(not_when_the_message_was_taken_up_within_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
