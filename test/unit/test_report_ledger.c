/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "test/unit/report_tally_help.h"

/* ---- Once ---- */

static void tries_of_one_error_count_once_at_the_first(void **state)
{
	struct view view = all_time();
	struct tally *t = begin_bound(&view, 0);

	(void)state;
	blocked_at(t, 500, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, 100, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, DAYS, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	sent_at(t, 2 * DAYS, 1, "a.example", SECURITY_DANE);
	tally_gone(t, 1, false, 0);
	end_at(t, 2 * DAYS);
	assert_sheet(t, REPORT_DETAILS, "2026-11-22T00:01:40Z|SMTP DANE with DNSSEC|"
	    "4.7.323 tlsa-invalid: Server certificate not verified|s@sender.example|"
	    "a@a.example|a.example|<id@sender.example>\n");
	tally_free(t);
}

static void another_error_recipient_or_message_counts_by_itself(void **state)
{
	struct view view = all_time();
	struct tally *t = begin_bound(&view, 0);

	(void)state;
	blocked_at(t, 0, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, 1, 1, "a.example", SECURITY_DANE, "tls-handshake-failure", STATUS_DEFERRED);
	blocked_at(t, 2, 1, "b.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, 3, 2, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	end_at(t, 9);
	assert_sheet(t, REPORT_BLOCKED,
	    "a.example|SMTP DANE with DNSSEC|2|4.7.323 tlsa-invalid\n"
	    "a.example|SMTP DANE with DNSSEC|1|4.7.323 tls-handshake-failure\n"
	    "b.example|SMTP DANE with DNSSEC|1|4.7.323 tlsa-invalid\n");
	tally_free(t);
}

static void with_messages_two_recipients_of_a_message_are_one(void **state)
{
	struct view view = all_time();
	struct tally *t;
	struct delivery d;
	struct verdict v = { .kind = VERDICT_BLOCKED, .security = SECURITY_DANE,
		.fault = danests_fault("tlsa-invalid") };
	char recipient[80];

	(void)state;
	view.messages = true;
	t = begin_bound(&view, 0);
	d = delivery_at(0, 1, "a.example", recipient);
	tally_take(t, &d, &v);
	d.recipient = SLICE("other@a.example");
	tally_take(t, &d, &v);
	blocked_at(t, 9, 2, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	end_at(t, 9);
	assert_sheet(t, REPORT_BLOCKED, "a.example|SMTP DANE with DNSSEC|2|4.7.323 tlsa-invalid\n");
	assert_int_equal(sheet_count(t, REPORT_DETAILS), 3);
	tally_free(t);
}

/* ---- In the period ---- */

static void its_time_is_the_first_failure_in_the_period(void **state)
{
	static const struct { int64_t since, until; unsigned days; const char *time; } rows[] = {
		{ PERIOD_OPEN_SINCE, PERIOD_OPEN_UNTIL, 0, "2026-11-22T00:00:10Z" },
		{ PERIOD_OPEN_SINCE, PERIOD_OPEN_UNTIL, 1, "2026-11-24T00:00:20Z" },
		{ PERIOD_OPEN_SINCE, PERIOD_OPEN_UNTIL, 2, "2026-11-23T00:00:15Z" },
		{ DAY0 + DAYS, PERIOD_OPEN_UNTIL, 0, "2026-11-23T00:00:15Z" },
		{ DAY0 + 11, DAY0 + 2 * DAYS, 0, "2026-11-22T00:00:30Z" },
		{ DAY0 + 31, DAY0 + DAYS, 0, "" },
		{ DAY0 + 5 * DAYS, PERIOD_OPEN_UNTIL, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t;
		char *got;

		view.period.since = rows[i].since;
		view.period.until = rows[i].until;
		view.period.days = rows[i].days;
		t = begin_bound(&view, 0);
		blocked_at(t, 10, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
		blocked_at(t, 30, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
		blocked_at(t, DAYS + 15, 1, "a.example", SECURITY_DANE, "tlsa-invalid",
		    STATUS_DEFERRED);
		blocked_at(t, 2 * DAYS + 20, 1, "a.example", SECURITY_DANE, "tlsa-invalid",
		    STATUS_DEFERRED);
		end_at(t, 2 * DAYS + 20);
		got = sheet_dump(t, REPORT_DETAILS);
		got[strlen(rows[i].time)] = '\0';
		assert_string_equal(got, rows[i].time);
		assert_int_equal(tally_counts(t)->blocked, rows[i].time[0] != '\0');
		free(got);
		tally_free(t);
	}
}

/* ---- How it ended ---- */

enum end { WAITS, BOUNCED, EXPIRED, OTHER_BOUNCED, OTHER_THEN_EXPIRED, OTHER_TLS_THEN_EXPIRED,
	REMOVED };

static void none_at(struct tally *t, int64_t seconds, uint64_t message, const char *domain,
    enum status status)
{
	char recipient[80];
	struct delivery d = delivery_at(seconds, message, domain, recipient);
	struct verdict v = { .kind = VERDICT_NONE };

	d.status = status;
	d.bounced = status == STATUS_BOUNCED;
	tally_take(t, &d, &v);
}

static void finish(struct tally *t, enum end end)
{
	if (end == BOUNCED)
		blocked_at(t, 9, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_BOUNCED);
	if (end == OTHER_BOUNCED)
		none_at(t, 9, 1, "a.example", STATUS_BOUNCED);
	if (end == OTHER_THEN_EXPIRED)
		none_at(t, 9, 1, "a.example", STATUS_DEFERRED);
	if (end == OTHER_TLS_THEN_EXPIRED)
		blocked_at(t, 9, 1, "a.example", SECURITY_DANE, "starttls-not-supported",
		    STATUS_DEFERRED);
	if (end != WAITS)
		tally_gone(t, 1, end == EXPIRED || end == OTHER_THEN_EXPIRED ||
		    end == OTHER_TLS_THEN_EXPIRED, 0);
}

#define ROW "a.example|SMTP DANE with DNSSEC|1|"

static void the_first_digit_is_5_when_it_ended_for_this(void **state)
{
	static const struct { enum end end; const char *rows; } rows[] = {
		{ WAITS, ROW "4.7.323 tlsa-invalid\n" },
		{ BOUNCED, ROW "5.7.323 tlsa-invalid\n" },
		{ EXPIRED, ROW "5.7.323 tlsa-invalid\n" },
		{ OTHER_BOUNCED, ROW "4.7.323 tlsa-invalid\n" },
		{ OTHER_THEN_EXPIRED, ROW "4.7.323 tlsa-invalid\n" },
		{ OTHER_TLS_THEN_EXPIRED, ROW "4.7.323 tlsa-invalid\n"
		    ROW "5.7.321 starttls-not-supported\n" },
		{ REMOVED, ROW "4.7.323 tlsa-invalid\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t = begin_bound(&view, 0);

		blocked_at(t, 0, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
		finish(t, rows[i].end);
		end_at(t, 9);
		assert_sheet(t, REPORT_BLOCKED, rows[i].rows);
		tally_free(t);
	}
}

static void who_was_tried_otherwise_before_is_given_back_for_this(void **state)
{
	struct view view = all_time();
	struct tally *t = begin_bound(&view, 0);

	(void)state;
	blocked_at(t, 0, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	none_at(t, 5, 1, "a.example", STATUS_DEFERRED);
	blocked_at(t, 9, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	none_at(t, 10, 1, "b.example", STATUS_DEFERRED);
	tally_gone(t, 1, true, 0);
	end_at(t, 9);
	assert_sheet(t, REPORT_BLOCKED, "a.example|SMTP DANE with DNSSEC|1|5.7.323 tlsa-invalid\n");
	tally_free(t);
}

static void the_end_counts_also_when_it_is_after_the_period(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	view.period.until = DAY0 + DAYS;
	t = begin_bound(&view, 0);
	blocked_at(t, 0, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, DAYS + 9, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_BOUNCED);
	end_at(t, DAYS + 9);
	assert_sheet(t, REPORT_BLOCKED, "a.example|SMTP DANE with DNSSEC|1|5.7.323 tlsa-invalid\n");
	tally_free(t);
}

/* ---- What gets clearer ---- */

static void a_type_that_gets_certain_replaces_the_weaker_one(void **state)
{
	static const struct { enum security first, then; const char *type; } rows[] = {
		{ SECURITY_UNKNOWN, SECURITY_DANE, "SMTP DANE with DNSSEC" },
		{ SECURITY_REQUIRED, SECURITY_STS, "MTA-STS" },
		{ SECURITY_UNKNOWN, SECURITY_REQUIRED, "TLS required" },
		{ SECURITY_DANE, SECURITY_UNKNOWN, "SMTP DANE with DNSSEC" },
		{ SECURITY_STS, SECURITY_REQUIRED, "MTA-STS" },
		{ SECURITY_STS, SECURITY_DANE, "MTA-STS" }, /* as sure: the first */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t = begin_bound(&view, 0);
		char want[200];

		blocked_at(t, 0, 1, "a.example", rows[i].first, "starttls-not-supported",
		    STATUS_DEFERRED);
		blocked_at(t, 9, 1, "a.example", rows[i].then, "starttls-not-supported",
		    STATUS_DEFERRED);
		end_at(t, 9);
		(void)snprintf(want, sizeof(want),
		    "a.example|%s|1|4.7.321 starttls-not-supported\n", rows[i].type);
		assert_sheet(t, REPORT_BLOCKED, want);
		tally_free(t);
	}
}

static void not_verified_becomes_what_the_certificate_was(void **state)
{
	static const struct { const char *token, *rows; } rows[] = {
		{ "tlsa-invalid", "a.example|Unknown|1|4.7.323 tlsa-invalid\n" },
		{ "sts-cert-expired", "a.example|Unknown|1|4.7.5 sts-cert-expired\n" },
		{ "tls-handshake-failure", "a.example|Unknown|1|4.7.323 tls-handshake-failure\n"
		    "a.example|Unknown|1|4.7.5 cert-not-verified\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t = begin_bound(&view, 0);
		char *got;

		blocked_at(t, 5, 1, "a.example", SECURITY_UNKNOWN, "cert-not-verified",
		    STATUS_DEFERRED);
		blocked_at(t, 9, 1, "a.example", SECURITY_UNKNOWN, rows[i].token, STATUS_DEFERRED);
		tally_gone(t, 1, false, 0);
		end_at(t, 9);
		assert_sheet(t, REPORT_BLOCKED, rows[i].rows);
		got = sheet_dump(t, REPORT_DETAILS);
		assert_memory_equal(got, "2026-11-22T00:00:05Z", 20);
		free(got);
		tally_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tries_of_one_error_count_once_at_the_first),
		cmocka_unit_test(another_error_recipient_or_message_counts_by_itself),
		cmocka_unit_test(with_messages_two_recipients_of_a_message_are_one),
		cmocka_unit_test(its_time_is_the_first_failure_in_the_period),
		cmocka_unit_test(the_first_digit_is_5_when_it_ended_for_this),
		cmocka_unit_test(who_was_tried_otherwise_before_is_given_back_for_this),
		cmocka_unit_test(the_end_counts_also_when_it_is_after_the_period),
		cmocka_unit_test(a_type_that_gets_certain_replaces_the_weaker_one),
		cmocka_unit_test(not_verified_becomes_what_the_certificate_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
