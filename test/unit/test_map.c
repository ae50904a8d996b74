/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/map.h"

#define MANY 20000

struct thing {
	struct map_node node;
	char key[24];
	int seen;
};

static struct thing *thing_of(struct map_node *node)
{
	return CONTAINER_OF(node, struct thing, node);
}

static struct map_key thing_key(const struct map_node *node)
{
	const struct thing *t = (const struct thing *)(const void *)node;
	struct map_key key = { t->key, strlen(t->key) };

	return key;
}

static struct thing *fill(struct map *m, size_t count)
{
	struct thing *things = calloc(count, sizeof(*things));
	size_t i;

	assert_non_null(things);
	map_init(m, thing_key);
	for (i = 0; i < count; i++) {
		(void)snprintf(things[i].key, sizeof(things[i].key), "key-%zu", i);
		assert_int_equal(map_put(m, &things[i].node), 0);
	}
	return things;
}

static bool finds(const struct map *m, const struct thing *t)
{
	return map_get(m, t->key, strlen(t->key)) == &t->node;
}

/* The vector of the reference: seed octets 0..15, data octets 0, 1, 2 ... */
static void the_hash_is_siphash_1_3(void **state)
{
	const uint64_t seed[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
	uint8_t data[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	assert_true(map_hash(seed, data, 0) == UINT64_C(0xabac0158050fc4dc));
	assert_true(map_hash(seed, data, 1) == UINT64_C(0xc9f49bf37d57ca93));
	assert_true(map_hash(seed, data, 15) != map_hash(seed, data, 16));
}

static void two_tables_have_two_seeds(void **state)
{
	struct map a, b;

	(void)state;
	map_init(&a, thing_key);
	map_init(&b, thing_key);
	assert_memory_not_equal(a.seed, b.seed, sizeof(a.seed));
	map_free(&a);
	map_free(&b);
	map_free(NULL);
}

static void an_empty_table_holds_nothing(void **state)
{
	struct map m;
	size_t cursor = 0;

	(void)state;
	map_init(&m, thing_key);
	assert_null(map_get(&m, "x", 1));
	assert_null(map_next(&m, &cursor, NULL));
	assert_null(map_pick(&m, 12345));
	assert_int_equal(map_bytes(&m), 0);
	map_free(&m);
}

static void everything_is_found_at_every_step_of_growth(void **state)
{
	struct thing *things = calloc(600, sizeof(*things));
	bool both = false;
	struct map m;
	size_t i, j;

	(void)state;
	assert_non_null(things);
	map_init(&m, thing_key);
	for (i = 0; i < 600; i++) {
		(void)snprintf(things[i].key, sizeof(things[i].key), "%zu", i);
		assert_false(finds(&m, &things[i]));
		assert_int_equal(map_put(&m, &things[i].node), 0);
		both = both || m.old != NULL;
		for (j = 0; j <= i; j++)
			assert_true(finds(&m, &things[j]));
	}
	assert_true(both);
	assert_true(map_bytes(&m) >= 600 * sizeof(void *));
	map_free(&m);
	free(things);
}

static void deletion_during_a_walk_visits_the_rest_once(void **state)
{
	struct map_node *node, *next;
	struct thing *things;
	size_t cursor, i, n, count;
	struct map m;

	(void)state;
	/* Both while a growth is under way and when it is done. */
	for (count = 1000; count < 1100; count += 7) {
		things = fill(&m, count);
		cursor = n = 0;
		for (node = map_next(&m, &cursor, NULL); node != NULL; node = next) {
			next = map_next(&m, &cursor, node);
			thing_of(node)->seen++;
			if (n++ % 3 != 0)
				map_del(&m, node);
		}
		assert_int_equal(n, count);
		for (i = n = 0; i < count; i++) {
			assert_int_equal(things[i].seen, 1);
			n += finds(&m, &things[i]) ? 1 : 0;
		}
		assert_int_equal(n, (count + 2) / 3);
		assert_int_equal(m.count, n);
		map_free(&m);
		free(things);
	}
}

static void what_is_deleted_is_gone_and_may_come_back(void **state)
{
	struct thing *things;
	struct map m;
	size_t i;

	(void)state;
	things = fill(&m, MANY);
	for (i = 0; i < MANY; i += 2)
		map_del(&m, &things[i].node);
	for (i = 0; i < MANY; i++)
		assert_int_equal(finds(&m, &things[i]), i % 2);
	map_del(&m, &things[0].node); /* not in it: nothing happens */
	assert_int_equal(m.count, MANY / 2);
	for (i = 0; i < MANY; i += 2)
		assert_int_equal(map_put(&m, &things[i].node), 0);
	for (i = 0; i < MANY; i++)
		assert_true(finds(&m, &things[i]));
	assert_int_equal(m.count, MANY);
	map_free(&m);
	free(things);
}

/* Growth must be over before the next one begins, whatever the size. */
static void no_put_moves_more_than_a_few(void **state)
{
	struct thing *things = calloc(MANY, sizeof(*things));
	size_t i, before, old_n;
	struct map m;

	(void)state;
	assert_non_null(things);
	map_init(&m, thing_key);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(things[i].key, sizeof(things[i].key), "%zu", i);
		before = m.moved;
		old_n = m.old_n;
		assert_int_equal(map_put(&m, &things[i].node), 0);
		if (m.old_n == old_n)
			assert_true(m.moved - before <= 4);
		assert_true(m.cur_n >= m.count);
	}
	map_free(&m);
	free(things);
}

static void picks_reach_everything(void **state)
{
	struct map_node *node;
	struct thing *things;
	struct map m;
	size_t i, hit = 0;
	uint64_t r = 1;

	(void)state;
	things = fill(&m, 140); /* a growth from 128 is under way */
	assert_non_null(m.old);
	for (i = 0; i < 100000; i++) {
		r = r * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		node = map_pick(&m, r ^ r >> 29);
		assert_non_null(node);
		thing_of(node)->seen++;
	}
	for (i = 0; i < 140; i++)
		hit += things[i].seen > 0 ? 1 : 0;
	assert_true(hit >= 130);
	map_free(&m);
	free(things);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_siphash_1_3),
		cmocka_unit_test(two_tables_have_two_seeds),
		cmocka_unit_test(an_empty_table_holds_nothing),
		cmocka_unit_test(everything_is_found_at_every_step_of_growth),
		cmocka_unit_test(deletion_during_a_walk_visits_the_rest_once),
		cmocka_unit_test(what_is_deleted_is_gone_and_may_come_back),
		cmocka_unit_test(no_put_moves_more_than_a_few),
		cmocka_unit_test(picks_reach_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
