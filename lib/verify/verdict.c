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

/* rules.md U1: the usages that WebPKI needs are what people publish by mistake. */
static const char *hint_unusable(const struct danests_host *host)
{
	for (size_t i = 0; i < host->tlsa_count; i++) {
		if (host->tlsa[i].usage > 1)
			return "Publish a TLSA record that is usable, best 3 1 1 with the SHA2-256"
			    " digest of the server's public key; 'danests lint tlsa' says what is"
			    " wrong with those that are there.";
	}
	return "Use usage 3 in place of 1, and 2 in place of 0: with SMTP the usages 0 and 1"
	    " authenticate nothing (RFC 7672, section 3.1.3).";
}

bool verdict_by_dane(const struct danests_host *host, struct danests_judgement *out)
{
	if (host->state == DANESTS_HOST_UNUSABLE) { /* L18, rules.md 5.20 */
		out->state = DANESTS_UNUSABLE;
		out->result = DANESTS_TLSA_INVALID;
		out->hint = hint_unusable(host);
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
	out->hint = out->fault->hint;
	out->result = out->fault->result;
	text_format(out->reason, sizeof(out->reason), "%s", reason);
}

void verdict_hint(struct danests_judgement *out, const char *hint)
{
	if (hint != NULL)
		out->hint = hint;
}

static void take(struct danests_verdict *v, const struct danests_judgement *j)
{
	v->fault = j->fault;
	v->hint = j->hint;
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
	v->hint = v->fault->hint;
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
