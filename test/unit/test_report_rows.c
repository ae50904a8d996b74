/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "test/unit/report_tally_help.h"

/* ---- Names and headers ---- */

static void reports_and_columns_are_named_as_the_manual_says(void **state)
{
	static const struct {
		enum report r;
		unsigned long top;
		const char *name, *header;
	} rows[] = {
		{ REPORT_BLOCKED, 0, "blocked", "Recipient Domain,Security Type,"
		    "Count of Messages Blocked,Distinct Error Generated for Domain," },
		{ REPORT_DETAILS, 0, "blocked-details", "Time,Security type,Error Details,Sender,"
		    "Recipient,Recipient Domain,Message ID," },
		{ REPORT_SENT, 0, "sent", "Date,Security type,Count Of Secured Messages," },
		{ REPORT_NO_TLS, 0, "no-tls", "Date,Recipient Domain,Count of Messages," },
		{ REPORT_NO_TLS, 20, "no-tls", "Recipient Domain,Count of Messages," },
		{ REPORT_SUMMARY, 0, "summary", "Section,Name,Count,Share,Remark," },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct sheet sheet = {0};
		char header[300] = "";
		struct tally *t;

		view.top = rows[i].top;
		t = begin(&view, NULL);
		end_at(t, 0);
		assert_int_equal(tally_sheet(t, rows[i].r, &sheet), 0);
		for (size_t c = 0; c < sheet.width; c++) {
			strncat(header, sheet.columns[c].name, 100);
			strncat(header, ",", 2);
		}
		assert_string_equal(header, rows[i].header);
		assert_string_equal(report_name(rows[i].r), rows[i].name);
		sheet_free(&sheet);
		tally_free(t);
	}
}

/* ---- blocked ---- */

static void blocked_is_by_count_then_domain_type_and_error(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);

	(void)state;
	blocked_at(t, 0, 1, "z.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, 0, 2, "z.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, 0, 3, "b.example", SECURITY_UNKNOWN, "cert-not-verified", STATUS_DEFERRED);
	blocked_at(t, 0, 4, "a.example", SECURITY_STS, "sts-mx-not-in-policy", STATUS_DEFERRED);
	blocked_at(t, 0, 5, "a.example", SECURITY_DANE, "dns-query-failed", STATUS_DEFERRED);
	blocked_at(t, 0, 6, "a.example", SECURITY_STS, "sts-policy-invalid", STATUS_BOUNCED);
	blocked_at(t, 0, 7, "a.example", SECURITY_STS, "sts-cert-expired", STATUS_BOUNCED);
	end_at(t, 0);
	assert_sheet(t, REPORT_BLOCKED,
	    "z.example|SMTP DANE with DNSSEC|2|4.7.323 tlsa-invalid\n"
	    "a.example|SMTP DANE with DNSSEC|1|4.4.312 dns-query-failed\n"
	    "a.example|MTA-STS|1|4.4.8 sts-mx-not-in-policy\n"
	    "a.example|MTA-STS|1|5.7.5 sts-cert-expired\n"
	    "a.example|MTA-STS|1|sts-policy-invalid\n"
	    "b.example|Unknown|1|4.7.5 cert-not-verified\n");
	tally_free(t);
}

static void both_kinds_of_dane_required_are_told_apart(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);
	const struct danests_fault *fault;
	char recipient[80];

	(void)state;
	for (size_t i = 0; (fault = danests_fault_at(i)) != NULL; i++) {
		struct delivery d = delivery_at(0, 1, "a.example", recipient);
		struct verdict v = { .kind = VERDICT_BLOCKED, .security = SECURITY_DANE,
			.fault = fault };

		if (strcmp(fault->token, "dane-required") == 0)
			tally_take(t, &d, &v);
	}
	end_at(t, 0);
	assert_sheet(t, REPORT_BLOCKED,
	    "a.example|SMTP DANE with DNSSEC|1|4.7.323 dane-required\n"
	    "a.example|SMTP DANE with DNSSEC|1|4.7.324 dane-required\n");
	tally_free(t);
}

/* ---- blocked-details ---- */

