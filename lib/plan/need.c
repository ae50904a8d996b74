/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The view of a sender that decides for each MX host by itself, as one that links the
 * library can and Postfix cannot. It never asks less of a host than the policy's level,
 * but for hosts that have no usable records beside others that have: those are left to
 * MTA-STS (RFC 8461 2), or to what RFC 7672 2.2 says of them.
 */
#include "base/attr.h"
#include "danests.h"
#include "plan/policy.h"

enum {
	NOTHING = DANESTS_NEED_NOTHING, TLS = DANESTS_NEED_TLS, STS = DANESTS_NEED_STS,
	DANE = DANESTS_NEED_DANE, WAIT = DANESTS_NEED_WAIT,
};

/* By level, then by the host's state. N8: a host whose lookups failed is never used. */
static const unsigned char needs[][5] = {
	/*                            NONE     USABLE UNUSABLE FAILED GONE */
	[DANESTS_LEVEL_NONE]    = { NOTHING, DANE,  NOTHING, WAIT,  NOTHING }, /* L6, L19 */
	[DANESTS_LEVEL_TESTING] = { NOTHING, DANE,  NOTHING, WAIT,  NOTHING }, /* S20 */
	[DANESTS_LEVEL_ENCRYPT] = { NOTHING, DANE,  TLS,     WAIT,  NOTHING }, /* L16, L18 */
	[DANESTS_LEVEL_STS]     = { STS,     STS,   STS,     WAIT,  STS     }, /* S19 */
	[DANESTS_LEVEL_DANE]    = { NOTHING, DANE,  TLS,     WAIT,  NOTHING }, /* L17, S1 */
	[DANESTS_LEVEL_DEFER]   = { WAIT,    WAIT,  WAIT,    WAIT,  WAIT    }, /* N6, N8 */
};

ATTR_PUBLIC enum danests_need danests_policy_need(const danests_policy *policy, size_t host)
{
	enum danests_need need;

	if (host >= policy->host_count)
		return DANESTS_NEED_WAIT; /* never weaker than what is known */
	need = (enum danests_need)needs[policy->level][policy->hosts[host].state];
	if (need <= DANESTS_NEED_TLS && policy->level == DANESTS_LEVEL_DANE &&
	    policy->sts_state == DANESTS_STS_ENFORCE)
		need = DANESTS_NEED_STS;
	return need;
}

ATTR_PUBLIC const char *danests_policy_sni(const danests_policy *policy, size_t host)
{
	if (host >= policy->host_count)
		return "";
	return danests_policy_need(policy, host) == DANESTS_NEED_DANE ?
	    policy->hosts[host].base : policy->hosts[host].name;
}

ATTR_PUBLIC const char *danests_need_name(enum danests_need need)
{
	static const char *const names[] = {
		[DANESTS_NEED_NOTHING] = "nothing", [DANESTS_NEED_TLS] = "tls",
		[DANESTS_NEED_STS] = "sts", [DANESTS_NEED_DANE] = "dane",
		[DANESTS_NEED_WAIT] = "wait",
	};

	return (unsigned)need < COUNT_OF(names) ? names[need] : "?";
}
