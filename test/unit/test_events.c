/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "source/events.h"

static struct events events;

static int fresh(void **state)
{
	(void)state;
	events_init(&events);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	events_clear(&events);
	return 0;
}

static void the_oldest_comes_first(void **state)
{
	struct danests_event e;

	(void)state;
	events_add(&events, DANESTS_EVENT_CHANGED, "a.example", "%s", "");
	events_add(&events, DANESTS_EVENT_SAME_ID, "b.example", "id %d", 7);
	assert_true(events_next(&events, &e));
	assert_int_equal(e.kind, DANESTS_EVENT_CHANGED);
	assert_string_equal(e.domain, "a.example");
	assert_string_equal(e.text, "");
	assert_true(events_next(&events, &e));
	assert_int_equal(e.kind, DANESTS_EVENT_SAME_ID);
	assert_string_equal(e.text, "id 7");
	assert_false(events_next(&events, &e));
}

static void what_is_not_printable_is_not_told(void **state)
{
	struct danests_event e;

	(void)state;
	events_add(&events, DANESTS_EVENT_CACHE_NOTE, "x\ny", "%s", "a\033[2Jb\nc");
	assert_true(events_next(&events, &e));
	assert_string_equal(e.domain, "x?y");
	assert_string_equal(e.text, "a?[2Jb?c");
}

/* S27 */
static void S27_nobody_reads_and_it_stays_bounded(void **state)
{
	struct danests_event e;
	size_t told = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		events_add(&events, DANESTS_EVENT_REFRESH_FAILED, "d.example", "%d", i);
	assert_true(events.count < 5000);
	assert_int_equal(events.count + events.dropped, 5000);
	assert_true(events_next(&events, &e));
	assert_string_equal(e.text, "0"); /* the newest are dropped */
	for (told = 1; events_next(&events, &e);)
		told++;
	assert_int_equal(told + events.dropped, 5000);
}

static void a_change_that_had_no_room_is_a_change_of_all(void **state)
{
	struct danests_event e;
	bool all = false;

	(void)state;
	for (int i = 0; i < 5000; i++)
		events_add(&events, DANESTS_EVENT_CHANGED, "d.example", "%s", "");
	assert_int_equal(events.dropped, 0);
	while (events_next(&events, &e))
		all = all || (e.kind == DANESTS_EVENT_CHANGED && e.domain[0] == '\0');
	assert_true(all);
	assert_false(events_next(&events, &e));
}

static void a_long_text_is_cut(void **state)
{
	struct danests_event e;
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	events_add(&events, DANESTS_EVENT_CACHE_NOTE, "", "%s", text);
	assert_true(events_next(&events, &e));
	assert_true(strlen(e.text) > 100 && strlen(e.text) < 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_oldest_comes_first, fresh, clear),
		cmocka_unit_test_setup_teardown(what_is_not_printable_is_not_told, fresh, clear),
		cmocka_unit_test_setup_teardown(S27_nobody_reads_and_it_stays_bounded, fresh,
		    clear),
		cmocka_unit_test_setup_teardown(a_change_that_had_no_room_is_a_change_of_all, fresh,
		    clear),
		cmocka_unit_test_setup_teardown(a_long_text_is_cut, fresh, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
