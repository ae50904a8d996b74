/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each call that changes something on the disk fails, in turn: once, or until the disk
 * is well again, with all kinds of errors, after half of the write or none. All the
 * while every policy that was put is in force (S13); the trouble is told once and its
 * end once; and when the disk is well again all is durable: a power cut proves it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "danests.h"
#include "source/store_impl.h"
#include "test/fault/disk.h"
#include "test/store/truth.h"

static int64_t mono;

time_t clock_now(void) { return TRUTH_DAY; }
int64_t clock_mono_ms(void) { return mono / 1000; }
int64_t clock_mono_us(void) { return mono += 50; }

struct world {
	char dir[40];
	struct loop *loop;
	struct events events;
	struct store *store;
	struct truth truth;
	unsigned troubles, notes;
};

static void drain(struct world *w)
{
	struct danests_event event;

	while (events_next(&w->events, &event)) {
		w->troubles += event.kind == DANESTS_EVENT_CACHE_TROUBLE;
		w->notes += event.kind == DANESTS_EVENT_CACHE_NOTE;
	}
}

static void start(struct world *w)
{
	char problem[STORE_PROBLEM];

	assert_int_equal(store_open(&w->store, w->loop, &w->events, w->dir, 1 << 24, problem),
	    DANESTS_OK);
	w->store->limits.fold_sync = 500;
}

static void turn(struct world *w)
{
	while (loop_timeout(w->loop) == 0)
		assert_int_equal(loop_turn(w->loop, 0), DANESTS_OK);
}

/* What was put last is what is found, whatever the disk says. */
static void all_in_force(struct world *w)
{
	struct truth now = w->truth;
	struct toll toll = {0};

	truth_promise(&now);
	truth_check(&now, w->store, &toll);
	assert_int_equal(toll.lost + toll.torn + toll.wrong, 0);
}

static void change_some(struct world *w)
{
	for (int i = 0; i < 8; i++)
		assert_true(truth_change(&w->truth, w->store));
	(void)!store_sync(w->store);
	all_in_force(w);
}

static void scenario(struct world *w)
{
	start(w);
	for (int i = 0; i < 6; i++) {
		change_some(w);
		w->store->fold_wanted |= i % 2 == 1;
		store_fold_consider(w->store);
		turn(w);
		all_in_force(w);
	}
}

/* The disk is well: nothing is left to do after a while. */
static void get_well(struct world *w)
{
	disk_refuse(0, 0, 0, false);
	for (int i = 0; i < 4; i++) {
		mono += 11000000;
		turn(w);
	}
	assert_true(truth_change(&w->truth, w->store));
	assert_int_equal(store_sync(w->store), DANESTS_OK);
	turn(w);
	assert_false(w->store->refused);
	assert_int_equal(w->store->unsynced, 0);
	assert_int_equal(w->store->fold_pause, 0);
	drain(w);
	all_in_force(w);
}

static void survives_a_power_cut(struct world *w, uint64_t seed)
{
	struct toll toll = {0};

	disk_die(1);
	store_close(w->store);
	disk_reboot(seed);
	truth_promise(&w->truth);
	start(w);
	truth_check(&w->truth, w->store, &toll);
	assert_int_equal(toll.lost + toll.torn + toll.wrong, 0);
	store_close(w->store);
}

/* False: there are not so many calls. */
static bool nth_fails(unsigned long nth, unsigned long count, int error, bool half)
{
	struct world w = { .dir = "/tmp/danests-refuse.XXXXXX" };
	char command[64];
	bool hit;

	truth_state = 88172645463325252u;
	assert_non_null(mkdtemp(w.dir));
	assert_int_equal(loop_new(&w.loop), DANESTS_OK);
	events_init(&w.events);
	disk_watch(w.dir);
	disk_refuse(nth, count, error, half);
	scenario(&w);
	hit = disk_calls() >= nth;
	get_well(&w);
	/* The journal and the fold may each have their own. */
	assert_true(w.troubles <= 2);
	assert_true(w.notes <= 2);
	assert_true(count == 1 || !hit || w.troubles > 0 || nth + 3 > disk_calls());
	assert_true(w.notes <= w.troubles);
	survives_a_power_cut(&w, nth);
	events_clear(&w.events);
	loop_free(w.loop);
	snprintf(command, sizeof(command), "rm -rf %s", w.dir);
	assert_int_equal(system(command), 0);
	return hit;
}

