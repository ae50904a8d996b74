/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "test/unit/report_tally_help.h"
#include "tools/report/ledger_impl.h"

static void beyond_the_bound_they_count_without_details(void **state)
{
	struct view view = all_time();
	struct tally *t = begin_bound(&view, 2);

	(void)state;
	for (uint64_t i = 1; i <= 5; i++) {
		blocked_at(t, (int64_t)i, i, "a.example", SECURITY_DANE, "tlsa-invalid",
		    STATUS_DEFERRED);
		blocked_at(t, (int64_t)i + 1, i, "a.example", SECURITY_DANE, "tlsa-invalid",
		    STATUS_DEFERRED);
	}
	end_at(t, 9);
	assert_int_equal(tally_counts(t)->blocked, 2);
	assert_int_equal(tally_counts(t)->dropped_blocked, 3);
	assert_int_equal(sheet_count(t, REPORT_DETAILS), 2);
	assert_sheet(t, REPORT_BLOCKED, "a.example|SMTP DANE with DNSSEC|5|4.7.323 tlsa-invalid\n");
	tally_free(t);
}

/* A log without qmgr's lines; they are no longer in the period, and fill nothing. */
static void messages_that_are_never_gone_do_not_fill_the_ledger(void **state)
{
	struct view view = all_time();
	struct tally *t;

	(void)state;
	view.period.days = 3;
	t = begin_bound(&view, 100);
	for (unsigned i = 0; i < 2000; i++)
		blocked_at(t, i / 5 * DAYS + i % 5, i, "a.example", SECURITY_DANE, "tlsa-invalid",
		    STATUS_DEFERRED);
	end_at(t, 399 * DAYS + 4);
	assert_int_equal(tally_counts(t)->blocked, 15);
	assert_int_equal(tally_counts(t)->dropped_blocked, 0);
	assert_sheet(t, REPORT_BLOCKED, "a.example|SMTP DANE with DNSSEC|15|4.7.323 tlsa-invalid\n");
	tally_free(t);
}

static void long_texts_fill_the_ledger_too(void **state)
{
	struct view view = all_time();
	struct tally *t = begin_bound(&view, 100);
	char recipient[80], text[5000];
	uint64_t i;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (i = 1; i <= 100; i++) {
		struct delivery d = delivery_at(0, i, "a.example", recipient);
		struct verdict v = { .kind = VERDICT_BLOCKED, .security = SECURITY_DANE,
			.fault = danests_fault("tlsa-invalid") };

		(void)snprintf(text, 20, "%lu", (unsigned long)i);
		d.text = (struct slice){ text, sizeof(text) };
		tally_take(t, &d, &v);
	}
	end_at(t, 0);
	assert_true(tally_counts(t)->blocked > 10);
	assert_true(tally_counts(t)->dropped_blocked > 10);
	assert_int_equal(tally_counts(t)->blocked + tally_counts(t)->dropped_blocked, 100);
	tally_free(t);
}

/* Each is written out in a report, though it is kept once. */
static void the_same_long_text_fills_the_ledger_as_often_as_it_is_shown(void **state)
{
	const struct verdict v = { .kind = VERDICT_BLOCKED, .security = SECURITY_DANE,
		.fault = danests_fault("tlsa-invalid") };
	struct view view = all_time();
	struct tally *t = begin_bound(&view, 100);
	char recipient[80], text[1000];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (uint64_t i = 1; i <= 100; i++) {
		struct delivery d = delivery_at(0, i, "a.example", recipient);

		d.text = (struct slice){ text, sizeof(text) };
		tally_take(t, &d, &v);
	}
	end_at(t, 0);
	assert_true(tally_counts(t)->blocked > 10);
	assert_true(tally_counts(t)->blocked <= 40);
	assert_int_equal(tally_counts(t)->blocked + tally_counts(t)->dropped_blocked, 100);
	tally_free(t);
}

static void keep_time(void *arg, const struct ledger_row *row)
{
	*(int64_t *)arg = row->us;
}

static int64_t first_since(const struct ledger *l, int64_t since_us)
{
	int64_t us = -1;

	ledger_walk(l, since_us, INT64_MAX, keep_time, &us);
	return us;
}

#define FORGED INT64_C(150001) /* a prime: any step comes to all of them */
#define DAY_US (DAYS * 1000000)

/* One message that failed on more days than any queue keeps it, in orders that nobody would
 * write: the first and the last of them are known. */
static void days_of_one_error_are_so_many_at_most(void **state)
{
	static const int64_t steps[] = { 1, FORGED - 1, 7919 };
	const struct verdict v = { .kind = VERDICT_BLOCKED, .security = SECURITY_DANE,
		.fault = danests_fault("tlsa-invalid") };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct names names;
		struct ledger *l;
		char recipient[80], text[16];

		names_init(&names);
		l = ledger_new(&names, 100, true);
		assert_non_null(l);
		for (int64_t n = 0, day = 0; n < FORGED; n++, day = (day + steps[i]) % FORGED) {
			struct delivery d = delivery_at(0, 1, "a.example", recipient);

			(void)snprintf(text, sizeof(text), "%d", (int)day);
			d.text = text_slice(text);
			d.us = day * DAY_US;
			assert_int_equal(ledger_block(l, &d, &v, true), LEDGER_TOOK);
		}
		assert_true(l->bytes + names.bytes < 65536);
		ledger_end(l);
		assert_int_equal(first_since(l, 0), 0);
		assert_int_equal(first_since(l, 1), (FORGED - 399) * DAY_US);
		assert_int_equal(first_since(l, (FORGED - 1) * DAY_US), (FORGED - 1) * DAY_US);
		ledger_free(l);
		assert_int_equal(names.bytes, 0);
		names_free(&names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beyond_the_bound_they_count_without_details),
		cmocka_unit_test(messages_that_are_never_gone_do_not_fill_the_ledger),
		cmocka_unit_test(long_texts_fill_the_ledger_too),
		cmocka_unit_test(the_same_long_text_fills_the_ledger_as_often_as_it_is_shown),
		cmocka_unit_test(days_of_one_error_are_so_many_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
