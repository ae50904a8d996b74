/* SPDX-License-Identifier: BSD-2-Clause */
/* One lookup: plan, ask, learn, until nothing is left to ask; then decide. */
#ifndef API_LOOKUP_H
#define API_LOOKUP_H

#include "api/ctx.h"

/* As danests_start_extra(), the context being open. */
int lookup_start(danests *ctx, const struct nexthop *nexthop, unsigned int extra,
    void *tag) ATTR_MUST_CHECK;

/* Ask for the policy that this domain publishes, for refresh_done(), which may be called
 * at once. DANESTS_OK, DANESTS_ENOMEM: then it is not. */
int lookup_refresh(danests *ctx, const struct domain *domain) ATTR_MUST_CHECK;

/* Hand every arrived answer to the lookups that wait for it, until none is left;
 * what they rest on is durable then. */
void lookup_turn(danests *ctx);

void lookup_cancel(danests *ctx, const void *tag);
bool lookup_reap(danests *ctx, struct danests_done *out);

/* Everything under way, unseen: for danests_free(). */
void lookup_drop_all(danests *ctx);

#endif
