/* SPDX-License-Identifier: BSD-2-Clause */
/* Laws of the tally, on random deliveries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "test/unit/report_tally_help.h"

#define MANY 1500
#define MESSAGES 300
#define SPAN 10     /* days: what is older is stale, wherever it stands */
#define LIFE 5      /* days of a message */
#define PLACES 4
#define ROUNDS 60

static uint64_t seed;

static unsigned dice(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((seed >> 33) % sides);
}

static const char *const domains[] = { "a.example", "b.example", "c.example", "d.example",
	"e.example", "long.name.of.a.domain.example" };
static const char *const tokens[] = { "tlsa-invalid", "starttls-not-supported", "cert-not-verified",
	"sts-cert-expired", "certificate-expired", "sts-policy-invalid", "dns-query-failed" };
static const char *const texts[] = { "Server certificate not verified", "Cannot start TLS",
	"TLS is required, but was not offered by host mx" };

struct drop {
	struct delivery d;
	struct verdict v;
	char recipient[40];
	bool last;         /* in the world: gone afterwards */
};

struct world {
	struct drop drops[MANY];
	bool expired[MESSAGES];
	bool logged[PLACES];
};

static void make_drop(struct drop *drop)
{
	const char *domain = domains[dice(COUNT_OF(domains))];
	bool sent = dice(3) > 0;
	uint64_t hour;

	/* Who got it is not tried again. */
	*drop = (struct drop){0};
	(void)snprintf(drop->recipient, sizeof(drop->recipient), "%c@%s",
	    sent ? 'c' : "ab"[dice(2)], domain);
	drop->d.message = dice(MESSAGES) + 1;
	hour = drop->d.message * ((SPAN - LIFE) * 24) / MESSAGES + dice(LIFE * 24);
	drop->d.us = (DAY0 + (int64_t)hour * HOURS) * 1000000 + dice(3600000);
	drop->d.domain = text_slice(domain);
	drop->d.sender = SLICE("s@x.example");
	if (drop->d.message % 3 == 0)
		drop->d.sender = (struct slice){ NULL, 0 };
	drop->d.message_id = SLICE("i@x.example");
	drop->d.place = dice(PLACES);
	drop->d.text = text_slice(texts[dice(COUNT_OF(texts))]);
	drop->v.evidence = (enum evidence)dice(EVIDENCE_COUNT);
	if (sent) {
		drop->v.kind = VERDICT_SENT;
		drop->v.security = dice(3) == 0 ? SECURITY_UNLOGGED :
		    (enum security)dice(SECURITY_SENT);
		drop->v.doubt = dice(5) == 0 ? "a doubt" : NULL;
		return;
	}
	drop->v.kind = VERDICT_BLOCKED;
	drop->v.security = dice(2) == 0 ? SECURITY_UNKNOWN : (enum security)dice(2);
	drop->v.fault = danests_fault(tokens[dice(COUNT_OF(tokens))]);
	drop->d.bounced = dice(10) == 0;
	drop->v.doubt = dice(5) == 0 ? "another doubt" : NULL;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct drop *)a)->d.us, y = ((const struct drop *)b)->d.us;

	return x < y ? -1 : x > y;
}

static struct world *make_world(uint64_t number)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	seed = number;
	for (size_t i = 0; i < MANY; i++)
		make_drop(&w->drops[i]);
	qsort(w->drops, MANY, sizeof(w->drops[0]), by_time);
	for (size_t i = 0; i < MESSAGES; i++)
		w->expired[i] = dice(4) == 0;
	for (size_t i = 0; i < PLACES; i++)
		w->logged[i] = dice(2) == 0;
	return w;
}

static void shuffle(struct world *w)
{
	for (size_t i = MANY - 1; i > 0; i--) {
		size_t j = dice((unsigned)i + 1);
		struct drop kept = w->drops[i];

		w->drops[i] = w->drops[j];
		w->drops[j] = kept;
	}
}

/* Each message is gone after the last of its deliveries. */
static void mark_last(struct world *w)
{
	bool seen[MESSAGES] = {0};

	for (size_t i = MANY; i-- > 0;) {
		size_t m = (size_t)w->drops[i].d.message - 1;

		w->drops[i].last = !seen[m] && m % 5 != 0; /* and some never */
		seen[m] = true;
	}
}

static struct tally *run(struct world *w, const struct view *view)
{
	struct tally *t = tally_new(view, NULL);
	int64_t last = LINE_NO_TIME;

	assert_non_null(t);
	mark_last(w);
	for (size_t i = 0; i < MANY; i++) {
		struct drop *drop = &w->drops[i];
		uint64_t m = drop->d.message;

		drop->d.recipient = text_slice(drop->recipient);
		tally_take(t, &drop->d, &drop->v);
		if (drop->d.us > last)
			last = drop->d.us;
		if (drop->last)
			tally_gone(t, m, w->expired[m - 1], drop->d.us);
	}
	for (unsigned i = 0; i < PLACES; i++)
		tally_place(t, i, w->logged[i] ? LOGGED_YES : LOGGED_UNKNOWN);
	tally_end(t, last);
	assert_false(tally_counts(t)->out_of_memory);
	return t;
}

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
