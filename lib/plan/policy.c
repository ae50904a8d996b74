/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/policy.h"

#include <stdlib.h>
#include <string.h>

/* One block: the policy, its hosts, its answers, its two names, then those of questions. */
danests_policy *policy_new(const struct nexthop *nexthop, size_t hosts, size_t answers,
    size_t question_bytes)
{
	char key[NEXTHOP_KEY_MAX + 1];
	size_t key_len = nexthop_key(nexthop, key), name_len = strlen(nexthop->domain.name);
	danests_policy *policy = calloc(1, sizeof(*policy) + hosts * sizeof(*policy->hosts) +
	    answers * sizeof(*policy->answers) + key_len + 1 + name_len + 1 + question_bytes);

	if (policy == NULL)
		return NULL;
	atomic_init(&policy->refs, 1);
	policy->hosts = (struct danests_host *)(policy + 1);
	policy->answers = (const struct answer **)(policy->hosts + hosts);
	policy->nexthop = (char *)(policy->answers + answers);
	policy->domain = policy->nexthop + key_len + 1;
	policy->questions = policy->domain + name_len + 1;
	memcpy(policy->nexthop, key, key_len + 1);
	memcpy(policy->domain, nexthop->domain.name, name_len + 1);
	policy->token = "";
	return policy;
}

void policy_hold(danests_policy *policy, const struct answer *a, const char *name, size_t len)
{
	memcpy(policy->questions + policy->question_len, name, len); /* its NUL is there */
	policy->question_len += len + 1;
	policy->answers[policy->answer_count++] = answer_ref(a);
}

ATTR_PUBLIC danests_policy *danests_policy_ref(danests_policy *policy)
{
	atomic_fetch_add_explicit(&policy->refs, 1, memory_order_relaxed);
	return policy;
}

ATTR_PUBLIC void danests_policy_unref(danests_policy *policy)
{
	if (policy == NULL ||
	    atomic_fetch_sub_explicit(&policy->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < policy->host_count; i++) {
		if (policy->hosts[i].state == DANESTS_HOST_FAILED)
			free((char *)policy->hosts[i].reason);
	}
	for (size_t i = 0; i < policy->answer_count; i++)
		answer_unref(policy->answers[i]);
	free(policy->reason);
	free(policy->names);
	free(policy);
}

ATTR_PUBLIC const char *danests_policy_nexthop(const danests_policy *policy)
{
	return policy->nexthop;
}

ATTR_PUBLIC const char *danests_policy_domain(const danests_policy *policy)
{
	return policy->domain;
}

ATTR_PUBLIC enum danests_level danests_policy_level(const danests_policy *policy)
{
	return policy->level;
}

ATTR_PUBLIC enum danests_result danests_policy_result(const danests_policy *policy)
{
	return policy->result;
}

ATTR_PUBLIC enum danests_dane danests_policy_dane(const danests_policy *policy)
{
	return policy->dane;
}

ATTR_PUBLIC enum danests_sts_state danests_policy_sts_state(const danests_policy *policy)
{
	return policy->sts_state;
}

ATTR_PUBLIC const struct danests_sts *danests_policy_sts(const danests_policy *policy)
{
	return policy->sts;
}

ATTR_PUBLIC bool danests_policy_mx_secure(const danests_policy *policy)
{
	return policy->mx_secure;
}

ATTR_PUBLIC bool danests_policy_no_mail(const danests_policy *policy)
{
	return policy->no_mail;
}

ATTR_PUBLIC const char *danests_policy_token(const danests_policy *policy)
{
	return policy->token;
}

ATTR_PUBLIC const char *danests_policy_reason(const danests_policy *policy)
{
	return policy->reason != NULL ? policy->reason : "";
}

ATTR_PUBLIC time_t danests_policy_expires(const danests_policy *policy)
{
	return policy->expires;
}

ATTR_PUBLIC size_t danests_policy_hosts(const danests_policy *policy)
{
	return policy->host_count;
}

ATTR_PUBLIC const struct danests_host *danests_policy_host(const danests_policy *policy,
    size_t host)
{
	return host < policy->host_count ? &policy->hosts[host] : NULL;
}
