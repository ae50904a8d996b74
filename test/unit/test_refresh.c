/* SPDX-License-Identifier: BSD-2-Clause */
/* The background refresh through the public interface: when, how often, how many. */
#include "refresh_world.h"

static void S14_a_policy_in_use_is_fetched_again_daily_under_the_same_id(void **state)
{
	struct danests_held held;

	(void)state;
	hold(1, "enforce", 30 * DAY);
	run(DAY * 7 / 8 - HOUR);
	assert_int_equal(places[0].fetches, 1);
	run(DAY / 8 + 2 * HOUR);
	assert_int_equal(places[0].fetches, 2);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	assert_int_equal(held.fetched, places[0].fetched);
	assert_int_equal(held.expires, places[0].fetched + 30 * DAY);
	assert_int_equal(held.used, START + 1000);
	run(10 * DAY);
	assert_in_range(places[0].fetches, 11, 14);
	assert_int_equal(status().refreshes, places[0].fetches - 1);
	assert_int_equal(status().refreshes_failed, 0);
	assert_int_equal(status().held, 1);
	no_event(); /* nothing has changed */
}

static void S14_refreshes_are_spread_out(void **state)
{
	unsigned per_half_hour[64] = {0}, most = 0, all = 0;

	(void)state;
	assert_int_equal(danests_set(ctx, "refresh", "4d"), DANESTS_OK);
	hold(DOMAINS, "enforce", 30 * DAY);
	run(4 * DAY);
	for (unsigned i = 0; i < DOMAINS; i++) {
		time_t before = START + 1000 + 4 * DAY - places[i].fetched;

		all += places[i].fetches == 2;
		per_half_hour[before / 1800 < 64 ? before / 1800 : 63]++;
	}
	for (unsigned i = 0; i < 64; i++)
		most = per_half_hour[i] > most ? per_half_hour[i] : most;
	assert_in_range(all, DOMAINS * 9 / 10, DOMAINS); /* the others within the hour */
	/* Half a day's worth, in hours; a twelfth each if it were quite even. */
	assert_in_range(most, 1, DOMAINS / 6);
}

static void S14_a_policy_of_an_hour_is_refreshed_before_it_is_over(void **state)
{
	struct danests_held held;

	(void)state;
	hold(1, "enforce", HOUR);
	for (int i = 0; i < 48; i++) {
		run(HOUR / 2);
		assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	}
	assert_in_range(places[0].fetches, 48, 60);
}

static void S11_a_policy_of_minutes_is_fetched_every_five_at_most(void **state)
{
	(void)state;
	hold(1, "enforce", 610);
	run(2 * HOUR);
	assert_in_range(places[0].fetches, 15, 1 + 2 * HOUR / 300);
}

static void S27_what_nobody_asks_for_in_a_month_runs_out(void **state)
{
	struct danests_held held;

	(void)state;
	hold(2, "enforce", 10 * DAY);
	for (int day = 0; day < 60; day++) {
		run(DAY);
		look_up(1);
	}
	assert_in_range(places[0].fetches, 30, 38);
	assert_true(places[1].fetches > 60);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 0);
	assert_int_equal(danests_held_get(ctx, name_of(1), &held), 1);
	assert_int_equal(status().held, 1);
}

static void S27_few_refreshes_run_at_a_time_and_none_takes_a_lookups_place(void **state)
{
	unsigned rounds = 0;

	(void)state;
	assert_int_equal(danests_set(ctx, "max_lookups", "1"), DANESTS_OK);
	hold(100, "enforce", 30 * DAY);
	slow = true;
	run(DAY + 2 * HOUR);
	assert_int_equal(held_back_count, 8);
	assert_int_equal(status().lookups, 0);
	assert_int_equal(status().parked, 0);
	danests_cancel(ctx, NULL); /* the tag that they do not have */
	look_up(0);
	for (; held_back_count > 0; rounds++) {
		size_t n = held_back_count;

		assert_in_range(n, 1, 8);
		held_back_count = 0;
		for (size_t i = 0; i < n; i++)
			fetch(held_back[i]);
		run(70);
	}
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(places[i].fetches, 2);
	assert_true(rounds >= 100 / 8);
	assert_int_equal(status().refreshes, 100);
}

static void a_context_ends_while_refreshes_are_under_way(void **state)
{
	(void)state;
	hold(3, "enforce", 30 * DAY);
	slow = true;
	run(DAY + 2 * HOUR);
	assert_int_equal(held_back_count, 3);
}

static void S13_a_clock_put_back_a_day_does_not_stop_refreshes(void **state)
{
	(void)state;
	hold(1, "enforce", 30 * DAY);
	ms += (int64_t)3 * DAY * 1000;
	run(2 * HOUR);
	assert_int_equal(places[0].fetches, 2);
	/* Only wall time goes back; here the other clock does, too, and timers wait. */
	ms -= (int64_t)DAY * 1000;
	run(3 * DAY);
	assert_in_range(places[0].fetches, 3, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(S14_a_policy_in_use_is_fetched_again_daily_under_the_same_id),
		IN_WORLD(S14_refreshes_are_spread_out),
		IN_WORLD(S14_a_policy_of_an_hour_is_refreshed_before_it_is_over),
		IN_WORLD(S11_a_policy_of_minutes_is_fetched_every_five_at_most),
		IN_WORLD(S27_what_nobody_asks_for_in_a_month_runs_out),
		IN_WORLD(S27_few_refreshes_run_at_a_time_and_none_takes_a_lookups_place),
		IN_WORLD(a_context_ends_while_refreshes_are_under_way),
		IN_WORLD(S13_a_clock_put_back_a_day_does_not_stop_refreshes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
