/* SPDX-License-Identifier: BSD-2-Clause */
/* Each policy once, whatever happens to the files meanwhile. */
#include "test/unit/store_help.h"

#define MANY 400

static unsigned seen[2 * MANY];

static void count(const struct record *r)
{
	uint64_t i;

	assert_true(text_number(r->domain + 1, strcspn(r->domain + 1, "."), 0, 2 * MANY - 1, &i));
	seen[i]++;
}

static struct store_walk *begin(void)
{
	struct store_walk *walk = store_walk_new(store);

	assert_non_null(walk);
	memset(seen, 0, sizeof(seen));
	return walk;
}

/* Up to n records. False at the end. */
static bool go_on(struct store_walk *walk, int n)
{
	enum store_step step = STORE_PAUSE;
	struct record r;

	while (n > 0 && step != STORE_END) {
		step = store_walk_next(walk, &r);
		if (step == STORE_RECORD) {
			count(&r);
			n--;
		}
	}
	return step != STORE_END;
}

static void put_range(int from, int to, unsigned version)
{
	for (int i = from; i < to; i++)
		put(i, version);
	assert_int_equal(store_sync(store), DANESTS_OK);
}

static void each_once(int from, int to)
{
	for (int i = from; i < to; i++)
		assert_int_equal(seen[i], 1);
}

static void snapshot_journal_and_memory_are_walked(void **state)
{
	struct store_walk *walk;

	(void)state;
	put_range(0, 100, 1);
	fold();
	put_range(50, 200, 2);
	put(200, 3);
	put(3, 4);
	assert_int_equal(store_del(store, "d7.example.com"), DANESTS_OK);
	assert_int_equal(store_del(store, "d180.example.com"), DANESTS_OK);
	walk = begin();
	assert_false(go_on(walk, 1000));
	store_walk_free(walk);
	assert_int_equal(seen[7] + seen[180], 0);
	seen[7] = seen[180] = 1;
	each_once(0, 201);
	assert_int_equal(seen[201], 0);
	assert_int_equal(entries(), 199);
}

static void an_empty_store_ends_at_once(void **state)
{
	struct store_walk *walk;

	(void)state;
	walk = begin();
	assert_false(go_on(walk, 1));
	assert_false(go_on(walk, 1));
	store_walk_free(walk);
	store_walk_free(NULL);
}

/* A fold at any moment of a walk: what was there at its beginning comes once. */
static void a_fold_meanwhile_changes_nothing(void **state)
{
	struct store_walk *walk, *other;

	(void)state;
	put_range(0, MANY / 2, 1);
	fold();
	for (int at = 0; at < MANY; at += 37) {
		put_range(MANY / 2, MANY, 2 + (unsigned)at);
		walk = begin();
		go_on(walk, at);
		fold();
		put_range(MANY, MANY + 20, 3 + (unsigned)at);
		other = store_walk_new(store);
		assert_non_null(other);
		fold();
		store_walk_free(other);
		assert_false(go_on(walk, 10000));
		store_walk_free(walk);
		each_once(0, MANY);
		for (int i = MANY; i < MANY + 20; i++)
			assert_true(seen[i] <= 1);
	}
}

static void slices_of_a_fold_between_the_steps(void **state)
{
	struct store_walk *walk;

	(void)state;
	store->limits.slice_us = 15;
	put_range(0, 150, 1);
	fold();
	put_range(100, MANY, 2);
	store->fold_wanted = true;
	store_fold_consider(store);
	walk = begin();
	while (go_on(walk, 1))
		assert_int_equal(loop_turn(loop, 0), DANESTS_OK);
	turn();
	store_walk_free(walk);
	each_once(0, MANY);
	assert_int_equal(entries(), MANY);
}

static void what_is_deleted_meanwhile_is_not_shown_any_more(void **state)
{
	struct store_walk *walk;

	(void)state;
	put_range(0, MANY, 1);
	fold();
	walk = begin();
	go_on(walk, 10);
	for (int i = 0; i < MANY; i++) {
		struct policy p;

		policy(&p, i, 1);
		assert_int_equal(store_del(store, p.domain), DANESTS_OK);
	}
	assert_false(go_on(walk, 1000));
	store_walk_free(walk);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(seen[i], i < 10); /* as they stand in the file */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(snapshot_journal_and_memory_are_walked),
		STORE_TEST(an_empty_store_ends_at_once),
		STORE_TEST(a_fold_meanwhile_changes_nothing),
		STORE_TEST(slices_of_a_fold_between_the_steps),
		STORE_TEST(what_is_deleted_meanwhile_is_not_shown_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
