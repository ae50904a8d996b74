/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "test/unit/report_tally_help.h"

/* ---- Period ---- */

static void absolute_ends_are_exact_to_the_second(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	view.period.since = DAY0 + 1000;
	view.period.until = DAY0 + 2000;
	t = begin(&view, NULL);
	sent_at(t, 999, 1, "a.example", SECURITY_TLS);
	sent_at(t, 1000, 2, "a.example", SECURITY_TLS);
	sent_at(t, 1999, 3, "a.example", SECURITY_TLS);
	sent_at(t, 2000, 4, "a.example", SECURITY_TLS);
	end_at(t, 9000);
	assert_int_equal(tally_counts(t)->sent[SECURITY_TLS], 2);
	assert_int_equal(tally_counts(t)->since, DAY0 + 1000);
	assert_int_equal(tally_counts(t)->until, DAY0 + 2000);
	tally_free(t);
}

static void relative_ones_are_days_that_end_with_the_last_line(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	view.period.days = 2;
	t = begin(&view, NULL);
	sent_at(t, -1, 1, "a.example", SECURITY_DANE);
	sent_at(t, 0, 2, "a.example", SECURITY_DANE);
	sent_at(t, 1 * DAYS, 3, "a.example", SECURITY_DANE);
	sent_at(t, 0, 4, "b.example", SECURITY_NO_TLS);
	sent_at(t, -1, 5, "b.example", SECURITY_NO_TLS);
	end_at(t, 2 * DAYS - 1);
	assert_int_equal(tally_counts(t)->sent[SECURITY_DANE], 2);
	assert_int_equal(tally_counts(t)->since, DAY0);
	assert_int_equal(tally_counts(t)->until, DAY0 + 2 * DAYS);
	assert_sheet(t, REPORT_NO_TLS, "2026-11-22|b.example|1\n");
	tally_free(t);
}

/* A month of days one by one: what is too old is dropped on the way, the rest is exact. */
static void what_can_no_longer_matter_is_dropped_on_the_way(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	view.period.days = 3;
	t = begin(&view, NULL);
	for (int day = 0; day < 400; day++) {
		for (int i = 0; i < 5; i++) {
			uint64_t message = (uint64_t)(day * 10 + i);

			sent_at(t, day * DAYS + i, message, "a.example", SECURITY_NO_TLS);
			blocked_at(t, day * DAYS + i, message + 5, "b.example", SECURITY_DANE,
			    "tlsa-invalid", STATUS_DEFERRED);
			tally_gone(t, message, false, 0);
			tally_gone(t, message + 5, false, 0);
		}
	}
	end_at(t, 399 * DAYS + 9);
	assert_int_equal(tally_counts(t)->sent[SECURITY_NO_TLS], 15);
	assert_int_equal(tally_counts(t)->sent_messages[SECURITY_NO_TLS], 15);
	assert_int_equal(tally_counts(t)->blocked, 15);
	assert_int_equal(sheet_sum(t, REPORT_NO_TLS, 2), 15);
	tally_free(t);
}

static void times_that_no_log_has_count_nowhere(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);

	(void)state;
	sent_at(t, -DAY0 - 1, 1, "a.example", SECURITY_TLS);
	sent_at(t, INT64_C(253402300800) - DAY0, 2, "a.example", SECURITY_TLS);
	end_at(t, 0);
	assert_int_equal(tally_counts(t)->sent[SECURITY_TLS], 0);
	assert_int_equal(sheet_sum(t, REPORT_SENT, 2), 0);
	tally_free(t);
}

static void without_a_line_there_is_nothing_and_no_failure(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);

	(void)state;
	tally_end(t, LINE_NO_TIME, LINE_NO_TIME);
	assert_int_equal(tally_counts(t)->weakest, EVIDENCE_FEATURE);
	for (enum report r = REPORT_BLOCKED; r <= REPORT_SUMMARY; r++)
		assert_int_equal(sheet_count(t, r), 0);
	tally_free(t);
}

/* ---- Messages and recipients ---- */

