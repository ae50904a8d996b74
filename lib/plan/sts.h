/* SPDX-License-Identifier: BSD-2-Clause */
/* What MTA-STS comes to: which policy counts, and what went wrong (RFC 8461 3.3). Pure. */
#ifndef PLAN_STS_H
#define PLAN_STS_H

#include <stdbool.h>

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

/* An address literal is legal in a policy and matches no MX host; its colons would
 * fall apart in a match list. */
bool sts_is_pattern(const char *mx);

/* Is there any other? If not, an enforce policy lets no host have mail. */
bool sts_has_pattern(const struct danests_sts *sts); /* NULL: no */
#define STS_NO_HOST "MTA-STS policy: no MX host name in it"

#endif
