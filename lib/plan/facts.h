/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known about one destination: the answers so far. Facts only grow, so
 * there is nothing to invalidate and the order of arrival cannot matter.
 */
#ifndef PLAN_FACTS_H
#define PLAN_FACTS_H

#include <stddef.h>

#include "base/attr.h"
#include "plan/answer.h"
#include "plan/question.h"

/* MX hosts looked at. What lies beyond counts as one host that failed, so that
 * a longer list can never make the policy weaker. */
#define FACTS_MAX_HOSTS 256

struct facts; /* members: plan/facts.c and what plan and decide share with it */

/* For this nexthop; NULL without memory. */
struct facts *facts_new(const struct nexthop *nexthop);
void facts_free(struct facts *facts); /* NULL is fine */

/* Take in an answer (counted by us). An answer to a question that plan_next()
 * never gave, or a second one, is ignored. DANESTS_OK or DANESTS_ENOMEM. */
int facts_learn(struct facts *facts, const struct question *q,
    const struct answer *a) ATTR_MUST_CHECK;

/* Questions given by plan_next() that have no answer yet. */
size_t facts_open(const struct facts *facts);

/* Questions given so far, for the log and the laws of fuzz_plan. */
size_t facts_asked(const struct facts *facts);

#endif
