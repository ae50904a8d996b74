/* SPDX-License-Identifier: BSD-2-Clause */
#include "verify/sts.h"

#include <string.h>

#include "base/text.h"
#include "cert/cert.h"
#include "cert/pkix.h"
#include "cert/way.h"
#include "parse/mxpattern.h"
#include "plan/policy.h"
#include "plan/sts.h"
#include "verify/verdict.h"

bool sts_applies(const danests_policy *policy)
{
	return policy->sts != NULL && (policy->sts_state == DANESTS_STS_ENFORCE ||
	    policy->sts_state == DANESTS_STS_TESTING || policy->sts->mx_count > 0);
}

static const char *pattern_of(const struct danests_sts *sts, const char *host)
{
	for (size_t i = 0; i < sts->mx_count; i++) {
		if (sts_is_pattern(sts->mx[i]) && mxpattern_match(sts->mx[i], host))
			return sts->mx[i];
	}
	return NULL;
}

bool sts_refuses_host(const danests_policy *policy, const struct danests_host *host,
    struct danests_judgement *out)
{
	const struct danests_sts *sts = policy->sts;
	char reason[DANESTS_REASON_SIZE];
	size_t used;

	if (pattern_of(sts, host->name) != NULL)
		return false;
	text_format(reason, sizeof(reason), "the MTA-STS policy does not have %s, only: ",
	    host->name);
	for (size_t i = 0; i < sts->mx_count && (used = strlen(reason)) + 5 < sizeof(reason); i++)
		text_format(reason + used, sizeof(reason) - used, "%s%s", i > 0 ? ", " : "",
		    sts->mx[i]);
	if (sts->mx_count == 0)
		text_format(reason, sizeof(reason), "the MTA-STS policy has no MX hosts");
	verdict_fail(out, FAULT_STS_MX, reason);
	return true;
}

static void fail(struct danests_judgement *out, enum fault which, const char *why)
{
	verdict_fail(out, which, why);
	verdict_hint(out, way_hint(why));
}

/* S18 */
int sts_judge(const danests_policy *policy, const danests_trust *trust,
    const struct danests_host *host, const struct danests_der *ders, size_t count,
    time_t now, struct danests_judgement *out)
{
	static const enum fault faults[] = {
		[PKIX_EXPIRED] = FAULT_STS_EXPIRED, [PKIX_UNTRUSTED] = FAULT_STS_UNTRUSTED,
		[PKIX_NAME] = FAULT_STS_NAME,
	};
	char why[CERT_WHY];
	struct chain chain;
	enum pkix_fault how;
	int r;

	if (sts_refuses_host(policy, host, out))
		return DANESTS_OK;
	r = chain_read(&chain, ders, count, why);
	if (r == DANESTS_OK) {
		how = pkix_server(trust, &chain, host->name, now, why);
		if (how != PKIX_GOOD)
			fail(out, faults[how], why);
		else
			out->state = DANESTS_PASS;
	} else if (r == DANESTS_EINVAL) {
		fail(out, FAULT_STS_UNTRUSTED, why);
	}
	chain_free(&chain);
	if (out->state == DANESTS_PASS)
		text_format(out->reason, sizeof(out->reason), "the certificate is good for %s, "
		    "and the MTA-STS policy has %s", host->name, pattern_of(policy->sts,
		    host->name));
	return r == DANESTS_ENOMEM ? r : DANESTS_OK;
}

void sts_judge_key(const danests_policy *policy, const struct danests_host *host,
    struct danests_judgement *out)
{
	if (!sts_refuses_host(policy, host, out))
		verdict_fail(out, FAULT_STS_UNTRUSTED, "a raw public key is no certificate");
}
