/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies that are held, over a store in a folder of its own. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cache_help.h"

#include "base/loop.h"
#include "source/events.h"
#include "source/store.h"

#define DAY 86400
#define ROOM (1 << 20)

static char dir[] = "/tmp/test_cache_held.XXXXXX";
static struct loop *loop;
static struct events events;
static struct store *store;
static struct cache *cache;

static void empty_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		assert_int_equal(unlink(path), 0);
	}
	closedir(d);
}

static void open_store(size_t room)
{
	char problem[STORE_PROBLEM];

	assert_int_equal(store_open(&store, loop, &events, dir, 64 << 20, problem), DANESTS_OK);
	assert_int_equal(cache_new(&cache, room), DANESTS_OK);
	cache_connect(cache, store, &events);
}

static void close_store(void)
{
	cache_free(cache);
	store_close(store);
}

/* As after a restart. */
static void reopen(void)
{
	close_store();
	open_store(ROOM);
}

static int set_up(void **state)
{
	(void)state;
	now = 1767225600;
	if (mkdtemp(dir) == NULL || loop_new(&loop) != DANESTS_OK)
		return -1;
	events_init(&events);
	open_store(ROOM);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_store();
	events_clear(&events);
	loop_free(loop);
	empty_dir();
	if (rmdir(dir) != 0)
		return -1;
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	return 0;
}

static struct record record_of(const char *domain)
{
	struct record r;

	assert_true(cache_held_get(cache, domain, &r));
	return r;
}

/* The next event; its text, or NULL: there is none. */
static const char *event(enum danests_event_kind kind, const char *domain)
{
	struct danests_event e;

	if (!events_next(&events, &e))
		return NULL;
	assert_int_equal(e.kind, kind);
	assert_string_equal(e.domain, domain);
	return e.text;
}

static void no_event(void)
{
	struct danests_event e;

	assert_false(events_next(&events, &e));
}

static void S13_what_was_fetched_is_there_after_a_restart(void **state)
{
	struct answer *a;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 604800, 0);
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	reopen();
	now += 604799;
	a = asked(cache, QUESTION_STSHELD, "example.com", "");
	assert_int_equal(a->state, ANSWER_INSECURE);
	assert_string_equal(a->id, "1");
	assert_int_equal(a->body.mode, STSBODY_ENFORCE);
	assert_string_equal(a->body.mx[0], "mx.example.com");
	assert_int_equal(a->expires, now + 1);
	answer_unref(a);
	assert_true(known(cache, QUESTION_STS, "example.com", "1"));
	assert_false(known(cache, QUESTION_STS, "example.com", "2"));
	now += 1;
	assert_false(holds(cache, "example.com", NULL));
	assert_false(known(cache, QUESTION_STS, "example.com", "1"));
}

static void S24_max_age_0_leaves_nothing_on_disk_either(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 604800, 0);
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	reopen();
	keep_policy(cache, "example.com", "2", "none", 0, 0);
	assert_false(holds(cache, "example.com", NULL));
	assert_non_null(event(DANESTS_EVENT_CHANGED, "example.com"));
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	reopen();
	assert_false(holds(cache, "example.com", NULL));
	keep_policy(cache, "example.com", "2", "none", 0, 0);
	no_event();
}

static void memory_may_forget_what_the_disk_has(void **state)
{
	char name[40];

	(void)state;
	close_store();
	open_store(20000);
	for (unsigned i = 0; i < 300; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		keep_policy(cache, name, "1", "enforce", DAY, 100);
		keep(cache, QUESTION_ADDR, name, ANSWER_SECURE, 3600);
	}
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	assert_true(cache_bytes(cache) <= 20000);
	/* Policies do not push out everything else. */
	assert_true(known(cache, QUESTION_ADDR, "d299.example", ""));
	for (unsigned i = 0; i < 300; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		assert_true(holds(cache, name, "1"));
	}
	assert_true(cache_bytes(cache) <= 20000);
	cache_set_limit(cache, 0);
	assert_true(holds(cache, "d0.example", "1"));
	assert_true(known(cache, QUESTION_STS, "d1.example", "1"));
	assert_int_equal(cache_entries(cache), 0);
	assert_int_equal(cache_held_count(cache), 300);
	no_event();
}