static void a_message_counts_once_per_type_and_once_per_row(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	view.messages = true;
	t = begin(&view, NULL);
	sent_at(t, 0, 1, "a.example", SECURITY_TLS);
	sent_at(t, 1, 1, "b.example", SECURITY_TLS);
	sent_at(t, 2, 1, "c.example", SECURITY_NO_TLS);
	sent_at(t, 3, 1, "c.example", SECURITY_NO_TLS);
	sent_at(t, DAYS, 1, "c.example", SECURITY_NO_TLS);
	tally_gone(t, 1, false, 0);
	sent_at(t, 5, 2, "c.example", SECURITY_NO_TLS);
	end_at(t, DAYS);
	assert_int_equal(tally_counts(t)->sent[SECURITY_TLS], 2);
	assert_int_equal(tally_counts(t)->sent_messages[SECURITY_TLS], 1);
	assert_int_equal(tally_counts(t)->sent[SECURITY_NO_TLS], 4);
	assert_int_equal(tally_counts(t)->sent_messages[SECURITY_NO_TLS], 2);
	assert_int_equal(sheet_sum(t, REPORT_SENT, 2), 1 + 2 + 1);
	assert_sheet(t, REPORT_NO_TLS, "2026-11-22|c.example|2\n2026-11-23|c.example|1\n");
	tally_free(t);
}

static void the_front_of_a_period_takes_no_message_from_the_rest(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	view.period.days = 1;
	view.top = 5;
	view.messages = true;
	t = begin(&view, NULL);
	sent_at(t, 0, 1, "a.example", SECURITY_NO_TLS);
	sent_at(t, DAYS, 1, "a.example", SECURITY_NO_TLS);
	tally_gone(t, 1, false, 0);
	end_at(t, DAYS);
	assert_int_equal(tally_counts(t)->sent_messages[SECURITY_NO_TLS], 1);
	assert_sheet(t, REPORT_NO_TLS, "a.example|1\n");
	tally_free(t);
}

static void many_messages_that_are_never_gone_are_forgotten_and_told(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);
	const uint64_t many = 600000;

	(void)state;
	for (uint64_t i = 0; i < many; i++)
		sent_at(t, (int64_t)(i / 100), i, "a.example", SECURITY_TLS);
	end_at(t, (int64_t)(many / 100));
	assert_int_equal(tally_counts(t)->sent[SECURITY_TLS], many);
	assert_int_equal(tally_counts(t)->sent_messages[SECURITY_TLS], many);
	assert_true(tally_counts(t)->forgotten_messages > 0);
	tally_free(t);
}

/* ---- Places ---- */

static void what_was_not_logged_is_no_tls_only_where_tls_is(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, NULL);

	(void)state;
	unlogged_at(t, 0, 1, "a.example", 0);
	unlogged_at(t, 1, 2, "a.example", 7);
	unlogged_at(t, 2, 3, "b.example", 900);
	tally_place(t, 7, LOGGED_YES);
	tally_place(t, 0, LOGGED_UNKNOWN);
	end_at(t, 9);
	assert_int_equal(tally_counts(t)->sent[SECURITY_NO_TLS], 1);
	assert_int_equal(tally_counts(t)->sent[SECURITY_UNKNOWN], 2);
	assert_int_equal(tally_counts(t)->evidence[EVIDENCE_SILENCE], 1);
	assert_int_equal(tally_counts(t)->evidence[EVIDENCE_NONE], 2);
	assert_int_equal(tally_counts(t)->weakest, EVIDENCE_NONE);
	assert_sheet(t, REPORT_NO_TLS, "2026-11-22|a.example|1\n");
	tally_free(t);
}

