/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/report/keep.h"
#include "tools/report/seen.h"

#define MANY 100000

struct thing {
	struct keep_node node;
	uint64_t value, more[3];
};

/* Keys of which many meet in one bucket. */
static uint64_t key_of(uint64_t i)
{
	return i * 8;
}

static void what_is_kept_is_found_until_it_is_deleted(void **state)
{
	struct keep k;
	struct thing *thing;
	uint64_t forgotten = 0;

	(void)state;
	keep_init(&k, sizeof(*thing), MANY, &forgotten);
	assert_null(keep_get(&k, 1));
	for (uint64_t i = 0; i < MANY; i++) {
		assert_null(keep_get(&k, key_of(i)));
		thing = keep_add(&k, key_of(i));
		assert_non_null(thing);
		assert_int_equal(thing->value | thing->more[0] | thing->more[2], 0);
		assert_int_equal((uintptr_t)thing % sizeof(void *), 0);
		thing->value = thing->more[0] = thing->more[2] = i + 1;
	}
	for (uint64_t i = 0; i < MANY; i += 2)
		keep_del(&k, keep_get(&k, key_of(i)));
	assert_int_equal(k.count, MANY / 2);
	for (uint64_t i = 0; i < MANY; i++) {
		thing = keep_get(&k, key_of(i));
		assert_true(i % 2 == 0 ? thing == NULL : thing->value == i + 1);
	}
	/* Room that was given back is taken again, and is empty. */
	for (uint64_t i = 0; i < MANY; i += 2) {
		thing = keep_add(&k, key_of(i));
		assert_int_equal(thing->value | thing->more[2] | thing->node.used, 0);
	}
	assert_int_equal(forgotten, 0);
	keep_free(&k);
}

static void the_oldest_that_was_not_used_makes_room(void **state)
{
	struct keep k;
	uint64_t forgotten = 0;

	(void)state;
	keep_init(&k, sizeof(struct thing), 4, &forgotten);
	for (uint64_t i = 1; i <= 4; i++)
		assert_non_null(keep_add(&k, i));
	assert_non_null(keep_get(&k, 1));
	assert_non_null(keep_add(&k, 5));
	assert_null(keep_get(&k, 2));
	assert_non_null(keep_get(&k, 1));
	assert_int_equal(k.count, 4);
	assert_int_equal(forgotten, 1);
	/* When all were used, the oldest after all. */
	for (uint64_t i = 3; i <= 5; i++)
		assert_non_null(keep_get(&k, i));
	assert_non_null(keep_add(&k, 6));
	assert_int_equal(k.count, 4);
	assert_int_equal(forgotten, 2);
	assert_non_null(keep_get(&k, 6));
	while (keep_evict(&k))
		continue;
	assert_int_equal(k.count, 0);
	assert_int_equal(forgotten, 6);
	keep_free(&k);
	keep_free(&k);
}

static void count_drop(void *arg, struct keep_node *node)
{
	unsigned *drops = arg;

	assert_non_null(node);
	++*drops;
}

static void what_a_record_holds_is_given_back(void **state)
{
	struct keep k;
	uint64_t forgotten = 0;
	unsigned drops = 0;

	(void)state;
	keep_init(&k, sizeof(struct thing), 2, &forgotten);
	k.drop = count_drop;
	k.arg = &drops;
	for (uint64_t i = 1; i <= 4; i++)
		assert_non_null(keep_add(&k, i));
	assert_int_equal(drops, 2);
	keep_del(&k, keep_get(&k, 4));
	assert_int_equal(drops, 3);
	keep_free(&k);
	assert_int_equal(drops, 4);
}

static void numbers_of_words_differ_and_depend_on_the_seed(void **state)
{
	const uint64_t one[2] = { 1, 2 }, other[2] = { 1, 3 };
	struct seen seen = {0};

	(void)state;
	for (uint64_t i = 0; i < MANY; i++) {
		assert_false(seen_before(&seen, keep_mix(one, i)));
		assert_int_not_equal(keep_mix(one, i), keep_mix(other, i));
	}
	seen_free(&seen);
}

/* ---- seen.h ---- */

static void what_was_seen_is_known(void **state)
{
	const uint64_t seed[2] = { 7, 11 };
	struct seen seen = {0};

	(void)state;
	assert_false(seen_before(&seen, 0));
	assert_true(seen_before(&seen, 0));
	for (uint64_t i = 0; i < MANY; i++)
		assert_false(seen_before(&seen, keep_mix(seed, i)));
	for (uint64_t i = 0; i < MANY; i++)
		assert_true(seen_before(&seen, keep_mix(seed, i)));
	seen_free(&seen);
	seen_free(&seen);
}

/* All of one bucket: the place is of the high half. */
static void the_newest_push_out_the_oldest(void **state)
{
	struct seen seen = {0};

	(void)state;
	for (uint64_t i = 1; i <= SEEN_WAYS + 1; i++)
		assert_false(seen_before(&seen, i));
	for (uint64_t i = 2; i <= SEEN_WAYS + 1; i++)
		assert_true(seen_before(&seen, i));
	assert_false(seen_before(&seen, 1));
	assert_false(seen_before(&seen, 2));
	assert_false(seen_before(&seen, (uint64_t)1 << 32));
	assert_true(seen_before(&seen, SEEN_WAYS + 1));
	seen_free(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_found_until_it_is_deleted),
		cmocka_unit_test(the_oldest_that_was_not_used_makes_room),
		cmocka_unit_test(what_a_record_holds_is_given_back),
		cmocka_unit_test(numbers_of_words_differ_and_depend_on_the_seed),
		cmocka_unit_test(what_was_seen_is_known),
		cmocka_unit_test(the_newest_push_out_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