static void S13_a_clock_a_day_ahead_or_behind_costs_nothing(void **state)
{
	(void)state;
	keep_policy(cache, "short.example", "1", "enforce", 3600, 0);
	keep_policy(cache, "long.example", "1", "enforce", STSBODY_MAX_AGE, 0);
	assert_int_equal(cache_sync(cache), DANESTS_OK);
	now += DAY;
	for (int i = 0; i < 5; i++) /* what is over is swept out of memory */
		keep(cache, QUESTION_ADDR, "mx.example.com", ANSWER_SECURE, 60);
	assert_false(holds(cache, "short.example", NULL));
	assert_true(holds(cache, "long.example", "1"));
	reopen();
	assert_false(holds(cache, "short.example", NULL));
	now -= DAY;
	assert_true(holds(cache, "short.example", "1"));
	now -= DAY;
	assert_true(holds(cache, "short.example", "1"));
	assert_true(holds(cache, "long.example", "1"));
	reopen();
	assert_true(holds(cache, "long.example", "1"));
	now += DAY;
	assert_true(holds(cache, "short.example", "1"));
	no_event();
}

/* A clock that was years ahead when the policy came. */
static void what_ends_further_away_than_possible_is_not_used(void **state)
{
	(void)state;
	now += 3 * (time_t)STSBODY_MAX_AGE;
	keep_policy(cache, "example.com", "1", "enforce", 600, 0);
	now -= 3 * (time_t)STSBODY_MAX_AGE;
	assert_false(holds(cache, "example.com", NULL));
	reopen();
	assert_false(holds(cache, "example.com", NULL));
}

static void S14_another_mode_is_told_once_also_after_a_restart(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "a", "enforce", DAY, 0);
	no_event(); /* the first one is no news */
	reopen();
	keep_policy(cache, "example.com", "b", "none", DAY, 0);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"),
	    "MTA-STS policy changed: was enforce (id a), is none (id b)");
	no_event();
	keep_policy(cache, "example.com", "b", "none", DAY, 0);
	no_event();
	keep_policy(cache, "example.com", "c", "testing", 0, 0);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "MTA-STS policy changed:"
	    " was none (id b), is testing (id c); it asks not to be remembered (max_age 0)");
	no_event();
}

static void another_policy_of_the_same_mode_is_told_without_a_warning(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "a", "enforce", DAY, 0);
	keep_policy(cache, "example.com", "b", "enforce", DAY, 0);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "");
	no_event();
}

static void another_body_behind_the_same_id_is_told_with_one_warning(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "a", "enforce", DAY, 0);
	keep_policy(cache, "example.com", "a", "enforce", DAY, 5);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "");
	assert_string_equal(event(DANESTS_EVENT_SAME_ID, "example.com"), "MTA-STS policy changed,"
	    " but its id (a) did not: was enforce, is enforce");
	no_event();
	keep_policy(cache, "example.com", "a", "testing", DAY, 5);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "");
	assert_non_null(strstr(event(DANESTS_EVENT_SAME_ID, "example.com"),
	    "was enforce, is testing"));
	no_event();
}

static void a_policy_that_is_over_is_replaced_without_a_word(void **state)
{
	(void)state;
	keep_policy(cache, "example.com", "a", "enforce", 600, 0);
	now += 600;
	keep_policy(cache, "example.com", "b", "none", 600, 0);
	no_event();
}

static void S14_the_time_of_use_is_exact_to_a_day_and_survives(void **state)
{
	time_t first = now;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 30 * DAY, 0);
	assert_int_equal(record_of("example.com").used, first);
	now += DAY - 1;
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(record_of("example.com").used, first);
	now += 1;
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(record_of("example.com").used, first + DAY);
	reopen();
	assert_int_equal(record_of("example.com").used, first + DAY);
	/* The clock was ahead at that time. */
	now = first - DAY;
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(record_of("example.com").used, first - DAY);
}