static void details_are_by_time_domain_recipient_and_blank_where_unknown(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);
	struct verdict v = { .kind = VERDICT_BLOCKED, .security = SECURITY_STS,
		.fault = danests_fault("sts-webpki-invalid") };
	struct delivery d;
	char recipient[80];

	(void)state;
	d = delivery_at(1, 1, "b.example", recipient);
	d.sender = d.message_id = (struct slice){ NULL, 0 };
	d.text = SLICE("one");
	tally_take(t, &d, &v);
	d = delivery_at(1, 2, "a.example", recipient);
	d.sender = d.message_id = SLICE("");
	d.text = SLICE("two\x01(\xff)");
	tally_take(t, &d, &v);
	d = delivery_at(0, 3, "c.example", recipient);
	tally_take(t, &d, &v);
	d = delivery_at(9, 3, "c.example", recipient);
	tally_take(t, &d, &v);
	end_at(t, 9);
	assert_sheet(t, REPORT_DETAILS,
	    "2026-11-22T00:00:00Z|MTA-STS|sts-webpki-invalid: |s@sender.example|a@c.example|"
	    "c.example|<id@sender.example>\n"
	    "2026-11-22T00:00:01Z|MTA-STS|sts-webpki-invalid: two\x01(\xff)||a@a.example|"
	    "a.example|\n"
	    "2026-11-22T00:00:01Z|MTA-STS|sts-webpki-invalid: one||a@b.example|b.example|\n");
	tally_free(t);
}

static void a_sender_that_is_known_at_a_later_try_is_told(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);
	struct verdict v = { .kind = VERDICT_BLOCKED, .security = SECURITY_STS,
		.fault = danests_fault("sts-cert-expired") };
	struct delivery d;
	char recipient[80];

	(void)state;
	d = delivery_at(0, 1, "a.example", recipient);
	d.sender = d.message_id = (struct slice){ NULL, 0 };
	tally_take(t, &d, &v);
	d = delivery_at(9, 1, "a.example", recipient);
	tally_take(t, &d, &v);
	end_at(t, 9);
	assert_sheet(t, REPORT_DETAILS, "2026-11-22T00:00:00Z|MTA-STS|4.7.5 sts-cert-expired: |"
	    "s@sender.example|a@a.example|a.example|<id@sender.example>\n");
	tally_free(t);
}

/* ---- sent ---- */

