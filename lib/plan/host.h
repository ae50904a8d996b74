/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One MX host's way from its name to its state, as one table: plan asks it what
 * to ask next, decide what came out, so the two cannot disagree. Pure.
 */
#ifndef PLAN_HOST_H
#define PLAN_HOST_H

#include "plan/facts.h"

enum host_step {
	HOST_NONE     = DANESTS_HOST_NONE,
	HOST_USABLE   = DANESTS_HOST_USABLE,
	HOST_UNUSABLE = DANESTS_HOST_UNUSABLE,
	HOST_FAILED   = DANESTS_HOST_FAILED,
	HOST_GONE     = DANESTS_HOST_GONE,
	HOST_ASK_ADDR,    /* its address is not known yet */
	HOST_ASK_CNAME,   /* is the name itself in a signed zone? */
	HOST_ASK_TARGET,  /* TLSA at the end of the alias chain */
	HOST_ASK_OWN,     /* TLSA at the name itself */
};

enum host_step host_step(const struct facts *facts, const struct facts_host *host);

/* The lookup that made it HOST_FAILED; NULL when it was none (host->beyond). */
const struct facts_slot *host_failure(const struct facts *facts,
    const struct facts_host *host);

/* The TLSA answer that made it usable or unusable; *at_target: at the alias'
 * end. NULL in all other states. */
const struct answer *host_tlsa(const struct facts *facts, const struct facts_host *host,
    bool *at_target);

#endif
