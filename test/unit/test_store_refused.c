/* SPDX-License-Identifier: BSD-2-Clause */
/* While the disk refuses, or folds fail: what waits, who goes first, and how it ends. */
#include "test/unit/store_help.h"

static char big[65000];

static void put_text(const char *domain, const char *id, int mode, size_t len)
{
	struct record r = {
		.domain = domain, .id = id, .text = big, .text_len = len, .mode = mode,
		.max_age = 31536000, .fetched = now, .expires = now + 31536000, .used = now,
	};

	memset(big, 'x', sizeof(big));
	assert_int_equal(store_put(store, &r), DANESTS_OK);
}

static const char *name_of(const char *kind, int i)
{
	static char out[64];

	text_format(out, sizeof(out), "%s%d.example", kind, i);
	return out;
}

static int found(const char *kind, int n)
{
	struct record r;
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += store_find(store, name_of(kind, i), &r);
	return sum;
}

static void refuse(void)
{
	errno = ENOSPC;
	store_refused(store, "journal.1");
	listen();
}

static void wait_ms(int64_t ms)
{
	mono += ms * 1000;
	turn();
}

static int descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1000; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* ---- Who goes first ---- */

static void S27_large_ones_of_a_stranger_go_before_small_ones(void **state)
{
	(void)state;
	refuse();
	for (int i = 0; i < 500; i++)
		put_text(name_of("small", i), "1", STSBODY_ENFORCE, 100);
	for (int i = 0; i < 300; i++)
		put_text(name_of("stranger", i), "1", STSBODY_ENFORCE, sizeof(big));
	assert_int_equal(found("small", 500), 500);
	assert_true(found("stranger", 300) < 300);
	assert_true(store->pinned <= store->limits.pinned_max);
}

static void S27_times_of_use_go_before_what_is_nowhere_else(void **state)
{
	(void)state;
	store->limits.pinned_max = 100000;
	for (int i = 0; i < 100; i++)
		put_text(name_of("old", i), "1", STSBODY_ENFORCE, 2000);
	assert_int_equal(store_sync(store), DANESTS_OK);
	refuse();
	for (int i = 0; i < 50; i++)
		put_text(name_of("new", i), "1", STSBODY_TESTING, 100);
	for (int i = 0; i < 100; i++)
		store_touch(store, name_of("old", i), now + 2 * 86400);
	assert_true(store->pinned <= 100000);
	assert_int_equal(found("new", 50), 50);
	assert_int_equal(found("old", 100), 100);
}

/* The exact order: times of use, not enforced, large, the others; the oldest first. */
static void S27_they_are_given_up_in_this_order(void **state)
{
	static const struct {
		const char *domain;
		int mode;
		size_t len;
	} all[] = {
		{ "e1.example", STSBODY_ENFORCE, 1000 }, { "l1.example", STSBODY_ENFORCE, 5000 },
		{ "n1.example", STSBODY_NONE, 1000 }, { "t1.example", STSBODY_TESTING, 5000 },
		{ "l2.example", STSBODY_ENFORCE, 4097 }, { "e2.example", STSBODY_ENFORCE, 4096 },
	};
	static const char *const order[] = {
		"n1.example", "t1.example", "l1.example", "l2.example", "e1.example", "e2.example",
	};
	struct record r;

	(void)state;
	put_text("lazy.example", "1", STSBODY_ENFORCE, 1000);
	put_text("d.example", "1", STSBODY_ENFORCE, 1000);
	assert_int_equal(store_sync(store), DANESTS_OK);
	refuse();
	for (size_t i = 0; i < COUNT_OF(all); i++)
		put_text(all[i].domain, "1", all[i].mode, all[i].len);
	store_touch(store, "lazy.example", now + 3 * 86400);
	for (size_t gone = 0; gone <= COUNT_OF(order); gone++) {
		/* One octet less than they hold: the next one has to go. */
		store->limits.pinned_max = store->pinned - 1;
		assert_int_equal(store_del(store, "d.example"), DANESTS_OK);
		store_pend(store, store_slot(store, "d.example", 9), NULL, 0, PENDING_GONE, false);
		assert_true(store_find(store, "lazy.example", &r) && r.used == now);
		for (size_t i = 0; i < COUNT_OF(order); i++)
			assert_int_equal(store_find(store, order[i], &r), i >= gone);
	}
	assert_int_equal(store->pinned, 0);
}

