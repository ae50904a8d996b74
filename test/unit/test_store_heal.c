/* SPDX-License-Identifier: BSD-2-Clause */
/* Damage that is found while it runs or in a fold, and names that are taken. */
#include "test/unit/store_help.h"

/* The time of use of a policy that the snapshot has, in journal.2; then damaged. */
static void damage_time_of_use(void)
{
	synced_put(1, 6);
	fold();
	now += 5 * 86400;
	store_touch(store, "d1.example.com", now);
	mono += 61000000;
	turn();
	assert_true(size_of("journal.2") > (off_t)JOURNAL_HEADER);
	flip("journal.2", size_of("journal.2") - 10);
}

static void S13_a_damaged_word_does_not_hide_the_snapshot(void **state)
{
	(void)state;
	damage_time_of_use();
	assert_int_equal(held(1), 6);
	listen();
	assert_int_equal(troubles, 1);
	assert_non_null(strstr(told, "journal.2: the policy of d1.example.com is damaged"));
	turn();
	assert_int_equal(store->folds, 2);
	assert_int_equal(held(1), 6);
	assert_int_equal(entries(), 1);
	open_again();
	assert_int_equal(held(1), 6);
	assert_int_equal(troubles, 0);
}

static void S13_a_fold_finds_it_and_keeps_the_snapshots(void **state)
{
	(void)state;
	damage_time_of_use();
	fold();
	assert_non_null(strstr(told, "the policy of d1.example.com is damaged"));
	assert_int_equal(held(1), 6);
	open_again();
	assert_int_equal(held(1), 6);
}

static void S13_a_fold_with_too_much_keeps_it_too(void **state)
{
	(void)state;
	damage_time_of_use();
	store->max_bytes = 3500;
	fold();
	assert_int_equal(held(1), 6);
}

static void S13_a_start_finds_it_and_folds(void **state)
{
	(void)state;
	damage_time_of_use();
	synced_put(2, 7);
	open_again();
	assert_int_equal(held(1), 6);
	assert_int_equal(held(2), 7);
	assert_non_null(strstr(told, "in 1 places are lost"));
	assert_true(store->fold_wanted);
	turn();
	assert_int_equal(store->folds, 1);
	open_again();
	assert_int_equal(held(1), 6);
	assert_int_equal(troubles + notes, 0);
}

/* Each octet of a record in the journal: never is anything else given out. */
static void S13_any_octet_damaged_while_it_runs(void **state)
{
	off_t size;

	(void)state;
	synced_put(1, 19);
	size = size_of("journal.1");
	for (off_t at = JOURNAL_HEADER + JOURNAL_FRAME; at < size; at += 3) {
		flip("journal.1", at);
		assert_int_equal(held(1), 0);
		flip("journal.1", at);
		assert_int_equal(held(1), 19);
	}
	listen();
	assert_int_equal(troubles, 1); /* not at each of thousands of lookups */
}

static void S13_what_is_damaged_for_good_goes_and_no_other(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		synced_put(i, 19);
	flip("journal.1", size_of("journal.1") - 10);
	fold();
	assert_int_equal(troubles, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(held(i), 19);
	assert_int_equal(held(3), 0);
	assert_int_equal(entries(), 3);
}

static void S13_a_journal_cut_below_its_header_is_told(void **state)
{
	(void)state;
	synced_put(1, 6);
	store_close(store);
	store = NULL;
	assert_int_equal(truncate(path("journal.1"), 40), 0);
	append("journal.2", "", 0); /* was being made: nothing is told of it */
	open_max(1 << 24);
	assert_int_equal(troubles, 1);
	assert_non_null(strstr(told, "journal.1 ends before its first record"));
	assert_int_equal(size_of("journal.1"), -1); /* no record was in it */
	assert_int_equal(size_of("journal.2"), -1);
}

static void what_was_put_aside_is_never_overwritten(void **state)
{
	char name[64];

	(void)state;
	store_close(store);
	store = NULL;
	append("policies.cdb.foreign", "kept", 4);
	for (int i = 2; i < 120; i++) {
		text_format(name, sizeof(name), "policies.cdb.foreign.%d", i);
		append(name, "kept", 4);
	}
	append("policies.cdb", "another", 7);
	open_max(1 << 24);
	assert_int_equal(size_of("policies.cdb.foreign.99"), 4);
	assert_int_equal(size_of("policies.cdb.foreign.119"), 4);
	assert_int_equal(size_of("policies.cdb.foreign.120"), 7);
}

static void a_snapshot_that_was_not_finished_is_removed(void **state)
{
	(void)state;
	append(STORE_SNAPSHOT_NEW, "half", 4);
	open_again();
	assert_int_equal(size_of(STORE_SNAPSHOT_NEW), -1);
}

/* What is little to what there may be, but too much beside a snapshot that is full. */
static void S27_the_bound_of_the_disk_brings_a_fold(void **state)
{
	(void)state;
	store_close(store);
	open_max(40000);
	for (int i = 0; i < 300; i++) {
		synced_put(i % 12, (unsigned)i + 1);
		turn();
		assert_true(snapshot_bytes(store->snapshot) + store_journal_bytes(store) < 44000);
	}
	assert_true(store->folds > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(S13_a_damaged_word_does_not_hide_the_snapshot),
		STORE_TEST(S13_a_fold_finds_it_and_keeps_the_snapshots),
		STORE_TEST(S13_a_fold_with_too_much_keeps_it_too),
		STORE_TEST(S13_a_start_finds_it_and_folds),
		STORE_TEST(S13_any_octet_damaged_while_it_runs),
		STORE_TEST(S13_what_is_damaged_for_good_goes_and_no_other),
		STORE_TEST(S13_a_journal_cut_below_its_header_is_told),
		STORE_TEST(what_was_put_aside_is_never_overwritten),
		STORE_TEST(a_snapshot_that_was_not_finished_is_removed),
		STORE_TEST(S27_the_bound_of_the_disk_brings_a_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
