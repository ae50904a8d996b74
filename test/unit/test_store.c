/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/store_help.h"

static void what_is_put_is_found_at_once_and_for_good(void **state)
{
	(void)state;
	put(1, 7);
	assert_int_equal(held(1), 7);
	assert_int_equal(store_sync(store), DANESTS_OK);
	assert_int_equal(held(1), 7);
	open_again();
	assert_int_equal(held(1), 7);
	fold();
	assert_int_equal(held(1), 7);
	open_again();
	assert_int_equal(held(1), 7);
	assert_int_equal(entries(), 1);
	assert_int_equal(troubles + notes, 0);
}

static void the_last_word_counts_wherever_it_stands(void **state)
{
	(void)state;
	synced_put(1, 1);
	fold();
	assert_int_equal(held(1), 1);
	synced_put(1, 2);
	assert_int_equal(held(1), 2);
	put(1, 3);
	assert_int_equal(held(1), 3);
	open_again();
	assert_int_equal(held(1), 3);
	assert_int_equal(entries(), 1);
	fold();
	assert_int_equal(held(1), 3);
}

static void what_is_deleted_stays_gone(void **state)
{
	(void)state;
	synced_put(1, 1);
	synced_put(2, 1);
	fold();
	assert_int_equal(store_del(store, "d1.example.com"), DANESTS_OK);
	assert_int_equal(held(1), 0);
	assert_int_equal(entries(), 1);
	assert_int_equal(store_sync(store), DANESTS_OK);
	open_again();
	assert_int_equal(held(1), 0);
	assert_int_equal(entries(), 1);
	fold();
	open_again();
	assert_int_equal(held(1), 0);
	assert_int_equal(held(2), 1);
	assert_int_equal(store_del(store, "never.example.com"), DANESTS_OK);
	assert_int_equal(store_del(store, "No Name"), DANESTS_EINVAL);
}

static void a_sync_without_news_writes_nothing(void **state)
{
	uint64_t before;

	(void)state;
	synced_put(1, 1);
	before = store->written;
	for (int i = 0; i < 10; i++)
		assert_int_equal(store_sync(store), DANESTS_OK);
	assert_int_equal(store->written, before);
}

static void a_time_of_use_is_written_sooner_or_later(void **state)
{
	struct record r;
	uint64_t before;

	(void)state;
	synced_put(1, 1);
	before = store->written;
	store_touch(store, "d1.example.com", now + 10); /* the same day */
	assert_int_equal(store->unsynced, 0);
	store_touch(store, "d1.example.com", now + 3 * 86400);
	assert_int_equal(store_sync(store), DANESTS_OK);
	assert_int_equal(store->written, before);
	assert_true(store_find(store, "d1.example.com", &r) && r.used == now + 3 * 86400);
	mono += 61000000;
	turn();
	assert_true(store->written > before);
	open_again();
	assert_true(store_find(store, "d1.example.com", &r) && r.used == now + 3 * 86400);
	store_touch(store, "nobody.example.com", now);
	assert_int_equal(entries(), 1);
}

/* The clock may be ahead, by ten days or ten years: S13. */
static void S13_an_expired_policy_goes_when_its_room_is_needed(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		put(i, 17);
	now = TRUTH_DAY + (time_t)3650 * 86400;
	assert_int_equal(store_sync(store), DANESTS_OK);
	fold();
	now = TRUTH_DAY;
	for (int i = 0; i < 20; i++)
		assert_int_equal(held(i), 17);
	now = TRUTH_DAY + 864000;
	store->max_bytes = 10000;
	fold();
	assert_true(entries() >= 10 && entries() < 14);
	assert_int_equal(notes + troubles, 0); /* nobody needs them */
}

static void two_on_one_directory_and_the_second_is_told(void **state)
{
	struct store *other;
	char problem[STORE_PROBLEM], pid[24];

	(void)state;
	assert_int_equal(store_open(&other, loop, &events, dir, 1 << 20, problem), DANESTS_EBUSY);
	text_format(pid, sizeof(pid), "(pid %ld)", (long)getpid());
	assert_non_null(strstr(problem, dir));
	assert_non_null(strstr(problem, pid));
}

