/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The background refresh through the public interface, on a clock of its own and in a
 * world without wires: DNS and policy hosts are a table of domains, and answer at once
 * or when they are told to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "danests.h"
#include "source/dns.h"
#include "source/https.h"

#define START 1767225600
#define HOUR 3600
#define DAY 86400
#define DOMAINS 400

static int64_t ms;

time_t clock_now(void) { return START + (time_t)(ms / 1000); }
int64_t clock_mono_ms(void) { return ms; }
int64_t clock_mono_us(void) { return ms * 1000; }

/* ---- The world ---- */

struct place {
	const char *id;       /* of the TXT record; NULL: there is none */
	bool txt_fails, fetch_fails;
	const char *mode;
	unsigned max_age;
	unsigned fetches;
	time_t fetched;       /* the last time */
};

static struct place places[DOMAINS];
static struct ask *held_back[DOMAINS]; /* fetches, while slow is set */
static size_t held_back_count;
static bool slow;

struct dns { int unused; };
struct https { int unused; };
static struct dns the_dns;
static struct https the_https;

int dns_new(struct dns **out, struct loop *loop, const struct dns_conf *conf,
    char problem[DNS_PROBLEM])
{
	(void)loop;
	(void)conf;
	(void)problem;
	*out = &the_dns;
	return DANESTS_OK;
}

void dns_free(struct dns *dns) { (void)dns; }
bool dns_idle(const struct dns *dns) { (void)dns; return true; }
void https_free(struct https *https) { (void)https; }
bool https_idle(const struct https *https) { (void)https; return true; }

enum danests_trust_state dns_trust(struct dns *dns, const char **text, const char **resolvers)
{
	(void)dns;
	*text = *resolvers = "";
	return DANESTS_TRUST_GOOD;
}

int https_new(struct https **out, struct loop *loop, const struct https_conf *conf,
    char problem[HTTPS_PROBLEM])
{
	(void)loop;
	(void)conf;
	(void)problem;
	*out = &the_https;
	return DANESTS_OK;
}

/* d7.example, mta-sts.d7.example */
static struct place *place_of(const char *name)
{
	const char *d = strrchr(name, 'd');
	unsigned long i = strtoul(d + 1, NULL, 10);

	assert_true(i < DOMAINS);
	return &places[i];
}

static struct answer *txt_answer(const struct place *p)
{
	struct answer *a;

	if (p->txt_fails)
		return answer_failed(QUESTION_STSTXT, FAILURE_SERVFAIL, clock_now() + 15, NULL);
	if (p->id == NULL)
		return answer_new(QUESTION_STSTXT, ANSWER_ABSENT_INSECURE, clock_now() + 60);
	a = answer_new(QUESTION_STSTXT, ANSWER_INSECURE, clock_now() + 60);
	assert_int_equal(answer_set_id(a, p->id), DANESTS_OK);
	return a;
}

enum source_result dns_ask(struct dns *dns, struct ask *ask)
{
	const uint8_t v4[4] = { 192, 0, 2, 1 };
	struct answer *a;

	(void)dns;
	if (ask->q.kind == QUESTION_STS)
		return SOURCE_PASS;
	if (ask->q.kind == QUESTION_STSTXT) {
		a = txt_answer(place_of(ask->q.name.name));
	} else if (ask->q.kind == QUESTION_ADDR) {
		a = answer_new(QUESTION_ADDR, ANSWER_INSECURE, clock_now() + 60);
		assert_int_equal(answer_add_addr(a, 4, v4), DANESTS_OK);
	} else {
		a = answer_new(ask->q.kind, ANSWER_ABSENT_INSECURE, clock_now() + 60);
	}
	ask_arrive(ask, a);
	return SOURCE_ANSWERED;
}

