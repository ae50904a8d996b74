/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "source/flight.h"

static struct flights flights;
static struct list arrivals;

static int set_up(void **state)
{
	(void)state;
	list_init(&arrivals);
	flights_init(&flights, &arrivals);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	flights_free(&flights);
	return 0;
}

static struct question question(enum question_kind kind, const char *name, const char *id)
{
	struct question q = { .kind = kind };

	text_format(q.name.name, sizeof(q.name.name), "%s", name);
	text_format(q.id, sizeof(q.id), "%s", id);
	return q;
}

static struct flight *join(const struct question *q, void *waiter, bool expect_fresh)
{
	bool fresh = !expect_fresh;
	struct flight *flight = flight_join(&flights, q, waiter, &fresh);

	assert_non_null(flight);
	assert_int_equal(fresh, expect_fresh);
	return flight;
}

static void the_same_question_is_asked_once(void **state)
{
	struct question q = question(QUESTION_MX, "example.com", "");
	struct question other = question(QUESTION_ADDR, "example.com", "");
	int a, b, c;
	struct flight *flight = join(&q, &a, true);

	(void)state;
	assert_ptr_equal(join(&q, &b, false), flight);
	assert_ptr_not_equal(join(&other, &c, true), flight);
	assert_true(question_equal(&flight->ask.q, &q));
	assert_ptr_equal(flight->ask.arrivals, &arrivals);
	assert_null(flight->ask.answer);
}

static void policies_of_two_ids_are_two_questions(void **state)
{
	struct question one = question(QUESTION_STS, "example.com", "1");
	struct question two = question(QUESTION_STS, "example.com", "2");
	int a;

	(void)state;
	assert_ptr_not_equal(join(&one, &a, true), join(&two, &a, true));
}

static void waiters_are_named_in_order_and_once_per_joining(void **state)
{
	struct question q = question(QUESTION_TLSA, "_25._tcp.mx.example.com", "");
	int w[50];
	struct flight *flight = join(&q, &w[0], true);

	(void)state;
	for (int i = 1; i < 50; i++)
		join(&q, &w[i], false);
	join(&q, &w[3], false);
	flight_land(&flights, flight);
	for (int i = 0; i < 50; i++)
		assert_ptr_equal(flight_waiter(flight), &w[i]);
	assert_ptr_equal(flight_waiter(flight), &w[3]);
	assert_null(flight_waiter(flight));
	assert_null(flight_waiter(flight));
	flight_free(flight);
}

static void after_landing_the_question_is_asked_anew(void **state)
{
	struct question q = question(QUESTION_MX, "example.com", "");
	int a, b;
	struct flight *old = join(&q, &a, true), *again;

	(void)state;
	ask_arrive(&old->ask, answer_failed(QUESTION_MX, FAILURE_TIMEOUT, 1, NULL));
	assert_ptr_equal(arrivals.next, &old->ask.arrived);
	flight_land(&flights, old);
	again = join(&q, &b, true);
	assert_ptr_not_equal(again, old);
	assert_ptr_equal(flight_waiter(old), &a);
	assert_null(flight_waiter(old));
	flight_free(old);
	assert_true(list_empty(&arrivals));
	assert_ptr_equal(join(&q, &a, false), again);
}

static void after_parting_nobody_joins_and_all_still_land(void **state)
{
	struct question q = question(QUESTION_MX, "example.com", "");
	int a, b, c;
	struct flight *old = join(&q, &a, true), *now;

	(void)state;
	flights_part(&flights);
	assert_true(flight_is_past(&flights, old));
	now = join(&q, &b, true);
	assert_ptr_equal(join(&q, &c, false), now);
	assert_false(flight_is_past(&flights, now));
	ask_arrive(&old->ask, answer_failed(QUESTION_MX, FAILURE_TIMEOUT, 1, NULL));
	flight_land(&flights, old);
	assert_ptr_equal(flight_waiter(old), &a);
	assert_null(flight_waiter(old));
	flight_free(old);
	assert_ptr_equal(join(&q, &a, false), now);
	flights_part(&flights); /* both are freed with the table */
	join(&q, &a, true);
}

static void what_is_fetched_outdates_what_began_earlier_for_its_domain(void **state)
{
	static const char *const ids[] = { "1", "2", "3" };
	struct question q = question(QUESTION_STS, "other.example", "1");
	struct flight *other, *txt, *of[4];
	int w;

	(void)state;
	other = join(&q, &w, true);
	q = question(QUESTION_STSTXT, "example.com", "");
	txt = join(&q, &w, true);
	for (int i = 0; i < 3; i++) {
		q = question(QUESTION_STS, "example.com", ids[i]);
		of[i] = join(&q, &w, true);
	}
	flights_part(&flights); /* the same id, later */
	of[3] = join(&q, &w, true);
	flights_outdate(&flights, of[2]);
	for (int i = 0; i < 4; i++)
		assert_int_equal(of[i]->outdated, i < 2);
	assert_false(other->outdated || txt->outdated);
	flight_land(&flights, of[2]);
	flight_free(of[2]);
	flights_outdate(&flights, of[3]);
	flights_outdate(&flights, txt);
	assert_false(of[3]->outdated || other->outdated);
}

static void addresses_are_counted_while_the_ask_lives(void **state)
{
	struct question q = question(QUESTION_STS, "example.com", "1");
	struct answer *addr = answer_new(QUESTION_ADDR, ANSWER_SECURE, 1);
	struct flight *flight;
	int a;

	(void)state;
	q.addr = addr;
	flight = join(&q, &a, true);
	join(&q, &a, false);
	assert_int_equal(atomic_load(&addr->refs), 2);
	flight_land(&flights, flight);
	flight_free(flight);
	assert_int_equal(atomic_load(&addr->refs), 1);
	answer_unref(addr);
}

static void freeing_drops_what_is_under_way_with_its_answers(void **state)
{
	struct answer *a = answer_new(QUESTION_MX, ANSWER_SECURE, 1);
	char name[32];
	int w;

	(void)state;
	for (int i = 0; i < 200; i++) {
		text_format(name, sizeof(name), "d%d.example", i);
		struct question q = question(QUESTION_MX, name, "");
		struct flight *flight = join(&q, &w, true);

		if (i % 3 == 0)
			ask_arrive(&flight->ask, answer_ref(a));
	}
	flights_free(&flights);
	assert_int_equal(atomic_load(&a->refs), 1);
	assert_true(list_empty(&arrivals));
	flights_init(&flights, &arrivals);
	answer_unref(a);
}

static void nothing_may_be_freed(void **state)
{
	struct flights none = {0};

	(void)state;
	flights_free(&none);
	flight_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_question_is_asked_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(policies_of_two_ids_are_two_questions,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(waiters_are_named_in_order_and_once_per_joining,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(after_landing_the_question_is_asked_anew,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(after_parting_nobody_joins_and_all_still_land,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_fetched_outdates_what_began_earlier_for_its_domain,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(addresses_are_counted_while_the_ask_lives,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(freeing_drops_what_is_under_way_with_its_answers,
		    set_up, tear_down),
		cmocka_unit_test(nothing_may_be_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