/* The domain has said that it is over: an older word of enforce must not come back. */
static void S13_what_was_taken_back_stays_so(void **state)
{
	struct record r;

	(void)state;
	put_text("none.example", "1", STSBODY_ENFORCE, 100);
	put_text("snapshot.example", "1", STSBODY_ENFORCE, 100);
	assert_int_equal(store_sync(store), DANESTS_OK);
	fold();
	put_text("none.example", "2", STSBODY_ENFORCE, 100);
	assert_int_equal(store_sync(store), DANESTS_OK);
	refuse();
	put_text("none.example", "3", STSBODY_NONE, 100);
	put_text("snapshot.example", "3", STSBODY_TESTING, 100);
	for (int i = 0; i < 300; i++)
		put_text(name_of("stranger", i), "1", STSBODY_ENFORCE, sizeof(big));
	assert_false(store_find(store, "none.example", &r));
	assert_false(store_find(store, "snapshot.example", &r));
	wait_ms(11000);
	assert_false(store->refused);
	open_again();
	assert_false(store_find(store, "none.example", &r));
	assert_false(store_find(store, "snapshot.example", &r));
}

/* ---- Journals that grow ---- */

static void full_journals_are_folded_and_that_ends_it(void **state)
{
	(void)state;
	store->limits.journal_max = 6000;
	store->limits.fold_min = store->limits.fold_max = 3000;
	assert_int_equal(mkdir(path(STORE_SNAPSHOT_NEW), 0700), 0); /* folds fail */
	for (unsigned v = 1; v < 60 && !store->refused; v++) {
		put((int)v % 8, v);
		(void)!store_sync(store);
		turn();
		assert_true(store_journal_bytes(store) <= 6000);
	}
	assert_true(store->refused);
	assert_non_null(strstr(store->trouble, "File too large"));
	assert_int_equal(rmdir(path(STORE_SNAPSHOT_NEW)), 0);
	for (int i = 0; i < 70; i++)
		wait_ms(10000);
	assert_false(store->refused);
	assert_true(store->folds > 0);
	assert_int_equal(store->unsynced, 0);
}

static void folds_that_fail_cost_a_few_descriptors_and_no_more(void **state)
{
	int before = descriptors();

	(void)state;
	store->limits.fold_min = 1;
	assert_int_equal(mkdir(path(STORE_SNAPSHOT_NEW), 0700), 0);
	for (unsigned i = 1; i <= 100; i++) {
		put((int)i % 7, i);
		assert_int_equal(store_sync(store), DANESTS_OK);
		wait_ms(600000);
	}
	assert_true(descriptors() < before + 7);
	assert_int_equal(rmdir(path(STORE_SNAPSHOT_NEW)), 0);
	wait_ms(600000);
	assert_true(store->folds > 0);
	wait_ms(600000);
	for (int i = 0; i < 7; i++)
		assert_int_equal(held(i), (100 - i) / 7 * 7 + i);
	open_again();
	for (int i = 0; i < 7; i++)
		assert_int_equal(held(i), (100 - i) / 7 * 7 + i);
}

/* The journal in use is not folded then: a deletion in it still counts. */
static void a_fold_without_a_new_journal_keeps_what_is_deleted(void **state)
{
	(void)state;
	store->limits.fold_min = 1;
	synced_put(1, 1);
	fold();
	assert_int_equal(mkdir(path(STORE_SNAPSHOT_NEW), 0700), 0);
	for (unsigned i = 2; i < 20; i++) {
		synced_put(2, i);
		wait_ms(600000);
	}
	assert_int_equal(store_del(store, "d1.example.com"), DANESTS_OK);
	synced_put(3, 7);
	assert_int_equal(rmdir(path(STORE_SNAPSHOT_NEW)), 0);
	wait_ms(600000);
	assert_int_equal(held(1), 0);
	assert_int_equal(entries(), 2);
	open_again();
	assert_int_equal(held(1), 0);
	assert_int_equal(held(2), 19);
	assert_int_equal(held(3), 7);
	assert_int_equal(entries(), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(S27_large_ones_of_a_stranger_go_before_small_ones),
		STORE_TEST(S27_times_of_use_go_before_what_is_nowhere_else),
		STORE_TEST(S27_they_are_given_up_in_this_order),
		STORE_TEST(S13_what_was_taken_back_stays_so),
		STORE_TEST(full_journals_are_folded_and_that_ends_it),
		STORE_TEST(folds_that_fail_cost_a_few_descriptors_and_no_more),
		STORE_TEST(a_fold_without_a_new_journal_keeps_what_is_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