static void each_fails(unsigned long count, int error, bool half)
{
	unsigned long nth = 1;

	while (nth_fails(nth, count, error, half))
		nth++;
	assert_true(nth > 40); /* or the scenario does too little */
}

static void S13_one_call_fails_for_want_of_room(void **state)
{
	(void)state;
	each_fails(1, ENOSPC, false);
	each_fails(1, ENOSPC, true);
}

static void S13_the_disk_is_full_for_a_while(void **state)
{
	(void)state;
	each_fails(0, ENOSPC, true);
}

static void S13_one_call_fails_for_the_disk_is_broken(void **state)
{
	(void)state;
	each_fails(1, EIO, true);
}

static void S13_the_file_system_goes_read_only_for_a_while(void **state)
{
	(void)state;
	each_fails(0, EROFS, false);
}

static void S13_access_is_taken_away_for_a_while(void **state)
{
	(void)state;
	each_fails(0, EACCES, false);
}

static void open_world(struct world *w)
{
	truth_state = 88172645463325252u;
	text_format(w->dir, sizeof(w->dir), "/tmp/danests-refuse.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(loop_new(&w->loop), DANESTS_OK);
	events_init(&w->events);
	disk_watch(w->dir);
}

static void close_world(struct world *w)
{
	char command[64];

	events_clear(&w->events);
	loop_free(w->loop);
	text_format(command, sizeof(command), "rm -rf %s", w->dir);
	assert_int_equal(system(command), 0);
}

static void a_write_that_is_interrupted_goes_on(void **state)
{
	struct world w = {0};

	(void)state;
	open_world(&w);
	start(&w);
	change_some(&w);
	for (int half = 0; half < 2; half++) {
		assert_true(truth_change(&w.truth, w.store));
		disk_refuse(1, 3, EINTR, half == 1);
		assert_int_equal(store_sync(w.store), DANESTS_OK);
		disk_refuse(0, 0, 0, false);
		all_in_force(&w);
	}
	drain(&w);
	assert_int_equal(w.troubles + w.notes, 0);
	survives_a_power_cut(&w, 7);
	close_world(&w);
}

/* What is written next is shorter: behind it would stand what came before it. */
static void S13_what_a_failed_sync_has_left_does_not_come_back(void **state)
{
	struct world w = {0};
	struct policy p;
	struct record r;

	(void)state;
	open_world(&w);
	start(&w);
	change_some(&w);
	assert_int_equal(store_put(w.store, policy(&p, 20, 17)), DANESTS_OK); /* long */
	assert_int_equal(store_put(w.store, policy(&p, 21, 17)), DANESTS_OK);
	disk_refuse(2, 1, EIO, false);
	assert_int_equal(store_sync(w.store), DANESTS_ECACHE);
	disk_refuse(0, 0, 0, false);
	assert_int_equal(store_put(w.store, policy(&p, 20, 19)), DANESTS_OK); /* short */
	assert_int_equal(store_del(w.store, policy(&p, 21, 17)->domain), DANESTS_OK);
	mono += 11000000;
	turn(&w);
	assert_false(w.store->refused);
	store_close(w.store);
	start(&w);
	assert_false(store_find(w.store, policy(&p, 21, 17)->domain, &r));
	assert_true(store_find(w.store, policy(&p, 20, 19)->domain, &r));
	assert_true(same(&r, &p.record));
	store_close(w.store);
	disk_reboot(1);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S13_one_call_fails_for_want_of_room),
		cmocka_unit_test(S13_the_disk_is_full_for_a_while),
		cmocka_unit_test(S13_one_call_fails_for_the_disk_is_broken),
		cmocka_unit_test(S13_the_file_system_goes_read_only_for_a_while),
		cmocka_unit_test(S13_access_is_taken_away_for_a_while),
		cmocka_unit_test(a_write_that_is_interrupted_goes_on),
		cmocka_unit_test(S13_what_a_failed_sync_has_left_does_not_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
