/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/mx.h"

bool mx_is_secure(const struct facts *facts)
{
	const struct answer *mx = facts_answer(facts, facts->mx);

	if (facts->nexthop.bracketed)
		return true; /* spec.md section 4: [host] */
	return mx != NULL && (mx->state == ANSWER_SECURE || mx->state == ANSWER_ABSENT_SECURE);
}

/*
 * An unsigned "no such domain" or null MX can be forged by whoever forges MX
 * records: it must not switch off an enforce policy that we already hold (S13).
 */
static bool is_doubtful(const struct facts *facts, const struct sts_view *sts)
{
	const struct answer *held = facts_answer(facts, facts->stsheld);

	return !mx_is_secure(facts) && held != NULL && held->text != NULL &&
	    sts->state == DANESTS_STS_ENFORCE;
}

enum mx_class mx_class(const struct facts *facts, const struct sts_view *sts)
{
	const struct answer *mx = facts_answer(facts, facts->mx);

	if (!facts->nexthop.bracketed && (mx == NULL || mx->state == ANSWER_FAILED))
		return MX_FAILED;
	if (!facts->nexthop.bracketed && (mx->nxdomain || mx->null_mx) &&
	    !is_doubtful(facts, sts))
		return MX_NO_MAIL;
	return mx_is_secure(facts) ? MX_SECURE : MX_INSECURE;
}