static void a_directory_that_cannot_be_is_told(void **state)
{
	struct store *other;
	char problem[STORE_PROBLEM];

	(void)state;
	assert_int_equal(store_open(&other, loop, &events, path("a/b"), 1 << 20, problem),
	    DANESTS_ECACHE);
	assert_non_null(strstr(problem, "/a/b: cannot be made: No such file"));
	assert_int_equal(store_open(&other, loop, &events, path("lock"), 1 << 20, problem),
	    DANESTS_ECACHE);
	assert_non_null(strstr(problem, "Not a directory"));
	assert_int_equal(store_open(&other, loop, &events, path("a"), 1 << 20, problem),
	    DANESTS_OK);
	store_close(other);
}

/* S27: mode none and testing ones go before those that are enforced. */
static void S27_the_bound_holds_and_enforce_goes_last(void **state)
{
	struct store_status status;
	unsigned enforced = 0;

	(void)state;
	store_close(store);
	open_max(200000);
	for (int i = 0; i < 3000; i++) {
		put(i, (unsigned)(i % 3) + 60); /* modes in turn; id and text of that version */
		if (i % 100 == 99) {
			assert_int_equal(store_sync(store), DANESTS_OK);
			turn();
		}
	}
	fold();
	store_status(store, &status);
	assert_true(status.snapshot_bytes <= 200000);
	assert_true(status.entries > 200);
	assert_true(notes + troubles > 0);
	for (int i = 0; i < 3000; i++)
		enforced += held(i) == 62;
	assert_true(enforced > status.entries * 9 / 10);
}

static void S27_the_disk_refuses_and_memory_is_bounded(void **state)
{
	struct policy p;
	struct store_status status;

	(void)state;
	store->limits.pinned_max = 20000;
	errno = ENOSPC;
	store_refused(store, "journal.1");
	for (int i = 0; i < 400; i++)
		put(i, (unsigned)(i % 2) + 61); /* testing, enforce */
	assert_true(store->pinned <= 20000);
	assert_int_equal(held(399), 62);
	assert_int_equal(held(0), 0);
	store_status(store, &status);
	assert_true(status.unsaved > 10 && status.unsaved == status.entries);
	assert_non_null(strstr(status.trouble, "No space left on device"));
	assert_int_equal(store_put(store, policy(&p, 1, 2)), DANESTS_OK);
	assert_int_equal(store_sync(store), DANESTS_ECACHE);
	listen();
	assert_int_equal(troubles, 2); /* that it refuses; that some had to go */
	mono += 11000000;
	turn();
	assert_int_equal(store_sync(store), DANESTS_OK);
	assert_int_equal(notes, 1);
	store_status(store, &status);
	assert_true(status.unsaved == 0 && status.writable && status.trouble[0] == '\0');
}

static void a_fold_leaves_the_loop_to_others(void **state)
{
	unsigned turns = 0;

	(void)state;
	for (int i = 0; i < 2000; i++)
		put(i, 1);
	assert_int_equal(store_sync(store), DANESTS_OK);
	store->fold_wanted = true;
	store_fold_consider(store);
	for (; store->fold != NULL; turns++) {
		int64_t before = mono; /* each step of a slice takes some of it */

		assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
		assert_true(mono - before <= store->limits.slice_us + 5 * MONO_STEP);
		if (turns == 3)
			synced_put(5, 2);
		if (turns == 4)
			put(6, 3);
		assert_int_equal(held(7), 1);
	}
	assert_true(turns > 10);
	assert_int_equal(held(5), 2);
	assert_int_equal(held(6), 3);
	open_again();
	assert_int_equal(held(5), 2);
	assert_int_equal(held(6), 3);
	assert_int_equal(entries(), 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_is_put_is_found_at_once_and_for_good),
		STORE_TEST(the_last_word_counts_wherever_it_stands),
		STORE_TEST(what_is_deleted_stays_gone),
		STORE_TEST(a_sync_without_news_writes_nothing),
		STORE_TEST(a_time_of_use_is_written_sooner_or_later),
		STORE_TEST(S13_an_expired_policy_goes_when_its_room_is_needed),
		STORE_TEST(two_on_one_directory_and_the_second_is_told),
		STORE_TEST(a_directory_that_cannot_be_is_told),
		STORE_TEST(S27_the_bound_holds_and_enforce_goes_last),
		STORE_TEST(S27_the_disk_refuses_and_memory_is_bounded),
		STORE_TEST(a_fold_leaves_the_loop_to_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