static void sent_has_every_type_in_every_bucket(void **state)
{
	static const struct { enum bucket bucket; size_t buckets; const char *first; } rows[] = {
		{ BUCKET_HOUR, 72, "2026-11-22T00:00:00Z|SMTP DANE with DNSSEC|2\n" },
		{ BUCKET_DAY, 3, "2026-11-22|SMTP DANE with DNSSEC|2\n" },
		{ BUCKET_WEEK, 2, "2026-11-16|SMTP DANE with DNSSEC|2\n" },
		{ BUCKET_MONTH, 1, "2026-11|SMTP DANE with DNSSEC|3\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t;
		char *got;

		view.bucket = rows[i].bucket;
		t = begin(&view, NULL);
		sent_at(t, 10, 1, "a.example", SECURITY_DANE);
		sent_at(t, 20, 2, "a.example", SECURITY_DANE);
		sent_at(t, 2 * DAYS, 3, "a.example", SECURITY_DANE);
		end_at(t, 2 * DAYS);
		got = sheet_dump(t, REPORT_SENT);
		assert_memory_equal(got, rows[i].first, strlen(rows[i].first));
		assert_int_equal(sheet_count(t, REPORT_SENT), rows[i].buckets * SECURITY_SENT);
		assert_int_equal(sheet_sum(t, REPORT_SENT, 2), 3);
		free(got);
		tally_free(t);
	}
}

/* What was sent on days that have no log nobody knows; who names a day gets it. */
static void sent_does_not_reach_back_behind_the_data(void **state)
{
	static const struct { const char *since; size_t days; } rows[] = {
		{ "7d", 3 }, { "2d", 2 }, { "6m", 3 }, { "2026-11-20", 5 }, { "2026-11-23", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t;

		assert_int_equal(period_since(&view.period, rows[i].since), 0);
		t = begin(&view, NULL);
		sent_at(t, 10, 1, "a.example", SECURITY_DANE);
		sent_at(t, 2 * DAYS, 3, "a.example", SECURITY_DANE);
		end_at(t, 2 * DAYS);
		assert_int_equal(sheet_count(t, REPORT_SENT), rows[i].days * SECURITY_SENT);
		tally_free(t);
	}
}

static void a_mistaken_time_makes_no_endless_report(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	view.bucket = BUCKET_HOUR;
	t = begin(&view, NULL);
	sent_at(t, -DAY0, 1, "a.example", SECURITY_DANE);
	sent_at(t, 2000000 * HOURS, 2, "a.example", SECURITY_DANE);
	end_at(t, 2000000 * HOURS);
	assert_int_equal(sheet_count(t, REPORT_SENT), 2 * SECURITY_SENT);
	tally_free(t);
}

static void only_so_many_buckets_without_mail_are_shown(void **state)
{
	static const struct { int64_t hours; size_t buckets; } rows[] = {
		{ 9999, 10000 }, { 10000, 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t;

		view.bucket = BUCKET_HOUR;
		view.period.since = DAY0;
		view.period.until = DAY0 + (rows[i].hours + 1) * HOURS;
		t = begin(&view, NULL);
		sent_at(t, 0, 1, "a.example", SECURITY_DANE);
		sent_at(t, rows[i].hours * HOURS, 2, "a.example", SECURITY_DANE);
		end_at(t, rows[i].hours * HOURS);
		assert_int_equal(sheet_count(t, REPORT_SENT), rows[i].buckets * SECURITY_SENT);
		tally_free(t);
	}
}

/* ---- no-tls ---- */

static void no_tls_is_by_day_count_and_domain_and_top_by_count(void **state)
{
	static const struct { unsigned long top; const char *rows; } rows[] = {
		{ 0, "2026-11-22|b.example|2\n2026-11-22|a.example|1\n2026-11-22|c.example|1\n"
		    "2026-11-23|c.example|2\n2026-11-23|a.example|1\n" },
		{ 2, "c.example|3\na.example|2\n" },
		{ 9, "c.example|3\na.example|2\nb.example|2\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t;

		view.top = rows[i].top;
		t = begin(&view, NULL);
		sent_at(t, 0, 1, "c.example", SECURITY_NO_TLS);
		sent_at(t, 0, 2, "b.example", SECURITY_NO_TLS);
		sent_at(t, 1, 3, "b.example", SECURITY_NO_TLS);
		unlogged_at(t, 0, 4, "a.example", 1);
		sent_at(t, DAYS, 5, "a.example", SECURITY_NO_TLS);
		unlogged_at(t, DAYS, 6, "c.example", 1);
		sent_at(t, DAYS, 7, "c.example", SECURITY_NO_TLS);
		sent_at(t, DAYS, 8, "d.example", SECURITY_TLS);
		tally_place(t, 1, LOGGED_YES);
		end_at(t, DAYS);
		assert_sheet(t, REPORT_NO_TLS, rows[i].rows);
		tally_free(t);
	}
}

static void more_domains_than_the_bound_are_told(void **state)
{
	struct tally_limits limits = { .cells = 3 };
	struct view view = all_time();
	struct tally *t = begin(&view, &limits);
	char domain[40];

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		(void)snprintf(domain, sizeof(domain), "d%u.example", i);
		sent_at(t, 0, i, domain, SECURITY_NO_TLS);
	}
	end_at(t, 0);
	assert_int_equal(sheet_count(t, REPORT_NO_TLS), 3);
	assert_int_equal(tally_counts(t)->dropped_cells, 7);
	assert_int_equal(tally_counts(t)->sent[SECURITY_NO_TLS], 10);
	tally_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_and_columns_are_named_as_the_manual_says),
		cmocka_unit_test(blocked_is_by_count_then_domain_type_and_error),
		cmocka_unit_test(both_kinds_of_dane_required_are_told_apart),
		cmocka_unit_test(details_are_by_time_domain_recipient_and_blank_where_unknown),
		cmocka_unit_test(a_sender_that_is_known_at_a_later_try_is_told),
		cmocka_unit_test(sent_has_every_type_in_every_bucket),
		cmocka_unit_test(sent_does_not_reach_back_behind_the_data),
		cmocka_unit_test(a_mistaken_time_makes_no_endless_report),
		cmocka_unit_test(only_so_many_buckets_without_mail_are_shown),
		cmocka_unit_test(no_tls_is_by_day_count_and_domain_and_top_by_count),
		cmocka_unit_test(more_domains_than_the_bound_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
