/* SPDX-License-Identifier: BSD-2-Clause */
/* What MTA-STS comes to: which policy counts, and what went wrong (RFC 8461 3.3). Pure. */
#ifndef PLAN_STS_H
#define PLAN_STS_H

#include "plan/facts.h"

struct sts_view {
	enum danests_sts_state state;
	const struct answer *policy;       /* the one that counts; NULL: none */
	const struct facts_slot *failed;   /* what went wrong, or was not valid; or NULL */
	const char *words;                 /* then: why */
	const char *token;                 /* static; "" without failure */
	enum danests_result result;
};

void sts_view(struct sts_view *out, const struct facts *facts);

#endif
