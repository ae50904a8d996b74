/* SPDX-License-Identifier: BSD-2-Clause */
/* Which judgement counts, and what both come to (rules.md 5.4, 5.20). */
#ifndef VERIFY_VERDICT_H
#define VERIFY_VERDICT_H

#include <stdbool.h>

#include "base/attr.h"
#include "danests.h"
#include "plan/fault.h"

/* The host of that name, and an empty verdict on it; DANESTS_EINVAL: there is none. */
int verdict_start(struct danests_verdict *out, const danests_policy *policy, const char *name,
    size_t *index) ATTR_MUST_CHECK;

/* Do its TLSA records judge? When there are only unusable ones, *out says that. */
bool verdict_by_dane(const struct danests_host *host, struct danests_judgement *out);

/* A judgement against the server. */
void verdict_fail(struct danests_judgement *out, enum fault which, const char *reason);

/* Then: what to change, where more is known than what the fault says. NULL: it is not. */
void verdict_hint(struct danests_judgement *out, const char *hint);

/* What the judgements come to. */
void verdict_sum(struct danests_verdict *out, const danests_policy *policy, size_t index);

#endif
