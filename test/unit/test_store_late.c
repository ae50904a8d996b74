/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock cannot be had at the start, and can later (S13). What another process has
 * promised meanwhile holds, and what waits here is not lost.
 */
#include "test/unit/store_help.h"

static struct store *other;
static struct loop *other_loop;
static struct events other_events;

/* root may write everywhere. */
static void be_nobody(void)
{
	char command[200];

	text_format(command, sizeof(command), "rm -f %s/lock; chown -R 65534 %s", dir, dir);
	if (geteuid() == 0) {
		assert_int_equal(system(command), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	unlink(path("lock"));
}

/* The one who tests begins in a directory that is read-only; then it is repaired. */
static void begin_read_only(void)
{
	store_close(store);
	store = NULL;
	be_nobody();
	assert_int_equal(chmod(dir, 0500), 0);
	open_max(1 << 24);
	assert_int_equal(store->lock, -1);
	assert_int_equal(chmod(dir, 0700), 0);
}

static void other_begins(void)
{
	char problem[STORE_PROBLEM];

	assert_int_equal(loop_new(&other_loop), DANESTS_OK);
	events_init(&other_events);
	assert_int_equal(store_open(&other, other_loop, &other_events, dir, 1 << 24, problem),
	    DANESTS_OK);
}

static void other_puts(int i, unsigned version)
{
	struct policy p;

	assert_int_equal(store_put(other, policy(&p, i, version)), DANESTS_OK);
	assert_int_equal(store_sync(other), DANESTS_OK);
}

static void other_folds(void)
{
	other->fold_wanted = true;
	store_fold_consider(other);
	while (loop_timeout(other_loop) == 0)
		assert_int_equal(loop_turn(other_loop, 0), DANESTS_OK);
}

static void other_ends(void)
{
	store_close(other);
	events_clear(&other_events);
	loop_free(other_loop);
}

static void try_lock(void)
{
	told[0] = '\0';
	mono += 11000000;
	turn();
}

static int end(void **state)
{
	int r;

	store_close(store);
	store = NULL;
	r = seteuid(getuid());
	return r == 0 ? teardown(state) : r;
}

/* Else a journal of ours gets a number that the other one's snapshot has folded. */
static void S13_the_other_one_has_folded(void **state)
{
	(void)state;
	synced_put(1, 1);
	begin_read_only();
	put(5, 6);
	other_begins();
	other_puts(2, 2);
	other_puts(1, 7);
	other_folds();
	other_puts(4, 8);
	other_folds();
	try_lock();
	assert_true(store->lock < 0 && store->refused);
	assert_int_equal(held(1), 1);
	other_ends();
	try_lock();
	assert_true(store->lock >= 0);
	assert_non_null(strstr(told, "another process has written here meanwhile"));
	assert_false(store->refused);
	synced_put(3, 3);
	for (int again = 0; again < 2; again++, open_again()) {
		assert_int_equal(held(1), 7);
		assert_int_equal(held(2), 2);
		assert_int_equal(held(3), 3);
		assert_int_equal(held(4), 8);
		assert_int_equal(held(5), 6);
		assert_int_equal(entries(), 5);
	}
}

/* Else a fold of ours removes what it has not read. */
static void S13_the_other_one_has_added_to_a_journal(void **state)
{
	(void)state;
	synced_put(1, 1);
	begin_read_only();
	other_begins();
	other_puts(2, 2);
	other_puts(1, 7);
	assert_int_equal(store_del(other, "d1.example.com"), DANESTS_OK);
	other_ends();
	try_lock();
	fold();
	for (int again = 0; again < 2; again++, open_again()) {
		assert_int_equal(held(1), 0);
		assert_int_equal(held(2), 2);
		assert_int_equal(entries(), 1);
	}
}

static void S13_a_newer_word_of_ours_stays_the_last(void **state)
{
	(void)state;
	synced_put(1, 1);
	begin_read_only();
	put(1, 9);
	other_begins();
	other_puts(1, 7);
	other_ends();
	try_lock();
	assert_int_equal(held(1), 9);
	open_again();
	assert_int_equal(held(1), 9);
	assert_int_equal(entries(), 1);
}

static void nobody_was_there_and_nothing_is_read_again(void **state)
{
	(void)state;
	synced_put(1, 1);
	begin_read_only();
	put(2, 2);
	try_lock();
	assert_true(store->lock >= 0);
	assert_null(strstr(told, "read again"));
	open_again();
	assert_int_equal(held(1), 1);
	assert_int_equal(held(2), 2);
}

static void S13_what_cannot_be_read_again_is_tried_again(void **state)
{
	(void)state;
	synced_put(1, 1);
	begin_read_only();
	put(5, 6);
	other_begins();
	other_puts(2, 2);
	other_ends();
	assert_int_equal(mkdir(path("journal.9"), 0700), 0);
	try_lock();
	assert_true(store->lock < 0 && store->refused);
	assert_int_equal(held(5), 6);
	assert_int_equal(rmdir(path("journal.9")), 0);
	try_lock();
	assert_true(store->lock >= 0);
	open_again();
	assert_int_equal(held(1), 1);
	assert_int_equal(held(2), 2);
	assert_int_equal(held(5), 6);
}

static void a_walk_lives_through_it(void **state)
{
	struct store_walk *walk;
	enum store_step step;
	struct record r;
	int n = 0;

	(void)state;
	for (int i = 0; i < 8; i++)
		synced_put(i, 6);
	fold();
	begin_read_only();
	walk = store_walk_new(store);
	assert_non_null(walk);
	other_begins();
	other_puts(8, 6);
	other_folds();
	other_ends();
	try_lock();
	while ((step = store_walk_next(walk, &r)) != STORE_END)
		n += step == STORE_RECORD;
	store_walk_free(walk);
	assert_int_equal(n, 8);
}

#define LATE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LATE_TEST(S13_the_other_one_has_folded),
		LATE_TEST(S13_the_other_one_has_added_to_a_journal),
		LATE_TEST(S13_a_newer_word_of_ours_stays_the_last),
		LATE_TEST(nobody_was_there_and_nothing_is_read_again),
		LATE_TEST(S13_what_cannot_be_read_again_is_tried_again),
		LATE_TEST(a_walk_lives_through_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
