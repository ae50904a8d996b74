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

static void S27_a_policy_of_minutes_is_fetched_every_minute_at_most(void **state)
{
	(void)state;
	assert_int_equal(danests_set(ctx, "refresh", "1s"), DANESTS_OK);
	hold(1, "enforce", 610);
	publish(1, "1", "enforce", 90);
	look_up(1);
	run(2 * HOUR);
	for (unsigned i = 0; i < 2; i++)
		assert_in_range(places[i].fetches, 100, 1 + 2 * HOUR / 60);
}

static void S11_what_could_not_be_fetched_is_tried_every_five_minutes_at_most(void **state)
{
	(void)state;
	assert_int_equal(danests_set(ctx, "refresh", "60s"), DANESTS_OK);
	hold(1, "enforce", 7 * DAY);
	run(10 * HOUR / 60);
	assert_in_range(places[0].fetches, 9, 11);
	places[0].fetch_fails = true;
	places[0].fetches = 0;
	run(2 * HOUR);
	assert_in_range(places[0].fetches, 20, 1 + 2 * HOUR / 300);
}

static void S14_half_of_max_age_counts_when_that_is_less(void **state)
{
	(void)state;
	hold(1, "enforce", 610);
	run(2 * HOUR);
	assert_in_range(places[0].fetches, 2 * HOUR / 305 - 3, 1 + 2 * HOUR / 266);
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

static void S14_one_of_long_max_age_is_in_use_until_that_is_over(void **state)
{
	(void)state;
	hold(2, "enforce", 60 * DAY);
	publish(1, "1", "enforce", 10 * DAY); /* for a month, since nobody asks */
	run(59 * DAY);
	assert_in_range(places[0].fetches, 58, 70);
	assert_in_range(places[1].fetches, 31, 38);
}

static void S13_what_seems_to_come_from_the_future_is_fetched_at_once(void **state)
{
	struct danests_held held;

	(void)state;
	wall_shift = 400 * DAY;
	hold(3, "enforce", 30 * DAY);
	wall_shift = 0;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(danests_held_get(ctx, name_of(i), &held), 1);
		assert_int_equal(held.fetched, clock_now());
		assert_int_equal(held.expires, clock_now() + 30 * DAY);
	}
	places[2].fetch_fails = true;
	run(HOUR / 2);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(places[i].fetches, 2);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	assert_int_equal(held.fetched, places[0].fetched);
	run(8 * DAY);
	assert_in_range(places[0].fetches, 8, 12);
	/* What failed goes on, and is tried again, but not without end. */
	assert_int_equal(danests_held_get(ctx, name_of(2), &held), 1);
	assert_in_range(places[2].fetches, 8 * 23, 2 + 8 * 25);
}

static void S13_a_walk_shows_what_is_in_force(void **state)
{
	enum danests_walk_step step;
	struct danests_held held;
	danests_walk *walk;
	unsigned n = 0;

	(void)state;
	hold(1, "enforce", HOUR);
	publish(1, "1", "enforce", 30 * DAY);
	wall_shift = 10 * DAY;
	look_up(1);
	wall_shift = 2 * HOUR; /* one is over, the other comes from the future */
	walk = danests_walk_new(ctx);
	while ((step = danests_walk_next(walk, &held)) != DANESTS_WALK_END) {
		if (step == DANESTS_WALK_PAUSE)
			continue;
		assert_string_equal(held.domain, name_of(1));
		assert_int_equal(held.fetched, clock_now());
		assert_int_equal(held.expires, clock_now() + 30 * DAY);
		n++;
	}
	assert_int_equal(n, 1);
	danests_walk_free(walk);
}

static void when_to_try_again_does_not_rest_on_a_clock_that_was_ahead(void **state)
{
	char text[600];

	(void)state;
	hold(1, "enforce", 300 * DAY);
	places[0].fetch_fails = true;
	wall_shift = 100 * DAY;
	run(2 * HOUR);
	assert_in_range(events(DANESTS_EVENT_REFRESH_FAILED, text), 1, 3);
	places[0].fetch_fails = false;
	places[0].fetches = 0;
	wall_shift = 0;
	run(2 * DAY);
	assert_in_range(places[0].fetches, 1, 3);
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
		IN_WORLD(S27_a_policy_of_minutes_is_fetched_every_minute_at_most),
		IN_WORLD(S11_what_could_not_be_fetched_is_tried_every_five_minutes_at_most),
		IN_WORLD(S14_half_of_max_age_counts_when_that_is_less),
		IN_WORLD(S27_what_nobody_asks_for_in_a_month_runs_out),
		IN_WORLD(S27_few_refreshes_run_at_a_time_and_none_takes_a_lookups_place),
		IN_WORLD(a_context_ends_while_refreshes_are_under_way),
		IN_WORLD(S14_one_of_long_max_age_is_in_use_until_that_is_over),
		IN_WORLD(S13_what_seems_to_come_from_the_future_is_fetched_at_once),
		IN_WORLD(S13_a_walk_shows_what_is_in_force),
		IN_WORLD(when_to_try_again_does_not_rest_on_a_clock_that_was_ahead),
		IN_WORLD(S13_a_clock_put_back_a_day_does_not_stop_refreshes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
