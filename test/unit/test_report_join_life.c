/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages, their queue ids, and lines that stand in a log twice: maillog.md A.6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "report_join_expect.h"

#define CLIENT(q) "postfix/smtpd[1]: " q ": client=c[192.0.2.9]\n"
#define PICKUP(q, more) "postfix/pickup[2]: " q ": uid=0 from=<s@o>" more "\n"
#define ID(q, id) "postfix/cleanup[3]: " q ": message-id=<" id ">\n"
#define FROM(q, from) "postfix/qmgr[4]: " q ": from=<" from ">, size=1, nrcpt=1 (queue active)\n"
#define EXPIRED(q) "postfix/qmgr[4]: " q ": from=<s@o>, status=expired, returned to sender\n"
#define REMOVED(q) "postfix/qmgr[4]: " q ": removed\n"
#define Q "AAAAAA1"
#define D(t, q, to, end) t " " S(7) q ": " TO(to, A) end
#define LATER FAILED("later")

static void a_delivery_knows_sender_and_message_id(void **state)
{
	static const struct row rows[] = {
		{ "1 " CLIENT(Q) "3 " ID(Q, "m1") "3 " FROM(Q, "s@o") D("4", Q, "x@a", SENT)
		  "4 " REMOVED(Q), "1 x@a sent from=s@o id=m1\ngone 1\n" },
		{ "1 " PICKUP(Q, "") "1 " ID(Q, "") "1 " FROM(Q, "") D("1", Q, "x@a", SENT),
		  "1 x@a sent from= id=\n" },
		/* The log begins in the middle. */
		{ D("1", Q, "x@a", LATER) "9 " FROM(Q, "s@o") D("9", Q, "x@a", SENT),
		  "1 x@a deferred\n1 x@a sent from=s@o\n" },
		/* smtpd, cleanup and smtp have syslog names of their own; another instance, another
		 * host has other messages. */
		{ "1 postfix/submission/smtpd[1]: " Q ": client=c[192.0.2.9]\n" "1 " ID(Q, "m1")
		  "1 postfix/relay/smtp[7]: " Q ": " TO("x@a", A) LATER
		  "1 postfix-out/smtp[7]: " Q ": " TO("x@a", A) LATER
		  "1 other " S(7) Q ": " TO("x@a", A) LATER,
		  "1 x@a deferred id=m1\n2 x@a deferred place=1\n3 x@a deferred place=2\n" },
		/* Nothing is told of messages that went nowhere. */
		{ "1 " CLIENT(Q) "1 " ID(Q, "m1") "1 " FROM(Q, "s@o") "1 " REMOVED(Q), "" },
		{ "1 " CLIENT(Q) "1 " ID(Q, "m1")
		  "1 postfix/cleanup[3]: " Q ": removed (canceled)\n"
		  D("2", Q, "x@a", SENT), "1 x@a sent\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void a_queue_id_is_used_again(void **state)
{
	static const struct row rows[] = {
		{ "1 " CLIENT(Q) "1 " ID(Q, "m1") D("1", Q, "x@a", SENT) "1 " REMOVED(Q)
		  "5 " CLIENT(Q) "5 " ID(Q, "m2") D("5", Q, "x@a", SENT) "5 " REMOVED(Q),
		  "1 x@a sent id=m1\ngone 1\n2 x@a sent id=m2\ngone 2\n" },
		/* Nor are qmgr's lines; but nobody has a message for as long. */
		{ D("1", Q, "x@a", SENT) D("432002", Q, "x@a", SENT) D("500000", Q, "x@a", SENT),
		  "1 x@a sent\ngone 1\n2 x@a sent\n" },
		{ D("1", Q, "x@a", SENT) D("432001", Q, "x@a", SENT), "1 x@a sent\n" },
		/* It was put on hold meanwhile. */
		{ "1 " FROM(Q, "s@o") D("1", Q, "x@a", LATER) "900000 " FROM(Q, "s@o")
		  D("900000", Q, "x@a", SENT), "1 x@a deferred from=s@o\n1 x@a sent from=s@o\n" },
		/* Its removal is not in the log. */
		{ "1 " CLIENT(Q) "1 " ID(Q, "m1") "1 " FROM(Q, "s@o") D("1", Q, "x@a", LATER)
		  "5 " CLIENT(Q) D("6", Q, "x@a", SENT),
		  "1 x@a deferred from=s@o id=m1\ngone 1\n2 x@a sent\n" },
		{ D("1", Q, "x@a", LATER) "5 " ID(Q, "m2") D("6", Q, "x@a", SENT),
		  "1 x@a deferred\ngone 1\n2 x@a sent id=m2\n" },
		{ "1 " ID(Q, "m1") D("1", Q, "x@a", LATER) "5 " ID(Q, "m1") D("6", Q, "x@a", SENT),
		  "1 x@a deferred id=m1\n1 x@a sent id=m1\n" },
		{ "1 " CLIENT(Q) "1 " ID(Q, "m1") "5 " CLIENT(Q) D("6", Q, "x@a", SENT),
		  "1 x@a sent\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

#define N "BBBBBB1"

static void a_message_that_is_requeued_is_the_same_one(void **state)
{
	static const struct row rows[] = {
		{ "1 " CLIENT(Q) "1 " ID(Q, "m1") "1 " FROM(Q, "s@o") D("1", Q, "x@a", SENT)
		  D("1", Q, "y@a", LATER) "5 " PICKUP(N, " orig_id=" Q) "7 " ID(N, "m1")
		  "7 " FROM(N, "s@o") D("8", N, "x@a", SENT) D("8", N, "y@a", SENT)
		  "8 " REMOVED(N) "9 " REMOVED(Q),
		  "1 x@a sent from=s@o id=m1\n1 y@a deferred from=s@o id=m1\n"
		  "1 y@a sent from=s@o id=m1\ngone 1\n" },
		/* The old one began before the log. */
		{ "5 " PICKUP(N, " orig_id=" Q) "5 " ID(N, "m1") D("6", N, "x@a", SENT),
		  "1 x@a sent id=m1\n" },
		{ D("1", Q, "x@a", LATER) "5 " PICKUP(N, " orig_id=" Q) "7 " ID(N, "m1")
		  D("7", N, "x@a", SENT), "1 x@a deferred\n1 x@a sent id=m1\n" },
		/* Its file got the same number. */
		{ D("1", Q, "x@a", LATER) "1 " PICKUP(Q, " orig_id=" Q) D("7", Q, "x@a", SENT),
		  "1 x@a deferred\n1 x@a sent\n" },
		/* The new id belonged to another one that was not removed. */
		{ D("1", N, "z@a", LATER) D("1", Q, "x@a", LATER) "5 " PICKUP(N, " orig_id=" Q)
		  D("7", N, "x@a", SENT), "1 z@a deferred\n2 x@a deferred\ngone 1\n2 x@a sent\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void a_message_is_gone_once_and_expired_when_it_was(void **state)
{
	static const struct row rows[] = {
		{ D("1", Q, "x@a", LATER) "5 " EXPIRED(Q) "5 " REMOVED(Q),
		  "1 x@a deferred\nexpired 1\n" },
		{ D("1", Q, "x@a", LATER)
		  "5 postfix/qmgr[4]: " Q ": from=<s@o>, status=force-expired, returned to"
		  " sender\n",
		  "1 x@a deferred\nexpired 1\n" },
		{ "5 " EXPIRED(Q) "5 " REMOVED(Q), "" },
		{ D("1", Q, "x@a", "status=bounced (Server certificate not verified)\n")
		  "5 " REMOVED(Q), "1 x@a bounced\ngone 1\n" },
		/* The message after it with this id is another one. */
		{ D("1", Q, "x@a", LATER) "5 " EXPIRED(Q) "5 " REMOVED(Q) D("7", Q, "x@a", LATER)
		  "8 " REMOVED(Q), "1 x@a deferred\nexpired 1\n2 x@a deferred\ngone 2\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void copies_count_once(void **state)
{
	static const struct row rows[] = {
		{ D("1", Q, "x@a", LATER) D("1", Q, "x@a", LATER) D("2", Q, "x@a", LATER),
		  "1 x@a deferred\n1 x@a deferred\n" },
		/* Containers of seconds and of less, of short and of full names of hosts. */
		{ "1 " CLIENT(Q) "1 " ID(Q, "m1") D("1", Q, "x@a", LATER)
		  "1.5 mail.example postfix/smtpd[1]: " Q ": client=c[192.0.2.9]\n"
		  "1.6 mail.example postfix/cleanup[3]: " Q ": message-id=<m1>\n"
		  "1.7 mail.example " S(7) Q ": " TO("x@a", A) LATER
		  D("2", Q, "y@a", LATER) "9.5 mail.example " S(7) Q ": " TO("x@a", A) LATER,
		  "1 x@a deferred id=m1\n1 y@a deferred id=m1\n1 x@a deferred id=m1\n" },
		/* Hosts of one first label and two domains are two. */
		{ "1 mail.a " S(7) Q ": " TO("x@a", A) LATER "2 mail.b " S(7) Q ": " TO("x@a", A)
		  LATER, "1 x@a deferred\n2 x@a deferred place=1\n" },
		/* Whoever has it has it, though the copy differs. */
		{ D("1", Q, "x@a", SENT) D("2", Q, "x@a", SENT) D("2", Q, "y@a", SENT)
		  D("2", Q, "z@a", SENT) D("3", Q, "u@a", SENT) D("4", Q, "u@a", SENT)
		  D("5", Q, "z@a", SENT),
		  "1 x@a sent\n1 y@a sent\n1 z@a sent\n1 u@a sent\n" },
		/* All that was before once more, while the next one with this id is alive. */
		{ "1 " CLIENT(Q) "1 " ID(Q, "m1") D("1", Q, "x@a", SENT) "1 " REMOVED(Q)
		  "5 " CLIENT(Q) "5 " ID(Q, "m2") D("5", Q, "x@a", LATER)
		  "1 " CLIENT(Q) "1 " ID(Q, "m1") D("1", Q, "x@a", SENT) "1 " REMOVED(Q)
		  "5 " CLIENT(Q) "5 " ID(Q, "m2") D("5", Q, "x@a", LATER) D("7", Q, "x@a", LATER),
		  "1 x@a sent id=m1\ngone 1\n2 x@a deferred id=m2\n2 x@a deferred id=m2\n" },
		/* A copy binds a session as its original did. */
		{ "1 " S(7) TLS("Trusted", A) D("1", Q, "x@a", SENT)
		  "1 " S(7) TLS("Trusted", A) D("1", Q, "x@a", SENT) D("2", N, "x@a", SENT),
		  "1 x@a sent Trusted\n2 x@a sent\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void trouble_is_told_once(void **state)
{
#define NO_TABLE "warning: socketmap:x lookup error for \"a\"\n"
	static const struct row rows[] = {
		{ "1 " S(7) NO_TABLE "1 " S(7) NO_TABLE "1 " S(8) NO_TABLE,
		  "local text=socketmap:x lookup error for \"a\"\n"
		  "local text=socketmap:x lookup error for \"a\"\n" },
		{ "1 " S(7) "warning: DNSSEC validation may be unavailable\n",
		  "no-dnssec text=warning: DNSSEC validation may be unavailable\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delivery_knows_sender_and_message_id),
		cmocka_unit_test(a_queue_id_is_used_again),
		cmocka_unit_test(a_message_that_is_requeued_is_the_same_one),
		cmocka_unit_test(a_message_is_gone_once_and_expired_when_it_was),
		cmocka_unit_test(copies_count_once),
		cmocka_unit_test(trouble_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