static void S27_a_refresh_is_no_use(void **state)
{
	time_t first = now;
	struct record r;

	(void)state;
	keep_policy(cache, "example.com", "1", "enforce", 30 * DAY, 0);
	now += 3 * DAY;
	keep_policy(cache, "example.com", "1", "enforce", 30 * DAY, 0);
	r = record_of("example.com");
	assert_int_equal(r.used, first);
	assert_int_equal(r.fetched, now);
	assert_int_equal(r.expires, now + 30 * DAY);
	no_event();
	/* But what had run out is new. */
	now += 31 * DAY;
	keep_policy(cache, "example.com", "1", "enforce", 30 * DAY, 0);
	assert_int_equal(record_of("example.com").used, now);
}

static void S11_what_shall_be_new_comes_from_a_remembered_failure_at_most(void **state)
{
	struct list arrivals;
	struct ask ask = { .q = question(QUESTION_STS, "example.com", "1"), .arrivals = &arrivals };

	(void)state;
	list_init(&arrivals);
	keep_policy(cache, "example.com", "1", "enforce", DAY, 0);
	assert_int_equal(cache_ask_anew(cache, &ask), SOURCE_PASS);
	keep_failure(cache, QUESTION_STS, "example.com", "1", ANSWER_FETCH_RETRY);
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(cache_ask_anew(cache, &ask), SOURCE_ANSWERED);
	assert_int_equal(ask.answer->failure, FAILURE_STS_FETCH);
	answer_unref(ask.answer);
	cache_forget(cache);
	assert_true(holds(cache, "example.com", "1"));
	assert_int_equal(cache_ask_anew(cache, &ask), SOURCE_PASS);
}

/* ---- By hand ---- */

static struct record by_hand(const char *domain, const char *text, unsigned max_age)
{
	return (struct record){
		.domain = domain, .id = "7", .text = text, .text_len = strlen(text),
		.mode = STSBODY_ENFORCE, .max_age = max_age, .fetched = now, .used = now,
		.expires = now + (time_t)max_age,
	};
}

static const char text[] = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n";

static void put_and_drop_change_what_is_held_and_tell(void **state)
{
	struct record r = by_hand("example.com", text, DAY);

	(void)state;
	assert_int_equal(cache_held_put(cache, &r), DANESTS_OK);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "");
	assert_true(holds(cache, "example.com", "7"));
	assert_int_equal(cache_held_put(cache, &r), DANESTS_OK);
	no_event();
	assert_int_equal(cache_held_drop(cache, "example.com"), DANESTS_OK);
	assert_string_equal(event(DANESTS_EVENT_CHANGED, "example.com"), "");
	assert_false(holds(cache, "example.com", NULL));
	assert_int_equal(cache_held_drop(cache, "example.com"), DANESTS_OK);
	no_event();
	r.text = "mode: enforce";
	r.text_len = strlen(r.text);
	assert_int_equal(cache_held_put(cache, &r), DANESTS_EINVAL);
	reopen();
	assert_false(holds(cache, "example.com", NULL));
}

/* Checksums are right, but it is nothing that we would have taken. */
static void S15_what_is_no_policy_is_not_applied_but_dropped_and_told(void **state)
{
	struct record r = by_hand("example.com", "no policy", DAY);

	(void)state;
	assert_int_equal(store_put(store, &r), DANESTS_OK);
	assert_false(holds(cache, "example.com", NULL));
	assert_non_null(event(DANESTS_EVENT_CACHE_TROUBLE, "example.com"));
	assert_false(holds(cache, "example.com", NULL));
	no_event();
}

/* ---- All of them, in memory and on disk ---- */

