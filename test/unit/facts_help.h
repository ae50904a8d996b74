/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts made by hand, for the tests of the plan layer. Include after cmocka.h. */
#ifndef UNIT_FACTS_HELP_H
#define UNIT_FACTS_HELP_H

#include <string.h>

#include "base/buf.h"
#include "plan/decide.h"
#include "plan/plan.h"

#define NOW ((time_t)1000000)

static inline struct facts *facts_of(const char *nexthop)
{
	struct nexthop nh;
	struct facts *facts;

	assert_int_equal(nexthop_parse(&nh, nexthop, strlen(nexthop)), DANESTS_OK);
	facts = facts_new(&nh);
	assert_non_null(facts);
	return facts;
}

static inline struct question question_of(const char *text)
{
	struct question q;

	assert_int_equal(question_parse(&q, text, strlen(text)), DANESTS_OK);
	return q;
}

/* Learns the answer and gives away its count. */
static inline void learn(struct facts *facts, const char *text, struct answer *a)
{
	struct question q = question_of(text);

	assert_int_equal(facts_learn(facts, &q, a), DANESTS_OK);
	answer_unref(a);
}

static inline struct answer *absent(enum question_kind kind)
{
	return answer_new(kind, ANSWER_ABSENT_SECURE, NOW + 100);
}

/* Gives out everything that is open, as "KIND name,KIND name". */
static inline void expect_next(struct facts *facts, const char *want)
{
	char text[QUESTION_TEXT_MAX + 1];
	struct buf got = {0};
	struct question q;

	buf_str(&got, "");
	while (plan_next(facts, &q, 1) == 1) {
		question_text(&q, text);
		buf_printf(&got, "%s%s", got.len > 0 ? "," : "", text);
	}
	assert_string_equal(got.data, want);
	buf_free(&got);
}

#endif
