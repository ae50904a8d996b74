/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "test/unit/report_tally_help.h"

static struct tally *begin(const struct view *view, size_t blocked)
{
	struct tally_limits limits = { .blocked = blocked };
	struct tally *t = tally_new(view, &limits);

	first_us = INT64_MAX;
	assert_non_null(t);
	return t;
}

static void end_at(struct tally *t, int64_t seconds)
{
	tally_end(t, first_us, (DAY0 + seconds) * 1000000);
	assert_false(tally_counts(t)->out_of_memory);
}

static void beyond_the_bound_they_count_without_details(void **state)
{
	struct view view = all_time();
	struct tally *t = begin(&view, 2);

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
	t = begin(&view, 100);
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
	struct tally *t = begin(&view, 100);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beyond_the_bound_they_count_without_details),
		cmocka_unit_test(messages_that_are_never_gone_do_not_fill_the_ledger),
		cmocka_unit_test(long_texts_fill_the_ledger_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
