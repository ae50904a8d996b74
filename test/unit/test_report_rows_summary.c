/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "test/unit/report_tally_help.h"

static void trouble(struct tally *t, enum verdict_kind kind, const char *text)
{
	char recipient[80];
	struct delivery d = delivery_at(0, 50, "a.example", recipient);
	struct verdict v = { .kind = kind };

	d.text = text_slice(text);
	tally_take(t, &d, &v);
}

static void summary_has_totals_shares_and_what_else_there_was(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);
	int64_t us = DAY0 * 1000000;
	char *got;

	(void)state;
	sent_at(t, 0, 1, "a.example", SECURITY_DANE);
	sent_at(t, 0, 1, "b.example", SECURITY_DANE);
	sent_at(t, 0, 2, "a.example", SECURITY_TLS);
	unlogged_at(t, 0, 3, "a.example", 3);
	blocked_at(t, 0, 4, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	tally_passed(t, us, STATEMENT_HANDSHAKE, SLICE("a.example"));
	trouble(t, VERDICT_POLICY, "Server certificate not verified");
	trouble(t, VERDICT_REQUIRETLS, "Sender requested REQUIRETLS");
	trouble(t, VERDICT_LOCAL, "client TLS configuration problem");
	tally_trouble(t, us, EVENT_LOCAL, SLICE("client TLS configuration problem"));
	tally_trouble(t, us, EVENT_NO_DNSSEC, SLICE("DNSSEC validation may be unavailable"));
	end_at(t, 0);
	assert_true(tally_counts(t)->no_dnssec);
	got = sheet_dump(t, REPORT_SUMMARY);
	assert_string_equal(got,
	    "Period|days|1||from 2026-11-22T00:00:00Z to before 2026-11-23T00:00:00Z\n"
	    "Sent|SMTP DANE with DNSSEC|2|50.0 %|messages: 1\n"
	    "Sent|MTA-STS|0|0.0 %|messages: 0\n"
	    "Sent|SMTP DANE with DNSSEC and MTA-STS|0|0.0 %|messages: 0\n"
	    "Sent|TLS-only|1|25.0 %|messages: 1\n"
	    "Sent|No TLS|0|0.0 %|messages: 0\n"
	    "Sent|DANE or MTA-STS|0|0.0 %|messages: 0\n"
	    "Sent|Unknown|1|25.0 %|messages: 1\n"
	    "Blocked|4.7.323 tlsa-invalid|1|100.0 %|Publish a TLSA record that matches what the"
	    " server shows, best 3 1 1 with the SHA2-256 digest of its public key, and drop those"
	    " that match nothing.\n"
	    "Evidence|the line of a TLS session (smtp_tls_loglevel = 1)|3|60.0 %|\n"
	    "Evidence|what Postfix says of the delivery alone|1|20.0 %|\n"
	    "Evidence|none: TLS is not in these logs|1|20.0 %|\n"
	    "Could not be told|no line of a TLS session, and nothing tells that one would have"
	    " been logged|1||\n"
	    "MX hosts passed over|the TLS handshake failed|1||another host was tried: no message"
	    " was blocked by this\n"
	    "Local policy|Server certificate not verified|1||lines\n"
	    "REQUIRETLS|Sender requested REQUIRETLS|1||lines\n"
	    "Local trouble|client TLS configuration problem|2||lines\n"
	    "DNSSEC|Postfix says that DNSSEC validation may be unavailable: DANE is silently off"
	    "|1||lines\n");
	free(got);
	tally_free(t);
}

static void take(struct tally *t, uint64_t message, const char *to, enum verdict_kind kind,
    bool smarthost)
{
	char recipient[80];
	struct delivery d = delivery_at(0, message, "a.example", recipient);
	struct verdict v = { .kind = kind, .security = SECURITY_TLS,
		.evidence = EVIDENCE_SUMMARY };

	d.recipient = text_slice(to);
	d.smarthost = smarthost;
	d.status = STATUS_SENT;
	if (kind == VERDICT_BLOCKED) {
		v.fault = danests_fault("tlsa-invalid");
		d.status = STATUS_DEFERRED;
	}
	tally_take(t, &d, &v);
}

#define LAST_HOP "counted above by the TLS of the hop to it; nothing is known of the last hop\n"

static void what_went_via_a_smarthost_is_told_and_filtered_by_type(void **state)
{
	static const struct { bool messages, filtered; const char *row; } rows[] = {
		{ false, false, "Sent|via smarthost (port 587 or 465)|3|75.0 %|" LAST_HOP },
		{ true, false, "Sent|via smarthost (port 587 or 465)|2|66.7 %|" LAST_HOP },
		{ false, true, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t;
		char *got;

		view.messages = rows[i].messages;
		if (rows[i].filtered)
			assert_int_equal(view_filter(&view, COLUMN_TYPE, false, "No TLS"), 0);
		t = begin(&view, NULL);
		take(t, 1, "a@a.example", VERDICT_SENT, true);
		take(t, 1, "b@a.example", VERDICT_SENT, true);
		take(t, 2, "a@a.example", VERDICT_SENT, true);
		take(t, 3, "a@a.example", VERDICT_SENT, false);
		end_at(t, 0);
		got = sheet_dump(t, REPORT_SUMMARY);
		if (rows[i].row != NULL)
			assert_non_null(strstr(got, rows[i].row));
		else
			assert_null(strstr(got, "smarthost"));
		free(got);
		tally_free(t);
		view_free(&view);
	}
}

/* Also where one has several recipients, at several domains. */
static void with_messages_blocked_counts_them(void **state)
{
	static const struct { bool messages; const char *row; uint64_t blocked; } rows[] = {
		{ false, "Blocked|4.7.323 tlsa-invalid|4|80.0 %|", 5 },
		{ true, "Blocked|4.7.323 tlsa-invalid|2|66.7 %|", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t;
		char *got;

		view.messages = rows[i].messages;
		t = begin(&view, NULL);
		take(t, 1, "a@a.example", VERDICT_BLOCKED, false);
		take(t, 2, "a@a.example", VERDICT_BLOCKED, false);
		take(t, 1, "b@a.example", VERDICT_BLOCKED, false);
		blocked_at(t, 0, 1, "b.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
		blocked_at(t, 0, 1, "c.example", SECURITY_DANE, "dnssec-invalid",
		    STATUS_DEFERRED);
		end_at(t, 0);
		assert_int_equal(tally_counts(t)->blocked, rows[i].blocked);
		got = sheet_dump(t, REPORT_SUMMARY);
		assert_non_null(strstr(got, rows[i].row));
		free(got);
		tally_free(t);
	}
}

static void troubles_are_cut_bounded_and_told(void **state)
{
	struct tally_limits limits = { .troubles = 1 };
	struct view view = all_time();
	struct tally *t = begin(&view, &limits);
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(text, 8, "%u", i);
		tally_trouble(t, DAY0 * 1000000, EVENT_LOCAL, (struct slice){ text, 1000 });
	}
	end_at(t, 0);
	assert_int_equal(tally_counts(t)->dropped_troubles, 8);
	tally_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(summary_has_totals_shares_and_what_else_there_was),
		cmocka_unit_test(what_went_via_a_smarthost_is_told_and_filtered_by_type),
		cmocka_unit_test(with_messages_blocked_counts_them),
		cmocka_unit_test(troubles_are_cut_bounded_and_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
