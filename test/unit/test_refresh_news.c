/* SPDX-License-Identifier: BSD-2-Clause */
/* The background refresh through the public interface: what it finds, and failures. */
#include "refresh_world.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void S13_S14_a_refresh_that_fails_is_told_tried_hourly_and_costs_nothing(void **state)
{
	struct danests_held held;
	char text[600];
	unsigned told;

	(void)state;
	hold(1, "enforce", 7 * DAY);
	places[0].fetch_fails = true;
	run(2 * DAY);
	told = events(DANESTS_EVENT_REFRESH_FAILED, text);
	assert_in_range(told, 20, 28);
	assert_int_equal(places[0].fetches, 1 + told);
	assert_int_equal(status().refreshes_failed, told);
	assert_string_equal(text, "MTA-STS policy refresh fails, the known policy (enforce, id 1)"
	    " goes on: sts-policy-fetch-error: STS d0.example id=1: policy not"
	    " fetched (HTTP status 404) (until 2026-01-08T00:16:40Z)");
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	assert_int_equal(held.expires, START + 1000 + 7 * DAY);
	places[0].fetch_fails = false;
	run(2 * HOUR);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	assert_true(held.expires > START + 1000 + 8 * DAY);
	assert_int_equal(events(DANESTS_EVENT_REFRESH_FAILED, text), 0);
}

static void S13_a_TXT_record_that_fails_or_is_gone_is_told_and_the_policy_ends_in_time(void **state)
{
	struct danests_held held;
	char text[600];

	(void)state;
	hold(2, "enforce", 3 * DAY);
	places[0].txt_fails = true;
	places[1].id = NULL;
	run(DAY + 2 * HOUR);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(danests_held_get(ctx, name_of(i), &held), 1);
	places[0].txt_fails = false;
	(void)events(DANESTS_EVENT_REFRESH_FAILED, text);
	run(2 * HOUR);
	assert_in_range(events(DANESTS_EVENT_REFRESH_FAILED, text), 1, 3);
	assert_non_null(strstr(text, "there is no MTA-STS TXT record any more (until 2026-01-04"));
	run(2 * DAY);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	assert_int_equal(danests_held_get(ctx, name_of(1), &held), 0);
	(void)events(DANESTS_EVENT_REFRESH_FAILED, text);
	run(2 * DAY);
	no_event(); /* nothing is left that could be refreshed */
	assert_int_equal(places[1].fetches, 1);
	assert_int_equal(status().held, 1);
}

static void S25_of_mode_none_a_failure_is_not_told(void **state)
{
	(void)state;
	hold(1, "none", 7 * DAY);
	places[0].fetch_fails = true;
	run(2 * DAY);
	assert_true(status().refreshes_failed > 10);
	no_event();
}

static void a_refresh_finds_what_changed_under_the_same_id_and_under_another(void **state)
{
	struct danests_held held;
	char text[600];

	(void)state;
	hold(2, "enforce", 7 * DAY);
	publish(0, "1", "testing", 7 * DAY);
	publish(1, "2", "none", 7 * DAY);
	run(DAY + 2 * HOUR);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	assert_int_equal(held.mode, DANESTS_STS_TESTING);
	assert_int_equal(danests_held_get(ctx, name_of(1), &held), 1);
	assert_int_equal(held.mode, DANESTS_STS_NONE);
	assert_string_equal(held.id, "2");
	assert_int_equal(events(DANESTS_EVENT_SAME_ID, text), 1);
	assert_string_equal(text, "MTA-STS policy changed, but its id (1) did not:"
	    " was enforce, is testing");
	run(DAY);
	no_event();
}

