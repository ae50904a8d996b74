/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PLAN_DECIDE_H
#define PLAN_DECIDE_H

#include <time.h>

#include "base/attr.h"
#include "plan/facts.h"

/*
 * Complete facts to a policy: two tables, per host and per destination (spec.md
 * section 4). Pure. A question still open counts as failed. DANESTS_OK (the
 * caller owns *out) or DANESTS_ENOMEM.
 */
int decide(danests_policy **out, const struct facts *facts, time_t now) ATTR_MUST_CHECK;

#endif
