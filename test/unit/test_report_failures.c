/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that are not tried because others failed; handshakes that this side made fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "report_join_expect.h"

#define CAUSE(peer, why) "server certificate verification failed for " peer ": " why "\n"
#define NO_MATCH(peer) CAUSE(peer, "num=65:no matching DANE TLSA records")
#define EXPIRED(peer) CAUSE(peer, "certificate has expired")
#define UNVERIFIED "Server certificate not verified"
#define BAD FAILED(UNVERIFIED)
#define E(t, qid, to, why) t " postfix/error[9]: " qid ": " TO(to, "none") \
	FAILED("delivery temporarily suspended: " why)
#define WITH_TLS(to, relay, tls, why) "to=<" to ">, relay=" relay ", delay=1, delays=0/0/0/1," \
	" tls=" tls ", dsn=4.7.5, status=deferred (" why ")\n"

static void what_is_not_tried_fails_by_what_failed_before(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) NO_MATCH(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD
		  E("2", "AAAAAA2", "y@a", UNVERIFIED) E("3600", "AAAAAA3", "z@a", UNVERIFIED),
		  "1 x@a deferred cause=no-match\n2 y@a deferred cause=no-match\n"
		  "3 z@a deferred cause=no-match\n" },
		/* The last one counts when they differ in what they say. */
		{ "1 " S(7) NO_MATCH(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD
		  "2 " S(7) "AAAAAA4: " TO("x@a", A) FAILED("Cannot start TLS: handshake failure")
		  E("3", "AAAAAA2", "y@a", UNVERIFIED),
		  "1 x@a deferred cause=no-match\n2 x@a deferred\n3 y@a deferred\n" },
		/* Another domain, statement, host or time. */
		{ "1 " S(7) NO_MATCH(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD
		  E("2", "AAAAAA2", "y@b", UNVERIFIED)
		  E("2", "AAAAAA3", "y@a", "Server certificate not trusted")
		  "2 other postfix/error[9]: AAAAAA4: " TO("y@a", "none")
		  FAILED("delivery temporarily suspended: " UNVERIFIED)
		  E("3602", "AAAAAA5", "y@a", UNVERIFIED),
		  "1 x@a deferred cause=no-match\n2 y@b deferred\n3 y@a deferred\n"
		  "4 y@a deferred place=1\n5 y@a deferred\n" },
		/* What failed later was not the reason. */
		{ E("1", "AAAAAA2", "y@a", UNVERIFIED)
		  "2 " S(7) NO_MATCH(A) "2 " S(7) "AAAAAA1: " TO("x@a", A) BAD,
		  "1 y@a deferred\n2 x@a deferred cause=no-match\n" },
		{ E("1", "AAAAAA2", "y@a", UNVERIFIED), "1 y@a deferred\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void two_kinds_of_failure_with_one_statement_leave_it_open(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) NO_MATCH(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD
		  "2 " S(7) EXPIRED(B) "2 " S(7) "AAAAAA2: " TO("x@a", B) BAD
		  "3 " S(7) EXPIRED(B) "3 " S(7) "AAAAAA3: " TO("x@a", B) BAD
		  E("4", "AAAAAA4", "y@a", UNVERIFIED),
		  "1 x@a deferred cause=no-match\n2 x@a deferred cause=expired\n"
		  "3 x@a deferred cause=expired\n4 y@a deferred\n" },
		/* Until the first kind is over. */
		{ "1 " S(7) NO_MATCH(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD
		  "3602 " S(7) EXPIRED(B) "3602 " S(7) "AAAAAA2: " TO("x@a", B) BAD
		  E("3603", "AAAAAA4", "y@a", UNVERIFIED),
		  "1 x@a deferred cause=no-match\n2 x@a deferred cause=expired\n"
		  "3 y@a deferred cause=expired\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

/* ---- What the helper does not show ---- */

static void show(void *arg, const struct delivery *d)
{
	buf_printf(arg, "%.*s level=%d%s%s%s\n", (int)d->recipient.len, d->recipient.p,
	    (int)d->tls.level, d->tls.broken ? "!" : "", d->no_proxy ? " no-proxy" : "",
	    d->smarthost ? " smarthost" : "");
}

static void expect_shown(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
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

static void its_level_and_smarthost_too(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) "AAAAAA1: " WITH_TLS("x@a", A, "!dane", UNVERIFIED)
		  E("2", "AAAAAA2", "y@a", UNVERIFIED), "x@a level=10!\ny@a level=10!\n" },
		{ "1 " S(7) "AAAAAA1: " TO("x@a", "a[192.0.2.1]:587") BAD
		  E("2", "AAAAAA2", "y@a", UNVERIFIED),
		  "x@a level=0 smarthost\ny@a level=0 smarthost\n" },
	};

	(void)state;
	assert_int_equal(LEVEL_DANE, 10);
	expect_shown(rows, COUNT_OF(rows));
}

#define LOST "warning: connect to private/tlsproxy service: No such file or directory\n"
#define HANDSHAKE "Cannot start TLS: handshake failure"
#define LOCAL "local text=connect to private/tlsproxy service: No such file or directory\n"

static void without_tlsproxy_it_was_not_the_server(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) LOST "1 " S(7) "AAAAAA1: " TO("x@a", A) FAILED(HANDSHAKE)
		  "1 " S(7) "AAAAAA1: " TO("y@a", A) FAILED(HANDSHAKE)
		  "1 " S(7) "AAAAAA2: " TO("x@a", A) FAILED(HANDSHAKE),
		  LOCAL "x@a level=0 no-proxy\ny@a level=0 no-proxy\nx@a level=0\n" },
		/* Copies, another process, another reason; what was sent ends it. */
		{ "1 " S(7) LOST "1 " S(7) LOST "1 " S(8) "AAAAAA1: " TO("x@a", A) FAILED(HANDSHAKE)
		  "1 " S(7) "AAAAAA2: " TO("x@a", A) BAD
		  "1 " S(7) "AAAAAA3: " TO("x@a", A) FAILED(HANDSHAKE),
		  LOCAL "x@a level=0\nx@a level=0\nx@a level=0\n" },
		{ "1 " S(7) LOST "1 " S(7) "AAAAAA2: " HANDSHAKE "\n"
		  "1 " S(7) "AAAAAA2: " TO("x@a", B) FAILED(HANDSHAKE),
		  LOCAL "passed 3 domain=\nx@a level=0\n" },
		{ "1 " S(7) LOST "1 " S(7) "AAAAAA1: " TO("x@a", A) FAILED(HANDSHAKE)
		  E("2", "AAAAAA2", "y@a", HANDSHAKE),
		  LOCAL "x@a level=0 no-proxy\ny@a level=0 no-proxy\n" },
	};

	(void)state;
	expect_shown(rows, COUNT_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_tried_fails_by_what_failed_before),
		cmocka_unit_test(two_kinds_of_failure_with_one_statement_leave_it_open),
		cmocka_unit_test(its_level_and_smarthost_too),
		cmocka_unit_test(without_tlsproxy_it_was_not_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
