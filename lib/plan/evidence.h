/* SPDX-License-Identifier: BSD-2-Clause */
/* The answers that a policy rests on: taken over from the facts, and shown to whoever
 * explains a policy to people (danests_policy_answer()). */
#ifndef PLAN_EVIDENCE_H
#define PLAN_EVIDENCE_H

#include <stddef.h>

#include "plan/facts.h"
#include "plan/policy.h"

/* The policy holds all those answers. */
void evidence_hold(danests_policy *policy, const struct facts *facts);

#endif
