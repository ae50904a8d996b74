/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "danests.h"
#include "plugin/changes.h"

static struct changes changes;

static int setup(void **state)
{
	(void)state;
	return changes_init(&changes);
}

static int teardown(void **state)
{
	(void)state;
	changes_free(&changes);
	return 0;
}

static struct changes_mark mark(const char *key)
{
	return changes_mark(&changes, key, strlen(key));
}

static void change_ends_every_mark_of_the_domain_by_whatever_key(void **state)
{
	static const char *const keys[] = {
		"a.test", "[a.test]", "a.test:587", "[a.test]:465", "a.test:65535", "[a.test]:1",
	};
	struct changes_mark before[COUNT_OF(keys)];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		before[i] = mark(keys[i]);
		assert_true(changes_hold(&changes, before[i]));
	}
	changes_add(&changes, "a.test");
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		assert_false(changes_hold(&changes, before[i]));
		assert_true(changes_hold(&changes, mark(keys[i])));
	}
}

static void change_of_all_ends_every_mark(void **state)
{
	struct changes_mark a, b;

	(void)state;
	changes_add(&changes, "a.test");
	a = mark("a.test");
	b = mark("b.test:25");
	changes_add(&changes, "");
	assert_false(changes_hold(&changes, a));
	assert_false(changes_hold(&changes, b));
	assert_true(changes_hold(&changes, mark("a.test")));
}

/* Four of the thousand are expected to share a place with one of the others. */
static void change_ends_hardly_any_mark_of_others(void **state)
{
	size_t count = 0, bad = 0;
	char name[40];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct changes_mark at = mark("a.test");

		snprintf(name, sizeof(name), "a.test.x%d", i);
		changes_add(&changes, name);
		count += !changes_hold(&changes, at);
	}
	assert_in_range(count, 0, 3);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "b%d.test", i);
		bad += changes.count[mark(name).place] != 0;
	}
	assert_in_range(bad, 0, 50);
}

/* Two that share a place, found by trying: what is forgotten is too much, not too little. */
static void counters_shared_by_two_forget_both(void **state)
{
	struct changes_mark a = mark("a.test"), b;
	char name[40];
	size_t i = 0;

	(void)state;
	do {
		snprintf(name, sizeof(name), "b%zu.test", i++);
		b = mark(name);
	} while (b.place != a.place);
	changes_add(&changes, name);
	assert_false(changes_hold(&changes, a));
	changes_add(&changes, "a.test");
	assert_false(changes_hold(&changes, a));
	assert_false(changes_hold(&changes, b));
}

static void counters_that_wrap_around_are_changes_too(void **state)
{
	struct changes_mark at;

	(void)state;
	changes.all = UINT32_MAX;
	at = mark("a.test");
	changes_add(&changes, "");
	assert_false(changes_hold(&changes, at));
	changes.count[at.place] = UINT32_MAX;
	at = mark("a.test");
	assert_true(changes_hold(&changes, at));
	changes_add(&changes, "a.test");
	assert_false(changes_hold(&changes, at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    change_ends_every_mark_of_the_domain_by_whatever_key, setup, teardown),
		cmocka_unit_test_setup_teardown(change_of_all_ends_every_mark, setup, teardown),
		cmocka_unit_test_setup_teardown(change_ends_hardly_any_mark_of_others, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(counters_shared_by_two_forget_both, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(counters_that_wrap_around_are_changes_too, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
