/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the desk remembers, and what it no longer does when something has changed, also
 * while a lookup is under way.
 */
#include "desk_play.h"

static void nothing_of_a_domain_outlives_its_change(void **state)
{
	const char *apart = other();
	char key[100];

	(void)state;
	learn("a.test", OLD);
	learn("[a.test]", OLD);
	learn(apart, OLD);
	for (int i = 0; i < 400; i++) {
		snprintf(key, sizeof(key), "%s:%d", i % 2 == 0 ? "a.test" : "[a.test]", 400 + i);
		learn(key, OLD);
		assert_true(is_warm(key));
	}
	desk_forget(desk, "a.test");
	assert_true(is_warm(apart));
	assert_false(is_warm("a.test"));
	assert_false(is_warm("[a.test]"));
	for (int i = 0; i < 400; i++) {
		snprintf(key, sizeof(key), "%s:%d", i % 2 == 0 ? "a.test" : "[a.test]", 400 + i);
		assert_false(is_warm(key));
	}
}

static void ports_that_somebody_makes_up_take_nothing_from_others(void **state)
{
	char key[100];

	(void)state;
	learn("b.test:26", OLD);
	for (int port = 1000; port < 3000; port++) {
		snprintf(key, sizeof(key), "a.test:%d", port);
		learn(key, OLD);
	}
	learn("c.test", OLD);
	learn("[c.test]:587", OLD);
	learn("c.test:2525", OLD);
	lines = 0;
	assert_true(is_warm("b.test:26"));
	assert_true(is_warm("c.test"));
	assert_true(is_warm("[c.test]:587"));
	assert_true(is_warm("c.test:2525"));
	assert_int_equal(lines, 0); /* log_repeat holds for all of them */
}

static void lookup_from_before_a_change_is_not_remembered(void **state)
{
	static const char *const keys[] = { "a.test", "[a.test]", "a.test:2525", "[a.test]:465" };
	struct client clients[COUNT_OF(keys)] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		ask(&clients[i], keys[i]);
	desk_forget(desk, "a.test");
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		end(0, OLD);
		assert_string_equal(clients[i].got, OLD); /* who asked before is served */
	}
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		assert_false(is_warm(keys[i]));
		assert_true(is_warm(keys[i]));
	}
}

static void change_all(void)
{
	desk_forget(desk, "");
}

static void change_one(void)
{
	desk_forget(desk, "a.test");
}

static void change_options(void)
{
	const struct desk_options same = options();
	struct memo old;

	desk_configure(desk, &same, &old);
	memo_free(&old);
}

static void (*const ways[])(void) = { change_all, change_one, change_options };

static void question_after_a_change_has_a_lookup_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		for (size_t first = 0; first < 2; first++) {
			struct client before = {0}, after = {0}, more = {0};

			change_all();
			ask(&before, "a.test:2525");
			ways[i]();
			ask(&after, "a.test:2525");
			ask(&more, "a.test:2525");
			assert_int_equal(worker.count, 2);
			end(first, first == 0 ? OLD : NEW);
			assert_string_equal(before.got, first == 0 ? OLD : "");
			assert_string_equal(after.got, first == 0 ? "" : NEW);
			end(0, first == 0 ? NEW : OLD);
			assert_string_equal(before.got, OLD);
			assert_string_equal(after.got, NEW);
			assert_string_equal(more.got, NEW);
			ask(&more, "a.test:2525");
			assert_string_equal(more.got, NEW);
		}
	}
}

static void change_between_questions_of_a_known_name_starts_anew(void **state)
{
	struct client before = {0}, after = {0};

	(void)state;
	learn("a.test", OLD);
	change_one();
	ask(&before, "a.test");
	change_one();
	ask(&after, "A.test.");
	end(1, NEW);
	end(0, OLD);
	assert_string_equal(after.got, NEW);
	ask(&after, "a.test");
	assert_string_equal(after.got, NEW);
}

static void many_changes_start_no_more_than_max_lookups(void **state)
{
	struct client clients[MAX_LOOKUPS + 5] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		ask(&clients[i], "a.test");
		change_one();
	}
	assert_int_equal(worker.count, MAX_LOOKUPS);
	assert_int_equal(desk->pendings.queued, 1); /* not begun: nothing is older than it */
	for (size_t i = 0; i < MAX_LOOKUPS; i++)
		end(0, OLD);
	assert_string_equal(clients[MAX_LOOKUPS].got, "");
	end(0, NEW);
	for (size_t i = 0; i < COUNT_OF(clients); i++)
		assert_string_equal(clients[i].got, i < MAX_LOOKUPS ? OLD : NEW);
	assert_int_equal(desk->pendings.running, 0);
	assert_int_equal(desk->pendings.map.count, 0);
}

static void who_waits_for_an_old_lookup_may_leave(void **state)
{
	struct client before = {0}, after = {0};

	(void)state;
	ask(&before, "a.test");
	change_one();
	ask(&after, "a.test");
	desk_leave(desk, &before.asker);
	assert_int_equal(desk->pendings.running, 2);
	end(0, OLD);
	assert_string_equal(before.got, "");
	desk_leave(desk, &after.asker);
	end(0, NEW);
	ask(&after, "a.test");
	assert_string_equal(after.got, NEW);
}

/* Told by LeakSanitizer, too. */
static void end_finds_old_lookups_at_the_worker(void **state)
{
	struct client before = {0}, after = {0};

	(void)state;
	ask(&before, "a.test");
	change_one();
	ask(&after, "a.test");
	desk_close(desk, "danestsd ends");
	assert_string_equal(before.got, "TEMP a.test: danestsd ends");
	assert_string_equal(after.got, "TEMP a.test: danestsd ends");
	assert_int_equal(worker.count, 2);
}

/* What fills the memo must make way, whatever it was worth. */
static void forgotten_policies_leave_room(void **state)
{
	struct desk_options small = options();
	size_t kept = 0;
	char key[100];

	(void)state;
	small.memo_bytes = 200000;
	desk_configure(desk, &small, NULL);
	for (int i = 0; i < 4000; i++) {
		snprintf(key, sizeof(key), "a%d.test", i);
		learn(key, NEW);
	}
	change_all();
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "b%d.test", i);
		learn(key, OLD); /* worth less */
	}
	for (int i = 0; i < 1000; i++) {
		struct client c = {0};

		snprintf(key, sizeof(key), "b%d.test", i);
		ask(&c, key);
		kept += c.got[0] != '\0';
		while (worker.count > 0)
			end(0, OLD);
	}
	assert_in_range(kept, 900, 1000);
}

#define RACE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RACE(nothing_of_a_domain_outlives_its_change),
		RACE(ports_that_somebody_makes_up_take_nothing_from_others),
		RACE(lookup_from_before_a_change_is_not_remembered),
		RACE(question_after_a_change_has_a_lookup_of_its_own),
		RACE(change_between_questions_of_a_known_name_starts_anew),
		RACE(many_changes_start_no_more_than_max_lookups),
		RACE(who_waits_for_an_old_lookup_may_leave),
		RACE(end_finds_old_lookups_at_the_worker),
		RACE(forgotten_policies_leave_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
