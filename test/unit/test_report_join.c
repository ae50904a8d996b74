/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "report_join_expect.h"

static void a_session_line_belongs_to_the_next_delivery_of_its_process(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) TLS("Verified", A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT,
		  "1 x@a sent Verified\n" },
		/* All recipients of that message, no other message. */
		{ "1 " S(7) TLS("Trusted", A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  "1 " S(7) "AAAAAA1: " TO("y@a", A) SENT "2 " S(7) "BBBBBB1: " TO("x@a", A) SENT,
		  "1 x@a sent Trusted\n1 y@a sent Trusted\n2 x@a sent\n" },
		/* Another process, another side. */
		{ "1 " S(7) TLS("Trusted", A) "1 " S(8) "AAAAAA1: " TO("x@a", A) SENT,
		  "1 x@a sent\n" },
		{ "1 " S(7) TLS("Trusted", A) "1 " S(7) "AAAAAA1: " TO("x@a", B) SENT
		  "1 " S(7) "BBBBBB1: " TO("x@a", A) SENT, "1 x@a sent\n2 x@a sent\n" },
		/* A process id that was used again, hours later. */
		{ "1 " S(7) TLS("Trusted", A) "7202 " S(7) "AAAAAA1: " TO("x@a", A) SENT,
		  "1 x@a sent\n" },
		{ "1 " S(7) TLS("Trusted", A) "7201 " S(7) "AAAAAA1: " TO("x@a", A) SENT,
		  "1 x@a sent Trusted\n" },
		/* Lines without a process id are of nobody. */
		{ "1 postfix/smtp: " TLS("Trusted", A) "1 postfix/smtp: AAAAAA1: " TO("x@a", A)
		  SENT, "1 x@a sent\n" },
		/* tlsproxy says it again, smtpd says it of others. */
		{ "1 postfix/tlsproxy[7]: " TLS("Trusted", A) "1 " S(7) "AAAAAA1: " TO("x@a", A)
		  SENT, "1 x@a sent\n" },
		/* Interleaved, two instances, two hosts. */
		{ "1 " S(7) TLS("Trusted", A) "1 " S(8) TLS("Verified", B)
		  "1 out/smtp[7]: " TLS("Anonymous", A) "1 other " S(7) TLS("Untrusted", A)
		  "1 " S(8) "AAAAAA1: " TO("b@a", B) SENT "1 " S(7) "AAAAAA2: " TO("a@a", A) SENT
		  "1 other " S(7) "AAAAAA2: " TO("o@a", A) SENT
		  "1 out/smtp[7]: AAAAAA2: " TO("i@a", A) SENT,
		  "1 b@a sent Verified\n2 a@a sent Trusted\n3 o@a sent Untrusted place=2\n"
		  "4 i@a sent Anonymous place=1\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

#define USED(n, to, relay) "to=<" to ">, relay=" relay ", conn_use=" #n \
	", delay=1, delays=0/0/0/1, dsn=2.0.0, "

static void a_connection_that_is_used_again_needs_a_line_of_its_own(void **state)
{
	static const struct row rows[] = {
		{ "1 " S(7) TLS("Trusted", A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  "2 " S(7) REUSED("Trusted", A) "2 " S(7) "BBBBBB1: " USED(2, "x@a", A) SENT,
		  "1 x@a sent Trusted\n2 x@a sent Trusted\n" },
		/* Handed to another process by scache. */
		{ "1 " S(7) TLS("Verified", A) "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  "2 " S(8) REUSED("Verified", A) "2 " S(8) "BBBBBB1: " USED(2, "x@a", A) SENT,
		  "1 x@a sent Verified\n2 x@a sent Verified\n" },
		/* In the clear, although the process has a session line that nobody took. */
		{ "1 " S(7) TLS("Trusted", A) "2 " S(7) "BBBBBB1: " USED(2, "x@a", A) SENT,
		  "1 x@a sent\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_line_belongs_to_the_next_delivery_of_its_process),
		cmocka_unit_test(a_connection_that_is_used_again_needs_a_line_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
