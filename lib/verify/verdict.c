/* SPDX-License-Identifier: BSD-2-Clause */
#include "verify/verdict.h"

#include <string.h>

#include "base/text.h"
#include "parse/tlsa.h"
#include "plan/policy.h"

int verdict_start(struct danests_verdict *out, const danests_policy *policy, const char *name,
    size_t *index)
{
	size_t i = 0;

	while (i < policy->host_count && !text_equal_nocase(policy->hosts[i].name, name))
		i++;
	if (i == policy->host_count)
		return DANESTS_EINVAL;
	*index = i;
	*out = (struct danests_verdict){
		.by = danests_policy_need(policy, i),
		.dane = { .tlsa = -1, .depth = -1 },
		.sts = { .tlsa = -1, .depth = -1 },
	};
	return DANESTS_OK;
}

bool verdict_by_dane(const struct danests_host *host, struct danests_judgement *out)
{
	if (host->state == DANESTS_HOST_UNUSABLE) { /* L18, rules.md 5.20 */
		out->state = DANESTS_UNUSABLE;
		out->result = DANESTS_TLSA_INVALID;
		text_format(out->reason, sizeof(out->reason), host->tlsa_count == 1 ?
		    "the TLSA record is unusable: %s" : "no TLSA record is usable; the first: %s",
		    tlsa_unusable(&host->tlsa[0]));
	}
	return host->state == DANESTS_HOST_USABLE;
}

void verdict_fail(struct danests_judgement *out, enum fault which, const char *reason)
{
	out->state = DANESTS_FAIL;
	out->fault = fault_get(which);
	out->result = out->fault->result;
	text_format(out->reason, sizeof(out->reason), "%s", reason);
}

static void take(struct danests_verdict *v, const struct danests_judgement *j)
{
	v->fault = j->fault;
	v->result = j->result;
	text_format(v->reason, sizeof(v->reason), "%s", j->reason);
}

/* N8: whatever the server showed. */
static void wait_for(struct danests_verdict *v, const danests_policy *policy,
    const struct danests_host *host)
{
	const char *token = host->state == DANESTS_HOST_FAILED ? host->token : policy->token;
	const char *reason = host->state == DANESTS_HOST_FAILED ? host->reason :
	    danests_policy_reason(policy);

	v->fault = token != NULL ? danests_fault(token) : NULL;
	if (v->fault == NULL)
		v->fault = fault_get(FAULT_DNS);
	v->result = v->fault->result;
	text_printable(v->reason, sizeof(v->reason), reason, strlen(reason));
}

void verdict_sum(struct danests_verdict *v, const danests_policy *policy, size_t index)
{
	switch (v->by) {
	case DANESTS_NEED_DANE:
		take(v, &v->dane);
		v->deliver = v->dane.state == DANESTS_PASS;
		return;
	case DANESTS_NEED_STS:
		take(v, &v->sts);
		v->deliver = v->sts.state == DANESTS_PASS;
		return;
	case DANESTS_NEED_WAIT:
		wait_for(v, policy, &policy->hosts[index]);
		return;
	case DANESTS_NEED_TLS:
		take(v, &v->dane);
		v->deliver = v->dane.state == DANESTS_UNUSABLE;
		break;
	case DANESTS_NEED_NOTHING:
		text_format(v->reason, sizeof(v->reason),
		    "nothing is published that asks for a certificate");
		v->deliver = true;
		break;
	}
	/* S20: what enforcing would have come to. */
	if (v->deliver && policy->sts_state == DANESTS_STS_TESTING &&
	    v->sts.state == DANESTS_FAIL)
		take(v, &v->sts);
}
