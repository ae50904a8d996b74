/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The public calls. Each mechanism judges for itself, then one of them decides
 * (verify/verdict.c). Nothing here knows the time or keeps anything.
 */
#include "base/attr.h"
#include "plan/policy.h"
#include "verify/dane.h"
#include "verify/sts.h"
#include "verify/verdict.h"

ATTR_PUBLIC int danests_verify(const danests_policy *policy, const danests_trust *trust,
    const char *host, const struct danests_der *chain, size_t count, time_t now,
    struct danests_verdict *out)
{
	const struct danests_host *h;
	size_t index;
	int r = DANESTS_OK;

	if (count == 0 || verdict_start(out, policy, host, &index) != DANESTS_OK)
		return DANESTS_EINVAL;
	if (out->by == DANESTS_NEED_STS && trust == NULL)
		return DANESTS_EINVAL;
	h = &policy->hosts[index];
	if (out->by != DANESTS_NEED_WAIT && verdict_by_dane(h, &out->dane))
		r = dane_judge(policy, h, chain, count, now, &out->dane);
	if (out->by != DANESTS_NEED_WAIT && r == DANESTS_OK && trust != NULL &&
	    sts_applies(policy))
		r = sts_judge(policy, trust, h, chain, count, now, &out->sts);
	if (r == DANESTS_OK)
		verdict_sum(out, policy, index);
	return r;
}

ATTR_PUBLIC int danests_verify_key(const danests_policy *policy, const char *host,
    const struct danests_der *key, struct danests_verdict *out)
{
	const struct danests_host *h;
	size_t index;
	int r = DANESTS_OK;

	if (verdict_start(out, policy, host, &index) != DANESTS_OK)
		return DANESTS_EINVAL;
	h = &policy->hosts[index];
	if (out->by != DANESTS_NEED_WAIT && verdict_by_dane(h, &out->dane))
		r = dane_judge_key(h, key, &out->dane);
	if (out->by != DANESTS_NEED_WAIT && sts_applies(policy))
		sts_judge_key(policy, h, &out->sts);
	if (r == DANESTS_OK)
		verdict_sum(out, policy, index);
	return r;
}