static unsigned walked(struct cache *from, unsigned count[100])
{
	struct cache_walk *walk = cache_walk_new(from);
	unsigned all = 0, number;
	enum store_step step;
	struct record r;

	assert_non_null(walk);
	memset(count, 0, 100 * sizeof(*count));
	while ((step = cache_walk_next(walk, &r)) != STORE_END) {
		if (step == STORE_PAUSE)
			continue;
		assert_int_equal(sscanf(r.domain, "d%u.example", &number), 1);
		assert_true(number < 100);
		assert_string_equal(r.id, "1");
		assert_int_equal(r.mode, STSBODY_TESTING);
		count[number]++;
		all++;
	}
	cache_walk_free(walk);
	return all;
}

static void fill(struct cache *into)
{
	char name[40];

	for (unsigned i = 0; i < 100; i++) {
		text_format(name, sizeof(name), "d%u.example", i);
		keep_policy(into, name, "1", "testing", 600, 0);
	}
}

static void a_walk_gives_out_each_policy_once(void **state)
{
	struct cache *memory = NULL;
	unsigned count[100];

	(void)state;
	assert_int_equal(cache_new(&memory, ROOM), DANESTS_OK);
	assert_int_equal(walked(memory, count), 0);
	fill(memory);
	fill(cache);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(walked(i == 0 ? memory : cache, count), 100);
		for (unsigned j = 0; j < 100; j++)
			assert_int_equal(count[j], 1);
	}
	assert_int_equal(cache_held_count(memory), 100);
	assert_int_equal(cache_held_count(cache), 100);
	cache_walk_free(NULL);
	cache_free(memory);
}

static void a_walk_in_memory_survives_what_happens_meanwhile(void **state)
{
	struct cache *memory = NULL;
	struct cache_walk *walk;
	struct record r;
	unsigned seen = 1;

	(void)state;
	assert_int_equal(cache_new(&memory, ROOM), DANESTS_OK);
	fill(memory);
	walk = cache_walk_new(memory);
	assert_int_equal(cache_walk_next(walk, &r), STORE_RECORD);
	assert_string_equal(r.domain, "d0.example");
	/* The next one goes, the one after it is renewed, one that was seen, too. */
	assert_int_equal(cache_held_drop(memory, "d1.example"), DANESTS_OK);
	keep_policy(memory, "d2.example", "2", "enforce", 600, 0);
	keep_policy(memory, "d0.example", "2", "enforce", 600, 0);
	assert_int_equal(cache_walk_next(walk, &r), STORE_RECORD);
	assert_string_equal(r.domain, "d2.example");
	assert_string_equal(r.id, "2");
	for (; cache_walk_next(walk, &r) == STORE_RECORD; seen++) {
		assert_string_not_equal(r.domain, "d0.example");
		if (seen == 50)
			cache_set_limit(memory, 0);
	}
	assert_int_equal(seen, 51);
	assert_int_equal(cache_held_count(memory), 0);
	cache_walk_free(walk);
	cache_free(memory);
}

#define WITH_STORE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(S13_what_was_fetched_is_there_after_a_restart),
		WITH_STORE(S24_max_age_0_leaves_nothing_on_disk_either),
		WITH_STORE(memory_may_forget_what_the_disk_has),
		WITH_STORE(S13_a_clock_a_day_ahead_or_behind_costs_nothing),
		WITH_STORE(what_ends_further_away_than_possible_is_not_used),
		WITH_STORE(S14_another_mode_is_told_once_also_after_a_restart),
		WITH_STORE(another_policy_of_the_same_mode_is_told_without_a_warning),
		WITH_STORE(another_body_behind_the_same_id_is_told_with_one_warning),
		WITH_STORE(a_policy_that_is_over_is_replaced_without_a_word),
		WITH_STORE(S14_the_time_of_use_is_exact_to_a_day_and_survives),
		WITH_STORE(S27_a_refresh_is_no_use),
		WITH_STORE(S11_what_shall_be_new_comes_from_a_remembered_failure_at_most),
		WITH_STORE(put_and_drop_change_what_is_held_and_tell),
		WITH_STORE(S15_what_is_no_policy_is_not_applied_but_dropped_and_told),
		WITH_STORE(a_walk_gives_out_each_policy_once),
		WITH_STORE(a_walk_in_memory_survives_what_happens_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