static void fetch(struct ask *ask)
{
	struct place *p = place_of(ask->q.name.name);
	char text[200], why[STSBODY_WHY];
	struct stsbody body;
	struct answer *a;

	p->fetches++;
	p->fetched = clock_now();
	if (p->fetch_fails) {
		ask_arrive(ask, answer_failed(QUESTION_STS, FAILURE_STS_FETCH,
		    clock_now() + ANSWER_FETCH_RETRY, "HTTP status 404"));
		return;
	}
	text_format(text, sizeof(text), "version: STSv1\nmode: %s\nmx: mx.example\nmax_age: %u\n",
	    p->mode, p->max_age);
	assert_int_equal(stsbody_parse(&body, text, strlen(text), why), DANESTS_OK);
	a = answer_new(QUESTION_STS, ANSWER_INSECURE, clock_now() + (time_t)body.max_age);
	assert_int_equal(answer_set_id(a, ask->q.id), DANESTS_OK);
	assert_int_equal(answer_set_policy(a, text, strlen(text), &body), DANESTS_OK);
	ask_arrive(ask, a);
}

enum source_result https_ask(struct https *https, struct ask *ask)
{
	(void)https;
	if (slow) {
		held_back[held_back_count++] = ask;
		return SOURCE_PENDING;
	}
	fetch(ask);
	return SOURCE_ANSWERED;
}

/* ---- Time goes by ---- */

static danests *ctx;

static void run(int64_t seconds)
{
	int64_t end = ms + seconds * 1000;

	for (;;) {
		int wait = danests_timeout(ctx);

		if (wait < 0 || ms + wait > end)
			break;
		ms += wait;
		assert_int_equal(danests_process(ctx), DANESTS_OK);
	}
	ms = end;
}

static const char *name_of(unsigned i)
{
	static char name[40];

	text_format(name, sizeof(name), "d%u.example", i);
	return name;
}

static void look_up(unsigned i)
{
	danests_policy *policy;

	assert_int_equal(danests_lookup(ctx, name_of(i), &policy), DANESTS_OK);
	danests_policy_unref(policy);
}

static void publish(unsigned i, const char *id, const char *mode, unsigned max_age)
{
	places[i].id = id;
	places[i].mode = mode;
	places[i].max_age = max_age;
}

/* The first so many domains have a policy, and somebody asked. */
static void hold(unsigned count, const char *mode, unsigned max_age)
{
	for (unsigned i = 0; i < count; i++) {
		publish(i, "1", mode, max_age);
		look_up(i);
		assert_int_equal(places[i].fetches, 1);
	}
}

static struct danests_status status(void)
{
	struct danests_status s;

	danests_get_status(ctx, &s);
	return s;
}

static void no_event(void)
{
	struct danests_event e;

	assert_false(danests_next_event(ctx, &e));
}

static unsigned events(enum danests_event_kind kind, char text[600])
{
	struct danests_event e;
	unsigned n = 0;

	while (danests_next_event(ctx, &e)) {
		if (e.kind != kind)
			continue;
		text_format(text, 600, "%s", e.text);
		n++;
	}
	return n;
}

static int set_up(void **state)
{
	(void)state;
	memset(places, 0, sizeof(places));
	slow = false;
	held_back_count = 0;
	ms = 1000000;
	return danests_new(&ctx);
}

static int tear_down(void **state)
{
	(void)state;
	danests_free(ctx);
	return 0;
}

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

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(S14_a_policy_in_use_is_fetched_again_daily_under_the_same_id),
		IN_WORLD(S14_refreshes_are_spread_out),
		IN_WORLD(S14_a_policy_of_an_hour_is_refreshed_before_it_is_over),
		IN_WORLD(S11_a_policy_of_minutes_is_fetched_every_five_at_most),
		IN_WORLD(S27_what_nobody_asks_for_in_a_month_runs_out),
		IN_WORLD(S13_S14_a_refresh_that_fails_is_told_tried_hourly_and_costs_nothing),
		IN_WORLD(S13_a_TXT_record_that_fails_or_is_gone_is_told_and_the_policy_ends_in_time),
		IN_WORLD(S25_of_mode_none_a_failure_is_not_told),
		IN_WORLD(a_refresh_finds_what_changed_under_the_same_id_and_under_another),
		IN_WORLD(S27_few_refreshes_run_at_a_time_and_none_takes_a_lookups_place),
		IN_WORLD(domains_that_failed_before_leave_room_for_the_others),
		IN_WORLD(what_is_forgotten_are_failures_and_no_policies),
		IN_WORLD(a_context_ends_while_refreshes_are_under_way),
		IN_WORLD(S13_a_clock_put_back_a_day_does_not_stop_refreshes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