static void a_message_of_two_places_counts_once_when_both_are_of_a_type(void **state)
{
	static const struct { bool first, second; uint64_t no_tls, unknown; } rows[] = {
		{ true, true, 1, 0 }, { false, false, 0, 1 }, { true, false, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t = begin(&view, NULL);

		unlogged_at(t, 0, 1, "a.example", 0);
		unlogged_at(t, DAYS, 1, "b.example", 1);
		if (i != 1)
			tally_gone(t, 1, false, 0);
		tally_place(t, 0, rows[i].first ? LOGGED_YES : LOGGED_UNKNOWN);
		tally_place(t, 1, rows[i].second ? LOGGED_YES : LOGGED_UNKNOWN);
		end_at(t, DAYS);
		assert_int_equal(tally_counts(t)->sent_messages[SECURITY_NO_TLS], rows[i].no_tls);
		assert_int_equal(tally_counts(t)->sent_messages[SECURITY_UNKNOWN],
		    rows[i].unknown);
		tally_free(t);
	}
}

/* ---- Filters ---- */

static void domains_filter_everything_types_what_was_sent_or_blocked(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	assert_int_equal(view_filter(&view, COLUMN_DOMAIN, false, "a.example"), 0);
	assert_int_equal(view_filter(&view, COLUMN_TYPE, true, "smtp dane"), 0);
	t = begin(&view, NULL);
	sent_at(t, 0, 1, "a.example", SECURITY_DANE);
	sent_at(t, 0, 2, "a.example", SECURITY_TLS);
	sent_at(t, 0, 3, "b.example", SECURITY_DANE);
	sent_at(t, 0, 4, "a.example", SECURITY_NO_TLS);
	sent_at(t, 0, 5, "b.example", SECURITY_NO_TLS);
	blocked_at(t, 0, 6, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, 0, 7, "b.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
	blocked_at(t, 0, 8, "a.example", SECURITY_STS, "sts-cert-expired", STATUS_DEFERRED);
	end_at(t, 0);
	assert_sheet(t, REPORT_SENT, "2026-11-22|SMTP DANE with DNSSEC|1\n"
	    "2026-11-22|SMTP DANE with DNSSEC and MTA-STS|0\n");
	assert_sheet(t, REPORT_NO_TLS, "2026-11-22|a.example|1\n");
	assert_sheet(t, REPORT_BLOCKED, "a.example|SMTP DANE with DNSSEC|1|4.7.323 tlsa-invalid\n");
	assert_int_equal(tally_counts(t)->evidence[EVIDENCE_SUMMARY], 1);
	tally_free(t);
	view_free(&view);
}

static void errors_filter_by_code_token_and_all(void **state)
{
	static const char *const filters[] = { "4.7.323", "tlsa-invalid", "4.7.323 tlsa-invalid" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		struct view view = all_time();
		struct tally *t;

		assert_int_equal(view_filter(&view, COLUMN_ERROR, false, filters[i]), 0);
		t = begin(&view, NULL);
		blocked_at(t, 0, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
		blocked_at(t, 0, 2, "b.example", SECURITY_DANE, "certificate-expired",
		    STATUS_DEFERRED);
		end_at(t, 0);
		assert_int_equal(sheet_count(t, REPORT_BLOCKED), 1);
		assert_int_equal(sheet_count(t, REPORT_DETAILS), 1);
		assert_int_equal(tally_counts(t)->blocked, 1);
		tally_free(t);
		view_free(&view);
	}
}

static void search_finds_rows_by_any_cell(void **state)
{
	static const struct { const char *text; size_t blocked, details, no_tls; } rows[] = {
		{ "A.EXAMPLE", 1, 1, 1 }, { "tlsa", 1, 1, 0 }, { "s@sender", 0, 2, 0 },
		{ "<id@", 0, 2, 0 }, { "2026-11-22", 0, 2, 2 }, { "nothing", 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct view view = all_time();
		struct tally *t;

		assert_int_equal(view_search(&view, rows[i].text), 0);
		t = begin(&view, NULL);
		blocked_at(t, 0, 1, "a.example", SECURITY_DANE, "tlsa-invalid", STATUS_DEFERRED);
		blocked_at(t, 0, 2, "b.example", SECURITY_STS, "sts-cert-expired",
		    STATUS_DEFERRED);
		sent_at(t, 0, 3, "a.example", SECURITY_NO_TLS);
		sent_at(t, 0, 4, "b.example", SECURITY_NO_TLS);
		end_at(t, 0);
		assert_int_equal(sheet_count(t, REPORT_BLOCKED), rows[i].blocked);
		assert_int_equal(sheet_count(t, REPORT_DETAILS), rows[i].details);
		assert_int_equal(sheet_count(t, REPORT_NO_TLS), rows[i].no_tls);
		tally_free(t);
		view_free(&view);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absolute_ends_are_exact_to_the_second),
		cmocka_unit_test(relative_ones_are_days_that_end_with_the_last_line),
		cmocka_unit_test(what_can_no_longer_matter_is_dropped_on_the_way),
		cmocka_unit_test(times_that_no_log_has_count_nowhere),
		cmocka_unit_test(without_a_line_there_is_nothing_and_no_failure),
		cmocka_unit_test(a_message_counts_once_per_type_and_once_per_row),
		cmocka_unit_test(the_front_of_a_period_takes_no_message_from_the_rest),
		cmocka_unit_test(many_messages_that_are_never_gone_are_forgotten_and_told),
		cmocka_unit_test(what_was_not_logged_is_no_tls_only_where_tls_is),
		cmocka_unit_test(a_message_of_two_places_counts_once_when_both_are_of_a_type),
		cmocka_unit_test(domains_filter_everything_types_what_was_sent_or_blocked),
		cmocka_unit_test(errors_filter_by_code_token_and_all),
		cmocka_unit_test(search_finds_rows_by_any_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
