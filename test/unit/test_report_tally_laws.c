/* SPDX-License-Identifier: BSD-2-Clause */
/* Laws of the tally, on random deliveries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/unit/report_tally_world.h"

static void random_view(struct view *view)
{
	*view = all_time();
	view->bucket = (enum bucket)dice(4);
	view->messages = dice(2) == 0;
	view->top = dice(2) == 0 ? 0 : 3;
	switch (dice(4)) {
	case 0:
		view->period.days = 1 + dice(SPAN);
		break;
	case 1:
		view->period.since = DAY0 + dice(SPAN) * DAYS + dice(2) * 40000;
		view->period.until = view->period.since + 1 + dice(SPAN) * DAYS;
		break;
	case 2:
		view->period.until = DAY0 + dice(SPAN * 86400);
		view->period.days = 1 + dice(5);
		break;
	default:
		break;
	}
	if (dice(4) == 0)
		assert_int_equal(view_filter(view, COLUMN_DOMAIN, true, "a"), 0);
	if (dice(4) == 0)
		assert_int_equal(view_filter(view, COLUMN_TYPE, true, "MTA"), 0);
	if (dice(4) == 0)
		assert_int_equal(view_filter(view, COLUMN_ERROR, true, "4"), 0);
}

static uint64_t sent_total(const struct tally *t)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < SECURITY_SENT; i++)
		n += tally_counts(t)->sent[i];
	return n;
}

static void details_sum_up_to_blocked(void **state)
{
	struct view view;

	(void)state;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		struct world *w = make_world(round);
		struct tally *t;

		random_view(&view);
		view.messages = false;
		t = run(w, &view);
		assert_int_equal(sheet_sum(t, REPORT_BLOCKED, 2), sheet_count(t, REPORT_DETAILS));
		assert_int_equal(tally_counts(t)->blocked, sheet_count(t, REPORT_DETAILS));
		tally_free(t);
		view_free(&view);
		free(w);
	}
}

static void rows_of_sent_sum_up_to_the_totals_and_so_does_evidence(void **state)
{
	struct view view;

	(void)state;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		struct world *w = make_world(round);
		struct tally *t;
		uint64_t evidence = 0;

		random_view(&view);
		view.messages = false;
		t = run(w, &view);
		for (unsigned i = 0; i < EVIDENCE_COUNT; i++)
			evidence += tally_counts(t)->evidence[i];
		assert_int_equal(sheet_sum(t, REPORT_SENT, 2), sent_total(t));
		assert_int_equal(evidence, sent_total(t) + tally_counts(t)->blocked);
		tally_free(t);
		view_free(&view);
		free(w);
	}
}

static void order_never_changes_a_report(void **state)
{
	struct view view;

	(void)state;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		struct world *w = make_world(round);
		struct tally *a, *b;

		random_view(&view);
		a = run(w, &view);
		shuffle(w);
		b = run(w, &view);
		for (enum report r = REPORT_BLOCKED; r <= REPORT_SUMMARY; r++) {
			char *want = sheet_dump(a, r), *got = sheet_dump(b, r);

			assert_string_equal(got, want);
			free(want);
			free(got);
		}
		tally_free(a);
		tally_free(b);
		view_free(&view);
		free(w);
	}
}

/* What each part of a divided period says of it. */
static void parts_of_a_period_add_up(void **state)
{
	(void)state;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		struct world *w = make_world(round);
		struct view view = all_time();
		uint64_t whole_sent, whole_no_tls, sent = 0, no_tls = 0;
		int64_t cut = DAY0 + dice(SPAN + 2) * DAYS + (round % 2 ? dice(86400) : 0);
		struct tally *t = run(w, &view);

		view.bucket = (enum bucket)dice(4);
		whole_sent = sent_total(t);
		whole_no_tls = sheet_sum(t, REPORT_NO_TLS, 2);
		tally_free(t);
		for (int part = 0; part < 2; part++) {
			view.period.since = part == 0 ? PERIOD_OPEN_SINCE : cut;
			view.period.until = part == 0 ? cut : PERIOD_OPEN_UNTIL;
			t = run(w, &view);
			assert_int_equal(sheet_sum(t, REPORT_SENT, 2), sent_total(t));
			sent += sent_total(t);
			no_tls += sheet_sum(t, REPORT_NO_TLS, 2);
			tally_free(t);
		}
		assert_int_equal(sent, whole_sent);
		assert_int_equal(no_tls, whole_no_tls);
		free(w);
	}
}

/* ---- Messages, counted anew the slow way ---- */

static enum security type_of(const struct world *w, const struct drop *drop)
{
	if (drop->v.security != SECURITY_UNLOGGED)
		return drop->v.security;
	return w->logged[drop->d.place] ? SECURITY_NO_TLS : SECURITY_UNKNOWN;
}

static bool counts(const struct world *w, const struct tally *t, const struct drop *drop,
    uint64_t message, enum security type)
{
	int64_t since = tally_counts(t)->since, until = tally_counts(t)->until;

	return drop->v.kind == VERDICT_SENT && drop->d.message == message &&
	    type_of(w, drop) == type && drop->d.us >= since * 1000000 &&
	    drop->d.us < until * 1000000;
}

static uint64_t slow_messages(const struct world *w, const struct tally *t, enum security type)
{
	uint64_t n = 0;

	for (uint64_t m = 1; m <= MESSAGES; m++) {
		bool found = false;

		for (size_t i = 0; i < MANY && !found; i++)
			found = counts(w, t, &w->drops[i], m, type);
		n += found;
	}
	return n;
}

static void messages_are_distinct_ones_whatever_the_period(void **state)
{
	(void)state;
	for (unsigned round = 1; round <= ROUNDS / 4; round++) {
		struct world *w = make_world(round);
		struct view view = all_time();
		struct tally *t;

		view.period.days = dice(SPAN);
		view.messages = round % 2;
		t = run(w, &view);
		for (unsigned i = 0; i < SECURITY_SENT; i++)
			assert_int_equal(tally_counts(t)->sent_messages[i],
			    slow_messages(w, t, (enum security)i));
		tally_free(t);
		free(w);
	}
}

/* One row for all of the period: as many messages as in the total. */
static void messages_per_row_are_distinct_ones(void **state)
{
	(void)state;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		struct world *w = make_world(round);
		struct view view = all_time();
		uint64_t total = 0;
		struct tally *t;

		view.messages = true;
		view.bucket = BUCKET_MONTH;
		view.period.since = DAY0 + 2 * DAYS; /* all in November */
		view.period.until = DAY0 + 9 * DAYS;
		t = run(w, &view);
		for (unsigned i = 0; i < SECURITY_SENT; i++)
			total += tally_counts(t)->sent_messages[i];
		assert_int_equal(sheet_count(t, REPORT_SENT), SECURITY_SENT);
		assert_int_equal(sheet_sum(t, REPORT_SENT, 2), total);
		assert_true(total > 100);
		tally_free(t);
		free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(details_sum_up_to_blocked),
		cmocka_unit_test(rows_of_sent_sum_up_to_the_totals_and_so_does_evidence),
		cmocka_unit_test(order_never_changes_a_report),
		cmocka_unit_test(parts_of_a_period_add_up),
		cmocka_unit_test(messages_are_distinct_ones_whatever_the_period),
		cmocka_unit_test(messages_per_row_are_distinct_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
