/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "danests.h"
#include "plugin/level.h"
#include "plugin/stats.h"

static uint64_t total(const uint64_t *count, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += count[i];
	return sum;
}

static void every_level_word_is_its_own_and_leads_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LEVEL_COUNT; i++) {
		assert_true(level_word(i)[0] != '\0');
		assert_int_equal(level_of(level_word(i)), i);
	}
}

static void what_is_no_level_is_never_taken_for_a_policy(void **state)
{
	(void)state;
	assert_int_equal(level_of(""), LEVEL_PERM);
	assert_int_equal(level_of("Dane"), LEVEL_PERM);
	assert_int_equal(level_of("dane-only "), LEVEL_PERM);
	assert_string_equal(level_word(LEVEL_COUNT), "PERM");
	assert_string_equal(level_word(UINT32_MAX), "PERM");
}

static void a_decision_is_counted_once_where_it_belongs(void **state)
{
	struct stats s = {0};

	(void)state;
	stats_decide(&s, STATS_CACHE, LEVEL_DANE_ONLY);
	stats_decide(&s, STATS_CACHE, LEVEL_DANE_ONLY);
	stats_decide(&s, STATS_OWN, LEVEL_COUNT + 3);
	assert_int_equal(s.decisions[STATS_CACHE][LEVEL_DANE_ONLY], 2);
	assert_int_equal(s.decisions[STATS_OWN][LEVEL_PERM], 1);
	assert_int_equal(total(s.decisions[0], (size_t)STATS_SOURCES * LEVEL_COUNT), 3);
}

static void a_lookup_counts_its_states_its_token_and_its_time(void **state)
{
	struct stats s = {0};

	(void)state;
	stats_lookup(&s, DANESTS_DANE_BOGUS, DANESTS_STS_ABSENT, "dnssec-invalid", 3000);
	stats_lookup(&s, DANESTS_DANE_FULL, DANESTS_STS_ENFORCE, "", 1000);
	assert_int_equal(s.dane[DANESTS_DANE_BOGUS], 1);
	assert_int_equal(s.sts[DANESTS_STS_ENFORCE], 1);
	assert_int_equal(total(s.tokens, STATS_TOKENS), 1);
	assert_int_equal(total(s.lookup_times.count, DANESTS_TIMES), 2);
	assert_int_equal(s.lookup_times.sum_us, 4000);
	assert_int_equal(s.lookup_times.count[0], 1); /* 1 ms is not more than 1 ms */
	assert_int_equal(s.lookup_times.count[2], 1); /* 3 ms: at most 5 */
}

static void a_token_nobody_told_us_of_is_counted_as_other(void **state)
{
	struct stats s = {0};

	(void)state;
	stats_lookup(&s, 0, 0, "made-up", 0);
	assert_int_equal(s.tokens[STATS_TOKENS - 1], 1);
	assert_string_equal(stats_token_word(STATS_TOKENS - 1), "other");
	for (unsigned i = 0; i < STATS_TOKENS - 1; i++) {
		stats_lookup(&s, 0, 0, stats_token_word(i), 0);
		assert_int_equal(s.tokens[i], 1);
	}
}

static void a_state_from_a_later_library_does_no_harm(void **state)
{
	struct stats s = {0};

	(void)state;
	stats_lookup(&s, STATS_DANE, STATS_STS, "", 0);
	assert_int_equal(total(s.dane, STATS_DANE) + total(s.sts, STATS_STS), 0);
	assert_int_equal(s.lookup_times.count[0], 1);
}

static void no_time_falls_out_of_the_histogram(void **state)
{
	struct stats s = {0};

	(void)state;
	stats_lookup_error(&s, -5); /* a clock that went back */
	stats_lookup_error(&s, INT64_MAX);
	assert_int_equal(s.lookup_errors, 2);
	assert_int_equal(s.lookup_times.count[0], 1);
	assert_int_equal(s.lookup_times.count[DANESTS_TIMES - 1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_word_is_its_own_and_leads_back),
		cmocka_unit_test(what_is_no_level_is_never_taken_for_a_policy),
		cmocka_unit_test(a_decision_is_counted_once_where_it_belongs),
		cmocka_unit_test(a_lookup_counts_its_states_its_token_and_its_time),
		cmocka_unit_test(a_token_nobody_told_us_of_is_counted_as_other),
		cmocka_unit_test(a_state_from_a_later_library_does_no_harm),
		cmocka_unit_test(no_time_falls_out_of_the_histogram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
