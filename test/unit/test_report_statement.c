/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "tools/report/statement.h"

static const struct row {
	const char *text;
	enum statement statement;
} rows[] = {
	{ "TLS is required, but was not offered by host mx.a.example[192.0.2.1]",
	    STATEMENT_NOT_OFFERED },
	{ "TLS is required, but host mx.a.example[192.0.2.1] refused to start TLS: 454 4.7.0 no",
	    STATEMENT_REFUSED },
	{ "TLS is required, but our TLS engine is unavailable", STATEMENT_LOCAL },
	{ "TLS is required, but unavailable", STATEMENT_LOCAL },
	{ "Cannot start TLS: handshake failure", STATEMENT_HANDSHAKE },
	{ "Server certificate not trusted", STATEMENT_NOT_TRUSTED },
	{ "Server certificate not verified", STATEMENT_NOT_VERIFIED },
	{ "client TLS configuration problem", STATEMENT_LOCAL },
	{ "Temporary lookup error", STATEMENT_LOCAL },
	{ "non DNSSEC destination", STATEMENT_NO_DNSSEC },
	{ "no TLSA records found", STATEMENT_NO_TLSA },
	{ "TLSA records unusable", STATEMENT_UNUSABLE },
	{ "TLSA lookup error for mx.a.example:25", STATEMENT_TLSA_LOOKUP },
	{ "Verification not possible, MX RRset is insecure", STATEMENT_MX_INSECURE },
	{ "a.example: dane-only configured, but no requisite library support", STATEMENT_LOCAL },
	{ "a.example: dane configured with dnssec lookups disabled", STATEMENT_LOCAL },
	{ "[a.example]:587: dane configured with MX lookup errors ignored", STATEMENT_LOCAL },
	{ "a.example: dns resolver options incompatible with dane-only TLS", STATEMENT_LOCAL },
	{ "dns resolver options incompatible with dane TLS", STATEMENT_LOCAL },
	{ "server unavailable or unable to receive mail", STATEMENT_NO_SERVER },
	{ "Sender requires verified TLS,  but my configured TLS security level is 'may 1'",
	    STATEMENT_REQUIRETLS },
	{ "Sender requested REQUIRETLS, but the server does not support it",
	    STATEMENT_REQUIRETLS },
	{ "REQUIRETLS policy configuration error. Contact your postmaster",
	    STATEMENT_REQUIRETLS },
	{ "Host or domain name not found. Name service error for name=a.example type=MX: "
	  "Host not found, try again", STATEMENT_DNS },
	/* No such name, or not of TLS. */
	{ "Host or domain name not found. Name service error for name=a.example type=A: "
	  "Host not found", STATEMENT_OTHER },
	{ "Domain a.example does not accept mail (nullMX)", STATEMENT_OTHER },
	{ "lost connection with mx.a.example[192.0.2.1] while performing the EHLO handshake",
	    STATEMENT_OTHER },
	{ "conversation with mx.a.example[192.0.2.1] timed out while sending RCPT TO",
	    STATEMENT_OTHER },
	/* A server that says what we say. */
	{ "host mx.a.example[192.0.2.1] said: 454 TLS is required, but was not offered by host "
	  "b.example (in reply to MAIL FROM command)", STATEMENT_OTHER },
	{ "host mx.a.example[192.0.2.1] refused to talk to me: 421 Server certificate not "
	  "verified", STATEMENT_OTHER },
	{ "host mx.a.example[192.0.2.1] said: 450 Host or domain name not found. Name service "
	  "error for name=x type=MX: Host not found, try again", STATEMENT_OTHER },
	{ "250 2.0.0 Server certificate not trusted", STATEMENT_OTHER },
	{ "TLS is required, but host mx.a.example[192.0.2.1] said: refused to start TLS: no",
	    STATEMENT_OTHER },
	{ "host: said: dane configured with dnssec lookups disabled", STATEMENT_OTHER },
	{ "a.example: configured with dnssec lookups disabled", STATEMENT_OTHER },
	{ "a.example dane configured with dnssec lookups disabled", STATEMENT_OTHER },
	{ ": dane configured with dnssec lookups disabled", STATEMENT_OTHER },
	/* Cut, or nearly. */
	{ "", STATEMENT_OTHER },
	{ "S", STATEMENT_OTHER },
	{ "Server certificate not ver", STATEMENT_OTHER },
	{ " Server certificate not verified", STATEMENT_OTHER },
	{ "server certificate not verified", STATEMENT_OTHER },
	{ "TLS is required, but", STATEMENT_OTHER },
	{ "TLS is required, but host ", STATEMENT_OTHER },
	{ "a.example:", STATEMENT_OTHER },
	{ ": ", STATEMENT_OTHER },
};

static void every_statement_is_known_by_its_beginning(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct slice text = { rows[i].text, strlen(rows[i].text) };

		if (statement_of(text) != rows[i].statement)
			fail_msg("%s: %d", rows[i].text, (int)statement_of(text));
	}
}

static void a_server_that_quotes_a_statement_makes_none(void **state)
{
	char text[512] = "host mx.a.example[192.0.2.1] said: 454 4.7.0 ";
	const size_t front = strlen(text);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const size_t len = strlen(rows[i].text);

		memcpy(text + front, rows[i].text, len);
		assert_int_equal(statement_of((struct slice){ text, front + len }),
		    STATEMENT_OTHER);
	}
}

static void a_cut_statement_is_itself_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t len = 0; len < strlen(rows[i].text); len++) {
			const struct slice cut = { rows[i].text, len };
			const enum statement got = statement_of(cut);

			assert_true(got == STATEMENT_OTHER || got == rows[i].statement);
		}
	}
}

static void nothing_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(statement_of((struct slice){ NULL, 0 }), STATEMENT_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_is_known_by_its_beginning),
		cmocka_unit_test(a_server_that_quotes_a_statement_makes_none),
		cmocka_unit_test(a_cut_statement_is_itself_or_none),
		cmocka_unit_test(nothing_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