static void domains_that_failed_before_leave_room_for_the_others(void **state)
{
	char text[600];
	size_t n;

	(void)state;
	hold(20, "enforce", 30 * DAY);
	for (unsigned i = 0; i < 20; i++)
		places[i].fetch_fails = true;
	run(DAY + HOUR);
	assert_true(events(DANESTS_EVENT_REFRESH_FAILED, text) >= 20);
	slow = true;
	run(3 * HOUR);
	assert_int_equal(held_back_count, 4);
	/* All of them in their turn. */
	for (int round = 0; round < 5; round++) {
		n = held_back_count;
		held_back_count = 0;
		for (size_t i = 0; i < n; i++)
			fetch(held_back[i]);
		run(120);
	}
	for (unsigned i = 0; i < 20; i++)
		assert_true(places[i].fetches > 2);
}

static void what_is_forgotten_are_failures_and_no_policies(void **state)
{
	struct danests_held held;

	(void)state;
	hold(1, "enforce", 30 * DAY);
	publish(0, "2", "testing", 30 * DAY);
	places[0].fetch_fails = true;
	look_up(0);
	look_up(0);
	assert_int_equal(places[0].fetches, 2); /* S11 */
	danests_forget(ctx);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	assert_string_equal(held.id, "1");
	look_up(0);
	assert_int_equal(places[0].fetches, 3);
}

static void an_outage_is_not_told_of_every_domain(void **state)
{
	char text[600];

	(void)state;
	hold(DOMAINS, "enforce", 30 * DAY);
	for (unsigned i = 0; i < DOMAINS; i++)
		places[i].txt_fails = true;
	run(DAY);
	assert_in_range(events(DANESTS_EVENT_REFRESH_FAILED, text), 32, 240);
	run(HOUR);
	assert_in_range(events(DANESTS_EVENT_REFRESH_FAILED, text), 10, 70);
	for (unsigned i = 0; i < DOMAINS; i++)
		places[i].txt_fails = false;
	run(3 * HOUR);
	assert_int_equal(events(DANESTS_EVENT_REFRESH_FAILED, text), 0);
	for (unsigned i = 0; i < DOMAINS; i++)
		assert_int_equal(places[i].fetches, 2);
}

static void S14_thousands_that_fail_by_themselves_do_not_stop_the_others(void **state)
{
	char text[600];

	(void)state;
	hold(PLACES, "enforce", 30 * DAY);
	for (unsigned i = 0; i < PLACES; i++)
		places[i].fetch_fails = i % 47 != 0;
	for (int hours = 0; hours < 6 * 24; hours++) {
		run(HOUR);
		(void)events(DANESTS_EVENT_REFRESH_FAILED, text);
	}
	for (unsigned i = 0; i < PLACES; i += 47)
		assert_in_range(clock_now() - places[i].fetched, 0, 30 * HOUR);
}

/* ---- Fetches that land late ---- */

/* run() would wait until what is done is reaped. */
static void turn(void)
{
	for (int i = 0; i < 5; i++)
		assert_int_equal(danests_process(ctx), DANESTS_OK);
}

static void land(size_t at)
{
	fetch(held_back[at]);
	turn();
}

/* The policy of d0.example as it is said to be now is asked for, slowly. */
static void begin(const char *id, const char *mode, unsigned max_age, void *tag)
{
	slow = true;
	publish(0, id, mode, max_age);
	assert_int_equal(danests_start(ctx, name_of(0), tag), DANESTS_OK);
	turn();
}

static void reap(unsigned count)
{
	struct danests_done done;

	while (danests_reap(ctx, &done)) {
		assert_int_equal(done.error, DANESTS_OK);
		danests_policy_unref(done.policy);
		count--;
	}
	assert_int_equal(count, 0);
}

static void S24_an_older_slower_fetch_does_not_undo_a_deletion(void **state)
{
	struct danests_held held;
	char tags[3];

	(void)state;
	begin("1", "enforce", 30 * DAY, &tags[0]);
	ms += 120000;
	begin("2", "none", 0, &tags[1]);
	assert_int_equal(held_back_count, 2);
	land(1);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 0);
	publish(0, "1", "enforce", 30 * DAY);
	land(0);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 0);
	reap(2);
	/* It says so anew. */
	begin("3", "enforce", 30 * DAY, &tags[2]);
	land(2);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	reap(1);
}

