/* SPDX-License-Identifier: BSD-2-Clause */
/* What proves a session, and why one did not do: maillog.md A.3b, A.5, A.7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "report_join_expect.h"

#define DANE(peer) peer ": Matched DANE EE certificate at depth 0: 3 1 1 00FF\n"
#define NAME(peer) peer ": matched peername: mx.example\n"
#define CAUSE(peer, why) "server certificate verification failed for " peer ": " why "\n"
#define NO_MATCH(peer) CAUSE(peer, "num=65:no matching DANE TLSA records")
#define EXPIRED(peer) CAUSE(peer, "certificate has expired")
#define BAD FAILED("Server certificate not verified")

static void a_proof_belongs_to_the_session_line_that_follows(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) DANE(A) "1 " S(7) TLS("Verified", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified+dane\n" },
		{ "1 " S(7) NAME(A) "1 " S(7) TLS("Verified", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified+name\n" },
		/* Before 3.6. */
		{ "1 " S(7) A ": depth=0 matched end entity public-key sha256 digest=00\n"
		  "1 " S(7) TLS("Verified", A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT,
		  "1 x@a sent Verified+dane\n" },
		{ "1 " S(7) A ": Matched subjectAltName: a\n" "1 " S(7) TLS("Verified", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified+name\n" },
		/* DANE-TA prints both, in any order. */
		{ "1 " S(7) DANE(A) "1 " S(7) NAME(A) "1 " S(7) TLS("Verified", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified+dane\n" },
		{ "1 " S(7) NAME(A) "1 " S(7) DANE(A) "1 " S(7) TLS("Verified", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified+dane\n" },
		/* half-dane */
		{ "1 " S(7) DANE(A) "1 " S(7) TLS("Trusted", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Trusted+dane\n" },
		/* Of another side, or of another process. */
		{ "1 " S(7) DANE(B) "1 " S(7) TLS("Verified", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified\n" },
		{ "1 " S(8) DANE(A) "1 " S(7) TLS("Verified", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified\n" },
		/* By tlsproxy, a few seconds before at most. */
		{ "1 " X(9) DANE(A) "1 " X(9) TLS("Verified", A) "2 " S(7) TLS("Verified", A)
		  "3 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified+dane\n" },
		{ "1 " X(9) DANE(A) "1 postfix/relay/smtp[7]: " TLS("Verified", A)
		  "3 postfix/relay/smtp[7]: AAAAAA1: " TO("x@a", A) SENT,
		  "1 x@a sent Verified+dane\n" },
		{ "1 " X(9) DANE(A) "20 " S(7) TLS("Verified", A)
		  "20 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified\n" },
		{ "1 other " X(9) DANE(A) "1 " S(7) TLS("Verified", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Verified\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

#define PROVED(t, pid, proof, trust, qid, peer) t " " S(pid) proof(peer) \
	t " " S(pid) TLS(trust, peer) t " " S(pid) qid ": " TO("x@a", peer) SENT
#define RESUMED(t, pid, trust, qid, peer) \
	t " " S(pid) TLS(trust, peer) t " " S(pid) qid ": " TO("x@a", peer) SENT

static void a_session_that_was_resumed_inherits_the_proof(void **state)
{
	static const struct row rows[] = {
		{ PROVED("1", 7, DANE, "Verified", "AAAAAA1", A)
		  RESUMED("3600", 8, "Verified", "AAAAAA2", A)
		  RESUMED("3602", 8, "Verified", "AAAAAA3", A),
		  "1 x@a sent Verified+dane\n2 x@a sent Verified+dane\n3 x@a sent Verified\n" },
		{ PROVED("1", 7, NAME, "Verified", "AAAAAA1", A)
		  RESUMED("2", 8, "Verified", "AAAAAA2", A),
		  "1 x@a sent Verified+name\n2 x@a sent Verified+name\n" },
		/* Another trust, another side, another host. */
		{ PROVED("1", 7, DANE, "Verified", "AAAAAA1", A)
		  RESUMED("2", 8, "Trusted", "AAAAAA2", A)
		  RESUMED("2", 8, "Untrusted", "AAAAAA3", A)
		  RESUMED("2", 8, "Verified", "AAAAAA4", B),
		  "1 x@a sent Verified+dane\n2 x@a sent Trusted\n3 x@a sent Untrusted\n"
		  "4 x@a sent Verified\n" },
		{ PROVED("1", 7, DANE, "Trusted", "AAAAAA1", A)
		  RESUMED("2", 8, "Trusted", "AAAAAA2", A)
		  RESUMED("2", 8, "Verified", "AAAAAA3", A),
		  "1 x@a sent Trusted+dane\n2 x@a sent Trusted+dane\n3 x@a sent Verified\n" },
		/* One side for domains of both kinds: which one was resumed is not known. */
		{ PROVED("1", 7, DANE, "Verified", "AAAAAA1", A)
		  PROVED("2", 7, NAME, "Verified", "AAAAAA2", A)
		  RESUMED("3", 8, "Verified", "AAAAAA3", A),
		  "1 x@a sent Verified+dane\n2 x@a sent Verified+name\n3 x@a sent Verified\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void a_server_of_domains_of_both_kinds_proves_nothing_for_others(void **state)
{
	static const struct row rows[] = {
		/* Their own proofs count; what is resumed is not known from the first NAME on. */
		{ PROVED("1", 7, DANE, "Verified", "AAAAAA1", A)
		  RESUMED("2", 8, "Verified", "AAAAAA2", A)
		  "3 " S(9) NAME(A) RESUMED("3", 8, "Verified", "AAAAAA3", A)
		  "3 " S(9) TLS("Verified", A) "3 " S(9) "AAAAAA4: " TO("x@b", A) SENT
		  PROVED("4", 7, DANE, "Verified", "AAAAAA5", A)
		  RESUMED("3604", 8, "Verified", "AAAAAA6", A),
		  "1 x@a sent Verified+dane\n2 x@a sent Verified+dane\n3 x@a sent Verified\n"
		  "4 x@b sent Verified+name\n5 x@a sent Verified+dane\n"
		  "6 x@a sent Verified+dane\n" },
		/* Nor is it within a second. */
		{ "1 " S(9) NAME(A) PROVED("1", 7, DANE, "Verified", "AAAAAA1", A)
		  "1 " S(7) TLS("Verified", A) "1 " S(7) "AAAAAA2: " TO("x@b", A) SENT,
		  "1 x@a sent Verified+dane\n2 x@b sent Verified\n" },
		/* What tlsproxy proved may be either's. */
		{ "1 " X(9) DANE(A) "1 " X(9) NAME(A) RESUMED("1", 7, "Verified", "AAAAAA1", A),
		  "1 x@a sent Verified\n" },
		/* DANE-TA prints the name first. */
		{ "1 " X(9) NAME(A) "1 " X(9) A ": Matched DANE TA certificate at depth 1: 2 0 1 00\n"
		  RESUMED("1", 7, "Verified", "AAAAAA1", A)
		  RESUMED("9", 8, "Verified", "AAAAAA2", A),
		  "1 x@a sent Verified+dane\n2 x@a sent Verified+dane\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void a_cause_belongs_to_one_attempt_that_failed_for_it(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) NO_MATCH(A) "1 " S(7) TLS("Untrusted", A)
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD "1 " S(7) "AAAAAA1: " TO("y@a", A) BAD
		  "2 " S(7) "AAAAAA2: " TO("x@a", A) BAD,
		  "1 x@a deferred Untrusted cause=no-match\n"
		  "1 y@a deferred Untrusted cause=no-match\n"
		  "2 x@a deferred\n" },
		/* The same message again, which has no cause of its own. */
		{ "1 " S(7) EXPIRED(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD
		  "50 " S(7) "AAAAAA1: " TO("x@a", A) BAD,
		  "1 x@a deferred cause=expired\n1 x@a deferred\n" },
		/* What went well has none, and leaves none behind. */
		{ "1 " S(7) EXPIRED(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  "2 " S(7) "AAAAAA2: " TO("x@a", A) BAD, "1 x@a sent\n2 x@a deferred\n" },
		/* A failure of another kind, another side, another process, too late. */
		{ "1 " S(7) EXPIRED(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) FAILED("host said: 450"),
		  "1 x@a deferred\n" },
		{ "1 " S(7) EXPIRED(A) "1 " S(7) "AAAAAA1: " TO("x@a", B) BAD,
		  "1 x@a deferred\n" },
		{ "1 " S(8) EXPIRED(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD,
		  "1 x@a deferred\n" },
		{ "1 " S(7) EXPIRED(A) "99 " S(7) "AAAAAA1: " TO("x@a", A) BAD,
		  "1 x@a deferred\n" },
		/* Of tlsproxy: for all who failed there in the next seconds. */
		{ "1 " X(9) EXPIRED(A) "2 " S(7) "AAAAAA1: " TO("x@a", A)
		  FAILED("Cannot start TLS: handshake failure")
		  "3 " S(8) "AAAAAA2: " TO("x@a", A) BAD "3 " S(8) "AAAAAA3: " TO("x@a", B) BAD
		  "9 " S(8) "AAAAAA4: " TO("x@a", A) BAD,
		  "1 x@a deferred cause=expired\n2 x@a deferred cause=expired\n3 x@a deferred\n"
		  "4 x@a deferred\n" },
		/* What the process says itself goes before. */
		{ "1 " X(9) EXPIRED(A) "1 " S(7) NO_MATCH(A) "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD,
		  "1 x@a deferred cause=no-match\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

#define LOST(t, pid, said) t " " S(pid) "AAAAAA1: " said "\n"

static void a_connection_that_was_lost_takes_its_session_along(void **state)
{
	static const struct row rows[] = {
		/* The same host again, in the clear. */
		{ "1 " S(7) TLS("Untrusted", A) LOST("1", 7, "lost connection with mx while x")
		  "2 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent\n" },
		{ "1 " S(7) TLS("Untrusted", A)
		  LOST("1", 7, "conversation with mx timed out while x")
		  "2 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent\n" },
		{ "1 " S(7) TLS("Untrusted", A) LOST("1", 7, "host mx refused to talk to me: 4")
		  "2 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent\n" },
		/* After one recipient. */
		{ "1 " S(7) TLS("Untrusted", A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  LOST("1", 7, "lost connection with mx while x")
		  "2 " S(7) "AAAAAA1: " TO("y@a", A) SENT,
		  "1 x@a sent Untrusted\n1 y@a sent\n" },
		/* Again with TLS. */
		{ "1 " S(7) TLS("Untrusted", A) LOST("1", 7, "host mx said: 450 no")
		  "2 " S(7) TLS("Trusted", A) "2 " S(7) "AAAAAA1: " TO("x@a", A) SENT,
		  "1 x@a sent Trusted\n" },
		/* Of another process; of a connection that goes on. */
		{ "1 " S(7) TLS("Trusted", A) LOST("1", 8, "lost connection with mx while x")
		  LOST("1", 7, "breaking line > 998 bytes with <CR><LF>SPACE")
		  LOST("1", 7, "enabling PIX workarounds: disable_esmtp for mx")
		  "2 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent Trusted\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void a_host_that_was_passed_over_leaves_nothing_to_the_next(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) NO_MATCH(A) "1 " S(7) TLS("Untrusted", A)
		  "1 " S(7) "AAAAAA1: Server certificate not verified\n"
		  "2 " S(7) TLS("Verified", B) "2 " S(7) "AAAAAA1: " TO("x@a", B) SENT,
		  "passed 5 domain=\n1 x@a sent Verified\n" },
		/* Even if that is another connection to the same one. */
		{ "1 " S(7) NO_MATCH(A) "1 " S(7) TLS("Untrusted", A)
		  "1 " S(7) "AAAAAA1: Server certificate not verified\n"
		  "2 " S(7) "AAAAAA1: " TO("x@a", A) BAD, "passed 5 domain=\n1 x@a deferred\n" },
		/* With a copy of it. */
		{ "1 " S(7) "AAAAAA1: Cannot start TLS: handshake failure\n"
		  "1 " S(7) "AAAAAA1: Cannot start TLS: handshake failure\n",
		  "passed 3 domain=\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

#define RPT(what) "TLSRPT: status=" what "\n"
#define RPT_BAD(domain, mx) RPT("failure, domain=" domain ", receiving_mx=" mx \
	", failure_type=certificate_expired")

static void other_lines_of_a_connection_go_to_its_delivery(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) RPT_BAD("a", "a.example[192.0.2.1]")
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD "2 " S(7) "AAAAAA2: " TO("x@a", A) BAD,
		  "1 x@a deferred tlsrpt=4\n2 x@a deferred\n" },
		{ "1 " S(7) RPT_BAD("a", "b.example[192.0.2.2]")
		  "1 " S(7) "AAAAAA1: " TO("x@a", A) BAD, "1 x@a deferred\n" },
		/* Of tlsproxy: by the domain, too. */
		{ "1 " X(9) RPT_BAD("a", "a.example[192.0.2.1]")
		  "2 " S(7) "AAAAAA1: " TO("x@a", A) BAD "2 " S(8) "AAAAAA2: " TO("x@b", A) BAD,
		  "1 x@a deferred tlsrpt=4\n2 x@b deferred\n" },
		{ "1 " S(7) "warning: " A ": all TLSA records unusable, fallback to unauthenticated"
		  " TLS\n" "1 " S(7) TLS("Untrusted", A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  "2 " S(7) "AAAAAA2: " TO("x@a", A) SENT,
		  "1 x@a sent Untrusted unusable\n2 x@a sent\n" },
		{ "1 " X(9) "warning: " A ": all TLSA records unusable, fallback to unauthenticated"
		  " TLS\n" "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, "1 x@a sent unusable\n" },
		/* No connection was made at all. */
		{ "1 " S(7) "warning: MX name 'mx' does not match STS MX pattern for 'a'\n"
		  "1 " S(7) "AAAAAA1: " TO("x@a", "none")
		  FAILED("server unavailable or unable to receive mail")
		  "2 " S(7) "AAAAAA2: " TO("x@a", "none") BAD,
		  "1 x@a deferred sts-mx\n2 x@a deferred\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void what_stands_in_no_connection_takes_nothing(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) TLS("Verified", A) "1 postfix/error[7]: AAAAAA1: " TO("x@a", "none")
		  FAILED("delivery temporarily suspended: Server certificate not verified"),
		  "1 x@a deferred\n" },
		/* Between two of one connection. */
		{ "1 " S(7) TLS("Verified", A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  "1 postfix/error[9]: AAAAAA2: " TO("x@a", "none") FAILED("whatever")
		  "1 " S(7) "AAAAAA1: " TO("y@a", A) SENT,
		  "1 x@a sent Verified\n2 x@a deferred\n1 y@a sent Verified\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proof_belongs_to_the_session_line_that_follows),
		cmocka_unit_test(a_session_that_was_resumed_inherits_the_proof),
		cmocka_unit_test(a_server_of_domains_of_both_kinds_proves_nothing_for_others),
		cmocka_unit_test(a_cause_belongs_to_one_attempt_that_failed_for_it),
		cmocka_unit_test(a_connection_that_was_lost_takes_its_session_along),
		cmocka_unit_test(a_host_that_was_passed_over_leaves_nothing_to_the_next),
		cmocka_unit_test(other_lines_of_a_connection_go_to_its_delivery),
		cmocka_unit_test(what_stands_in_no_connection_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
