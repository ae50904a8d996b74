/* SPDX-License-Identifier: BSD-2-Clause */
/* Each allocation fails in turn: the answer is right, or it is said that memory ran out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "test/fault/wrap.h"
#include "test/unit/report_tally_help.h"

#define REPORTS (REPORT_SUMMARY + 1)

static void play(struct tally *t)
{
	struct delivery d;
	struct verdict v = { .kind = VERDICT_LOCAL };
	char recipient[80];

	for (unsigned i = 0; i < 30; i++) {
		sent_at(t, i * HOURS, i, "a.example", (enum security)(i % SECURITY_SENT));
		unlogged_at(t, i * HOURS, i / 2, "b.example", i % 3);
		blocked_at(t, i * HOURS, i / 4, i % 8 == 0 ? "c.example" : "d.example",
		    SECURITY_DANE, i % 3 ? "cert-not-verified" : "tlsa-invalid",
		    STATUS_DEFERRED);
		if (i % 5 == 0)
			tally_gone(t, i / 4, true, 0);
	}
	d = delivery_at(0, 99, "a.example", recipient);
	d.text = SLICE("client TLS configuration problem");
	tally_take(t, &d, &v);
	tally_place(t, 1, LOGGED_YES);
	tally_end(t, DAY0 * 1000000, (DAY0 + 30 * HOURS) * 1000000);
}

static uint64_t sum_of(const struct sheet *sheet)
{
	uint64_t sum = sheet->count;

	for (size_t i = 0; i < sheet->cells.len; i++)
		sum = sum * 31 + (unsigned char)sheet->cells.data[i];
	return sum;
}

/* False: memory ran out, and that was said. */
static bool run(const struct view *view, uint64_t sums[REPORTS])
{
	struct tally_limits limits = { .blocked = 6 };
	struct tally *t = tally_new(view, &limits);
	struct sheet sheet = {0};
	bool good = t != NULL;

	if (t != NULL) {
		play(t);
		good = !tally_counts(t)->out_of_memory;
	}
	for (unsigned r = 0; r < REPORTS && t != NULL; r++) {
		if (tally_sheet(t, (enum report)r, &sheet) != DANESTS_OK) {
			good = false;
			continue;
		}
		sums[r] = sum_of(&sheet);
		sheet_free(&sheet);
	}
	tally_free(t);
	return good;
}

static void sweep(const struct view *view)
{
	uint64_t want[REPORTS], got[REPORTS];
	unsigned long total, failed = 0;

	wrap_fail_from(0);
	assert_true(run(view, want));
	total = wrap_counted();
	assert_true(total > 50);
	for (unsigned long n = 1; n <= total; n++) {
		wrap_fail_only(n);
		if (run(view, got))
			assert_memory_equal(got, want, sizeof(got));
		else
			failed++;
		wrap_fail_from(n);
		(void)run(view, got);
		wrap_fail_from(0);
	}
	assert_true(failed > total / 2);
}

static void memory_that_runs_out_is_told(void **state)
{
	struct view view = all_time();

	(void)state;
	sweep(&view);
}

static void also_with_messages_and_a_relative_period(void **state)
{
	struct view view = all_time();

	(void)state;
	view.messages = true;
	view.period.days = 1;
	sweep(&view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_that_runs_out_is_told),
		cmocka_unit_test(also_with_messages_and_a_relative_period),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