static void S13_an_older_slower_fetch_does_not_replace_a_newer_policy(void **state)
{
	static const unsigned orders[][2] = { { 1, 0 }, { 0, 1 } };
	struct danests_held held;
	char tags[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		held_back_count = 0;
		begin(i == 0 ? "a1" : "b1", "testing", 30 * DAY, &tags[0]);
		ms += 120000;
		begin(i == 0 ? "a2" : "b2", "enforce", 30 * DAY, &tags[1]);
		for (unsigned j = 0; j < 2; j++) {
			places[0].mode = orders[i][j] == 0 ? "testing" : "enforce";
			land(orders[i][j]);
		}
		assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
		assert_string_equal(held.id, i == 0 ? "a2" : "b2");
		assert_int_equal(held.mode, DANESTS_STS_ENFORCE);
		reap(2);
	}
}

/* A policy rests on its host's certificate, and not on the resolver. */
static void S13_a_policy_that_lands_after_a_change_is_held(void **state)
{
	struct danests_held held;
	char tag;

	(void)state;
	begin("1", "enforce", 30 * DAY, &tag);
	assert_int_equal(danests_forget(ctx), DANESTS_OK);
	land(0);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	reap(1);
}

/* ---- On disk ---- */

static void S13_a_decision_is_on_disk_before_it_is_reaped(void **state)
{
	char dir[] = "/tmp/test_news.XXXXXX", clean[64];
	struct danests_held held;
	int status;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(danests_set(ctx, "cache_dir", dir), DANESTS_OK);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		hold(1, "enforce", 30 * DAY);
		_exit(danests_held_get(ctx, name_of(0), &held) == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(danests_held_get(ctx, name_of(0), &held), 1);
	text_format(clean, sizeof(clean), "rm -r %s", dir);
	assert_int_equal(system(clean), 0);
}

static void S13_sync_says_that_the_disk_refuses(void **state)
{
	char dir[] = "/tmp/test_news.XXXXXX", clean[64];
	struct rlimit old, small;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(danests_set(ctx, "cache_dir", dir), DANESTS_OK);
	assert_int_equal(danests_open(ctx), DANESTS_OK);
	assert_int_equal(danests_sync(ctx), DANESTS_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 1;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	hold(1, "enforce", 30 * DAY);
	assert_int_equal(danests_sync(ctx), DANESTS_ECACHE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(danests_problem(ctx), dir));
	text_format(clean, sizeof(clean), "rm -r %s", dir);
	assert_int_equal(system(clean), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(S13_S14_a_refresh_that_fails_is_told_tried_hourly_and_costs_nothing),
		IN_WORLD(S13_a_TXT_record_that_fails_or_is_gone_is_told_and_the_policy_ends_in_time),
		IN_WORLD(S25_of_mode_none_a_failure_is_not_told),
		IN_WORLD(a_refresh_finds_what_changed_under_the_same_id_and_under_another),
		IN_WORLD(domains_that_failed_before_leave_room_for_the_others),
		IN_WORLD(what_is_forgotten_are_failures_and_no_policies),
		IN_WORLD(an_outage_is_not_told_of_every_domain),
		IN_WORLD(S14_thousands_that_fail_by_themselves_do_not_stop_the_others),
		IN_WORLD(S24_an_older_slower_fetch_does_not_undo_a_deletion),
		IN_WORLD(S13_an_older_slower_fetch_does_not_replace_a_newer_policy),
		IN_WORLD(S13_a_policy_that_lands_after_a_change_is_held),
		IN_WORLD(S13_a_decision_is_on_disk_before_it_is_reaped),
		IN_WORLD(S13_sync_says_that_the_disk_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
