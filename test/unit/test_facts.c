/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts_help.h"

static void answers_that_nobody_asked_for_are_ignored(void **state)
{
	struct facts *facts = facts_of("example.com");

	(void)state;
	learn(facts, "MX example.com", absent(QUESTION_MX)); /* not given out yet */
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	learn(facts, "MX example.org", absent(QUESTION_MX));
	learn(facts, "ADDR example.com", absent(QUESTION_ADDR));
	assert_int_equal(facts_open(facts), 3);
	assert_int_equal(facts_asked(facts), 3);
	facts_free(facts);
}

static void answer_of_another_kind_is_ignored(void **state)
{
	struct facts *facts = facts_of("example.com");

	(void)state;
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	learn(facts, "MX example.com", absent(QUESTION_ADDR));
	assert_int_equal(facts_open(facts), 3);
	facts_free(facts);
}

static void second_answer_is_ignored(void **state)
{
	struct facts *facts = facts_of("example.com");
	struct answer *first = absent(QUESTION_MX), *second;

	(void)state;
	expect_next(facts, "MX example.com,STSTXT example.com,STSHELD example.com");
	first->nxdomain = true;
	learn(facts, "MX example.com", first);
	second = absent(QUESTION_MX);
	learn(facts, "MX example.com", second);
	assert_int_equal(facts_open(facts), 2);
	expect_next(facts, ""); /* the second would have raised ADDR example.com */
	facts_free(facts);
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	facts_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_that_nobody_asked_for_are_ignored),
		cmocka_unit_test(answer_of_another_kind_is_ignored),
		cmocka_unit_test(second_answer_is_ignored),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
