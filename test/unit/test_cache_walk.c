/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies that are held: put and dropped by hand, and walked, in memory and on disk. */
#include "cache_store_help.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(put_and_drop_change_what_is_held_and_tell),
		WITH_STORE(S15_what_is_no_policy_is_not_applied_but_dropped_and_told),
		WITH_STORE(a_walk_gives_out_each_policy_once),
		WITH_STORE(a_walk_in_memory_survives_what_happens_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
